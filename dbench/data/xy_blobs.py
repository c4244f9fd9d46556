"""XY blobs: one soft blob that moves and grows, a data set small enough to see all of.

Made for dbench, for tests and teaching: 768 grey images of 32 x 32, the grid of size 3 x x 16 x
y 16 in C order (y fastest), all in pixels. The centre of pixel (row r, column c) is
(c + 1/2, r + 1/2).

    image[r, c] = exp(-((c + 1/2 - x)^2 + (r + 1/2 - y)^2) / (2 size^2))
    size 1, 2, 3;  x and y 8.5, 9.5, ... 23.5, so that no blob is cut off

The factors are three, independent and ordered, and near values give near images. Each image is one
product of two of the 48 profiles along a line that are kept.
"""

from pathlib import Path

import jax
import numpy as np

from dbench.base import Dataset
from dbench.data.grid import grid

SIDE = 32
NAMES = ("size", "x", "y")
VALUES = (np.array([1.0, 2.0, 3.0]), np.arange(8.5, 24.0), np.arange(8.5, 24.0))
SIZES = tuple(len(values) for values in VALUES)


def load(source: Path | None = None) -> Dataset:
    """XY blobs: 768 images of a soft blob, size and place its factors, for teaching; 32 x 32 x 1.

    `source` is ignored: there is no file of this data set.
    """
    sizes, places, _ = VALUES
    away = np.arange(SIDE) + 0.5 - places[:, None]  # [place, pixel]
    profiles = np.exp(-(away**2) / (2 * sizes[:, None, None] ** 2))  # [size, place, pixel]
    return Dataset(
        name="xy_blobs",
        shape=(SIDE, SIDE, 1),
        arrays=profiles.astype(np.float32),
        gather=gather,
        factors=grid(SIZES),
        names=NAMES,
        values=VALUES,
    )


@jax.jit
def gather(profiles: jax.Array, rows: jax.Array) -> jax.Array:
    """profiles [3, 16, 32] float32, rows [b] -> [b, 32, 32, 1] float32."""
    _, xs, ys = SIZES
    size, x, y = rows // (xs * ys), rows // ys % xs, rows % ys
    across, down = profiles[size, x], profiles[size, y]  # [b, 32] each
    return down[:, :, None, None] * across[:, None, :, None]
