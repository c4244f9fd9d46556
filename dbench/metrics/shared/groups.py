"""The rows of a table that share a factor's value: what "fix a factor" means here.

No grid is assumed. A factor is fixed by taking the value of a uniformly drawn row, so that a
value is met as often as the table holds it (on a full grid: all values equally often).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

VALUES = 2**22  # codes that are gathered at once, 32 MB: those of all votes may be gigabytes
LARGEST = 2**62  # of an int64 that numbers combinations of values


class Group(NamedTuple):
    """The rows of a table by the value of one factor with v distinct values."""

    labels: np.ndarray  # [n] int64, 0 .. v-1: which value each row has
    order: np.ndarray  # [n] int64, the rows sorted by label
    starts: np.ndarray  # [v] int64, where in `order` the rows of a label begin
    counts: np.ndarray  # [v] int64, how many rows have it


def group(column: np.ndarray) -> Group:
    """Group the rows of one factor, [n] int of any values."""
    _, labels, counts = np.unique(column, return_inverse=True, return_counts=True)
    # A stable sort of 16-bit integers is a radix sort, ten times faster than one of int64.
    small = labels.astype(np.int16) if len(counts) < 2**15 else labels
    return Group(labels, np.argsort(small, kind="stable"), np.cumsum(counts) - counts, counts)


def groups(factors: np.ndarray) -> list[Group]:
    """One Group per factor, [n, k] int -> k of them."""
    return [group(column) for column in factors.T]


def combined(known: list[Group]) -> np.ndarray:
    """Which combination of values each row has, [n] int64 of any values."""
    at, most = np.zeros(len(known[0].labels), np.int64), 1
    for g in known:
        if most * len(g.counts) >= LARGEST:  # number those that occur alone
            _, at = np.unique(at, return_inverse=True)
            most = int(at.max()) + 1
        at, most = at * len(g.counts) + g.labels, most * len(g.counts)
    return at


def draw(group: Group, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A uniformly drawn row (with replacement) of each label, int of any shape -> same shape."""
    return group.order[group.starts[labels] + rng.integers(0, group.counts[labels])]


def in_blocks(of: Callable[..., np.ndarray], codes: int, *rows: np.ndarray) -> np.ndarray:
    """`of(*rows)` [m, ...] of rows [m, batch] each, some of the m at a time.

    `of` gathers `codes` numbers for each row, and gives for one of the m what it gives alone.
    """
    m, batch = rows[0].shape
    step = max(1, VALUES // max(1, batch * codes))
    parts = [of(*(each[i : i + step] for each in rows)) for i in range(0, max(m, 1), step)]
    return np.concatenate(parts)
