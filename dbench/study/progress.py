"""What a study tells while it works: which run of how many, steps a second, time left.

On a terminal a bar; elsewhere (a log file) a line now and then. Both on stderr.
"""

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from tqdm import tqdm

LINE_EVERY = 30.0  # seconds between two lines where there is no terminal


class Progress:
    """`total` runs, `todo` of them still to do, of `steps` updates each."""

    def __init__(self, *, total: int, todo: int, steps: int):
        self.total, self.todo, self.steps = total, todo, steps
        self.done = total - todo  # runs
        self.names: Sequence[str] = ()
        self.seconds = dict.fromkeys(("compiling", "training", "encoding", "scoring"), 0.0)
        self.at = 0  # step of the runs in training
        self.trained, self.training_time = 0, 0.0  # steps of all runs, seconds
        self.scored = 0  # runs
        self.clock = self.said = time.monotonic()
        self.bar = tqdm(total=todo * steps, disable=None, bar_format="{desc} |{bar}| {postfix}")

    def __enter__(self) -> "Progress":
        if self.done and self.todo:
            self._write(f"{self.done} of {self.total} runs are done, {self.todo} to do")
        return self

    def __exit__(self, *_) -> None:
        self.bar.close()

    def timed(self, stage: str, work: Callable[[], Any]) -> Any:
        """The result of `work`, whose time is counted as that of a stage."""
        began = time.monotonic()
        try:
            return work()
        finally:
            took = time.monotonic() - began
            self.seconds[stage] += took
            if stage != "training":  # what scoring while runs train takes is no time of a step
                self.clock += took

    def training(self, names: Sequence[str], step: int) -> None:
        """These runs train together from `step` on."""
        self.names, self.at, self.clock = names, step, time.monotonic()
        self.bar.n += step * len(names)  # of an earlier command
        self._show("compiling and training")

    def step(self, step: int) -> None:
        """They have made `step` updates."""
        now, count = time.monotonic(), (step - self.at) * len(self.names)
        self.trained += count
        self.training_time += now - self.clock
        self.at, self.clock = step, now
        self.bar.n += count
        self._show(f"step {step:,} of {self.steps:,}")

    def encoded(self, names: Sequence[str], work: Callable[[], Any]) -> Any:
        """The result of `work`, which encodes these runs."""
        self.names = names
        self._show("encoding")
        return self.timed("encoding", work)

    def scoring(self, name: str, work: Callable[[], Any]) -> None:
        """Does `work`, which scores this run."""
        self.names = [name]
        self._show("scoring")
        self.timed("scoring", work)
        self.scored += 1

    def finished(self, name: str, outcome: str) -> None:
        """One run more is done."""
        self.done += 1
        finished = self.done - (self.total - self.todo)
        self.bar.n = max(self.bar.n, finished * self.steps)  # trained earlier, or given up
        self._write(f"run {self.done} of {self.total}  {name}  {outcome}")

    def note(self, line: str) -> None:
        """A line of its own."""
        self._write(line)

    def left(self) -> float | None:
        """Seconds left, from what training and scoring have taken so far; None at first."""
        if not self.trained and not self.scored:
            return None
        rate = self.training_time / self.trained if self.trained else 0.0
        after = self.seconds["encoding"] + self.seconds["scoring"]
        cost = after / self.scored if self.scored else 0.0
        return (self.total - self.done) * cost + (self.todo * self.steps - self.bar.n) * rate

    def _show(self, doing: str) -> None:
        rate = self.trained / self.training_time if self.training_time else 0.0
        left = self.left()
        first, last = self.done + 1, self.done + len(self.names)
        which = f"run {first}" + (f"-{last}" if last > first else "") + f" of {self.total}"
        speed = f", {rate:,.0f} steps/s" if rate else ""
        rest = "" if left is None else f", {tqdm.format_interval(int(left))} left"
        if self.bar.disable:
            if time.monotonic() - self.said > LINE_EVERY:
                self._write(f"{which}: {doing}{speed}{rest}")
        else:
            self.bar.set_description_str(which, refresh=False)
            self.bar.set_postfix_str(f"{doing}{speed}{rest}")

    def _write(self, line: str) -> None:
        self.said = time.monotonic()
        tqdm.write(line, file=sys.stderr)
