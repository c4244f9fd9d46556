"""A small grid of factors, whole and with holes, that has no images."""

import numpy as np

from dbench.base import Dataset
from dbench.data.grid import grid

SIZES = (1, 3, 2, 4)
NAMES = ("one", "a", "b", "c")


def dataset(rows=slice(None)):
    values = tuple(np.arange(float(size)) for size in SIZES)
    return Dataset("toy", (1, 1, 1), (), lambda *_: None, grid(SIZES)[rows], NAMES, values)


WHOLE = dataset()
SOME = dataset(np.flatnonzero(np.arange(24) % 7 != 3))  # an incomplete grid
