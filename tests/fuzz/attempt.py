"""What every command must do whatever it is given: end in time, say one sentence, write nothing.

`attempt` runs a command in this process. It fails on a traceback, on a command that takes longer
than LIMIT, on an exit code that is none of ours, on more or less than one sentence for bad input,
and on files that a refused command wrote or changed.
"""

import contextlib
import io
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from hypothesis import currently_in_test_context, event

from dbench.cli import commands
from dbench.errors import InputError

LIMIT = 10  # seconds of computing
WAIT = 120  # seconds by the clock, which a busy machine draws out


def attempt(folder: Path, *arguments) -> int:
    """The exit code of `dbench ARGUMENTS` that reads and writes below `folder`."""
    before, out, err = snapshot(folder), io.StringIO(), io.StringIO()
    argv, sys.argv = sys.argv, ["dbench", *map(str, arguments)]
    code = 0
    try:
        with in_time(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            commands.main()
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.argv = argv
    counted(f"exit code {code}")
    assert code in (0, 1, 2), f"exit code {code}"
    assert "Traceback" not in err.getvalue()
    if code == 2:
        said = [line for line in err.getvalue().splitlines() if line.startswith("dbench: ")]
        assert len(said) == 1, err.getvalue()
        assert out.getvalue() == ""
        assert snapshot(folder) == before, "a refused command wrote"
    return code


def calls(folder: Path, function: Callable, *arguments) -> bool:
    """Whether a function takes what it is given; it may refuse it by an InputError of one line."""
    before = snapshot(folder)
    try:
        with in_time():
            function(*arguments)
        counted("taken")
    except InputError as error:
        counted("refused")
        assert str(error) and "\n" not in str(error)
        assert snapshot(folder) == before, "a refused call wrote"
        return False
    return True


def counted(what: str) -> None:
    """For --hypothesis-show-statistics: how often a thing came out."""
    if currently_in_test_context():
        event(what)


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    """AssertionError for what computes for more than LIMIT seconds, or waits for WAIT."""

    def late(*_):
        raise AssertionError(f"longer than {LIMIT} s")

    timers = (
        (signal.SIGPROF, signal.ITIMER_PROF, LIMIT),
        (signal.SIGALRM, signal.ITIMER_REAL, WAIT),
    )
    old = [signal.signal(number, late) for number, _, _ in timers]
    for _, timer, seconds in timers:
        signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        for (number, timer, _), before in zip(timers, old, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, before)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for locks; a folder is there by its name."""
    return {
        str(path): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
        if path.name != ".lock"
    }
