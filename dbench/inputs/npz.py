"""The one place that opens an .npz of others: arrays whole or in blocks, and nothing is unpickled.

What is odd about one (empty, encrypted, an unknown compression, a header of nonsense, a shape that
fits no memory) makes any exception here; `reading` of the caller says it in a sentence.
"""

import contextlib
import math
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal, NamedTuple

import numpy as np

from dbench import files, memory
from dbench.errors import InputError

CHUNK = 2**24  # bytes read at once
PLAIN = "save plain numbers or text"


class Npy(NamedTuple):
    """What the header of a .npy says."""

    shape: tuple[int, ...]
    dtype: np.dtype
    order: Literal["C", "F"]

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


class Archive:
    """An .npz that is open. `names` are those of its arrays, without .npy."""

    def __init__(self, archive: zipfile.ZipFile):
        members = archive.namelist()
        if twice := [name for name, count in Counter(members).items() if count > 1]:
            raise ValueError(f"it has two arrays {twice[0].removesuffix('.npy')!r}")
        self._zip = archive
        self.names = [name.removesuffix(".npy") for name in members if name.endswith(".npy")]

    def about(self, name: str) -> Npy:
        """The header of an array, checked against what there is of it."""
        with self._member(name) as (_, found):
            return found

    def header_bytes(self, name: str) -> bytes:
        """What stands before the data of an array."""
        with self._member(name) as (member, _):
            size = member.tell()
        with self._zip.open(f"{name}.npy") as member:
            return member.read(size)

    def read(self, name: str) -> np.ndarray:
        """The whole array."""
        with self._member(name) as (member, found):
            _check_plain(self._where(name), found)
            memory.check(found.nbytes, f"the array {name!r}")
            data = np.empty(found.nbytes, np.uint8)
            for start in range(0, len(data), CHUNK):
                part = member.read(min(CHUNK, len(data) - start))
                data[start : start + CHUNK] = np.frombuffer(part, np.uint8)
            if member.read(1):  # at the end of a member its checksum is compared
                raise EOFError(f"{name} is longer than its header says")
        if not found.nbytes:
            return np.zeros(found.shape, found.dtype)
        array = data.view(found.dtype).reshape(found.shape, order=found.order)
        if found.dtype.kind == "U":
            points = data.view(np.dtype(np.uint32).newbyteorder(found.dtype.byteorder))
            if ((points > 0x10FFFF) | (points >> 11 == 0xD800 >> 11)).any():
                raise ValueError(f"{name} has text that is no Unicode")
        return array

    def blocks(self, name: str, rows: int) -> Iterator[np.ndarray]:
        """An array in C order, `rows` rows at a time."""
        with self._member(name) as (member, found):
            _check_plain(self._where(name), found)
            (n, *rest), dtype, _ = found
            memory.check(min(rows, n) * math.prod(rest) * dtype.itemsize, f"a row of {name!r}")
            for start in range(0, n, rows):
                count = min(rows, n - start)
                data = member.read(count * math.prod(rest) * dtype.itemsize)
                yield np.frombuffer(data, dtype).reshape(count, *rest)
            if member.read(1):  # at the end of a member its checksum is compared
                raise EOFError(f"{name} is longer than its header says")

    def _where(self, name: str) -> str:
        return f"the array {name!r} of {self._zip.filename}"

    @contextlib.contextmanager
    def _member(self, name: str) -> Iterator[tuple[IO[bytes], Npy]]:
        """An array that stands before its data, and its header."""
        size = self._zip.getinfo(f"{name}.npy").file_size
        with self._zip.open(f"{name}.npy") as member:
            found = _header(member)
            if min(found.shape, default=0) < 0:
                raise ValueError(f"{name} has the shape {list(found.shape)}")
            if found.dtype.subdtype:
                raise InputError(f"{self._where(name)} holds records: {PLAIN}")
            there = size - member.tell()
            if there != found.nbytes and not found.dtype.hasobject:
                than = "longer" if there > found.nbytes else "shorter"
                raise EOFError(f"{name} is {than} than its header says")
            yield member, found


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Archive]:
    files.regular(path)
    with zipfile.ZipFile(path) as archive:
        yield Archive(archive)


def _check_plain(where: str, found: Npy) -> None:
    if found.dtype.hasobject:
        raise InputError(f"{where} holds pickled objects, which are never loaded: {PLAIN}")
    if found.dtype.kind == "V":
        raise InputError(
            f"{where} is of {found.dtype}, which is no type of numbers of NumPy's own (bfloat16 is "
            f"saved so): {PLAIN}"
        )


def _header(member: IO[bytes]) -> Npy:
    if np.lib.format.read_magic(member) == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(member)
    else:
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(member)
    return Npy(shape, dtype, "F" if fortran else "C")
