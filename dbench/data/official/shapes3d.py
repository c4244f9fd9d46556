"""3D Shapes (Burgess and Kim, 2018, github.com/google-deepmind/3d-shapes, Apache-2.0).

Colour images 64 x 64 x 3 of a solid in a room, used by Kim and Mnih, 2018: the full grid of floor
hue 10 x wall hue 10 x object hue 10 x scale 8 x shape 4 (cube, cylinder, sphere, capsule) x
orientation 15, in C order (orientation fastest): 480,000 images.

3dshapes.h5 has images [n, 64, 64, 3] uint8 and labels [n, 6] float64, the values of the factors.
"""

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from dbench.base import Dataset
from dbench.data import cache, hashes, official
from dbench.data.grid import grid
from dbench.data.official import examples, layout, prepared, stored
from dbench.data.shapes3d_drawn import NAMES, VALUES
from dbench.inputs import hdf5

SHA256 = "0a0f6ed98baff276a50f3a081a7434d788da63cb135a98189b2a5b5769be1785"  # of 3dshapes.h5
_NAME = "shapes3d"
_IMAGE = (64, 64, 3)


def load(source: Path | None = None) -> Dataset:
    """3D Shapes: 480,000 images of a solid in a room, from the official file.

    `source` is 3dshapes.h5 or the folder it is in, by default $DBENCH_DATA, else where TensorFlow
    Datasets prepared it. It is unpacked once (5.9 GB in the cache folder).
    """
    return read(official.require(source, _NAME))


def read(path: Path) -> Dataset:
    """The data set of the official file, or of the folder of what TFDS has prepared."""
    sizes = tuple(map(len, VALUES))
    if path.is_dir():
        data = prepared.open_(path)
        key, label = f"tfds_{data.key}", "reading 3D Shapes"
        columns = [f"label_{name}" for name in NAMES]
        make = partial(examples.in_grid_order, data, "image", _IMAGE, columns, sizes)
    else:
        with layout.reading(path, _NAME):
            digest = hashes.known(path)
        key, label = f"official_{digest[:16]}", f"reading {path.name}"
        make = partial(blocks, path, digest)
    images = cache.keep(f"{_NAME}_{key}", (math.prod(sizes), *_IMAGE), make, label)
    return stored.dataset(_NAME, images, NAMES, VALUES)


def blocks(path: Path, digest: str) -> Iterator[np.ndarray]:
    """Images of the official file in blocks [rows, 64, 64, 3] uint8; its sha256 is `digest`."""
    sizes = tuple(map(len, VALUES))
    n = math.prod(sizes)
    expected = np.stack([v[i] for v, i in zip(VALUES, grid(sizes).T, strict=True)], axis=1)
    with layout.reading(path, _NAME), hdf5.opened(path) as file:
        images, labels = hdf5.array(file, "images"), hdf5.array(file, "labels")
        layout.check_array(path, "labels", labels, (n, len(sizes)), np.floating, _NAME)
        layout.check_array(path, "images", images, (n, *_IMAGE), np.uint8, _NAME)
        layout.check_rows(path, labels[:], expected, _NAME)
        layout.check_sha256(path, digest, SHA256, _NAME)
        yield from layout.hdf5_blocks(images)
