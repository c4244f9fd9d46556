"""Periodic square: a square that leaves at one edge and comes in at the other.

After the set Square of Tonnaer et al., "Quantifying and Learning Linear Symmetry-Based
Disentanglement", ICML 2022: 4,096 images of 64 x 64, the grid of x 64 x y 64 in C order (y
fastest). A white square of 16 x 16 pixels on black; x and y are the column and the row of its first
pixel, and pixels beyond the last one go on at the first.

    image[r, c] = 1 if (c - x) mod 64 < 16 and (r - y) mod 64 < 16, else 0

So translations form a group, that of two circles: both factors are cyclic. Each image is one
product of two of the 64 profiles along a line that are kept.
"""

from pathlib import Path

import numpy as np

from dbench.base import Dataset
from dbench.data.grid import grid
from dbench.data.lines import gather

SIDE, WIDTH = 64, 16
NAMES = ("x", "y")
VALUES = (np.arange(float(SIDE)),) * 2


def load(source: Path | None = None) -> Dataset:
    """Periodic square: 4,096 images of a square whose translations wrap, 64 x 64 x 1.

    `source` is ignored: there is no file of this data set.
    """
    pixel = np.arange(SIDE)
    profiles = (pixel - pixel[:, None]) % SIDE < WIDTH  # [place, pixel]
    return Dataset(
        name="periodic_square",
        shape=(SIDE, SIDE, 1),
        arrays=profiles.astype(np.float32),
        gather=gather,
        factors=grid((SIDE, SIDE)),
        names=NAMES,
        values=VALUES,
        cyclic=NAMES,
    )
