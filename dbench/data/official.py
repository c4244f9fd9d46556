"""The official dSprites file, read in blocks into packed images that stay in the cache.

The .npz has imgs [n, 64, 64] uint8 of 0 and 1 and latents_classes [n, 6] int; the .hdf5 has
the same as imgs and latents/classes. Unpacked the images are 3 GB, so they are never in memory
whole. The .npz also has a pickle (metadata): it is never opened, since a pickle can run code.
"""

import hashlib
import math
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from dbench.data import cache, npy
from dbench.data.grid import grid
from dbench.errors import InputError

NPZ = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
HDF5 = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.hdf5"
PICTURES = ("scream.jpg", "scream.jpeg", "scream.png")  # of scream_dsprites, in the same folder
_IMAGE = (64, 64)
_ROWS = 8192  # images a block, 34 MB unpacked
_MOST_ROWS = 49152  # 201 MB


def find(source: Path | None) -> Path | None:
    """The official file that the user means: `source` (a file or its folder), else $DBENCH_DATA.

    None if neither is given, or a folder that has only the file of another data set (then a study
    may have both); an InputError if what is given is no such file or folder.
    """
    given = source or os.environ.get("DBENCH_DATA")
    if not given:
        return None
    origin = "--data" if source else "DBENCH_DATA"
    path = Path(given).expanduser()
    with _reading(path):
        if path.is_dir():
            found = [path / name for name in (NPZ, HDF5) if (path / name).is_file()]
            if not found and any((path / name).is_file() for name in PICTURES):
                return None
        else:
            found = [path] if path.is_file() and path.suffix in (".npz", ".hdf5", ".h5") else []
        missing = not path.exists()
    if not found:
        what = (
            "does not exist" if missing else "is neither the official dSprites file nor its folder"
        )
        raise InputError(
            f"{origin} is {path}, which {what}: give {NPZ} (or .hdf5) or the folder it is in, or "
            f"leave {origin} out to have the images drawn"
        )
    return found[0]


def packed(path: Path, sizes: tuple[int, ...]) -> np.ndarray:
    """Images of the official file: [n, 512] uint8, one bit a pixel, memory-mapped.

    `sizes` are the numbers of values of the factors; the rows must be their grid in C order.
    An InputError says what is wrong with the file.
    """
    with _reading(path), path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    read = _read_npz if path.suffix == ".npz" else _read_hdf5
    shape = (math.prod(sizes), math.prod(_IMAGE) // 8)
    name = f"dsprites_official_{digest[:16]}"
    return cache.keep(name, shape, lambda: read(path, sizes), f"reading {path.name}")


def _read_npz(path: Path, sizes: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Packed images in blocks [rows, 512] uint8."""
    n = math.prod(sizes)
    with _reading(path), zipfile.ZipFile(path) as archive:
        with archive.open("latents_classes.npy") as member:
            shape, dtype, order = npy.header(member)
            _check_array(path, "latents_classes", shape, dtype, (n, len(sizes)), np.integer)
            classes = np.frombuffer(member.read(), dtype).reshape(shape, order=order)
        _check_rows(path, classes, sizes)
        with archive.open("imgs.npy") as member:
            shape, dtype, order = npy.header(member)
            _check_array(path, "imgs", shape, dtype, (n, *_IMAGE), np.uint8)
            if order != "C":
                raise ValueError("imgs is in Fortran order")
            for start in range(0, n, _ROWS):
                rows = min(_ROWS, n - start)
                data = member.read(rows * math.prod(_IMAGE))
                yield _pack(path, np.frombuffer(data, np.uint8).reshape(rows, *_IMAGE))
            if member.read(1):  # at the end of a member its checksum is compared
                raise EOFError("imgs is longer than its header says")


def _read_hdf5(path: Path, sizes: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Packed images in blocks [rows, 512] uint8."""
    n = math.prod(sizes)
    with _reading(path), h5py.File(path, "r") as file:
        classes, images = file["latents/classes"], file["imgs"]
        expected = (n, len(sizes))
        _check_array(path, "latents/classes", classes.shape, classes.dtype, expected, np.integer)
        _check_array(path, "imgs", images.shape, images.dtype, (n, *_IMAGE), np.uint8)
        _check_rows(path, classes[:], sizes)
        # A block of whole chunks, so that each chunk is decompressed once.
        chunk = images.chunks[0] if images.chunks else 1
        rows = min(chunk * max(1, _ROWS // chunk), _MOST_ROWS)
        for start in range(0, n, rows):
            yield _pack(path, images[start : start + rows])


def _check_array(
    path: Path,
    name: str,
    shape: tuple[int, ...],
    dtype: np.dtype,
    expected: tuple[int, ...],
    kind: type[np.integer],
) -> None:
    if tuple(shape) != expected or not np.issubdtype(dtype, kind):
        raise InputError(
            f"{name} in {path} is {dtype} {list(shape)}, not {kind.__name__} {list(expected)}: "
            f"give the official file, {NPZ} (or .hdf5)"
        )


def _check_rows(path: Path, classes: np.ndarray, sizes: tuple[int, ...]) -> None:
    """An InputError unless the rows are the grid of the factors in C order."""
    wrong = np.flatnonzero((classes != grid(sizes)).any(axis=1))
    if len(wrong):
        raise InputError(
            f"the factors of image {wrong[0]} in {path} are {classes[wrong[0]].tolist()}, not "
            f"{grid(sizes)[wrong[0]].tolist()}: give the official file, {NPZ} (or .hdf5)"
        )


def _pack(path: Path, pixels: np.ndarray) -> np.ndarray:
    """[rows, 64, 64] uint8 of 0 and 1 -> [rows, 512]."""
    if pixels.max() > 1:
        raise InputError(
            f"imgs in {path} has the value {pixels.max()} where the official file, {NPZ} "
            "(or .hdf5), has 0 and 1 only: give that file"
        )
    return np.packbits(pixels.reshape(len(pixels), -1), axis=1)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turns whatever a damaged file makes zipfile, numpy and h5py raise into an InputError."""
    try:
        yield
    except InputError:
        raise
    except (
        *(OSError, EOFError, LookupError, ValueError, TypeError, AttributeError, RuntimeError),
        *(zipfile.BadZipFile, zlib.error),
    ) as error:
        raise InputError(
            f"cannot read {path} ({error}): it is incomplete, damaged or not the official "
            f"{NPZ} (or .hdf5), so fetch that again, or leave it out to have the images drawn"
        ) from error
