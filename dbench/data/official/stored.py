"""Data sets whose images are kept as they are: [n, h, w, c] uint8."""

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset
from dbench.data.grid import grid


def dataset(
    name: str,
    images: np.ndarray,
    names: tuple[str, ...],
    values: tuple[np.ndarray, ...],
    factors: np.ndarray | None = None,
) -> Dataset:
    """Of images [n, h, w, c] uint8; `factors` [n, k], by default the grid of all values."""
    if factors is None:
        factors = grid(tuple(len(column) for column in values))
    return Dataset(name, images.shape[1:], images, gather, factors, names, values)


@jax.jit  # a memory-map enters a compiled function without a copy, jnp.asarray would copy it
def gather(images: jax.Array, rows: jax.Array) -> jax.Array:
    """images [n, h, w, c] uint8, rows [b] -> [b, h, w, c] float32, in 255ths."""
    # A product, to which XLA would turn a division anyway: the same float on every machine.
    return images[rows].astype(jnp.float32) * jnp.float32(1 / 255)
