"""Arrays to a Table, and what several metrics draw from one."""

from collections.abc import Sequence

import numpy as np

from dbench.base import Table
from dbench.errors import InputError, choose
from dbench.metrics.shared import labels

HALF = ("float16", "bfloat16")
BINS = 20  # equal-width bins of a continuous factor, as many as the study gives a code


def table(
    codes,
    factors=None,
    logvar=None,
    names: Sequence[str] | None = None,
    continuous: Sequence[str | int] = (),
) -> Table:
    """A Table of anything NumPy can read: codes [n, d], factors [n, k], logvar [n, d] or None.

    `continuous` are names or columns of factors whose values are numbers rather than labels: they
    are cut into 20 equal-width bins for the scores that need labels, and kept as they are for the
    others. Raises InputError for what cannot be a table, missing values included; `validate.check`
    says what else a table must be.
    """
    mean = numbers(codes, "codes")
    logvar = None if logvar is None else numbers(logvar, "logvar")
    columns = _columns(factors)
    if names is not None:
        names = labels.names(names, "names")
        if columns and len(names) != len(columns):
            raise InputError(f"{len(names)} names are given for {len(columns)} factors")
    if isinstance(continuous, str | int):
        continuous = [continuous]
    chosen = sorted({column(c, names, len(columns)) for c in continuous})
    return of_columns(mean, columns, logvar, names, chosen)


def of_columns(
    mean: np.ndarray,
    columns: Sequence,
    logvar: np.ndarray | None,
    names: tuple[str, ...] | None,
    continuous: Sequence[int],
) -> Table:
    """The same of columns [n] that are factors by the rule of `labels`, some of them continuous."""
    rows = len(columns[0]) if columns else sum(np.shape(mean)[:1])
    factors = np.zeros((rows, len(columns)), np.int64)
    values = np.zeros(factors.shape)
    known = names if names and len(names) == len(columns) else _default(len(columns))
    for j, given in enumerate(columns):
        what = f"the factor {known[j]!r}"
        if j in continuous:
            values[:, j] = labels.real(given, f"{what} is declared continuous and")
            factors[:, j] = cut(values[:, j]) if rows else 0
        else:
            values[:, j] = factors[:, j] = labels.integers(given, what, known[j])
    declared = tuple(known[j] for j in continuous)
    return Table(mean, factors, logvar, names, values if declared else None, declared)


def labelled(table: Table) -> Table:
    """A table of arrays as a user has them: factors by the rule of `labels`, codes as `numbers`."""
    half = [str(getattr(x, "dtype", "")) in HALF for x in (table.mean, table.logvar)]
    mean = numbers(table.mean, "codes") if half[0] else table.mean
    logvar = numbers(table.logvar, "logvar") if half[1] else table.logvar
    table = table._replace(mean=mean, logvar=logvar)
    factors = np.asarray(table.factors)
    if factors.ndim != 2 or factors.dtype.kind in "iu" and factors.dtype != np.uint64:
        return table
    return table._replace(
        factors=of_columns(table.mean, list(factors.T), None, table.names, ()).factors
    )


def _columns(factors) -> list:
    """Factors of anything [n, k] or [n] as columns; a data frame's keep their types."""
    if factors is None:
        return []
    if hasattr(factors, "iloc"):
        frame = factors if np.ndim(factors) == 2 else factors.to_frame()
        return [frame.iloc[:, j] for j in range(frame.shape[1])]
    found = labels.array(factors)
    if found.ndim not in (1, 2):
        raise InputError(f"factors must be [rows, factors], not {list(found.shape)}")
    return [found] if found.ndim == 1 else list(found.T)


def _default(count: int) -> tuple[str, ...]:
    return tuple(f"factor{j}" for j in range(count))


def numbers(array, what: str) -> np.ndarray:
    """`array` as an array of real numbers, else an InputError."""
    if np.ma.is_masked(array):
        raise InputError(f"{what} have masked, that is missing, values: remove those rows")
    try:
        found = np.asarray(array)
        if found.dtype.kind == "O" and hasattr(array, "iloc"):  # pandas' types with missing values
            found = array.to_numpy(np.float64, na_value=np.nan)
        array = found
    except (ValueError, TypeError) as error:
        raise InputError(f"{what} must be one array of numbers ({error})") from error
    array = plain(array)
    if array.dtype.kind not in "fiub":
        raise InputError(f"{what} must hold real numbers, not {array.dtype}")
    if array.dtype.kind == "f" and array.dtype.itemsize in (4, 8):
        return array
    # The limits that codes must keep to are beyond float16: to compare with them would overflow.
    return array.astype(np.float32 if array.dtype == np.float16 else np.float64)


def plain(array: np.ndarray) -> np.ndarray:
    """Small floats that NumPy does not know by itself, bfloat16 above all, as float32: exactly."""
    small = array.dtype.kind == "V" and np.can_cast(array.dtype, np.float32)
    return array.astype(np.float32) if small else array


def column(which: str | int, names: tuple[str, ...] | None, count: int) -> int:
    """The number of a factor given by its name or number."""
    known = names or _default(count)
    if isinstance(which, str):
        return known.index(which if which in known else choose("factor", which, known))
    if not 0 <= which < count:
        raise InputError(f"there is no factor {which}: the table has {count}")
    return int(which)


def cut(values: np.ndarray) -> np.ndarray:
    """Equal-width bins between the least and the greatest value, [n] float -> [n] int."""
    edges = np.linspace(values.min(), values.max(), BINS + 1)
    return np.searchsorted(edges[1:-1], values, side="right")
