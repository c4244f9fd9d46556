"""Codes to a file that `from_file` reads back, and that scores to the same numbers."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from dbench import files
from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics.shared.validate import factor_names


def write(
    path: Path, table: Table, dataset: str = "", drawn: tuple[int, int] | None = None
) -> None:
    """An .npz of mean, logvar, factors and their names, as `from_file.read_npz` has them.

    Also which factors are continuous and which cyclic, what the data set is called, and of rows
    that were drawn of it the number of all rows and the seed.
    """
    factors = table.factors if table.values is None else table.values
    arrays: dict[str, Any] = {"mean": table.mean, "factors": factors}
    arrays |= {"factor_names": np.array(factor_names(table), str)}
    arrays |= {} if table.logvar is None else {"logvar": table.logvar}
    arrays |= {"continuous": np.array(table.continuous, str)} if table.continuous else {}
    arrays |= {"cyclic": np.array(table.cyclic, str)} if table.cyclic else {}
    arrays |= {"dataset": np.array([dataset])} if dataset else {}
    arrays |= {} if drawn is None else {"drawn": np.array(drawn, np.int64)}
    with files.replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)


def check_space(path: Path, table: Table) -> None:
    """An InputError where the disk has no room for a table of this size: before the work."""
    there = path.parent
    while not there.exists():
        there = there.parent
    arrays = [table.mean, table.factors if table.values is None else table.values, table.logvar]
    needed = sum(array.nbytes for array in arrays if array is not None)
    if (free := shutil.disk_usage(there).free) < needed:
        raise InputError(
            f"--save-codes {path}: the codes take {needed / 2**20:,.0f} MiB and the disk has "
            f"{free / 2**20:,.0f} MiB left: free some space, or choose another place"
        )
