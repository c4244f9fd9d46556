"""Rooms: an object in a room, after the scene of the SCAN and DARLA papers, by a rule of our own.

Higgins et al., "SCAN: Learning Hierarchical Compositional Visual Concepts", ICLR 2018, section 5.1,
and "DARLA: Improving Zero-Shot Transfer in Reinforcement Learning", ICML 2017.

Colour images 64 x 64 x 3, the full grid in C order (position fastest) of wall colour 16 x floor
colour 16 x object colour 16 x object 3 (hat, ice lolly, suitcase), which have names, x camera
rotation 5 x object rotation 5 x position 3, which are nuisance: 921,600 images. Symbols of the
named factors, and combinations held out for tests of compositionality, are below.

Departures: the papers' frames come from DeepMind Lab, a game engine, and are not published; here
they are drawn by lit_room.py and objects.py. Their 16 colours are not known to us: COLORS
are basic colour terms and a few more, chosen by hand for names that an onlooker would give, the
nearest two (teal, grey) 33 apart in CIELAB. The trim of an object keeps its colour. Their
nuisance factors are continuous.

There are 225 layouts (object, rotations, position) of four layers (wall, floor, object, trim),
drawn once and kept. An image is composed of them by its colours, in whole numbers: it is, bit for
bit, the image drawn as a whole, on every device.
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
from dbench.data.rooms import lit_room, objects

COLORS = {  # (red, green, blue) in grey levels
    "red": (215, 30, 35),
    "orange": (250, 130, 20),
    "yellow": (250, 225, 45),
    "lime": (145, 220, 40),
    "green": (35, 140, 55),
    "teal": (0, 130, 120),
    "cyan": (90, 225, 235),
    "sky blue": (85, 160, 240),
    "blue": (30, 75, 210),
    "purple": (125, 40, 140),
    "magenta": (235, 60, 220),
    "pink": (255, 165, 190),
    "brown": (120, 70, 30),
    "white": (250, 250, 250),
    "grey": (135, 135, 135),
    "black": (35, 35, 38),
}
OBJECTS = objects.NAMES[:3]
SYMBOLS = (  # of the four named factors, by index
    *(tuple(f"{color} {what}" for color in COLORS) for what in ("wall", "floor", "object")),
    OBJECTS,
)
NAMES = (
    *("wall_color", "floor_color", "object_color", "object"),
    *("camera_rotation", "object_rotation", "position"),
)
VALUES = (
    *(np.arange(16.0),) * 3,
    np.arange(3.0),
    np.linspace(-24.0, 24.0, 5),  # degrees about the middle of the room
    np.linspace(-40.0, 40.0, 5),  # degrees about the object's axis
    np.array([-0.18, 0.0, 0.18]),  # to the right, in units of the camera's distance
)
SIZES = tuple(len(values) for values in VALUES)
LAYOUTS = math.prod(SIZES[3:])
SHA256 = "620aa42c9bb4efa0ed838d0a07e595559c22266013112b7093664b74de001b83"  # of the layers


def load(source: Path | None = None) -> Dataset:
    """Rooms: 921,600 images of a hat, an ice lolly or a suitcase in a room, after SCAN and DARLA.

    `source` is ignored: the papers' images are not published. The layers are drawn once (half
    a minute, 7 MB in the cache folder).
    """
    return Dataset(
        name="rooms",
        shape=(lit_room.SIDE, lit_room.SIDE, 3),
        arrays=drawn(),
        gather=gather,
        factors=grid(SIZES),
        names=NAMES,
        values=VALUES,
        labels=(*SYMBOLS, (), (), ()),
    )


def drawn() -> np.ndarray:
    """Layers of all layouts: [225, 4, 4096] int16, memory-mapped."""
    shape = (LAYOUTS, len(lit_room.SURFACES), 2 * lit_room.SIDE**2)
    return cache.keep("rooms", shape, _blocks, "drawing rooms", SHA256).view("<i2")


@jax.jit  # a memory-map enters a compiled function without a copy, jnp.asarray would copy it
def gather(layers: jax.Array, rows: jax.Array) -> jax.Array:
    """Images of some rows, composed: layers [225, 4, 4096], rows [b] -> [b, 64, 64, 3] float32."""
    chosen = rows[:, None] // (LAYOUTS * jnp.array([[256, 16, 1]])) % 16  # wall, floor, object
    colors = jnp.array(list(COLORS.values()), jnp.int32)[chosen]  # [b, 3, channel]
    trims = jnp.array(objects.TRIMS[:3], jnp.int32)[rows // (LAYOUTS // 3) % 3]
    weights = jnp.concatenate([colors, trims[:, None]], axis=1)
    return compose(layers, rows % LAYOUTS, weights, lit_room.BITS)


def symbols(factors: np.ndarray) -> np.ndarray:
    """Symbols of factors [n, 7]: [n, 51] float32, 1 for each of the four names, in SYMBOLS' order.

    SCAN, section 4: a k-hot vector, here with k = 4.
    """
    return np.concatenate(
        [np.eye(size, dtype=np.float32)[factors[:, j]] for j, size in enumerate(SIZES[:4])], axis=1
    )


def held_out(factors: np.ndarray) -> np.ndarray:
    """Which of factors [n, 7] are combinations for tests alone: [n] bool.

    A study trains without them by {"of": "rooms", "without": ["held_out"]} in `Study.views`. Held
    out are 768 of the 12,288 combinations of the named factors, one in 16:

        wall + floor + object colour + 5 object = 0 modulo 16, by index

    In all others every three of the four names are met together, so that what is held out is new
    as a whole only; every name is met equally often, and so is every pair of names: the factors
    stay independent, two by two. The papers' own choice is not known to us.
    """
    wall, floor, color, kind = factors[:, :4].T
    return (wall + floor + color + 5 * kind) % 16 == 0


def _blocks() -> Iterator[np.ndarray]:
    """Layers of one layout after another, in their order: [1, 4, 8192] uint8."""
    for kind, *place in itertools.product(*VALUES[3:]):
        yield lit_room.layers(int(kind), *place).astype("<i2").view(np.uint8)[None]
