"""Files that a command writes by its options, `--csv FILE` and the like; - is stdout."""

import contextlib
import os
from pathlib import Path

import click

from dbench import files
from dbench.cli import options
from dbench.errors import InputError


def wished(**wanted: str | None) -> dict[str, str]:
    """Option -> FILE or "-"; what is wrong with one is said before the work."""
    found = {kind: given for kind, given in wanted.items() if given is not None}
    if len(set(found.values())) < len(found):
        raise InputError("two formats would go to the same place: give each a file of its own")
    for kind, given in found.items():
        if not given:
            raise InputError(f"--{kind} is given no name: name a file, or - for stdout")
        if given != "-":
            if Path(given).is_dir() or not Path(given).name:
                raise InputError(f"--{kind} {given} is a folder: name a file")
            options.fits(Path(given), f"--{kind}")
            options.writable(Path(given).parent, f"--{kind}")
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
