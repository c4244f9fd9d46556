"""The official dSprites file, read in blocks into packed images that stay in the cache.

The .npz has imgs [n, 64, 64] uint8 of 0 and 1 and latents_classes [n, 6] int; the .hdf5 has
the same as imgs and latents/classes. Unpacked the images are 3 GB, so they are never in memory
whole. The .npz also has a pickle (metadata): it is never opened, since a pickle can run code.
"""

import hashlib
import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from dbench.data import cache, hashes
from dbench.data.grid import grid
from dbench.data.official import OFFICIAL, examples, layout, prepared
from dbench.errors import InputError
from dbench.inputs import hdf5, npz

NPZ, HDF5 = OFFICIAL["dsprites"].files
MD5 = (  # of either file; TensorFlow Datasets and others check the same
    "7da33b31b13a06f4b04a70402ce90c2e",  # .npz
    "b331c4447a651c44bf5e8ae09022e230",  # .hdf5
)
_NAME = "dsprites"
_IMAGE = (64, 64)


def packed(path: Path, sizes: tuple[int, ...]) -> np.ndarray:
    """Images of the official file: [n, 512] uint8, one bit a pixel, memory-mapped.

    `sizes` are the numbers of values of the factors; the rows must be their grid in C order.
    `path` may also be the folder of what TFDS has prepared. An InputError says what is wrong.
    """
    shape = (math.prod(sizes), math.prod(_IMAGE) // 8)
    if path.is_dir():
        data = prepared.open_(path)
        make = partial(_read_prepared, data, sizes)
        return cache.keep(f"dsprites_tfds_{data.key}", shape, make, "reading dSprites")
    with layout.reading(path, _NAME):
        digest = hashes.known(path)
    read = _read_npz if path.suffix == ".npz" else _read_hdf5
    name = f"dsprites_official_{digest[:16]}"
    return cache.keep(name, shape, lambda: read(path, sizes), f"reading {path.name}")


def check(path: Path, images: np.ndarray, drawn: str) -> None:
    """An InputError unless the packed images of a file are those that were published.

    That is: those that are drawn, whose SHA-256 is `drawn`, in whatever file; or those of a file
    that has a published checksum, so that a fault of the drawing refuses no official file.
    """
    assert isinstance(images, np.memmap) and images.filename is not None
    kept = Path(images.filename)  # hashed once for each version of it
    found = hashes.once(kept, "rows", lambda: hashlib.sha256(images.data).hexdigest())
    if found == drawn or (path.is_file() and hashes.md5(path) in MD5):
        return
    raise InputError(
        f"the images in {path} are not those of dSprites: the file is corrupted or another "
        f"version, so fetch {OFFICIAL[_NAME].wanted} again from {OFFICIAL[_NAME].url} (dbench data "
        f"check dsprites --data {path} tells which differ), or leave it out to have them drawn"
    )


def _read_npz(path: Path, sizes: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Packed images in blocks [rows, 512] uint8."""
    n = math.prod(sizes)
    with layout.reading(path, _NAME), npz.opened(path) as archive:
        found = archive.about("latents_classes")
        layout.check_array(path, "latents_classes", found, (n, len(sizes)), np.integer, _NAME)
        classes = archive.read("latents_classes")
    layout.check_rows(path, classes, grid(sizes), _NAME)
    for block in layout.npz_blocks(path, "imgs", (n, *_IMAGE), _NAME):
        yield _pack(path, block)


def _read_hdf5(path: Path, sizes: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Packed images in blocks [rows, 512] uint8."""
    n = math.prod(sizes)
    with layout.reading(path, _NAME), hdf5.opened(path) as file:
        classes, images = hdf5.array(file, "latents/classes"), hdf5.array(file, "imgs")
        layout.check_array(path, "latents/classes", classes, (n, len(sizes)), np.integer, _NAME)
        layout.check_array(path, "imgs", images, (n, *_IMAGE), np.uint8, _NAME)
        layout.check_rows(path, classes[:], grid(sizes), _NAME)
        for block in layout.hdf5_blocks(images):
            yield _pack(path, block)


def _read_prepared(data: prepared.Prepared, sizes: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Packed images in blocks [rows, 512] uint8."""
    places = ("shape", "scale", "orientation", "x_position", "y_position")  # color has one value
    columns = [f"label_{name}" for name in places]
    for block in examples.in_grid_order(data, "image", (*_IMAGE, 1), columns, sizes[1:]):
        yield _pack(data.path, block)


def _pack(path: Path, pixels: np.ndarray) -> np.ndarray:
    """[rows, 64, 64] uint8 of 0 and 1 -> [rows, 512]."""
    if pixels.max() > 1:
        raise InputError(
            f"imgs in {path} has the value {pixels.max()} where the official file, {NPZ} "
            "(or .hdf5), has 0 and 1 only: give that file"
        )
    return np.packbits(pixels.reshape(len(pixels), -1), axis=1)
