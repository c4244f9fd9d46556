"""Factors as a user has them: columns of numbers or labels, to indices and what they stand for."""

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from dbench.errors import InputError, some
from dbench.metrics.shared import labels

PREFIX = "factor_"  # of a factor's column; no part of the factor's name
CONTINUOUS = "continuous_"  # the same of a factor whose values are numbers and no labels


class Factors(NamedTuple):
    """As in `Dataset`."""

    indices: np.ndarray  # [n, k] int32
    names: tuple[str, ...]
    values: tuple[np.ndarray, ...]
    continuous: tuple[str, ...] = ()
    labels: tuple[tuple[str, ...], ...] = ()


def columns(found: Mapping[str, Any], rows: int, where: str) -> Factors:
    """Factors of columns [rows] each, by the one rule of `metrics.shared.labels`.

    A factor's values are the distinct ones, sorted. Numbers stand for themselves, labels for their
    place in that order, and are kept as names. A name continuous_NAME is that of the continuous
    factor NAME.
    """
    index, values, names, continuous = np.zeros((rows, len(found)), np.int32), [], [], []
    said: list[tuple[str, ...]] = []
    taken = set()
    for j, (name, column) in enumerate(found.items()):
        is_number = name.startswith(CONTINUOUS)
        if is_number:
            name = name.removeprefix(CONTINUOUS)
            continuous.append(name)
        if name in taken:
            raise InputError(f"{where} has two factors {name!r}, one of them continuous")
        names.append(name)
        taken.add(name)
        what = f"the factor {name!r} of {where}"
        if is_number:
            column = labels.real(column, f"{what} is declared continuous and")
        one = labels.labels(column, what)
        index[:, j] = one.at
        values.append(labels.standing_for(one))
        said.append(() if one.numbers else tuple(map(str, one.distinct)))
    return Factors(index, tuple(names), tuple(values), tuple(continuous), tuple(said))


def none(rows: int, where: str, wanted: str, others: Sequence[str]) -> Factors:
    """No factors; said if there are `others`, in which they may be, and not in what is `wanted`."""
    if others:
        _said(f"{where} has no factors: they are read from {wanted}, and it has {some(others)}")
    return columns({}, rows, where)


@cache  # once a process
def _said(sentence: str) -> None:
    tqdm.write(sentence, file=sys.stderr)


def array(factors: np.ndarray, names, rows: int, where: str) -> Factors:
    """Factors of an array [rows, k] (or [rows]) of any numbers or text, and its names or None."""
    factors = labels.array(factors)
    if factors.ndim == 1:
        factors = factors[:, None]
    if factors.ndim != 2 or len(factors) != rows:
        raise InputError(
            f"factors in {where} is {list(factors.shape)}: it must be [{rows}, factors], a row for "
            "each image"
        )
    count = factors.shape[1]
    if names is None:
        return columns({f"factor{j}": factors[:, j] for j in range(count)}, rows, where)
    if np.ndim(names) != 1 or len(names) != count or np.asarray(names).dtype.kind not in "OUS":
        raise InputError(f"factor_names in {where} must be a list of {count} strings")
    names = labels.names(names, f"factor_names in {where}")
    if len(set(names)) < count:
        raise InputError(f"factor_names in {where} has a name twice: {', '.join(names)}")
    return columns({name: factors[:, j] for j, name in enumerate(names)}, rows, where)


def frame(table: pd.DataFrame, wanted: Sequence[str], where: str) -> Factors:
    """Factors of columns of a table, without "factor_" in their names."""
    short = [name.removeprefix(PREFIX) for name in wanted]
    names = short if len(set(short)) == len(short) else wanted
    found = {name: table[column] for name, column in zip(names, wanted, strict=True)}
    return columns(found, len(table), where)
