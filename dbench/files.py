"""Files that are either whole or not there: written under a temporary name, then renamed.

A temporary file is locked while it is written. One that is not was left by a command that was
killed, and is removed by the next that writes a file into the same folder.
"""

import contextlib
import fcntl
import json
import os
import re
import stat
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dbench import schemas
from dbench.errors import InputError, short

PACKAGE = Path(__file__).parent  # of dbench itself
TEMPORARY = re.compile(r"\..+\.[0-9a-f]{32}\.part")  # what `replacing` calls them
_DAY = 24 * 3600.0  # seconds; where there are no locks, what is older is of a killed command
ADVICE = "free some space there or choose a folder you may write to"


def shipped(name: str) -> list[Path]:
    """Where `name` ("studies", "results/papers") may lie: in the package, in the checkout."""
    return [PACKAGE / Path(name).name, PACKAGE.parent / name]


def reference(path: str | Path) -> Path:
    """The path; of results/reference/STUDY that is not here, what comes with dbench.

    So that a page's command works also where dbench was installed from a wheel.
    """
    path = Path(path)
    if path.parts[:2] == ("results", "reference") and path.parts[2:] and not there(path):
        places = (place.joinpath(*path.parts[2:]) for place in shipped("results/reference"))
        return next(filter(there, places), path)
    return path


def run_folder(folder: Path) -> None:
    """An InputError if a checkpoint is no folder; of a file in one, which folder was meant."""
    if folder.is_dir():
        return
    meant = f"; give its folder {folder.parent}" if kind(folder) == "a file" else ""
    raise InputError(f"there is no checkpoint folder {folder}{meant}")


def plain(name: str) -> str:
    """A name as one of a file: those of methods and scores may be anything."""
    return re.sub(r"[^\w.=+-]+", "_", name)


_half: set[Path] = set()  # temporary files that are being written


def resolved(path: Path) -> Path:
    """The path from the root, links followed; an InputError for links that go round."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"there can be no file {short(str(path))} ({error})") from error


@contextlib.contextmanager
def replacing(path: Path, advice: str = ADVICE) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well.

    Killed at any moment, `path` is as it was before or whole. A folder that cannot be
    written or a full disk is an InputError that ends with `advice`.
    """
    path = resolved(path)
    if path.exists() and not path.is_file():
        raise InputError(f"cannot write {path}: it is there and is no file; choose another name")
    # A name of its own, so that two processes may write the same file at the same time.
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    _half.add(temporary)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):  # a folder that cannot be listed
            _sweep(entry for entry in path.parent.iterdir() if TEMPORARY.fullmatch(entry.name))
        with temporary.open("xb") as held:
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(held, fcntl.LOCK_EX)
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"cannot write {path}: {why}; {advice}") from error
    finally:
        with contextlib.suppress(OSError):  # moved, or never made
            temporary.unlink()
        _half.discard(temporary)


def forget() -> None:
    """Removes what this process has half-written: before it ends at once."""
    for temporary in list(_half):
        with contextlib.suppress(OSError):
            temporary.unlink()


def sweep(folder: Path, older: float = 0.0) -> None:
    """Removes what killed commands left half-written in a folder of dbench's, and below it.

    `older`: seconds that nothing was written to it.
    """
    _sweep(folder.rglob(".*.part"), older)


def _sweep(found: Iterable[Path], older: float = 0.0) -> None:
    for left in found:
        with contextlib.suppress(OSError), left.open("rb") as file:
            if older and left.stat().st_mtime > time.time() - older:
                continue
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # somebody is at it
                continue
            except OSError:
                if left.stat().st_mtime > time.time() - _DAY:
                    continue
            left.unlink()


def write_bytes(path: Path, content: bytes) -> None:
    """Writes `content` as the whole of `path`."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


KINDS = {
    stat.S_IFREG: "a file",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def kind(path: str | Path) -> str | None:
    """What a path is, of KINDS; None where there is nothing.

    An InputError for a name that no file can have, or that leads in a circle.
    """
    name = str(path)
    odd = "has a NUL in it" if "\0" in name else None
    odd = "is not UTF-8" if any("\ud800" <= c <= "\udfff" for c in name) else odd
    if odd:
        raise InputError(f"the name {ascii(name)[:300]} {odd}: give another")
    try:
        return KINDS.get(stat.S_IFMT(os.stat(path).st_mode), "no file")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        name = name if len(name) < 300 else f"{name[:140]}...{name[-140:]}"
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error


def there(path: str | Path) -> bool:
    """Whether there is anything; a name that no file can have, or too long a one, is of nothing."""
    with contextlib.suppress(OSError, ValueError):
        return Path(path).exists()
    return False


def regular(path: str | Path) -> None:
    """An InputError unless a path is a file: to open a pipe or a device may wait for ever."""
    found = kind(path)
    if found is None:
        raise InputError(f"there is no file {path}")
    if found != "a file":
        raise InputError(f"cannot read {path}: it is {found}, not a file")


def write_json(path: Path, content: dict) -> None:
    """Writes `content` as readable JSON."""
    write_bytes(path, (json.dumps(content, indent=2) + "\n").encode())


def read_json(path: Path, schema: Mapping | None = None) -> dict:
    """A JSON object as `schema` says, see `schemas`; anything else is an InputError."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no file: what should be there was replaced")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise InputError(f"{path} is not valid JSON ({error}); it was cut off or edited") from error
    except RecursionError:
        raise InputError(f"{path} is nested too deep; it was edited") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no JSON object; it was cut off or edited")
    if schema is not None:
        schemas.check(content, schema, path)
    return content
