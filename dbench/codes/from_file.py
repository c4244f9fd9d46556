"""Codes from any framework, read from a file: .npz, or .csv and .parquet with named columns."""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dbench.base import Table
from dbench.errors import InputError
from dbench.inputs import columns
from dbench.metrics.shared import tables
from dbench.metrics.shared.validate import check_shapes


def read(
    path: str | Path,
    *,
    codes: Sequence[str] | None = None,
    factors: Sequence[str] | None = None,
    logvars: Sequence[str] | None = None,
    continuous: Sequence[str | int] = (),
) -> Table:
    """The table in a file, by its suffix.

    `codes`, `factors` and `logvars` are names or wildcards of the columns of a .csv or .parquet
    (see `columns.read`); `continuous` are names or numbers of factors that are numbers rather than
    labels (see `tables.table`).
    """
    path = Path(path)
    if path.suffix in columns.SUFFIXES:
        return columns.read(path, codes, factors, logvars, continuous)
    if path.suffix != ".npz":
        kinds = ", ".join([".npz", *columns.SUFFIXES])
        raise InputError(f"cannot tell what {path} is: its name must end in one of {kinds}")
    for option, chosen in (("codes", codes), ("factors", factors), ("logvars", logvars)):
        if chosen is not None:
            raise InputError(
                f"--{option} names columns, and an .npz has none: its arrays are mean, factors and "
                "logvar"
            )
    return read_npz(path, continuous)


def read_npz(path: Path, continuous: Sequence[str | int] = ()) -> Table:
    """A table from an .npz: mean [n, d], factors [n, k], optional logvar [n, d], factor_names (k,).

    Factors are integers, or floats where some are declared continuous. Other arrays are ignored;
    nothing is unpickled.
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
        mean, factors = (_array(archive, path, name) for name in ("mean", "factors"))
        logvar, named = (
            _array(archive, path, name) if name in archive.files else None
            for name in ("logvar", "factor_names")
        )
    mean = _real(mean, path, "mean")
    logvar = None if logvar is None else _real(logvar, path, "logvar")
    names = _names(named, path)
    if not continuous:
        if factors.dtype.kind == "f":
            raise InputError(
                f"factors must be integers, not {factors.dtype}: give the index of each value, or "
                "say with --continuous which factors are numbers"
            )
        return Table(mean, factors, logvar, names)
    check_shapes(Table(mean, np.broadcast_to(0, factors.shape), logvar, names))
    known = names or ()
    return tables.table(mean, factors, logvar, names, [columns.which(c, known) for c in continuous])


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
    names = tuple(array.astype(str).tolist())
    if len(set(names)) < len(names):
        raise InputError(f"the array 'factor_names' of {path} has a name twice: {', '.join(names)}")
    return names


def _real(array: np.ndarray, path: Path, name: str) -> np.ndarray:
    if np.issubdtype(array.dtype, np.floating):
        return array
    if not np.issubdtype(array.dtype, np.integer):
        raise InputError(f"the array {name!r} of {path} must hold real numbers, not {array.dtype}")
    return array.astype(np.float64)
