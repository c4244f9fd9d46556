"""Color dSprites: dSprites with a random colour for each image.

Locatello et al., "Challenging Common Assumptions in the Unsupervised Learning of Disentangled
Representations", ICML 2019, section 4 and its appendix on data sets.

    image = sprite * color, color uniform in [0.5, 1]^3, background 0

Departure: the colour is a function of the row (see draws.py), so that the set is 737,280 fixed
images; disentanglement_lib draws a colour anew at every visit. As there, it is no factor: the
factors, also the "color" with one value, are those of dSprites.
"""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from dbench.base import Dataset
from dbench.data import draws, dsprites
from dbench.data.compose import once


def load(source: Path | None = None) -> Dataset:
    """Color dSprites: dSprites, each image in a random colour of its own; 64 x 64 x 3.

    `source` as for dSprites, whose packed images are used as they are.
    """
    return on(dsprites.load(source))


def on(base: Dataset) -> Dataset:
    """The same of any data set of packed sprites."""
    return base._replace(name=f"color_{base.name}", shape=(64, 64, 3), gather=gather)


@jax.jit
def gather(packed: Any, rows: jax.Array) -> jax.Array:
    """packed [n, 512] uint8, rows [b] -> [b, 64, 64, 3] float32."""

    def images():
        color = jnp.float32(0.5) + jnp.float32(0.5) * draws.uniform(rows, 3)
        return dsprites.unpack(packed, rows).astype(jnp.float32) * color[:, None, None, :]

    return once(images, rows)
