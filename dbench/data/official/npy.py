"""Arrays of an .npz read in blocks: never in memory whole, and nothing is unpickled."""

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal, NamedTuple

import numpy as np


class Npy(NamedTuple):
    """What the header of a .npy says."""

    shape: tuple[int, ...]
    dtype: np.dtype
    order: Literal["C", "F"]


def header(member: IO[bytes]) -> Npy:
    """The header of a .npy; `member` then stands before the data."""
    if np.lib.format.read_magic(member) == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(member)
    else:
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(member)
    return Npy(shape, dtype, "F" if fortran else "C")


def about(path: Path, name: str) -> Npy:
    """The same of the array `name` of an .npz."""
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
        return header(member)


def header_bytes(path: Path, name: str) -> bytes:
    """The same as the bytes before the data."""
    with zipfile.ZipFile(path) as archive:
        with archive.open(f"{name}.npy") as member:
            header(member)
            size = member.tell()
        with archive.open(f"{name}.npy") as member:
            return member.read(size)


def blocks(path: Path, name: str, rows: int) -> Iterator[np.ndarray]:
    """The array `name` of an .npz, C order and no objects, `rows` rows at a time."""
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
        (n, *rest), dtype, _ = header(member)
        for start in range(0, n, rows):
            count = min(rows, n - start)
            data = member.read(count * math.prod(rest) * dtype.itemsize)
            yield np.frombuffer(data, dtype).reshape(count, *rest)
        if member.read(1):  # at the end of a member its checksum is compared
            raise EOFError(f"{name} is longer than its header says")
