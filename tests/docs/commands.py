"""Commands on the pages: `dbench` is run, of others what they name must be there."""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dbench.cli import commands as cli

ROOT = Path(__file__).parents[2]
COPIED = ("dbench", "docs", "tests", "studies")
KNOWN = {"cd", ".", "git", "python3", "tensorboard", "open"}  # of a shell; nothing of ours in them


LOOP = re.compile(r"^for (\w+) in ([^;\n]+); do\n(.*?)^done$", re.MULTILINE | re.DOTALL)


def _unrolled(loop: re.Match) -> str:
    """`for x in a b; do`, lines, `done` -> the lines for a, and for b."""
    name, values, body = loop.groups()
    return "".join(re.sub(rf"\${name}\b", value, body) for value in values.split())


def lines(text: str) -> Iterator[list[str]]:
    """The words of each command, without comments and settings of the environment."""
    for line in LOOP.sub(_unrolled, text.replace("\\\n", " ")).splitlines():
        words = shlex.split(line, comments=True)
        while words and re.match(r"[A-Z_]+=", words[0]):
            words = words[1:]
        if words:
            yield words


def place(path: Path) -> Path:
    """Where a file of a page goes; one of the repository into a copy, made now if need be."""
    if path.parts[0] in COPIED and not is_copy():
        for name in COPIED:
            ignored = shutil.ignore_patterns("__pycache__", "golden", "_build")
            shutil.copytree(ROOT / name, name, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", "pyproject.toml")
    return path


def is_copy() -> bool:
    """Whether the page's folder is a copy of the repository, which may have something new in it."""
    return Path("pyproject.toml").exists()


def command(words: list[str], run: bool) -> str:
    """Runs or checks one command; returns what it prints."""
    name, *rest = words
    if name == "dbench":
        return _dbench(rest) if run else check(rest)
    if name == "make":
        makefile = (ROOT / "Makefile").read_text()
        for word in rest:
            pattern = rf"^{word.split('=')[0]} \?=" if "=" in word else rf"^{word}:"
            assert re.search(pattern, makefile, re.MULTILINE), f"make has no {word}"
    elif name.endswith("pip"):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        for extra in re.findall(r"\[(\w+)\]", " ".join(rest)):
            assert extra in project["optional-dependencies"], f"there is no extra {extra}"
    elif words[:3] == ["python", "-m", "pytest"]:
        return _subprocess(rest) if run else ""
    elif name == "python":
        assert (ROOT / rest[0]).is_file(), f"there is no {rest[0]}"
        text = (ROOT / rest[0]).read_text()
        assert all(word in text for word in rest if word.startswith("--")), rest
    elif words[:3] == ["ray", "job", "submit"]:
        return command(rest[rest.index("--") + 1 :], run=False)
    elif name.endswith("ruff"):
        assert rest
    elif name == "mypy":
        assert not rest  # what it checks, and how, stands in pyproject.toml
    else:
        assert name in KNOWN, f"what is {name}?"
    return ""


def check(words: list[str]) -> str:
    """The command is there, with all of its options; nothing is run."""
    found: click.Command = cli.cli
    while isinstance(found, click.Group) and words:
        name, *words = words
        assert name in found.commands, f"there is no command {name}"
        found = found.commands[name]
    found.make_context(found.name, list(words))
    return ""


def _dbench(words: list[str]) -> str:
    if is_copy():
        return _subprocess(["-m", "dbench", *words])
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["dbench", *words])
        code = None
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                cli.main()
            except SystemExit as end:
                code = end.code
    assert not code, f"dbench {' '.join(words)}: {err.getvalue()}"
    return out.getvalue()


def _subprocess(words: list[str]) -> str:
    env = os.environ | {"PYTHONPATH": str(Path.cwd())}
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
