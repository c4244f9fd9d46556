"""Scores of a table, the files that keep them, and the table of a checkpoint."""

import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh
from tqdm import tqdm

from dbench import data, environment, files, metrics, provenance
from dbench.base import Dataset, Score, Table, numpy_rng
from dbench.codes import tabled
from dbench.codes.encode import encode
from dbench.data import views
from dbench.data.registry import recorded
from dbench.errors import InputError, choose, said_of
from dbench.metrics.shared.validate import check, factor_names
from dbench.scoring.registry import MODEL_METRICS, allowed
from dbench.scoring.trained_model import TrainedModel
from dbench.training import checkpoint
from dbench.training.programs import Program, codes, program, template

TABLE = 2**28  # bytes of codes in a table at most; 90 codes of each image of dSprites


def scores(
    table: Table,
    names: Sequence[str],
    seed: int,
    repeats: int = 1,
    progress: bool = False,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Score]:
    """Each metric's Score: the numbers that a call of the metric with this seed gives."""
    return metrics.evaluate(table, jax.random.key(seed), names, repeats, progress, options)


def require(dataset: Dataset, names: Sequence[str], rows: np.ndarray | None = None) -> Table:
    """Raise InputError if the factors of a data set do not allow a metric: before the work.

    Returns the table as it will be, of all rows or of `rows`, with 0 for every code.
    """
    count = dataset.size if rows is None else len(rows)
    codes = np.broadcast_to(np.float32(0), (count, 2))
    said = f"{count:,} rows of the data set" if rows is not None else "the data set"
    try:
        table = tabled.table(dataset, codes, codes, rows)
        check(table)
        for name in names:
            metrics.METRICS[name].check(table)
    except InputError as error:
        more = "; or give more --rows" if rows is not None else ""
        raise InputError(f"{said} {dataset.name}: {error}{more}") from error
    return table


def about(table: Table, seed: int, repeats: int = 1) -> dict:
    """What scores are of, for their .json."""
    return {
        "seed": seed,
        "repeats": repeats,
        "rows": len(table.mean),
        "codes": table.mean.shape[1],
        "factors": list(factor_names(table)),
        "continuous": list(table.continuous),
        "logvar": table.logvar is not None,
        "versions": provenance.versions(),
    } | ({"groups": {n: list(codes) for n, codes in table.groups}} if table.groups else {})


def warnings(found: dict[str, Score], known: Collection[tuple[str, str]] = ()) -> list[str]:
    """One line a sentence, with the metrics that say it; pairs of both that are `known` are not."""
    said: dict[str, list[str]] = {}
    for name, score in found.items():
        for sentence in score.warnings:
            if (name, sentence) not in known:
                said.setdefault(sentence, []).append(name)
    return [f"{sentence} ({_some(names)})" for sentence, names in said.items()]


def _some(names: list[str]) -> str:
    """The names, or a few of many: all are in the .json."""
    few = names if len(names) <= 6 else [*names[:4], f"and {len(names) - 4} more"]
    return ", ".join(few)


def tables_of(
    folders: Sequence[Path],
    configs: Sequence[dict],
    dataset: Dataset,
    mesh: Mesh,
    *,
    label: str = "encode",
    rows: np.ndarray | None = None,
) -> list[Table]:
    """The tables of trained runs of one program: their whole data set encoded, or `rows` of it.

    Where the codes of the whole data set would take too much memory (raw pixels), some rows, always
    the same ones, stand for it.
    """
    program, numbers, params = zip(
        *(
            rebuilt(folder, config, dataset)
            for folder, config in zip(folders, configs, strict=True)
        ),
        strict=True,
    )
    return tables(program[0], numbers, params, dataset, mesh, label=label, rows=rows)


def tables(
    program: Program,
    numbers: Sequence[dict],
    params: Sequence[Any],
    dataset: Dataset,
    mesh: Mesh,
    *,
    label: str = "encode",
    rows: np.ndarray | None = None,
) -> list[Table]:
    """`tables_of` of models of one program, wherever their parameters are from."""
    count, _ = codes(program, len(dataset.names))
    if rows is None and (rows := drawn(count, dataset.size)) is not None:
        said = f"{len(rows):,} of {dataset.size:,} images are encoded"
        tqdm.write(f"{label}: {count:,} codes an image are many: {said}", file=sys.stderr)
    return encode(dataset, program, numbers, params, mesh, label=label, rows=rows)


def drawn(codes: int, size: int) -> np.ndarray | None:
    """The images of `size` that a table has where it cannot have all: always the same."""
    some = rows_of(codes, size)
    if some == size:
        return None
    return np.sort(numpy_rng(jax.random.key(0)).choice(size, some, replace=False))


def rows_of(codes: int, size: int) -> int:
    """How many images of `size` have their codes in a table: all, or what fits into TABLE bytes."""
    return min(size, max(1, TABLE // (4 * codes)))


def model_metrics(config: dict, dataset: Dataset) -> list[str]:
    """The scores of MODEL_METRICS that a run has where none is named."""
    return allowed(program(dataset, config["model"], config["options"]), dataset)


def model_groups(config: dict, dataset: Dataset) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The groups of codes that the model of a run declares."""
    if found := program(dataset, config["model"], config["options"]).build().groups:
        return found
    raise InputError(
        f"{config['model']} declares no groups of codes: give them by number, as NAME=0-9"
    )


def model_scores(
    folder: Path,
    config: dict,
    dataset: Dataset,
    mesh: Mesh,
    names: Sequence[str],
    seed: int,
    **options: Any,
) -> dict[str, Score]:
    """The scores of a trained run that its table is not enough for."""
    if not names:
        return {}
    run = trained(folder, config, dataset, mesh, seed)
    with environment.one_thread():  # the order of BLAS's sums depends on the number of threads
        return {name: MODEL_METRICS[name](run, **options) for name in names}


def trained(folder: Path, config: dict, dataset: Dataset, mesh: Mesh, seed: int) -> TrainedModel:
    """The model of a trained run, with the key of its scores."""
    key = jax.random.fold_in(jax.random.key(seed), 4)  # 3 is that of sets of runs
    return TrainedModel(dataset, *rebuilt(folder, config, dataset), mesh, key)


def rebuilt(folder: Path, config: dict, dataset: Dataset) -> tuple[Program, dict, Any]:
    """Program, numbers and parameters of a trained run."""
    from dbench.models import split

    numbers, _ = split(config["model"], config["options"])
    run = program(dataset, config["model"], config["options"], batch_size=config["batch_size"])
    return run, numbers, checkpoint.read_parameters(folder, template(run).params)


def read_checkpoint(
    folder: Path, mesh: Mesh, source: Path | None = None
) -> tuple[Table, dict, Dataset]:
    """The table, config and data set of a run's folder. `source` as in `dbench.data`."""
    config, dataset = opened(folder, source)
    (table,) = tables_of([folder], [config], dataset, mesh)
    return table, config, dataset


def opened(folder: Path, source: Path | None = None) -> tuple[dict, Dataset]:
    """The config of a trained run, and the very data set that it was trained on."""
    config = finished(folder)
    dataset = recorded(config["dataset"], source)
    checkpoint.same_data(folder, config, dataset)
    checkpoint.same_environment(folder, config)
    if drawn := config.get("drawn"):
        with said_of(f"{folder / 'config.json'}: drawn"):
            dataset = views.view(dataset, drawn)
    return config, dataset


def finished(folder: Path) -> dict:
    """The config of a trained run, of a model and a data set that are known."""
    from dbench.models import MODELS, own, split

    files.run_folder(folder)
    config = checkpoint.read_config(folder)
    where = folder / "config.json"
    try:
        own.known(config["model"])
        choose("model", config["model"], MODELS)
        data.check_name(config["dataset"])
        split(config["model"], config["options"])
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    checkpoint.require_parameters(folder)  # before the work of loading a data set
    checkpoint.check_parameters(folder)
    return config
