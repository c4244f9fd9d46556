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


def pictured() -> Dataset:
    """The same with images 16 x 16 x 1: wall above, floor below, kind and size in the middle."""
    factors = grid(SIZES)
    images = np.zeros((len(factors), 16, 16, 1), np.float32)
    wall, size, floor, kind = factors.T
    images[:, :8] = (0.2 + 0.3 * wall)[:, None, None, None]
    images[:, 8:] = (0.1 + 0.25 * floor)[:, None, None, None]
    for row, (big, round_) in enumerate(zip(size, kind, strict=True)):
        images[row, 6 - big : 10 + big, 6:10] = round_
    return dataset()._replace(shape=(16, 16, 1), arrays=images, gather=lambda all, rows: all[rows])
