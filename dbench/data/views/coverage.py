"""Which combinations of factor values a data set has images of, in one sentence."""

import math
from collections.abc import Sequence

import numpy as np

from dbench.base import Dataset

_MASK = 2**24  # combinations of which each gets a place


def combinations(factors: np.ndarray, sizes: Sequence[int]) -> int:
    """How many distinct rows factors [n, k] has."""
    found, count = np.zeros(len(factors), np.int64), 1
    for column, size in zip(factors.T, sizes, strict=True):
        if count * size > 2**62:  # numbered anew, so that the product does not overflow
            distinct, found = np.unique(found, return_inverse=True)
            count = len(distinct)
        found, count = found * size + column, count * size
    if count > _MASK:
        return len(np.unique(found))
    seen = np.zeros(count, bool)  # much faster
    seen[found] = True
    return int(seen.sum())


def sentences(dataset: Dataset) -> list[str]:
    """What is to be said of a data set before it is scored: on stderr, a line each."""
    found = said(dataset)
    return [*filter(None, [alone(dataset)]), *([found] if found else [])]


def alone(dataset: Dataset) -> str | None:
    """Which factors of a user's data set have one value, and so are in no score; None if none."""
    own = dataset.sha256 is not None or dataset.name.startswith("tfds:")
    names = [n for n, size in zip(dataset.names, dataset.sizes, strict=True) if size == 1]
    if not own or not names:
        return None
    what = f"the factor {names[0]!r} has" if len(names) == 1 else f"the factors {names} have"
    return f"{what} one value in all of {dataset.name}, and so is in no score: leave it out"


def said(dataset: Dataset) -> str | None:
    """What changes where a data set is no full grid, each combination once; None where it is."""
    if not dataset.factors.shape[1]:
        return f"{dataset.name} has no factors: only scores that need none can be had"
    cells, there = math.prod(dataset.sizes), combinations(dataset.factors, dataset.sizes)
    if there == cells == dataset.size:
        return None
    twice = dataset.size - there
    every = f"{cells:,}" if cells < 10**12 else f"{float(cells):.1e}"
    grid = f"the grid of {dataset.name} is incomplete ({there:,} of {every} combinations"
    if there == cells:
        grid = f"the grid of {dataset.name} is complete but uneven ({cells:,} combinations"
    more = f" in {dataset.size:,} images)" if twice else ")"
    return (
        f"{grid}{more}: scores that fix a factor draw from the rows there are, frequent values "
        "count more, what factors know of each other counts as if the codes had mixed them, and "
        "only scores of the same images compare"
    )
