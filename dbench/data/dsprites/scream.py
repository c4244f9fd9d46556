"""Scream dSprites: sprites on patches of Edvard Munch's "The Scream", which the user gives.

Locatello et al., "Challenging Common Assumptions in the Unsupervised Learning of Disentangled
Representations", ICML 2019, section 4 and its appendix on data sets.

    background = (patch + shade) / 2, a random patch of 64 x 64 of the painting, shade in [0, 1]^3
    image      = 1 - background where the sprite is, else background

The painting is reduced to fit into 350 x 274 (width, height), as in disentanglement_lib. Departures
from it: corner and shade are functions of the row (see draws.py), so that the set is 737,280
fixed images, where it draws anew at every visit; the last row and column of corners can be drawn
too; the shade is one of 256 levels a channel, so that pixels are k / 510 exactly.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image

from dbench.base import Dataset
from dbench.data import draws, dsprites
from dbench.data.compose import once
from dbench.data.official import PICTURES
from dbench.data.official.dsprites_file import HDF5, NPZ
from dbench.errors import InputError

LARGEST = (350, 274)  # width, height
_SIDE = 64
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM")  # to read none runs a program
_WANTED = (
    "give a picture of the painting (.jpg or .png), or a folder with scream.jpg and perhaps the "
    "official dSprites file, with --data or in DBENCH_DATA"
)


def load(source: Path | None = None) -> Dataset:
    """Scream dSprites: dSprites inverting a patch of a painting, given with --data; 64 x 64 x 3.

    `source` is the picture, or a folder with scream.jpg; the official dSprites file is used if
    it is in that folder too.
    """
    picture, sprites = find(source)
    pixels = read(picture)  # before the sprites, which take time
    # Another picture is another data set: runs say by this which it was.
    known = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
    return on(dsprites.read(sprites), pixels, "scream")._replace(sha256=known)


def on(base: Dataset, picture: np.ndarray, name: str) -> Dataset:
    """Sprites of any packed data set on patches of a picture [h, w, 3] uint8."""
    return base._replace(
        name=f"{name}_{base.name}",
        shape=(_SIDE, _SIDE, 3),
        arrays={"picture": picture, "sprites": base.arrays},
        gather=gather,
    )


@jax.jit
def gather(arrays: Any, rows: jax.Array) -> jax.Array:
    """picture [h, w, 3] uint8 and sprites [n, 512] uint8, rows [b] -> [b, 64, 64, 3] float32."""
    return once(lambda: _images(arrays["picture"], arrays["sprites"], rows), rows)


def _images(picture: jax.Array, sprites: jax.Array, rows: jax.Array) -> jax.Array:
    words = draws.bits(rows, 5)  # top, left, shade of 3 channels
    top, left = (draws.below(words[:, i], picture.shape[i] - _SIDE + 1) for i in (0, 1))
    # Colours stay in one axis with columns, [b, 64, 192]: half the cost on a CPU.
    lines = picture.reshape(len(picture), -1)
    patches = jax.vmap(
        lambda top, left: jax.lax.dynamic_slice(lines, (top, 3 * left), (_SIDE, 3 * _SIDE))
    )(top, left)
    shade = jnp.tile(draws.below(words[:, 2:], 256), (1, _SIDE))[:, None, :]
    levels = patches.astype(jnp.int32) + shade  # 0 .. 510
    inside = jnp.repeat(dsprites.unpack(sprites, rows)[..., 0], 3, axis=2) > 0
    levels = jnp.where(inside, 510 - levels, levels)
    # One product with an integer is the same float on every machine.
    images = levels.astype(jnp.float32) * jnp.float32(1 / 510)
    return images.reshape(-1, _SIDE, _SIDE, 3)


def find(source: Path | None) -> tuple[Path, Path | None]:
    """The picture, and the official dSprites file beside it in a folder, if there is one."""
    given = source or os.environ.get("DBENCH_DATA")
    if not given:
        raise InputError(
            f"scream_dsprites needs The Scream, which does not come with dbench: {_WANTED}; "
            "textured_dsprites needs nothing"
        )
    path = Path(given).expanduser()
    inside = [path / name for name in (*PICTURES, NPZ, HDF5)]
    there = [file for file in [path, *inside] if os.path.isfile(file)]
    pictures = [file for file in there if file.name not in (NPZ, HDF5)]
    if not pictures:
        origin = "--data" if source else "DBENCH_DATA"
        what = "is no picture" if os.path.exists(path) else "does not exist"
        what = "has no scream.jpg" if os.path.isdir(path) else what
        raise InputError(f"{origin} is {path}, which {what}: {_WANTED}")
    return pictures[0], next((file for file in there if file not in pictures), None)


def read(path: Path) -> np.ndarray:
    """The pixels of a picture, reduced to fit into LARGEST: [h, w, 3] uint8."""
    try:
        with Image.open(path, formats=_FORMATS) as opened:
            if (frames := getattr(opened, "n_frames", 1)) > 1:
                raise ValueError(f"it is an animation of {frames} pictures")
            picture = opened if opened.mode == "RGB" else opened.convert("RGB")
            picture.thumbnail(LARGEST)
            pixels = np.array(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"cannot read {path} as a picture ({error}): {_WANTED}") from error
    h, w, _ = pixels.shape
    if h < _SIDE or w < _SIDE:
        raise InputError(
            f"{path} is {w} x {h} pixels (reduced to fit into {LARGEST[0]} x {LARGEST[1]}), too "
            f"small for patches of {_SIDE} x {_SIDE}: {_WANTED}"
        )
    return pixels
