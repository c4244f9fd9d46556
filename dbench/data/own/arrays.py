"""A user's .npz or HDF5: images [n, h, w(, c)], and maybe factors [n, k] and factor_names (k,)."""

import zipfile
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

import h5py
import numpy as np

from dbench.data.official import npy
from dbench.data.own import factors as own_factors
from dbench.data.own import pixels as own_pixels
from dbench.data.own.source import Source, file_digest, reading, rows
from dbench.errors import InputError

FACTORS = ("factors", "factor_names")


def npz(path: Path) -> Source:
    """Any dtype and layout of `own_pixels`; images are never in memory whole, or unpickled."""
    where = f"images in {path}"
    with reading(path):
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist()]
        _need_images(names, path)
        shape, dtype, order = npy.about(path, "images")
        image, first = _check(shape, dtype, where)
        if order == "F":
            raise InputError(f"{where} is in Fortran order: save numpy.ascontiguousarray of it")
        with np.load(path, allow_pickle=False) as archive:
            values, named = (archive[name] if name in names else None for name in FACTORS)
    factors = own_factors.array(values, named, shape[0], str(path))
    step = rows(image, dtype.itemsize)

    def blocks() -> Iterator[np.ndarray]:
        with reading(path):
            for i, block in enumerate(npy.blocks(path, "images", step)):
                yield own_pixels.to_uint8(block, first, where, i * step)

    return Source(image, factors, blocks, partial(file_digest, path))


def hdf5(path: Path) -> Source:
    """The same of data sets of these names at the top of an HDF5 file."""
    where = f"images in {path}"
    with reading(path), h5py.File(path, "r") as file:
        names = [name for name in file if isinstance(file.get(name), h5py.Dataset)]
        _need_images(names, path)
        images = file["images"]
        image, first = _check(images.shape, images.dtype, where)
        values, named = (_plain(file[name]) if name in names else None for name in FACTORS)
        factors = own_factors.array(values, named, len(images), str(path))
        step = rows(image, images.dtype.itemsize)
        if images.chunks:  # whole ones, so that each is decompressed once
            step = -(-step // images.chunks[0]) * images.chunks[0]

    def blocks() -> Iterator[np.ndarray]:
        with reading(path), h5py.File(path, "r") as file:
            images = file["images"]
            for start in range(0, len(images), step):
                yield own_pixels.to_uint8(images[start : start + step], first, where, start)

    return Source(image, factors, blocks, partial(file_digest, path))


def _need_images(names: Collection[str], path: Path) -> None:
    if "images" not in names:
        raise InputError(f"{path} has no array 'images' (it has: {', '.join(names) or 'none'})")


def _check(shape: tuple[int, ...], dtype: np.dtype, where: str):
    """(h, w, c) and whether channels come first; what is wrong is said before any work."""
    own_pixels.to_uint8(np.zeros((0, 1, 1), dtype), False, where)
    return own_pixels.layout(tuple(shape), where)


def _plain(data: h5py.Dataset) -> np.ndarray:
    """A whole data set, text as such."""
    text = h5py.check_string_dtype(data.dtype)
    return np.asarray(data.asstr()[()]).astype(str) if text else np.asarray(data[()])
