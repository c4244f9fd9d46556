"""`dbench udr`: any runs or files of codes compared with each other."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from jax.sharding import Mesh

from dbench.base import Dataset, Table
from dbench.codes import from_file
from dbench.data.registry import recorded
from dbench.errors import InputError
from dbench.metrics import udr
from dbench.metrics.shared.validate import check
from dbench.scoring import evaluate, score_files
from dbench.training import checkpoint


def read(
    runs: Sequence[Path], mesh: Mesh, *, seed: int, rows: int | None, source: Path | None
) -> list[Table]:
    """The same drawn rows of each run's folder or file of codes. `source` as in `dbench.data`."""
    if len(runs) < 2:
        raise InputError(f"give two runs or more: UDR compares models, and there are {len(runs)}")
    for path in runs:
        if not path.exists():
            raise InputError(f"there is no run folder and no file {path}")
        if sum(path.resolve() == other.resolve() for other in runs) > 1:
            raise InputError(f"{path} is given twice: UDR compares different models")
    configs = {path: evaluate.finished(path) for path in runs if path.is_dir()}
    found = {path: _codes(path) for path in runs if path not in configs}
    sizes = {path: len(table.mean) for path, table in found.items()}
    dataset = _dataset(configs, source)
    sizes |= dict.fromkeys(configs, dataset.size if dataset else 0)
    for path in runs:
        if sizes[path] != sizes[runs[0]]:
            raise InputError(
                f"{path} has {sizes[path]:,} rows and {runs[0]} has {sizes[runs[0]]:,}: UDR needs "
                "the same images, encoded by each model"
            )
    drawn = udr.draw(sizes[runs[0]], udr.set_key(seed), rows)
    taken = {path: udr.take(table, drawn) for path, table in found.items()}
    if dataset is not None:
        for path, config in configs.items():
            (taken[path],) = evaluate.tables_of(
                [path], [config], dataset, mesh, label=f"{path}", rows=drawn
            )
    return [taken[path] for path in runs]


def _codes(path: Path) -> Table:
    """A checked file of codes; what is wrong with it names it."""
    table = from_file.read(path)
    try:
        check(table)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return table


def _dataset(configs: dict[Path, dict], source: Path | None) -> Dataset | None:
    """The one data set of all these runs, None if there are no runs."""
    known = {config["dataset"]: path for path, config in configs.items()}
    if len(known) > 1:
        (one, first), (two, second), *_ = known.items()
        raise InputError(
            f"{first} is of the data set {one} and {second} of {two}: UDR needs the same images, "
            "encoded by each model"
        )
    if not known:
        return None
    (name,) = known
    dataset = recorded(name, source)
    for path, config in configs.items():
        checkpoint.same_data(path, config, dataset)
        checkpoint.same_environment(path, config)
    return dataset


def compare(
    runs: Sequence[Path], tables: Sequence[Table], metrics: Sequence[str], seed: int
) -> tuple[pd.DataFrame, list[int], list[str]]:
    """Scores (run, metric, score, stderr), numbers of informative codes, warnings."""
    udr.check_set(tables, [str(path) for path in runs])
    scores = {m: udr.SET_METRICS[m](tables, udr.set_key(seed), rows=None) for m in metrics}
    rows = [
        (str(path), m, scores[m][i].value, scores[m][i].stderr)
        for i, path in enumerate(runs)
        for m in metrics
    ]
    first = scores[metrics[0]]
    said = [f"{p}: {w}" for p, score in zip(runs, first, strict=True) for w in score.warnings]
    frame = pd.DataFrame(rows, columns=["run", *score_files.SCORES])
    return frame, [int(score.parts["active"]) for score in first], said


def text(frame: pd.DataFrame, active: Sequence[int]) -> str:
    """One line a run, best first: informative codes, score ± standard error."""
    cells = [f"{v:.3f} ± {e:.3f}" for v, e in zip(frame["score"], frame["stderr"], strict=True)]
    shown = frame.assign(cell=cells).pivot_table("cell", "run", "metric", "first", sort=False)
    shown.insert(0, "informative", list(active))
    first = frame[frame["metric"] == frame["metric"].iloc[0]]
    best = first.sort_values("score", ascending=False, kind="stable")["run"]
    return shown.loc[best].reset_index().rename_axis(columns=None).to_string(index=False)
