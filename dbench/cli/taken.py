"""Is a file to write free, or would it cost another one: an input, the data, a study's results."""

import contextlib
import os
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from dbench import bounds, files, kept, schemas
from dbench.errors import InputError, short

PLAIN = (".csv", ".json")  # what lies in a folder of data and is none
TABLES = ("factors.csv", "factors.parquet")  # but for these
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


def alike(path: Path) -> tuple:
    """What two paths share if they are, or on some disks would be, one file."""
    real = files.resolved(path)
    if real.exists():
        stat = real.stat()
        return stat.st_dev, stat.st_ino
    above = real.parent
    name = unicodedata.normalize("NFC", str(real.relative_to(above))).casefold()
    return (*alike(above), name) if above != real else (str(real),)


def free(said: str, paths: Sequence[Path], inputs: Iterable[Path] = ()) -> None:
    """An InputError if one of the files to write is taken; `said` is the option, as it is given.

    `inputs` are files that are read, and folders of images.
    """
    inputs = [path for path in inputs if files.there(path)]
    for path in paths:
        if path.exists() and not path.is_file():
            raise InputError(f"{said} would write {path}, which is no file: choose another name")
        kept.refuse(path, said)
        for source in inputs:
            if alike(path) == alike(source):
                raise InputError(f"{said} would replace {source}: choose another name")
            if source.is_dir() and images(source) and alike(path.parent) == alike(source):
                if path.suffix.lower() in PICTURES:
                    raise InputError(f"{said} would be one of the images: choose another folder")
                if path.name in TABLES:
                    raise InputError(f"{said} would replace {path}: choose another name")
    if len({alike(path) for path in paths}) < len(paths):
        raise InputError(
            f"{said} stands for {len(paths)} files, and two are links to one: remove one"
        )


def folder(said: str, path: Path, inputs: Iterable[Path] = ()) -> None:
    """An InputError if pictures must not go into a folder: one of results, or of images."""
    writable(path, said)
    kept.refuse_folder(path, said)
    for source in (p for p in inputs if files.there(p) and p.is_dir()):
        if alike(path) == alike(source) and images(source):
            raise InputError(f"{said} {path} is a folder of images of the data: choose another")
    for entry in path.iterdir() if path.is_dir() else ():
        if entry.is_symlink() and entry.is_file():
            free(f"{said} {path}", [entry], inputs)


def images(folder: Path) -> bool:
    """Whether a folder may be a data set of a user's own."""
    return any(entry.suffix.lower() in PICTURES for entry in folder.iterdir())


def data(given: Path | None, paths: Sequence[Path], said: str) -> None:
    """An InputError if a file to write is of the data that --data or DBENCH_DATA give."""
    place = str(given or os.environ.get("DBENCH_DATA") or "")
    source = Path(place).expanduser()
    for path in paths if place and source.exists() else ():
        scores = path.suffix == ".npz" and path.with_suffix(".json").exists()
        inside = source.is_dir() and alike(path.parent) == alike(source)
        other = path.name in TABLES or (path.suffix not in PLAIN and not scores)
        if alike(path) == alike(source) or (inside and other and path.exists()):
            raise InputError(f"{said} would replace a file of the data: choose another name")


def of_runs(runs: Iterable[Path], data: Path | None = None) -> list[Path]:
    """What runs are read from: files of codes, and the user's own data, moved to `data` or not."""
    found = [path for path in runs if path.is_file()] + ([data] if data else [])
    names = []
    for folder in runs:
        with contextlib.suppress(InputError):  # what is wrong with it is said where it is read
            names.append(files.read_json(folder / "config.json", schemas.DATASET).get("dataset"))
    return found + named(*{name for name in names if isinstance(name, str)})


def named(*names: str | None) -> list[Path]:
    """Files and folders that data sets and functions are read from, by their names."""
    found = []
    for name in filter(None, names):
        module = name.partition(":")[0].replace(".", os.sep)
        found += [
            Path(os.path.expanduser(name)),
            Path(f"{module}.py"),
            Path(module) / "__init__.py",
        ]
    return found


def fits(path: Path, option: str) -> None:
    """Raise InputError for a name that is too long while the file is half-written."""
    if len(path.name.encode()) > bounds.NAME - 40:
        raise InputError(f"{option}: the name {short(path.name)} is too long: shorten it")


def writable(folder: Path, option: str) -> None:
    """Raise InputError for a folder that can be neither written nor made: before the work."""
    there = files.resolved(folder)
    while not there.exists():
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK):
        why = "you may not write there" if there.is_dir() else "it is no folder"
        raise InputError(f"{option}: cannot write to {there}: {why}; choose another")
