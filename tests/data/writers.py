"""Small files of the official layouts. The grids shrink with them: `patch` is pytest's monkeypatch.

A writer takes the folder to write in, `patch`, and changes: arrays of other names or content (None:
left out). It returns what a user would give with --data.
"""

import hashlib
import math
from pathlib import Path

import h5py
import numpy as np

from dbench.data import shapes3d
from dbench.data.grid import grid


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def random_images(*shape: int) -> np.ndarray:
    """uint8, the same each time."""
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def shapes3d_values() -> tuple[np.ndarray, ...]:
    return tuple(v[:size] for v, size in zip(shapes3d.VALUES, (2, 2, 1, 2, 4, 3), strict=True))


def write_shapes3d(folder: Path, patch, known: bool = True, **changes) -> Path:
    values = shapes3d_values()
    patch.setattr(shapes3d, "VALUES", values)
    sizes = tuple(map(len, values))
    labels = np.stack([v[i] for v, i in zip(values, grid(sizes).T, strict=True)], axis=1)
    arrays = {"images": random_images(math.prod(sizes), 64, 64, 3), "labels": labels} | changes
    path = folder / "3dshapes.h5"
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            if array is not None:
                chunks = (5, *array.shape[1:])
                file.create_dataset(name, data=array, chunks=chunks, compression="gzip")
    if known:
        patch.setattr(shapes3d, "SHA256", sha256(path))
    return path


WRITERS = {"shapes3d": write_shapes3d}
