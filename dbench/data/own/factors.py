"""Factors as a user has them: columns of numbers or labels, to indices and what they stand for."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from dbench.errors import InputError
from dbench.inputs import frames

PREFIX = "factor_"  # of a factor's column; no part of the factor's name
CONTINUOUS = "continuous_"  # the same of a factor whose values are numbers and no labels


class Factors(NamedTuple):
    """As in `Dataset`."""

    indices: np.ndarray  # [n, k] int32
    names: tuple[str, ...]
    values: tuple[np.ndarray, ...]
    continuous: tuple[str, ...] = ()


def columns(found: Mapping[str, np.ndarray], rows: int, where: str) -> Factors:
    """Factors of arrays [rows] each. A factor's values are the distinct ones, sorted.

    Numbers stand for themselves, labels (text) for their place in sorted order. A name
    continuous_NAME is that of the continuous factor NAME.
    """
    index, values, names, continuous = np.zeros((rows, len(found)), np.int32), [], [], []
    for j, (name, column) in enumerate(found.items()):
        if name.startswith(CONTINUOUS):
            if column.dtype.kind not in "iuf":
                raise InputError(f"{name!r} of {where} holds {column.dtype}, not numbers")
            name = name.removeprefix(CONTINUOUS)
            continuous.append(name)
        if name in names:
            raise InputError(f"{where} has two factors {name!r}, one of them continuous")
        names.append(name)
        if column.dtype.kind not in "biufU":
            raise InputError(f"the factor {name!r} of {where} holds {column.dtype}, not numbers")
        if column.dtype.kind == "f" and not np.isfinite(column).all():
            bad = int(np.flatnonzero(~np.isfinite(column))[0])
            raise InputError(f"the factor {name!r} of {where} is {column[bad]} for image {bad}")
        distinct, index[:, j] = np.unique(column, return_inverse=True)
        values.append(standing_for(distinct))
    return Factors(index, tuple(names), tuple(values), tuple(continuous))


def standing_for(distinct: np.ndarray) -> np.ndarray:
    """Numbers as float64, labels by their place."""
    text = distinct.dtype.kind == "U"
    return np.arange(len(distinct), dtype=float) if text else distinct.astype(np.float64)


def array(factors: np.ndarray | None, names, rows: int, where: str) -> Factors:
    """Factors of an array [rows, k] (or [rows]) of any numbers or text, and its names or None."""
    if factors is None:
        return columns({}, rows, where)
    if factors.ndim == 1:
        factors = factors[:, None]
    if factors.ndim != 2 or len(factors) != rows:
        raise InputError(
            f"factors in {where} is {list(factors.shape)}: it must be [{rows}, factors], a row for "
            "each image"
        )
    count = factors.shape[1]
    if names is None:
        names = [f"factor{j}" for j in range(count)]
    if np.ndim(names) != 1 or len(names) != count or np.asarray(names).dtype.kind not in "OU":
        raise InputError(f"factor_names in {where} must be a list of {count} strings")
    names = [str(name) for name in names]
    if len(set(names)) < count:
        raise InputError(f"factor_names in {where} has a name twice: {', '.join(names)}")
    return columns({name: factors[:, j] for j, name in enumerate(names)}, rows, where)


def frame(table: pd.DataFrame, wanted: Sequence[str], where: str) -> Factors:
    """Factors of columns of a table, without "factor_" in their names."""
    short = [name.removeprefix(PREFIX) for name in wanted]
    names = short if len(set(short)) == len(short) else wanted
    found = {}
    for name, column in zip(names, (table[c] for c in wanted), strict=True):
        try:
            frames.no_gaps(column)
        except InputError as error:
            raise InputError(f"{where}: {error}") from error
        found[name] = _plain(column)
    return columns(found, len(table), where)


def _plain(column: pd.Series) -> np.ndarray:
    """A column as an array of numbers or text; of anything else as it is."""
    if frames.is_number(column) or pd.api.types.is_bool_dtype(column):
        return np.asarray(column.tolist())  # nullable types have no gaps here
    entries = column.tolist()
    return np.asarray(entries) if all(isinstance(e, str) for e in entries) else np.asarray(column)
