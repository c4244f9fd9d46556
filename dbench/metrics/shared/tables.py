"""Arrays to a Table, and what several metrics draw from one."""

from collections.abc import Iterable, Sequence

import numpy as np

from dbench.base import Table
from dbench.errors import InputError, choose

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
    if np.ma.is_masked(factors):
        raise InputError("factors have masked, that is missing, values: remove those rows")
    mean = numbers(codes, "codes")
    logvar = None if logvar is None else numbers(logvar, "logvar")
    columns = np.zeros((len(mean), 0), int) if factors is None else np.asarray(factors)
    if columns.ndim == 1:
        columns = columns[:, None]
    if isinstance(names, str) or (names is not None and not isinstance(names, Iterable)):
        raise InputError(f"names must be a list of names, not {names!r}")
    if isinstance(continuous, str | int):
        continuous = [continuous]
    names = None if names is None else tuple(map(str, names))
    chosen = [column(c, names, columns.shape[-1]) for c in continuous]
    if not chosen or columns.ndim != 2:
        return Table(mean, columns, logvar, names)
    values = numbers(columns, "factors").astype(np.float64)
    missing = np.flatnonzero(~np.isfinite(values).all(axis=0))
    if len(missing):
        name = names[missing[0]] if names else f"factor{missing[0]}"
        raise InputError(f"factor {name!r} has missing or infinite values: remove those rows")
    labels = np.zeros(values.shape, np.int64)
    for j, v in enumerate(values.T):
        labels[:, j] = cut(v) if j in chosen else whole(v, names[j] if names else f"factor{j}")
    known = names or tuple(f"factor{j}" for j in range(values.shape[1]))
    return Table(mean, labels, logvar, names, values, tuple(known[j] for j in sorted(set(chosen))))


def numbers(array, what: str) -> np.ndarray:
    """`array` as an array of real numbers, else an InputError."""
    if np.ma.is_masked(array):
        raise InputError(f"{what} have masked, that is missing, values: remove those rows")
    try:
        array = np.asarray(array)
    except ValueError as error:
        raise InputError(f"{what} must be one array of numbers ({error})") from error
    if array.dtype.kind not in "fiub":
        raise InputError(f"{what} must hold real numbers, not {array.dtype}")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def column(which: str | int, names: tuple[str, ...] | None, count: int) -> int:
    """The number of a factor given by its name or number."""
    known = names or tuple(f"factor{j}" for j in range(count))
    if isinstance(which, str):
        return known.index(choose("factor", which, known))
    if not 0 <= which < count:
        raise InputError(f"there is no factor {which}: the table has {count}")
    return int(which)


def cut(values: np.ndarray) -> np.ndarray:
    """Equal-width bins between the least and the greatest value, [n] float -> [n] int."""
    edges = np.linspace(values.min(), values.max(), BINS + 1)
    return np.searchsorted(edges[1:-1], values, side="right")


def whole(values: np.ndarray, name: str) -> np.ndarray:
    """Integers held as floats, [n] -> [n] int."""
    if (np.abs(values) > 2**53).any():
        raise InputError(
            f"factor {name!r} has values beyond 2^53, which float64 does not tell apart: give the "
            "index of each value"
        )
    if (values != np.rint(values)).any():
        raise InputError(
            f"factor {name!r} has values that are no integers: give the index of each value, "
            "or declare it continuous"
        )
    return values.astype(np.int64)
