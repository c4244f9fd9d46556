"""What a command writes by its options: refused before the work where it would cost a file.

No output replaces an input, a file of the data, or one that a study keeps with its results; no two
outputs are one file, however they are written.
"""

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from dbench import files
from dbench.cli import taken
from dbench.errors import InputError


def wished(inputs: Iterable[Path] = (), **wanted: str | None) -> dict[str, str]:
    """Option -> FILE or "-"; what is wrong with one is said before the work."""
    found = {k: os.path.expanduser(given) for k, given in wanted.items() if given is not None}
    for kind, given in found.items():
        if not given:
            raise InputError(f"--{kind} is given no name: name a file, or - for stdout")
    paths = {kind: Path(given) for kind, given in found.items() if given != "-"}
    stdout = len(found) - len(paths)
    if stdout > 1 or len({taken.alike(path) for path in paths.values()}) < len(paths):
        raise InputError("two formats would go to the same place: give each a file of its own")
    for kind, path in paths.items():
        if path.is_dir() or not path.name:
            raise InputError(f"--{kind} {path} is a folder: name a file")
        taken.fits(path, f"--{kind}")
        taken.free(f"--{kind} {path}", [path], inputs)
        taken.writable(path.parent, f"--{kind}")
    return found


def write(ready: dict[str, str], text: str) -> None:
    """Contents by file, "-" being stdout; `text` goes there if nothing else does.

    All are written beside their files before the first takes its place: of a full disk none is new.
    """
    with contextlib.ExitStack() as moves:
        for given, content in ready.items():
            if given != "-":
                with moves.enter_context(files.replacing(Path(given))).open("wb") as file:
                    file.write(content.encode())
                    file.flush()
                    os.fsync(file.fileno())  # a full disk may show only here
    click.echo(ready["-"], nl=False) if "-" in ready else click.echo(text)


def scores(path: Path, inputs: Sequence[Path], data: Path | None = None) -> Path:
    """The .csv of --output; an InputError if it or a file beside it is not ours to replace.

    `inputs` as in `taken.free`, `data` as given with --data.
    """
    _check_file(path, ".csv")
    if path.suffix not in ("", ".csv"):
        raise InputError(f"--output {path} must end in .csv: the scores are written as that")
    taken.fits(path, "--output")
    three = [path.with_suffix(end) for end in (".csv", ".npz", ".json")]
    csv, npz, json = three
    taken.free(f"--output {path}", three, inputs)
    lost = npz if npz.exists() and not json.exists() else json if _other(json) else None
    if lost:
        raise InputError(
            f"--output {path} would replace {lost}, which has no scores: choose another name"
        )
    taken.data(data, three, f"--output {path}")
    taken.writable(csv.parent, "--output")
    return csv


def codes(path: Path, inputs: Sequence[Path], data: Path | None = None) -> Path:
    """The .npz of --save-codes; an InputError if it is no such file or not ours to replace."""
    said = f"--save-codes {path}"
    found = files.kind(path) if path.name else "a folder"
    if found not in (None, "a file"):
        raise InputError(f"{said} is {found}: name an .npz file")
    if path.suffix not in ("", ".npz"):
        raise InputError(f"{said} must end in .npz: the codes are written as that")
    taken.fits(path, "--save-codes")
    npz = path.with_suffix(".npz")
    taken.free(said, [npz], inputs)
    if npz.exists() and npz.with_suffix(".json").exists():
        raise InputError(f"{said} would replace {npz}, which belongs to scores: choose another")
    taken.data(data, [npz], said)
    taken.writable(npz.parent, "--save-codes")
    return npz


def _check_file(path: Path, end: str) -> None:
    """An InputError for what is there and no file: /dev/null would become /dev/null.csv."""
    found = files.kind(path) if path.name else "a folder"
    if found not in (None, "a file"):
        raise InputError(f"--output {path} is {found}: name a {end} file")


def _other(json: Path) -> bool:
    """Whether a .json is there that is not of scores: nobody named it."""
    try:
        return json.exists() and "scores" not in files.read_json(json)
    except InputError:
        return True


def picture(
    path: Path,
    data: Path | None,
    inputs: Sequence[Path] = (),
    beside: Sequence[str] = (),
    end: str = ".png",
) -> Path:
    """The .png of --output; an InputError if it is no such file or not ours to replace.

    `beside`: suffixes of files that are written with it; `end`: another suffix, as .gif of a film;
    the others as in `scores`.
    """
    _check_file(path, end)
    if path.suffix not in ("", end):
        raise InputError(f"--output {path} must end in {end}: the picture is written as that")
    taken.fits(path, "--output")
    path = path.with_suffix(end)
    every = [path, *(path.with_suffix(end) for end in beside)]
    taken.data(data, every, f"--output {path}")
    taken.free(f"--output {path}", every, inputs)
    for other in every[1:]:
        if other.exists() and not path.exists():
            raise InputError(f"--output {path} would replace {other} too: choose another name")
    taken.writable(path.parent, "--output")
    return path
