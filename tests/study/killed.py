"""A command in a process of its own, killed (SIGKILL) beside one of its writes, or ended well."""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path

from tests.compiling import PROCESSES


def killed(
    folder: Path, module: str, name: str, when: str, call: int, *options: str, full: bool = False
) -> None:
    """`dbench study mine.gin` in a folder, killed before or after a call of a function.

    Programs are compiled as this process does, or `full`: as for users.
    """
    assert _started(folder, options, full, (module, name, when, call)) == -signal.SIGKILL


def finished(folder: Path, *options: str) -> None:
    """The same command to its end, by programs as they are compiled for users."""
    assert _started(folder, options, True, None) == 0


def _started(folder: Path, options: tuple[str, ...], full: bool, kill: tuple | None) -> int | None:
    command = ["dbench", "study", str(folder / "mine.gin"), "--scale", "smoke"]
    command += ["--results", str(folder), *options]
    process = PROCESSES.Process(target=_run, args=(command, full, kill))
    process.start()
    process.join()
    return process.exitcode


def _run(command: list[str], full: bool, kill: tuple | None) -> None:
    from dbench.cli import main
    from dbench.study import train_cohort
    from tests import compiling

    if not full:
        compiling.start()
    if kill:
        train_cohort.SAVE_EVERY = 0
        _kill(*kill)
    sys.argv = command
    main()


def _kill(module: str, name: str, when: str, call: int) -> None:
    of = import_module(f"dbench.{module}")
    done, calls = getattr(of, name), []

    def last(*arguments):
        calls.append(arguments)
        if when == "before" and len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        done(*arguments)
        if when == "after" and len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(of, name, last)
