"""A small data set whose values have names: a full grid without images."""

import numpy as np

from dbench.base import Dataset
from dbench.data.grid import grid

LABELS = (("red", "green", "blue"), (), ("red", "white", "grey", "black"), ("hat", "cake"))
NAMES = ("wall", "size", "floor", "kind")
SIZES = (3, 2, 4, 2)


def dataset(rows=slice(None)) -> Dataset:
    values = tuple(np.arange(float(size)) for size in SIZES)
    factors = grid(SIZES)[rows]
    return Dataset("words", (1, 1, 1), (), lambda *_: None, factors, NAMES, values, labels=LABELS)
