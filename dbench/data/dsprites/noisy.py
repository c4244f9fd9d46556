"""Noisy dSprites: a white sprite on noise.

Locatello et al., "Challenging Common Assumptions in the Unsupervised Learning of Disentangled
Representations", ICML 2019, section 4 and its appendix on data sets.

    image = min(sprite + noise, 1), noise uniform in [0, 1), one number a pixel and channel

Departure: the noise is a function of the row (see draws.py), so that the set is 737,280 fixed
images; disentanglement_lib draws noise anew at every visit. A model that met each image very
often could learn its noise by heart: 300,000 steps of 64 images meet each 26 times.
"""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from dbench.base import Dataset
from dbench.data import draws, dsprites
from dbench.data.compose import once


def load(source: Path | None = None) -> Dataset:
    """Noisy dSprites: dSprites in white on uniform noise, which stays the same; 64 x 64 x 3.

    `source` as for dSprites, whose packed images are used as they are.
    """
    return on(dsprites.load(source))


def on(base: Dataset) -> Dataset:
    """The same of any data set of packed sprites."""
    return base._replace(name=f"noisy_{base.name}", shape=(64, 64, 3), gather=gather)


@jax.jit
def gather(packed: Any, rows: jax.Array) -> jax.Array:
    """packed [n, 512] uint8, rows [b] -> [b, 64, 64, 3] float32."""

    def images():
        noise = draws.uniform(rows, 64 * 64 * 3).reshape(-1, 64, 64, 3)
        return jnp.maximum(dsprites.unpack(packed, rows).astype(jnp.float32), noise)

    return once(images, rows)
