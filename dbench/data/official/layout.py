"""Official files read in blocks, and what they must look like. Every fault is one sentence.

Nothing is unpickled, since a pickle can run code, and no large array is in memory whole.
"""

import gzip
import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import Any, NoReturn

import h5py
import numpy as np

from dbench import files
from dbench.data import cache
from dbench.data.official import OFFICIAL
from dbench.errors import InputError
from dbench.inputs import npz

# In the names of what is kept of files that are checked when they are read. Another one where they
# are checked for more, so that what an earlier dbench kept is read anew.
KEPT = "official_2"
BLOCK = 2**25  # bytes of images read at once, about
_MOST = 6 * BLOCK  # bytes read at once if the chunks of an HDF5 file ask for it


@contextmanager
def reading(path: Path, name: str) -> Iterator[None]:
    """Turns whatever a damaged file makes its readers raise into an InputError."""
    official = OFFICIAL[name]
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # of a damaged file the libraries raise anything
        otherwise = f", or {official.otherwise.format('it')}" if official.otherwise else ""
        said = " ".join(str(error).split())[:300] or type(error).__name__
        raise InputError(
            f"cannot read {path} ({said}): it is incomplete, damaged or not the official "
            f"{official.wanted}, so fetch that again{otherwise}"
        ) from error


def members(path: Path) -> str:
    """A key of a zip archive: of the checksums that it has of its members, quick if it is large."""
    files.regular(path)
    with zipfile.ZipFile(path) as archive:
        lines = [f"{m.filename} {m.CRC} {m.file_size}" for m in archive.infolist()]
    return cache.key(*lines)


def check_sha256(path: Path, found: str, expected: str, name: str) -> None:
    """An InputError unless a file is the published one, byte for byte."""
    if found != expected:
        refuse(path, f"sha256 {found}, not {expected}", name)


def refuse(path: Path, why: str, name: str) -> NoReturn:
    """An InputError: the file is not the published one, and `why`."""
    official = OFFICIAL[name]
    raise InputError(
        f"{path} is not the official {official.wanted} ({why}): it is corrupted or another "
        f"version, so fetch that again from {official.url}"
    )


def check_array(
    path: Path,
    what: str,
    array: Any,
    expected: tuple[int, ...],
    kind: type,
    name: str,
) -> None:
    """An InputError unless an array (what has a shape and a dtype) is of the official layout."""
    shape, dtype = tuple(array.shape), array.dtype
    if shape != expected or not np.issubdtype(dtype, kind):
        raise InputError(
            f"{what} in {path} is {dtype} {list(shape)}, not {kind.__name__} {list(expected)}: "
            f"give the official file, {OFFICIAL[name].wanted}"
        )


def check_rows(path: Path, found: np.ndarray, expected: np.ndarray, name: str) -> None:
    """An InputError unless the factors [n, k] of the images are those expected, to 1e-6."""
    wrong = np.flatnonzero(~(np.abs(found - expected) < 1e-6).all(axis=1))  # NaN is wrong too
    if len(wrong):
        raise InputError(
            f"the factors of image {wrong[0]} in {path} are {found[wrong[0]].tolist()}, not "
            f"{expected[wrong[0]].tolist()}: give the official file, {OFFICIAL[name].wanted}"
        )


def npz_blocks(path: Path, what: str, shape: tuple[int, ...], name: str) -> Iterator[np.ndarray]:
    """The uint8 array `what` of an .npz in blocks of rows, no pickle ever opened."""
    with reading(path, name), npz.opened(path) as archive:
        array = archive.about(what)
        check_array(path, what, array, shape, np.uint8, name)
        if array.order != "C":
            raise ValueError(f"{what} is in Fortran order")
        yield from archive.blocks(what, max(1, BLOCK // math.prod(shape[1:])))


def hdf5_blocks(images: h5py.Dataset) -> Iterator[np.ndarray]:
    """Blocks of whole chunks, so that each chunk is decompressed once."""
    size = math.prod(images.shape[1:])
    chunk = images.chunks[0] if images.chunks else 1
    rows = min(chunk * max(1, BLOCK // size // chunk), max(1, _MOST // size))
    for start in range(0, len(images), rows):
        yield images[start : start + rows]


def opened(path: Path) -> BufferedIOBase:
    """A file's content, unpacked if its name ends in .gz."""
    files.regular(path)
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def beside(path: Path, stem: str, name: str) -> Path:
    """The file `stem` or `stem`.gz in the folder of another one; an InputError if it is missing."""
    for file in (path.with_name(stem), path.with_name(f"{stem}.gz")):
        if file.is_file():
            return file
    raise InputError(
        f"{name} needs {stem} (or .gz), which is not in {path.parent}: fetch it from "
        f"{OFFICIAL[name].url}"
    )
