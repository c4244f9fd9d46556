"""A drawn likeness of 3D Shapes (Burgess and Kim, 2018, github.com/google-deepmind/3d-shapes).

Colour images 64 x 64 x 3 of a solid in a room: the full grid of floor hue 10 x wall hue 10
x object hue 10 x scale 8 x shape 4 (cube, cylinder, sphere, capsule) x orientation 15, in C order
(orientation fastest): 480,000 images, with the factors and values of the original.

The images are not the official ones pixel for pixel, so the set has a name of its own. Drawn by
the rule in room.py they are within 37.6 dB PSNR (mean of images; cube 36.4, cylinder 37.0, sphere
38.0, capsule 38.9), or 1.2 grey levels of 255 on average, of 221 published images without
their outermost pixels, those that the rule was fitted to. What is missing is above all the
faint texture of floor and walls, and some edges are off by a part of a pixel.

There are 480 layouts (scale, shape, orientation), whose eight layers are drawn once and kept. An
image is composed of its layout's layers when it is gathered, weighted by the hues, in whole
numbers, and rounded to multiples of 1/255 as the official images are: it is, bit for bit, the
image drawn as a whole in its hues, on every device.
"""

import itertools
import math
from collections.abc import Iterator
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset
from dbench.data import cache
from dbench.data.compose import compose
from dbench.data.grid import grid
from dbench.data.shapes3d_drawn import room

NAMES = ("floor_hue", "wall_hue", "object_hue", "scale", "shape", "orientation")
VALUES = (
    *(np.linspace(0.0, 0.9, 10),) * 3,
    np.linspace(0.75, 1.25, 8),
    np.arange(4.0),
    np.linspace(-30.0, 30.0, 15),
)
SIZES = tuple(len(values) for values in VALUES)
LAYOUTS = math.prod(SIZES[3:])
SHA256 = "9a173838bf41db4b1da34d962a2abc1393d1df5ee4f348f2479ca9ae6d301c54"  # of the layers
SHAPES = ("cube", "cylinder", "sphere", "capsule")
HUES = (  # names for them are ours
    *("red", "orange", "lime", "green", "mint", "cyan", "azure", "indigo", "purple", "pink"),
)
# HSV(i / 10, 1, 1) in fifths, by hue: [10, 3] (r, g, b)
FIFTHS = np.array(
    [[5, 0, 0], [5, 3, 0], [4, 5, 0], [1, 5, 0], [0, 5, 2]]
    + [[0, 5, 5], [0, 2, 5], [1, 0, 5], [4, 0, 5], [5, 0, 3]],
    np.int32,
)


def load(source: Path | None = None) -> Dataset:
    """3D Shapes, a likeness: 480,000 images of a solid in a room, drawn by a rule of our own.

    `source` is ignored: the set is not the official one. The layers are drawn once
    (some seconds, 63 MB in the cache folder).
    """
    return Dataset(
        name="shapes3d_drawn",
        shape=(room.SIDE, room.SIDE, 3),
        arrays=drawn(),
        gather=gather,
        factors=grid(SIZES),
        names=NAMES,
        values=VALUES,
        cyclic=NAMES[:3],
        labels=(
            *(tuple(f"{hue} {what}" for hue in HUES) for what in ("floor", "wall", "object")),
            *((), SHAPES, ()),
        ),
    )


def drawn() -> np.ndarray:
    """Layers of all layouts: [480, 8, 4096] int32, memory-mapped."""
    pixels = room.SIDE * room.SIDE
    name, shape = "shapes3d_drawn", (LAYOUTS, room.LAYERS, 4 * pixels)
    return cache.keep(name, shape, _blocks, "drawing 3D Shapes", SHA256).view("<i4")


@jax.jit  # a memory-map enters a compiled function without a copy, jnp.asarray would copy it
def gather(layers: jax.Array, rows: jax.Array) -> jax.Array:
    """Images of some rows, composed: layers [480, 8, 4096], rows [b] -> [b, 64, 64, 3] float32."""
    hues = rows[:, None] // (LAYOUTS * jnp.array([[100, 10, 1]])) % 10  # floor, wall, object
    fifths = jnp.asarray(FIFTHS)[hues]  # [b, 3, channel]
    cut = -(fifths == 5).astype(jnp.int32)
    fixed = jnp.tile(jnp.array([[room.SKY, (1, 1, 1)]], jnp.int32), (len(rows), 1, 1))
    weights = jnp.concatenate([fixed, fifths, cut], axis=1)  # [b, 8, channel]
    return compose(layers, rows % LAYOUTS, weights, room.BITS)


def _blocks() -> Iterator[np.ndarray]:
    """Layers of one layout after another, in their order: [1, 8, 16384] uint8."""
    for layout in itertools.product(*(range(size) for size in SIZES[3:])):
        yield room.layers(*layout).astype("<i4").view(np.uint8)[None]
