"""Factors of data sets as arrays: a whole grid of them, and as numbers of one scale."""

import numpy as np

from dbench.base import Dataset


def grid(sizes: tuple[int, ...]) -> np.ndarray:
    """All combinations of factor indices in C order (the last factor fastest): [n, k] int32.

    int32 and not less: a product of an index and a stride would overflow a smaller type
    without a word.
    """
    factors = np.indices(sizes, np.int32).reshape(len(sizes), -1).T
    return np.ascontiguousarray(factors)


def standardised(dataset: Dataset) -> np.ndarray:
    """Factors by index, each of mean 0 and variance 1 over the data set: [n, k] float32.

    A factor with one value is 0.
    """
    mean, spread = (f(dataset.factors, axis=0, dtype=np.float64) for f in (np.mean, np.std))
    return ((dataset.factors - mean) / np.where(spread > 0, spread, 1)).astype(np.float32)
