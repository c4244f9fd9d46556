"""Contestants take turns on the same machine: a fair comparison on a noisy one.

A contestant is one or more worker processes of the calling script, started with its options and
the contestant's name. A worker prepares itself, then does one round of work for each line it reads,
and answers with a line. While one contestant works the others wait.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

# PyTorch asks malloc for its memory anew in each operation. Whether that memory is kept or goes
# back to the system differs from process to process, and with it the speed, two to three times;
# with these settings it is kept in every one.
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(10**9),
    "MALLOC_TRIM_THRESHOLD_": str(4 * 10**9),
    "MALLOC_TOP_PAD_": str(10**8),
}


class Contestant:
    """`processes` copies of the calling script that work at the same time."""

    def __init__(self, name: str, processes: int, work: float, environment: dict | None = None):
        self.name = name
        self.work = work  # units of work that all processes together do in a round
        command = [sys.executable, *sys.argv, "--worker", name]
        own = os.environ | (environment or {})
        self.workers = [
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=own
            )
            for _ in range(processes)
        ]
        self.rates: list[float] = []  # units per second, one per round
        self.round()  # compiles and warms up

    def round(self) -> float:
        """Units of work per second."""
        began = time.perf_counter()
        for worker in self.workers:
            print(file=worker.stdin, flush=True)
        if not all(worker.stdout and worker.stdout.readline() for worker in self.workers):
            raise SystemExit(f"a worker of {self.name!r} died")
        return self.work / (time.perf_counter() - began)

    @property
    def median(self) -> float:
        return statistics.median(self.rates)


def arguments(description: str, rounds: int, add: Callable | None = None) -> argparse.Namespace:
    """The options of a script; `add` gets the parser for those of its own."""
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    if add:
        add(parser)
    parser.add_argument("--rounds", type=int, default=rounds, help="default: %(default)s")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    return parser.parse_args()


def serve(work: Callable[[], object]) -> None:
    """The worker's side: a round of `work` for each line of input."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever `work` prints must not be taken for an answer
    for _ in sys.stdin:
        work()
        print(file=answers, flush=True)


def run(contestants: list[Contestant], rounds: int) -> None:
    """`rounds` rounds each, in turn; then the workers end."""
    for _ in range(rounds):
        for contestant in contestants:
            contestant.rates.append(contestant.round())
    for contestant in contestants:
        for worker in contestant.workers:
            if worker.stdin:
                worker.stdin.close()
            worker.wait()


def report(contestants: list[Contestant], unit: str) -> None:
    print(f"{unit + ' per second':40s} {'median':>9s} {'best':>9s} {'worst':>9s}")
    for c in contestants:
        print(f"{c.name:40s} {c.median:9.1f} {max(c.rates):9.1f} {min(c.rates):9.1f}")
