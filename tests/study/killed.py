"""A command in a process of its own, killed (SIGKILL) beside one of its writes.

The processes are forked from one that has imported dbench and started nothing: importing takes
longer than what they do.
"""

import multiprocessing
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.study.killed", "dbench.cli.study", "dbench.study.runner"])


def killed(folder: Path, module: str, name: str, when: str, call: int, *options: str) -> None:
    """`dbench study mine.gin` in a folder, killed before or after a call of a function."""
    command = ["dbench", "study", str(folder / "mine.gin"), "--scale", "smoke"]
    command += ["--results", str(folder), *options]
    process = PROCESSES.Process(target=_run, args=(command, module, name, when, call))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def _run(command: list[str], module: str, name: str, when: str, call: int) -> None:
    from dbench.cli import main
    from dbench.study import train_cohort

    train_cohort.SAVE_EVERY = 0
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
    sys.argv = command
    main()
