"""MPI3D: a robot arm that holds an object, drawn simply, drawn realistically, or photographed.

Gondal et al., "On the Transfer of Inductive Bias from Simulation to the Real World: a New
Disentanglement Dataset", NeurIPS 2019; github.com/rr-learning/disentanglement_dataset, CC BY 4.0.

Colour images 64 x 64 x 3: the full grid of object color 6 (white, green, red, blue, brown, olive)
x shape 6 (cone, cube, cylinder, hexagonal, pyramid, sphere) x size 2 (small, large) x camera height
3 (top, center, bottom) x background color 3 (purple, sea green, salmon) x horizontal axis 40 x
vertical axis 40, in C order (vertical axis fastest): 1,036,800 images. Each .npz has them as images
[n, 64, 64, 3] uint8. The earlier files of 460,800 images (4 colors, 4 shapes) are others.
"""

import math
from functools import partial
from pathlib import Path

import numpy as np

from dbench.base import Dataset
from dbench.data import cache, official
from dbench.data.official import layout, stored

NAMES = (
    *("object_color", "object_shape", "object_size", "camera_height", "background_color"),
    *("horizontal_axis", "vertical_axis"),
)
SIZES = (6, 6, 2, 3, 3, 40, 40)


def load_toy(source: Path | None = None) -> Dataset:
    """MPI3D toy: 1,036,800 images of a robot arm, drawn simply, from the official file.

    `source` is mpi3d_toy.npz or the folder it is in, by default $DBENCH_DATA. It is unpacked once
    (12.7 GB in the cache folder).
    """
    return _load("mpi3d_toy", source)


def load_realistic(source: Path | None = None) -> Dataset:
    """MPI3D realistic: 1,036,800 images of a robot arm, drawn well, from the official file.

    As `load_toy`, of mpi3d_realistic.npz.
    """
    return _load("mpi3d_realistic", source)


def load_real(source: Path | None = None) -> Dataset:
    """MPI3D real: 1,036,800 photographs of a robot arm, from the official file.

    As `load_toy`, of mpi3d_real.npz.
    """
    return _load("mpi3d_real", source)


def _load(name: str, source: Path | None) -> Dataset:
    path = official.require(source, name)
    with layout.reading(path, name):
        key = layout.members(path)
    shape = (math.prod(SIZES), 64, 64, 3)
    make = partial(layout.npz_blocks, path, "images", shape, name)
    images = cache.keep(f"{name}_official_{key}", shape, make, f"reading {path.name}")
    return stored.dataset(name, images, NAMES, tuple(np.arange(float(size)) for size in SIZES))
