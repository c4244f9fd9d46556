"""MNIST, flipped: each digit as it is, and with black and white exchanged.

Two factors, of which each image has one and the other: the digit, and whether it is flipped. Rows
are those of `mnist`, then the same flipped: 10,000 images, or 140,000 of the official files. Reed
et al., "Learning to Disentangle Factors of Variation with Manifold Interaction", ICML 2014, flip
digits at random, with probability 1/2; here both are there.
"""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset
from dbench.data.official import mnist

NAMES = ("digit", "flipped")


def load(source: Path | None = None) -> Dataset:
    """MNIST, flipped: its digits as they are, and with black and white exchanged; 28 x 28.

    `source` as of `mnist`.
    """
    plain = mnist.load(source)
    digit = np.tile(plain.factors[:, 0], 2)
    flipped = np.arange(2).repeat(plain.size)
    return plain._replace(
        name="mnist_flipped",
        gather=gather,
        factors=np.stack([digit, flipped], axis=1).astype(np.int32),
        names=NAMES,
        values=(np.arange(10.0), np.arange(2.0)),
    )


@jax.jit
def gather(images: jax.Array, rows: jax.Array) -> jax.Array:
    """images [n, 28, 28, 1] uint8, rows [b] of 2n -> [b, 28, 28, 1] float32; from n on flipped."""
    levels = images[rows % len(images)]
    flipped = (rows >= len(images))[:, None, None, None]
    # Flipped as whole numbers: of floats 1 - x would be rounded below 0.
    return jnp.where(flipped, 255 - levels, levels).astype(jnp.float32) * jnp.float32(1 / 255)
