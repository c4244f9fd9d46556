"""The codes of a trained run, handed to who scores it: where training and scoring lie apart.

results/<study>/<run>/handed.npz     codes of all images, or of the rows that its scores need; it
                                     goes when the run is scored
"""

from pathlib import Path
from typing import Any

import numpy as np

from dbench import files
from dbench.base import Dataset, Table
from dbench.codes import tabled
from dbench.scoring import evaluate, score_files

CODES = "handed.npz"


def there(folder: Path) -> bool:
    """Whether a run's folder has codes that were handed over."""
    return (folder / CODES).exists()


def save(folder: Path, table: Table) -> None:
    """Hands over the codes of a run; its factors are known."""
    codes: dict[str, Any] = {"mean": table.mean}
    codes |= {} if table.logvar is None else {"logvar": table.logvar}
    with files.replacing(folder / CODES) as temporary, temporary.open("wb") as file:
        np.savez(file, **codes)


def read(folder: Path, dataset: Dataset, rows: np.ndarray | None) -> Table | None:
    """The table that a run's model has of all images, or of `rows`; None where it is not handed."""
    found = score_files.read_arrays(folder / CODES)
    if not found:
        return None
    mean = found["mean"]
    if rows is None:
        rows = evaluate.drawn(mean.shape[1], dataset.size)
    if len(mean) != (dataset.size if rows is None else len(rows)):  # handed for other scores
        return None
    table = tabled.table(dataset, mean, rows=np.arange(dataset.size) if rows is None else rows)
    return table._replace(mean=mean, logvar=found.get("logvar"))


def drop(folder: Path) -> None:
    """The run is scored, or given up."""
    (folder / CODES).unlink(missing_ok=True)
