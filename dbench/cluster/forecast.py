"""How far parts are, and about how long the rest of them takes."""

from typing import NamedTuple

from tqdm import tqdm

from dbench.cluster.engine import RUNNING, WAITING
from dbench.cluster.written import SCORE, TRAIN

DONE = "done"
ENDED = "ended"  # given up
LOST = "lost"  # nobody has it any more


class Part(NamedTuple):
    """A part, as its engine and its record know it."""

    runs: int
    state: str  # WAITING, RUNNING, DONE, ENDED or LOST
    record: dict  # {} where nobody has begun it
    does: str | None = None  # as its plan


def seconds_left(parts: list[Part]) -> float | None:
    """Until all parts are done, if as many are at work as are now; None where nothing is known.

    A part that waits takes as long a run as those that were begun have taken. Parts that train and
    those that score work side by side.
    """
    kinds = [[part for part in parts if part.does == does] for does in (None, TRAIN, SCORE)]
    found = [_left(some) for some in kinds if some]
    return max((left for left in found if left is not None), default=None)


def _left(parts: list[Part]) -> float | None:
    """Of parts of one kind."""
    took = runs = left = 0.0
    for part in parts:
        spent = sum(sum(each["seconds"].values()) for each in part.record.get("attempts", []))
        if part.state == DONE and spent:
            took, runs = took + spent, runs + part.runs
        elif part.state == RUNNING and part.record.get("left") is not None:
            left += part.record["left"]
            took, runs = took + spent + part.record["left"], runs + part.runs
    waiting = [part for part in parts if part.state == WAITING]
    unknown = [p for p in parts if p.state == RUNNING and p.record.get("left") is None]
    if not runs and (waiting or unknown):
        return None
    rest = left + sum(part.runs for part in [*waiting, *unknown]) * (took / runs if runs else 0)
    return rest / max(1, sum(part.state == RUNNING for part in parts))


def text(parts: list[Part], total: int) -> str:
    """In a line: "32 parts running, 70 waiting, 6 done; 1,204 of 5,400 runs; 11:00:00 left".

    `total`: runs of the study; those of no part here were done before.
    """
    counts = [sum(part.state == state for part in parts) for state in (RUNNING, WAITING, DONE)]
    said = "{:,} parts running, {:,} waiting, {:,} done".format(*counts)
    for state, name in ((ENDED, "given up"), (LOST, "not at work")):
        if count := sum(part.state == state for part in parts):
            said += f", {count:,} {name}"
    last = [part for part in parts if part.does != TRAIN]  # the others' runs are in these too
    before = total - sum(part.runs for part in last)
    said += f"; {before + sum(map(done, last)):,} of {total:,} runs are done"
    left = seconds_left(parts) if counts[0] + counts[1] else None
    return said + ("" if left is None else f"; about {tqdm.format_interval(round(left))} left")


def done(part: Part) -> int:
    """Finished runs of a part."""
    return part.runs if part.state == DONE else part.record.get("done", 0)
