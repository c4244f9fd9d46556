"""Faces: heads that turn in light, drawn by a rule of our own (see portrait.py).

Grey images 64 x 64 of a head whose shape and tones are 32 numbers (portrait.NAMES), in two sets.

`faces` has the factors and sizes of the faces of Paysan et al. (2009) as Chen et al. (2018) use
them: the grid of identity 50 x azimuth 21 (-90 to 90 degrees) x elevation 11 (-30 to 30) x light's
azimuth 11 (-90 to 90), in C order (light fastest): 127,050 images. They are not those images:
other heads, drawn otherwise. Four planes of each of the 11,550 views are drawn once and kept; an
image is a view lit when it is gathered, in whole numbers: the same on every device.

`faces_sampled` has a head of its own in each of 20,000 images: 35 factors, the 32 numbers of an
identity and the three angles. Each factor is uniform and independent of the others: its range is
divided into 16 equal bins (no more, as scores cut codes into 20), and an image has the middle of
a bin, exactly. Bin j of row i is draws.below(draws.bits(i, 35)[j], 16). The factors are thus no
grid: of 16^35 combinations a few are there. Identity i of `faces` is the head of row i.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset
from dbench.data import cache, draws
from dbench.data.compose import once
from dbench.data.faces import portrait
from dbench.data.grid import grid

ANGLES = ("azimuth", "elevation", "light_azimuth")
NAMES = ("identity", *ANGLES)
VALUES = (
    np.arange(50.0),
    np.linspace(-90.0, 90.0, 21),
    np.linspace(-30.0, 30.0, 11),
    np.linspace(-90.0, 90.0, 11),
)
SIZES = tuple(len(values) for values in VALUES)
ROWS, BINS = 20_000, 16
SAMPLED_NAMES = (*portrait.NAMES, *ANGLES)
_MIDDLES = (2 * np.arange(BINS) + 1) / BINS - 1
SAMPLED_VALUES = (*(_MIDDLES,) * len(portrait.NAMES), 90 * _MIDDLES, 30 * _MIDDLES, 90 * _MIDDLES)
SHA256 = "6ebb7e3a048d52e576e1cf371c2a2ec163c5a9e8ed42d83f6488c611553e5e36"  # of the planes
SAMPLED_SHA256 = "d7b8fa75f8a12fb195835dcc8e67dcb893eae84f8e337624cdb0328c311ef59d"
_HEADS = 4  # made at once


def load(source: Path | None = None) -> Dataset:
    """Faces: 127,050 images of 50 heads that turn in light, drawn by a rule of our own.

    `source` is ignored: there is no file of this data set. The views are drawn once (under a
    minute, 189 MB in the cache folder).
    """
    return Dataset(
        name="faces",
        shape=(portrait.SIDE, portrait.SIDE, 1),
        arrays=drawn(),
        gather=gather,
        factors=grid(SIZES),
        names=NAMES,
        values=VALUES,
    )


def load_sampled(source: Path | None = None) -> Dataset:
    """Faces, sampled: 20,000 images, each of another head, 35 factors, drawn by the same rule.

    `source` is ignored: there is no file of this data set. The images are drawn once (one
    or two minutes, 82 MB in the cache folder).
    """
    return Dataset(
        name="faces_sampled",
        shape=(portrait.SIDE, portrait.SIDE, 1),
        arrays=drawn_sampled(),
        gather=gather_sampled,
        factors=sampled_factors(ROWS),
        names=SAMPLED_NAMES,
        values=SAMPLED_VALUES,
    )


def drawn() -> np.ndarray:
    """Planes of all views: [11550, 4, 4096] uint8, memory-mapped."""
    identities, azimuths, elevations, _ = SIZES
    shape = (identities * azimuths * elevations, portrait.PLANES, portrait.SIDE**2)
    return cache.keep("faces_drawn", shape, _views, "drawing faces", SHA256)


def drawn_sampled() -> np.ndarray:
    """Images of `faces_sampled`: [20000, 4096] uint8, memory-mapped."""
    shape = (ROWS, portrait.SIDE**2)
    return cache.keep("faces_sampled", shape, _images, "drawing heads", SAMPLED_SHA256)


def sampled_factors(rows: int) -> np.ndarray:
    """Factors of the first rows of `faces_sampled`: [rows, 35] int32."""
    words = draws.bits(jnp.arange(rows), len(SAMPLED_NAMES))
    return np.asarray(draws.below(words, BINS))


def numbers(factors: np.ndarray) -> np.ndarray:
    """What factors of `faces_sampled` stand for, [n, 35] int -> float: identity, then angles."""
    return np.stack([v[f] for v, f in zip(SAMPLED_VALUES, factors.T, strict=True)], axis=1)


@jax.jit  # a memory-map enters a compiled function without a copy, jnp.asarray would copy it
def gather(planes: jax.Array, rows: jax.Array) -> jax.Array:
    """Views, lit: planes [11550, 4, 4096] uint8, rows [b] -> [b, 64, 64, 1] float32."""
    return _grey(once(lambda: jax.vmap(lambda row: _lit(planes, row))(rows), rows))


def _lit(planes: jax.Array, row: jax.Array) -> jax.Array:
    """Grey levels of one image: row () -> [4096] uint8."""
    view, lamp = row // SIZES[-1], row % SIZES[-1]
    by_x, by_y, by_z = jnp.asarray(portrait.weights(VALUES[-1]))[:, lamp]
    ambient, x, y, z = planes[view].astype(jnp.int32)
    lit = by_x * (x - 128) + by_y * (y - 128) + by_z * z
    return portrait.levels(ambient, lit).astype(jnp.uint8)


@jax.jit
def gather_sampled(images: jax.Array, rows: jax.Array) -> jax.Array:
    """images [20000, 4096] uint8, rows [b] -> [b, 64, 64, 1] float32."""
    return _grey(images[rows])


def _grey(levels: jax.Array) -> jax.Array:
    return levels.reshape(-1, portrait.SIDE, portrait.SIDE, 1).astype(jnp.float32) / 255


def _views() -> Iterator[np.ndarray]:
    """Planes of one view after another, in their order: [1, 4, 4096] uint8."""
    for surfaces, _ in _heads(SIZES[0]):
        for azimuth, elevation in itertools.product(VALUES[1], VALUES[2]):
            yield portrait.planes(surfaces, azimuth, elevation)[None]


def _images() -> Iterator[np.ndarray]:
    """Images of `faces_sampled`, in their order: [1, 4096] uint8."""
    for surfaces, (azimuth, elevation, lamp) in _heads(ROWS):
        planes = portrait.planes(surfaces, azimuth, elevation)
        yield portrait.light(planes, lamp).reshape(1, -1)


def _heads(rows: int) -> Iterator[tuple[tuple[np.ndarray, np.ndarray], np.ndarray]]:
    """The head of each of the first rows of `faces_sampled`, with its three angles."""
    known = numbers(sampled_factors(rows))
    for start in range(0, rows, _HEADS):
        identities, angles = np.split(known[start : start + _HEADS], [len(portrait.NAMES)], axis=1)
        yield from zip(portrait.heads(identities), angles, strict=True)
