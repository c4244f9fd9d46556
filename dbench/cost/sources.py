"""What earlier studies took: updates, runs scored and seconds, from what they wrote down.

A study.json has the seconds of all runs of a scale together, so a source has all its runs together:
whose share is whose is a matter of their arithmetic (speeds.py).
"""

import contextlib
import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from dbench import files, schemas
from dbench.errors import InputError
from dbench.study import Run, Study, runs
from dbench.tables import results

DEVICE = re.compile(r"(\d+) x (\w+) \([^;]*\)")  # one kind, and no other after a semicolon


class Made(NamedTuple):
    """Runs that differ in their seeds alone: what was done of them."""

    run: Run  # one of them
    updates: int  # of all of them together
    scored: int  # of them


@dataclasses.dataclass(frozen=True, eq=False)
class Source:
    """What was done on devices of one kind, and the seconds that it took."""

    said: str  # what, and where
    study: Study
    made: list[Made]
    platform: str  # cpu, gpu
    devices: int  # at once
    training: float  # seconds
    encoding: float
    scoring: float


def found(places: list[Path]) -> Iterator[Source]:
    """Those of all studies in folders of results; what cannot be read is none."""
    seen = set()
    for path in (path for place in places for path in sorted(place.glob("*/study.json"))):
        if (real := path.resolve()) in seen:
            continue
        seen.add(real)
        with contextlib.suppress(InputError):
            ledger = files.read_json(path, schemas.TIMED)
            for scale, entry in ledger.items():
                with contextlib.suppress(InputError, LookupError, TypeError, ValueError, OSError):
                    if source := _source(path.parent, scale, entry):
                        yield source


def _source(folder: Path, scale: str, entry: dict) -> Source | None:
    """That of a scale of a study's folder; None where it has no times, or of several devices."""
    seconds = entry.get("seconds", {})
    device = DEVICE.fullmatch(str(entry.get("device")))
    if not isinstance(seconds, dict) or not seconds.get("training") or not device:
        return None
    study = Study(path=str(folder / "study.json"), **entry["settings"])
    if not (made := _made(folder, study)):
        return None
    count = sum(each.scored for each in made)
    said = f"{count:,} runs of {study.name} at scale {scale}, on {device[0]}"
    stages = [float(seconds.get(name, 0.0)) for name in ("training", "encoding", "scoring")]
    return Source(said, study, made, device[2], int(device[1]), *stages)


def _made(folder: Path, study: Study) -> list[Made]:
    finished = _finished(folder)
    first: dict[tuple, Run] = {}
    updates: Counter = Counter()
    scored: Counter = Counter()
    for run in runs(study):
        key = (run.data, run.model, run.hyperparameter, run.value)
        first.setdefault(key, run)
        done = run.name in finished
        updates[key] += run.steps if done else _step(folder / run.name)
        scored[key] += done
    return [Made(run, updates[key], scored[key]) for key, run in first.items() if updates[key]]


def _finished(folder: Path) -> set[str]:
    """Names of the runs in a study's table."""
    path = folder / results.TABLE
    return set(pd.read_csv(path, usecols=["run"])["run"].unique()) if path.exists() else set()


def _step(folder: Path) -> int:
    """Updates of a run that is not finished, by its log."""
    if not (path := folder / results.LOG).exists():
        return 0
    with contextlib.suppress(InputError):
        return int(results.log(path)["step"].max())
    return 0
