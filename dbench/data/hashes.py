"""The SHA-256 of files; of large ones it is kept, since to read 6 GB takes longer than to start.

A kept one is of a file's place, size and times (of its contents, and of its status, which no copy
can set): what was changed or exchanged is read again. They are small files in the cache folder.
"""

import contextlib
import hashlib
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from dbench import files
from dbench.base import Dataset
from dbench.data import cache
from dbench.errors import InputError

LARGE = 2**24  # bytes; smaller files are read each time, in some hundredths of a second


def sha256(path: Path) -> str:
    """Of a file as it is now: 64 hexadecimal digits."""
    files.regular(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def md5(path: Path) -> str:
    """Of a file as it is now: 32 hexadecimal digits, for files of which only that is published."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False)).hexdigest()


def known(path: Path) -> str:
    """The same, read once for each version of a large file."""
    return once(path, "file", lambda: sha256(path))


def once(path: Path, of: str, make: Callable[[], str]) -> str:
    """A SHA-256 that `make` makes of a file and of what `of` says, kept if the file is large."""
    before = _version(path)
    if path.stat().st_size < LARGE:
        return make()
    kept = cache.folder() / "sha256" / cache.key(of, before)
    with contextlib.suppress(OSError):
        if re.fullmatch("[0-9a-f]{64}", found := kept.read_text(errors="replace")):
            return found
    found = make()
    if _version(path) == before:  # not one that was written meanwhile
        with contextlib.suppress(InputError):  # no room: made again next time
            files.write_bytes(kept, found.encode())
    return found


def versioned(dataset: Dataset) -> Dataset:
    """The data set with the SHA-256 of its images, kept in one file, and factors themselves.

    The same in another format, or drawn by edited code, is the same.
    """
    images = dataset.arrays
    known = [images.shape, dataset.names, [values.tolist() for values in dataset.values]]
    known += [dataset.continuous] if dataset.continuous else []
    beside = np.ascontiguousarray(dataset.factors).tobytes() + repr(known).encode()

    def make() -> str:
        found = hashlib.sha256(images.data)
        found.update(beside)
        return found.hexdigest()

    name = hashlib.sha256(beside).hexdigest()
    return dataset._replace(sha256=once(Path(images.filename), name, make))


def _version(path: Path) -> str:
    stat = path.stat()
    return f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}"
