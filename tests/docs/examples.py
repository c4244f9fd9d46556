"""Examples of the pages, run as a reader would type them: in order, in a folder of the page's own.

    ```python      is run; where its first line is `# NAME.py` or `# NAME.gin` it is that file, and
                   is written (a study must load too); `Study.x = ...` is part of a study, and loads
    ```sh          its `dbench` commands are run, other commands checked (see commands.py)
    ```diff        `+++ FILE`, then lines of it and new ones between them: is applied to FILE
    ```text        right after one of these is what it prints

After `<!-- not run -->` a block is checked only: Python must compile, options of commands exist.
`<!-- invisible-code: python`, lines, `-->` is run and not seen: what an example takes as given.
"""

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

from sybil.parsers.myst import CodeBlockParser

from dbench.training import devices
from tests.docs import commands
from tests.docs.shown import difference
from tests.docs.studies import load_file, load_part
from tests.own_code import forget

ROOT = Path(__file__).parents[2]
FILE = re.compile(r"# ([\w./-]+\.(?:py|gin))\b")
PART = re.compile(r"(\w+/)?Study\.")
NOT_RUN = re.compile(r"<!-- not run\b[^>]*-->\s*\Z")
PRINTED = re.compile(r"\s*```text\n(.*?)```", re.DOTALL)


def enter(namespace: dict) -> None:
    """An empty folder with the results that come with dbench, where the page's reader is."""
    devices.setup(cpus=2)
    folder = Path(tempfile.mkdtemp(prefix="dbench-page-"))
    (folder / "results").mkdir()
    for name in ("reference", "papers"):
        (folder / "results" / name).symlink_to(ROOT / "results" / name)
    namespace["_before"] = Path.cwd(), os.environ.get("DBENCH_CACHE"), list(sys.path), folder
    os.environ["DBENCH_CACHE"] = str(folder / "cache")
    os.chdir(folder)


def leave(namespace: dict) -> None:
    """The folder goes, and what was imported from it."""
    back, cached, path, folder = namespace["_before"]
    os.chdir(back)
    os.environ.pop("DBENCH_CACHE")
    if cached is not None:
        os.environ["DBENCH_CACHE"] = cached
    sys.path[:] = path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(str(folder)):
            del sys.modules[name]
    forget()
    shutil.rmtree(folder)


def python(example) -> str | None:
    """A block of Python, or of a study."""
    code, run = str(example.parsed), _is_run(example)
    if file := FILE.match(code):
        path = commands.place(Path(file[1]))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
        if path.suffix == ".py":
            _compiled(code, example)
            return None
        return None if commands.is_copy() else load_file(path)  # a copy has models of its own
    if PART.match(code):
        return load_part(code)
    compiled = _compiled(code, example)
    if not run:
        return None
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a score warns of is no error of the page
        exec(compiled, example.namespace)  # our own page
    return _printed(example, out.getvalue())


def shell(example) -> str | None:
    """A block of commands."""
    run, out = _is_run(example), ""
    for line in commands.lines(str(example.parsed)):
        out += commands.command(line, run)
    return _printed(example, out) if run else None


def diff(example) -> None:
    """Lines that go and lines that come, between lines that are there in this order."""
    head, *rows = str(example.parsed).splitlines()
    path = commands.place(Path(head.removeprefix("+++ ")))
    found, at = path.read_text().splitlines(), 0
    for row in rows:
        if row.strip() == "...":  # lines left out
            continue
        if row.startswith("+"):
            found.insert(at, row[1:])
            at += 1
            continue
        assert row[1:] in found[at:], f"{path.name} has no line {row[1:]!r} after line {at}"
        at = found.index(row[1:], at)
        if row.startswith("-"):
            del found[at]
        else:
            at += 1
    path.write_text("\n".join(found) + "\n")


def _is_run(example) -> bool:
    return not NOT_RUN.search(example.document.text[: example.start])


def _compiled(code: str, example):
    lines = "\n" * (example.line + example.region.parsed.line_offset)
    return compile(lines + code, example.path, "exec")


def _printed(example, out: str) -> str | None:
    """What is wrong if the page shows what a block prints, and shows something else."""
    shown = PRINTED.match(example.document.text[example.end :])
    return difference(shown[1], out) if shown else None


PARSERS = [
    CodeBlockParser("python", python),
    CodeBlockParser("sh", shell),
    CodeBlockParser("diff", diff),
]
