"""Grid square: a small square on every place of a small image, for agents that move it.

After the environment of Thomas et al., "Independently Controllable Factors", 2017, as a program of
one of the authors draws it: 121 images of 12 x 12, the grid of x 11 x y 11 in C order (y fastest).
A white square of 2 x 2 pixels on black; x and y are the column and the row of its first pixel.

    image[r, c] = 1 if 0 <= c - x < 2 and 0 <= r - y < 2, else 0

No square is cut off, and neither factor is cyclic. How the square is moved is in actions.py.
"""

from pathlib import Path

import numpy as np

from dbench.base import Dataset
from dbench.data.grid import grid
from dbench.data.lines import gather

SIDE, WIDTH = 12, 2
PLACES = SIDE - WIDTH + 1
NAMES = ("x", "y")
VALUES = (np.arange(float(PLACES)),) * 2


def load(source: Path | None = None) -> Dataset:
    """Grid square: 121 images of a square of 2 x 2 pixels, for agents that move it, 12 x 12 x 1.

    `source` is ignored: there is no file of this data set.
    """
    away = np.arange(SIDE) - np.arange(PLACES)[:, None]
    profiles = (away >= 0) & (away < WIDTH)  # [place, pixel]
    return Dataset(
        name="grid_square",
        shape=(SIDE, SIDE, 1),
        arrays=profiles.astype(np.float32),
        gather=gather,
        factors=grid((PLACES, PLACES)),
        names=NAMES,
        values=VALUES,
    )
