"""Who is at work in a study's folder, so that two commands never train the same run.

Its `.lock` is held alone by a study that trains on this machine, and together by those who train
its parts on many machines and by who looks after them (`dbench.cluster`).
"""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from dbench import files
from dbench.errors import InputError

LOCK = ".lock"
DRIVER = "driver.lock"  # of who looks after parts
PARTS = ".parts"  # below the study's folder, where it is cut into parts: see `dbench.cluster`
HOUR = 3600.0  # seconds


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds the study's folder alone.

    A folder made for a study that is refused after all goes again.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    with opened(folder / LOCK) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            parts = ", or a part of one," if (folder / PARTS).exists() else ""
            raise InputError(
                f"another dbench study{parts} is at work in {folder}; wait for it"
            ) from error
        except OSError as error:
            raise InputError(
                f"the file system of {folder} has no locks ({error.strerror}); "
                "choose a folder on another with --results"
            ) from error
        # Some disks of clusters know only locks of the same machine: others may be at work.
        files.sweep(folder, older=HOUR if (folder / PARTS).exists() else 0.0)
        try:
            yield
        except InputError:
            _unmake(made)
            raise


def _unmake(made: list[Path]) -> None:
    """Removes folders that were made, and have nothing but locks in them."""
    locks = [path for folder in made[:1] for path in (folder / LOCK, folder / PARTS / DRIVER)]
    folders = [path / PARTS for path in made[:1]] + made
    if not made or {p for p in made[0].rglob("*") if p.is_file()} - {*locks}:
        return
    for path in locks:
        path.unlink(missing_ok=True)
    for path in folders:
        with contextlib.suppress(OSError):
            path.rmdir()


@contextlib.contextmanager
def together(folder: Path) -> Iterator[bool]:
    """Holds the study's folder with others who train its parts; False where there are no locks."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    with opened(folder / LOCK) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"a dbench study on one machine is at work in {folder}; wait for it"
            ) from error
        except OSError:
            locks = False
        else:
            locks = True
        try:
            yield locks
        except InputError:
            _unmake(made)
            raise


def busy(folder: Path, lock: str = LOCK) -> bool:
    """Whether a study on one machine is at work in a folder, or another holds a lock there."""
    with contextlib.suppress(OSError), (folder / lock).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def one(path: Path, refused: str, patience: float = 0.0) -> Iterator[bool]:
    """Holds a lock file alone; False where there are no locks.

    An InputError, `refused`, if another holds it for `patience` seconds more.
    """
    until = time.monotonic() + patience
    with opened(path) as lock:
        while (got := _take(lock)) is None:
            if time.monotonic() >= until:
                raise InputError(refused)
            time.sleep(1.0)
        yield got


def _take(lock: IO[str]) -> bool | None:
    """Whether it could be locked; None if another has it, False where there are no locks."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    except OSError:
        return False
    return True


def opened(path: Path) -> IO[str]:
    """A lock file, made where there is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+")  # a lock of many asks for reading, one of a single for writing
    except OSError as error:
        raise InputError(
            f"cannot write results to {path.parent} ({error.strerror}); choose a folder with "
            "--results"
        ) from error
