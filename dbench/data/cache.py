"""Arrays made once and kept in the user's cache folder, opened memory-mapped and read-only.

The folder is $DBENCH_CACHE, else $XDG_CACHE_HOME/dbench, else ~/.cache/dbench. Files are .npy,
whose data start at a multiple of 64 bytes: JAX on a CPU uses such an array without a copy.
"""

import contextlib
import fcntl
import hashlib
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path

import numpy as np
from tqdm import tqdm

from dbench import files
from dbench.errors import InputError

ADVICE = "set DBENCH_CACHE to a folder with room that you can write to"


_shapes_alone = ContextVar("_shapes_alone", default=False)


@contextlib.contextmanager
def shapes_alone() -> Iterator[None]:
    """Inside, what dbench draws and has not drawn yet is not: zeros stand for it.

    So what a study costs is said in seconds, and nothing is written.
    """
    token = _shapes_alone.set(True)
    try:
        yield
    finally:
        _shapes_alone.reset(token)


def folder() -> Path:
    """The user's cache folder (it may not exist yet)."""
    if given := os.environ.get("DBENCH_CACHE"):
        return Path(given).expanduser()
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given).expanduser() / "dbench"
    return Path("~/.cache/dbench").expanduser()


def key(*parts: str) -> str:
    """A short name for what an array was made of: 16 hexadecimal digits."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def stamp(paths: Iterable[Path]) -> str:
    """Names, sizes and times of files: a key of such as are too large to be read each time."""
    stats = [(path.name, path.stat()) for path in paths]
    return key(*(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats))


def keep(
    name: str,
    shape: tuple[int, ...],
    make: Callable[[], Iterable[np.ndarray]],
    label: str,
    sha256: str | None = None,
) -> np.ndarray:
    """The uint8 array of `shape` kept as `name`.npy, made first if it is not there.

    `make` yields its rows in order, block by block ([rows, ...] uint8), under a progress bar
    with `label`. `sha256` is that of the bytes of the whole array, checked when it is made;
    its first digits are part of the file's name, so that what another rule of drawing made is
    never taken for it. A folder that cannot be written, or a file that is damaged, is an
    InputError.
    """
    path = folder() / (f"{name}_{sha256[:8]}.npy" if sha256 else f"{name}.npy")
    if sha256 and _shapes_alone.get() and not path.exists():
        return np.zeros(shape, np.uint8)  # takes no memory until it is looked at
    try:
        if not path.exists():
            with _alone(path, label):
                if not path.exists():  # another command may have made it meanwhile
                    _write(path, shape, _bar(make(), shape[0], label), sha256)
        return _open(path, shape)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def _alone(path: Path, label: str) -> Iterator[None]:
    """Waits while another command makes the same file. Where there are no locks, both make it."""
    lock = path.with_name(f".{path.name}.lock.part")  # swept like what is half-written
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(lock.open("w"))
            stack.callback(lock.unlink, missing_ok=True)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                tqdm.write(f"{label}: another command is at it, waiting", file=sys.stderr)
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _bar(blocks: Iterable[np.ndarray], rows: int, label: str) -> Iterator[np.ndarray]:
    with tqdm(total=rows, desc=label, unit=" images", disable=None) as bar:
        for block in blocks:
            yield block
            bar.update(len(block))


def _write(path: Path, shape: tuple[int, ...], blocks: Iterable, sha256: str | None) -> None:
    files.sweep(path.parent)
    digest = hashlib.sha256()
    with files.replacing(path, ADVICE) as temporary:
        _check_room(path, int(np.prod(shape)))
        # Written, not mapped: on a full disk a write is an error, a store to a map is a crash.
        with temporary.open("wb") as file:
            file.write(_header(shape))
            for block in blocks:
                data = np.ascontiguousarray(block, np.uint8).data
                file.write(data)
                digest.update(data)
        if sha256 not in (None, digest.hexdigest()):
            raise InputError(
                f"the arithmetic of this machine makes another {path.name} (sha256 "
                f"{digest.hexdigest()}, not {sha256}): give the official file with --data"
            )


def _check_room(path: Path, size: int) -> None:
    """An InputError, before hours of reading, if the disk has no room for so many bytes."""
    free = shutil.disk_usage(path.parent).free
    if free < size:
        raise InputError(
            f"{path.name} takes {size / 1e9:.1f} GB and {path.parent} has {free / 1e9:.1f} GB "
            f"free: {ADVICE}"
        )


def _open(path: Path, shape: tuple[int, ...]) -> np.memmap:
    header = _header(shape)
    size, expected = path.stat().st_size, len(header) + int(np.prod(shape))
    with path.open("rb") as file:
        found = file.read(len(header))
    if size != expected or found != header:
        what = f"has {size:,} bytes, not {expected:,}" if size != expected else "has a bad header"
        raise InputError(f"the cache file {path} {what}: delete it and run again")
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _header(shape: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    return file.getvalue()
