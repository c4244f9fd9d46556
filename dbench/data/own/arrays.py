"""A user's .npz or HDF5: images [n, h, w(, c)], and maybe factors [n, k] and factor_names (k,)."""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from dbench import memory
from dbench.data.own import factors as own_factors
from dbench.data.own import pixels as own_pixels
from dbench.data.own.source import MOST, Source, file_digest, reading, rows
from dbench.errors import InputError, some
from dbench.inputs import hdf5 as foreign_hdf5
from dbench.inputs import npz as foreign_npz

FACTORS = ("factors", "factor_names")
CHUNKS = 8  # blocks that the chunks of an HDF5 file may be


def npz(path: Path) -> Source:
    """Any dtype and layout of `own_pixels`; images are never in memory whole, or unpickled."""
    where = f"images in {path}"
    with reading(path), foreign_npz.opened(path) as archive:
        _need_images(archive.names, path)
        shape, dtype, order = archive.about("images")
        image = _check(shape, dtype, where)
        if order == "F":
            raise InputError(f"{where} is in Fortran order: save numpy.ascontiguousarray of it")
        values, named = (archive.read(name) if name in archive.names else None for name in FACTORS)
        names = archive.names
    factors = _factors(values, named, shape[0], path, names)
    step = rows(image, dtype.itemsize)

    def blocks() -> Iterator[np.ndarray]:
        with reading(path), foreign_npz.opened(path) as archive:
            for i, block in enumerate(archive.blocks("images", step)):
                yield own_pixels.to_uint8(block, where, i * step)

    return Source(image, factors, blocks, partial(file_digest, path))


def hdf5(path: Path) -> Source:
    """The same of data sets of these names at the top of an HDF5 file."""
    where = f"images in {path}"
    with reading(path), foreign_hdf5.opened(path) as file:
        names = foreign_hdf5.names(file)
        _need_images(names, path)
        images = foreign_hdf5.array(file, "images")
        image = _check(images.shape, images.dtype, where)
        there = [foreign_hdf5.array(file, name) if name in names else None for name in FACTORS]
        values, named = (None if one is None else foreign_hdf5.whole(one) for one in there)
        factors = _factors(values, named, len(images), path, names)
        step = rows(image, images.dtype.itemsize)
        if images.chunks:  # whole ones, so that each is decompressed once
            step = min(-(-step // images.chunks[0]) * images.chunks[0], CHUNKS * step)
        size = min(step, len(images)) * math.prod(images.shape[1:]) * images.dtype.itemsize
        memory.check(size, f"a block of {where}")

    def blocks() -> Iterator[np.ndarray]:
        with reading(path), foreign_hdf5.opened(path) as file:
            images = foreign_hdf5.array(file, "images")
            for start in range(0, len(images), step):
                yield own_pixels.to_uint8(images[start : start + step], where, start)

    return Source(image, factors, blocks, partial(file_digest, path))


def _factors(values, named, count: int, path: Path, names: Sequence[str]) -> own_factors.Factors:
    """Of the arrays `FACTORS`, or None; `names` are all that the file has."""
    if values is None:
        others = [name for name in names if name not in ("images", *FACTORS)]
        return own_factors.none(count, str(path), f"the array {FACTORS[0]!r}", others)
    return own_factors.array(values, named, count, str(path))


def _need_images(names: Sequence[str], path: Path) -> None:
    if "images" not in names:
        raise InputError(f"{path} has no array 'images' (it has: {some(names)})")


def _check(shape: tuple[int, ...], dtype: np.dtype, where: str):
    """(h, w, c); what is wrong is said before any work."""
    own_pixels.to_uint8(np.zeros((0, 1, 1), dtype), where)
    if shape and shape[0] > MOST:
        raise InputError(f"{where} has {shape[0]:,} rows, and dbench takes {MOST:,} at most")
    said = f"{where} has the shape {list(shape)}"
    if shape[:1] == (0,):
        raise InputError(f"{said}: there is no image in it")
    return own_pixels.layout(tuple(shape[1:]), said)
