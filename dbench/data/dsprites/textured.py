"""Textured dSprites: Scream dSprites without the painting, on a texture drawn by a rule.

Everything is as in scream.py but the picture, which is drawn here and so needs no file.
Its scores are not those of Scream dSprites: hence another name.

The texture is 274 x 220 pixels, u right and v down, both in units of the height. Bands of a bent
height e, 7 of them, go through a palette p from dark blue over brown and red to a light orange:

    e = v + 0.09 sin(2 pi (0.9 u + 0.7 v)) + 0.05 sin(2 pi (2.3 v - 1.9 u) + 2)
    p = 0.75 - 0.5 e + 0.22 sin(2 pi 7 e) + 0.1 sin(2 pi (3 e + 1.5 u))
"""

from pathlib import Path

import numpy as np

from dbench.base import Dataset
from dbench.data import dsprites
from dbench.data.dsprites import scream as scream_dsprites

SHAPE = (274, 220, 3)
PALETTE = (  # (red, green, blue) at p = 0, 0.2, ... 1
    (24, 30, 58),
    (56, 84, 124),
    (112, 92, 80),
    (178, 66, 42),
    (222, 128, 52),
    (238, 196, 122),
)


def load(source: Path | None = None) -> Dataset:
    """Textured dSprites: dSprites inverting a patch of drawn swirls, as on a painting; 64 x 64 x 3.

    `source` as for dSprites, whose packed images are used as they are.
    """
    return on(dsprites.load(source))


def on(base: Dataset) -> Dataset:
    """The same of any data set of packed sprites."""
    return scream_dsprites.on(base, texture(), "textured")


def texture() -> np.ndarray:
    """The picture: [274, 220, 3] uint8."""
    h, w, _ = SHAPE
    v, u = (np.arange(h)[:, None] + 0.5) / h, (np.arange(w)[None, :] + 0.5) / h

    def wave(turns):
        return np.sin(2 * np.pi * turns)

    e = v + 0.09 * wave(0.9 * u + 0.7 * v) + 0.05 * wave(2.3 * v - 1.9 * u + 1 / np.pi)
    p = 0.75 - 0.5 * e + 0.22 * wave(7 * e) + 0.1 * wave(3 * e + 1.5 * u)
    stops = np.linspace(0, 1, len(PALETTE))
    channels = [np.interp(p, stops, channel) for channel in zip(*PALETTE, strict=True)]
    return np.rint(np.stack(channels, axis=2)).astype(np.uint8)
