"""Rooms in which an agent looks for objects, after the task of the DARLA paper.

Higgins et al., "DARLA: Improving Zero-Shot Transfer in Reinforcement Learning", ICML 2017: a hat,
a can, a cake or a balloon stands in one of two rooms. Colours of rooms and objects are those of
the published description of DeepMind Lab's level `rooms_collect_good_objects` (by name of the
rooms, by number of the objects).

Colour images 64 x 64 x 3, the full grid in C order of

    room             2   green walls and an orange floor, or red walls and a blue floor
    object           4   hat, can (set A of the paper); cake, balloon (set B)
    camera_rotation  5   where in the room the agent stands, about the object
    bearing          5   how far to the right the object is
    distance         4   how far away it is, far to near

800 images. `held_out` are hat and can in the second room, which the paper's vision never sees and
to which agents are moved: {"of": "seek_rooms", "without": ["held_out"]} in `Study.views`.

Departures: the paper's frames come from a game engine; these are drawn by the rules of `rooms`,
with one object in sight. An agent that turns or walks changes bearing and distance by whole steps.
"""

import itertools
import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset
from dbench.data import cache
from dbench.data.compose import compose
from dbench.data.grid import grid
from dbench.data.rooms import COLORS, lit_room, objects

ROOMS = (("green", "orange"), ("red", "blue"))  # colours of walls and floor
KINDS = ("hat", "can", "cake", "balloon")
COLOR = ((58, 31, 255), (241, 255, 30), (36, 255, 174), (255, 12, 154))  # of each
NAMES = ("room", "object", "camera_rotation", "bearing", "distance")
PLACES = (
    np.linspace(-24.0, 24.0, 5),  # degrees about the object
    np.linspace(-16.0, 16.0, 5),  # degrees to the right
    np.array([1.35, 1.1, 0.9, 0.74]),  # as in `rooms`, whose camera stands at 1
)
TINY = (np.array([0.0]), np.array([-14.0, 0.0, 14.0]), np.array([1.2, 0.8]))
LABELS = (("green room", "red room"), KINDS, (), (), ())
SHA256 = "fda501489782067694ecb93f31492358db3a35b5e8f23fabf1b3c8c0a05133a3"  # of the layers
SHA256_TINY = "ab1efd4798448a5c253f8dacc5a48b142fa2ba8407638d20bf4aa891c560e831"


def load(source: Path | None = None) -> Dataset:
    """Seek rooms: 800 images of a hat, a can, a cake or a balloon in one of two rooms, after DARLA.

    `source` is ignored: the paper's images are not published. The layers are drawn once (a minute,
    13 MB in the cache folder).
    """
    return _made("seek_rooms", PLACES, SHA256)


def load_tiny(source: Path | None = None) -> Dataset:
    """Tiny seek rooms: 48 images of the same, for tests.

    One camera rotation, three bearings, two distances. `source` is ignored.
    """
    return _made("seek_rooms_tiny", TINY, SHA256_TINY)


def held_out(factors: np.ndarray) -> np.ndarray:
    """Which of factors [n, 5] are of the target, set A in the second room: [n] bool."""
    return (factors[:, 0] == 1) & (factors[:, 1] < 2)


def _made(name: str, places: tuple, sha256: str) -> Dataset:
    sizes = (2, 4, *map(len, places))
    count = math.prod(sizes[1:])
    shape = (count, len(lit_room.SURFACES), 2 * lit_room.SIDE**2)
    layers = cache.keep(name, shape, partial(_blocks, places), f"drawing {name}", sha256)
    return Dataset(
        name=name,
        shape=(lit_room.SIDE, lit_room.SIDE, 3),
        arrays=layers.view("<i2"),
        gather=gather,
        factors=grid(sizes),
        names=NAMES,
        values=(np.arange(2.0), np.arange(4.0), *places),
        labels=LABELS,
    )


@jax.jit
def gather(layers: jax.Array, rows: jax.Array) -> jax.Array:
    """Images of some rows, composed: layers [n, 4, 4096], rows [b] -> [b, 64, 64, 3] float32."""
    room, rest = rows // len(layers), rows % len(layers)
    kind, place = rest // (len(layers) // 4), rest % (len(layers) // 4)
    surfaces = jnp.array([[COLORS[color] for color in colors] for colors in ROOMS], jnp.int32)
    trims = jnp.array([objects.TRIMS[objects.NAMES.index(kind)] for kind in KINDS], jnp.int32)
    things = jnp.stack([jnp.array(COLOR, jnp.int32), trims], axis=1)  # [4, 2, 3]
    weights = jnp.concatenate([surfaces[room], things[kind]], axis=1)
    return compose(layers, 4 * place + kind, weights, lit_room.BITS)


def _blocks(places: tuple) -> Iterator[np.ndarray]:
    """Layers of one layout after another, [1, 4, 8192] uint8: kinds fastest, as a room is kept."""
    for camera, bearing, away in itertools.product(*places):
        view = lit_room.View(camera, away, bearing)
        for kind in KINDS:
            drawn = lit_room.layers(objects.NAMES.index(kind), view, 0.0, 0.0)
            yield drawn.astype("<i2").view(np.uint8)[None]
