"""dSprites (Matthey, Higgins, Hassabis, Lerchner, 2017).

github.com/google-deepmind/dsprites-dataset, Apache-2.0.

Binary 64 x 64 images of one sprite: the full grid of color 1 x shape 3 (square, ellipse, heart)
x scale 6 x orientation 40 x posX 32 x posY 32, in C order (posY fastest): 737,280 images.
Orientation has both ends, 0 and 2 pi, which are the same image (index 0 and 39).

The images are drawn (see sprites.py), so that nothing need be downloaded, unless the user
gives the official file. Either way they are kept packed, one bit a pixel.
"""

import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset
from dbench.data import cache, official
from dbench.data.compose import once
from dbench.data.dsprites import sprites
from dbench.data.grid import grid
from dbench.data.official import dsprites_file

NAMES = ("color", "shape", "scale", "orientation", "posX", "posY")
VALUES = (
    np.array([1.0]),
    np.array([1.0, 2.0, 3.0]),
    np.linspace(0.5, 1.0, 6),
    np.linspace(0.0, 2 * np.pi, 40),
    np.linspace(0.0, 1.0, 32),
    np.linspace(0.0, 1.0, 32),
)
SIZES = tuple(len(values) for values in VALUES)
SHA256 = "3a228f4037ef3d42a42588e0e01f1078aa2df13cfa17584e88c95ed9fb5672da"  # of the packed images
SHAPES = ("square", "ellipse", "heart")
SCALES = ("tiny", "small", "middling", "big", "large", "huge")
_BYTES = sprites.SIDE * sprites.SIDE // 8  # of a packed image


def load(source: Path | None = None) -> Dataset:
    """dSprites: 737,280 images of a square, an ellipse or a heart, drawn or the official file.

    `source` is the official file or the folder it is in, by default $DBENCH_DATA; without
    either the images are drawn once (some seconds, 377 MB in the cache folder).
    """
    return read(official.find(source, "dsprites"))


def load_tiny(source: Path | None = None) -> Dataset:
    """dSprites on a coarse grid: 2,880 of its images, drawn in memory, for smoke runs and tests.

    `source` is ignored: there is no official file of this data set.
    """
    # Orientation 39 would repeat orientation 0.
    spans = ((1,), (3,), (1, 6, 2), (0, 39, 8), (2, 32, 4), (2, 32, 4))
    kept = tuple(np.arange(*span) for span in spans)
    values = tuple(all_of[index] for all_of, index in zip(VALUES, kept, strict=True))
    return _dataset("dsprites_tiny", np.concatenate(list(_blocks(kept))), values)


def read(file: Path | None) -> Dataset:
    """The data set of an official file, or of what TFDS prepared, or as it is drawn here."""
    if file is None:
        packed = drawn()
    else:
        packed = dsprites_file.packed(file, SIZES)
        dsprites_file.check(file, packed, SHA256)
    return _dataset("dsprites", packed, VALUES)


def drawn() -> np.ndarray:
    """All images of dSprites as drawn here, packed: [737280, 512] uint8, memory-mapped."""
    every = tuple(np.arange(size) for size in SIZES)
    shape = (math.prod(SIZES), _BYTES)
    name = "dsprites_drawn"
    return cache.keep(name, shape, lambda: _blocks(every), "drawing dSprites", SHA256)


@jax.jit  # a memory-map enters a compiled function without a copy, jnp.asarray would copy it
def gather(packed: Any, rows: jax.Array) -> jax.Array:
    """Unpacked images of some rows: packed [n, 512] uint8, rows [b] -> [b, 64, 64, 1] float32."""
    return once(lambda: unpack(packed, rows), rows).astype(jnp.float32)


def unpack(packed: jax.Array, rows: jax.Array) -> jax.Array:
    """Pixels of rows [b]: [b, 64, 64, 1] uint8 of 0 and 1."""
    bits = jnp.arange(7, -1, -1, dtype=jnp.uint8)  # the first pixel is the highest bit
    pixels = (packed[rows][:, :, None] >> bits[None, None, :]) & jnp.uint8(1)
    return pixels.reshape(-1, sprites.SIDE, sprites.SIDE, 1)


def _blocks(kept: tuple[np.ndarray, ...]) -> Iterator[np.ndarray]:
    """Packed images [x * y, 512] of the grid of kept factor indices, in its C order."""
    _, shapes, scales, orientations, xs, ys = kept
    for shape, scale, orientation in itertools.product(shapes, scales, orientations):
        yield sprites.draw(shape, scale, orientation, xs, ys).reshape(-1, _BYTES)


def _dataset(name: str, packed: np.ndarray, values: tuple[np.ndarray, ...]) -> Dataset:
    return Dataset(
        name=name,
        shape=(sprites.SIDE, sprites.SIDE, 1),
        arrays=packed,
        gather=gather,
        factors=grid(tuple(len(column) for column in values)),
        names=NAMES,
        values=values,
        labels=((), SHAPES, tuple(SCALES[i] for i in _places(values[2])), (), (), ()),
    )


def _places(scales: np.ndarray) -> np.ndarray:
    """Which of all scales these are."""
    return np.searchsorted(VALUES[2], scales)
