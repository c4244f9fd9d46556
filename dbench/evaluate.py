"""Scores of a checkpoint, or of codes from any framework."""

import zipfile
import zlib
from pathlib import Path

import jax
import numpy as np
import pandas as pd
from jax.sharding import Mesh

from dbench import checkpoint, files, metrics
from dbench.base import Dataset, Table
from dbench.data import DATASETS
from dbench.encode import encode
from dbench.errors import InputError, choose
from dbench.models import MODELS, split
from dbench.train import program, template

SCORES = {"metric": str, "score": np.float64, "stderr": np.float64}


def score(table: Table, names: list[str], seed: int) -> pd.DataFrame:
    """Columns metric, score, stderr: one row a metric. Same table and seed, same numbers."""
    key = jax.random.fold_in(jax.random.key(seed), 2)  # 0 and 1 are training's
    scores = metrics.evaluate(table, key, names)
    rows = [(name, score.value, score.stderr) for name, score in scores.items()]
    return pd.DataFrame(rows, columns=list(SCORES)).astype(SCORES)


def write_scores(path: Path, frame: pd.DataFrame) -> None:
    with files.replacing(path) as temporary:
        frame.to_csv(temporary, index=False)


def table_of(
    folder: Path, config: dict, dataset: Dataset, mesh: Mesh, *, label: str = "encode"
) -> Table:
    """The table of a trained run: its whole data set encoded."""
    numbers, _ = split(config["model"], config["options"])
    run = program(dataset, config["model"], config["options"], batch_size=config["batch_size"])
    params = checkpoint.read_parameters(folder, template(run).params)
    return encode(dataset, run, numbers, params, mesh, label=label)


def read_checkpoint(folder: Path, mesh: Mesh, source: Path | None = None) -> tuple[Table, dict]:
    """The table and config of a run's folder. `source` as in `dbench.data`."""
    if not folder.is_dir():
        raise InputError(f"there is no checkpoint folder {folder}")
    config = checkpoint.read_config(folder)
    where = folder / "config.json"
    try:
        choose("model", config["model"], MODELS)
        choose("data set", config["dataset"], DATASETS)
        split(config["model"], config["options"])
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    checkpoint.require_parameters(folder)  # before the work of loading a data set
    return table_of(folder, config, DATASETS[config["dataset"]](source), mesh), config


def read_representation(path: Path) -> Table:
    """A table from an .npz: mean [n, d], factors [n, k] int, optional logvar, factor_names.

    Other arrays are ignored; nothing is unpickled.
    """
    try:
        archive = np.load(path, allow_pickle=False)
    except FileNotFoundError as error:
        raise InputError(f"there is no file {path}") from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            f"cannot read {path} as .npz ({error}); write it with numpy.savez"
        ) from error
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise InputError(f"{path} is a single array, not an .npz with the arrays mean and factors")
    with archive:
        found = {name: _array(archive, path, name) for name in ("mean", "factors")}
        for name in ("logvar", "factor_names"):
            found[name] = _array(archive, path, name) if name in archive.files else None
    mean, logvar = (_real(found[name], path, name) for name in ("mean", "logvar"))
    return Table(mean, found["factors"], logvar, _names(found["factor_names"], path))


def _array(archive: np.lib.npyio.NpzFile, path: Path, name: str) -> np.ndarray:
    if name not in archive.files:
        raise InputError(f"{path} has no array {name!r} (it has: {', '.join(archive.files)})")
    try:
        return archive[name]
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        if "Object arrays" in str(error):
            raise InputError(
                f"the array {name!r} of {path} holds pickled objects, which are never loaded; "
                "save plain numbers"
            ) from error
        raise InputError(f"the array {name!r} of {path} is damaged ({error})") from error


def _names(array: np.ndarray | None, path: Path) -> tuple[str, ...] | None:
    if array is None:
        return None
    if array.ndim != 1 or array.dtype.kind not in "US":
        raise InputError(f"the array 'factor_names' of {path} must be a list of strings")
    return tuple(array.astype(str).tolist())


def _real(array: np.ndarray | None, path: Path, name: str) -> np.ndarray | None:
    if array is None or np.issubdtype(array.dtype, np.floating):
        return array
    if not np.issubdtype(array.dtype, np.integer):
        raise InputError(f"the array {name!r} of {path} must hold real numbers, not {array.dtype}")
    return array.astype(np.float64)
