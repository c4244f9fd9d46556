"""Data sets that hold every combination of their factors once."""

import numpy as np


def grid(sizes: tuple[int, ...]) -> np.ndarray:
    """All combinations of factor indices in C order (the last factor fastest): [n, k] int32.

    int32 and not less: a product of an index and a stride would overflow a smaller type
    without a word.
    """
    factors = np.indices(sizes, np.int32).reshape(len(sizes), -1).T
    return np.ascontiguousarray(factors)
