"""A data set with the factors of seek_rooms whose images say which row they are of."""

import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset
from dbench.data.grid import grid

SIZES = (2, 4, 1, 3, 2)
NAMES = ("room", "object", "camera_rotation", "bearing", "distance")


def gather(arrays, rows):
    return jnp.broadcast_to(arrays[rows][:, None, None, None], (len(rows), 8, 8, 1))


def drawn(names=NAMES, sizes=SIZES) -> Dataset:
    factors = grid(sizes)
    arrays = np.linspace(0, 1, len(factors), dtype=np.float32)
    values = tuple(np.arange(float(size)) for size in sizes)
    return Dataset("drawn", (8, 8, 1), arrays, gather, factors, names, values)


def one_hot(dataset: Dataset) -> np.ndarray:
    """Every value of a factor is a code: [n, sum of sizes]."""
    columns = zip(dataset.factors.T, dataset.sizes, strict=True)
    return np.concatenate([np.eye(size)[column] for column, size in columns], axis=1)
