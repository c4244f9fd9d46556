"""Slurm: parts as arrays of jobs, by `sbatch`, `squeue` and `scontrol`.

Each array that a plan was given to stands in its arrays.json, so that another driver finds it. One
that is not there, since its driver died after `sbatch`, is found by its name, which is that of its
plan.
"""

import hashlib
import os
import re
import shlex
import sys
import time
from collections.abc import Iterable, Mapping

from dbench import files, schemas
from dbench.cluster import commands, record
from dbench.cluster.engine import CANCELLED, RUNNING, WAITING
from dbench.cluster.settings import Slurm
from dbench.cluster.written import SCORE, Written
from dbench.errors import InputError

ARRAYS = "arrays.json"
SCHEMA = schemas.named(schemas.listed(schemas.whole(0, 10_000_000)))  # array -> its parts
BEFORE = 120  # seconds before its time is over that a job is told
WAITS = {"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD"}
WAITS |= {"SPECIAL_EXIT", "SUSPENDED", "STOPPED"}
RUNS = {"RUNNING", "COMPLETING", "SIGNALING", "STAGE_OUT", "RESIZING"}
KNOWN = dict.fromkeys(WAITS, WAITING) | dict.fromkeys(RUNS, RUNNING) | {"CANCELLED": CANCELLED}
SCRIPT = """#!/bin/bash
# One part of plan.json, as sbatch gives it to a job. Written by dbench.
{setup}
exec {python} -m dbench work {plan} "$SLURM_ARRAY_TASK_ID" --cpus "$SLURM_CPUS_ON_NODE"
"""


class Arrays:
    """The engine `--on slurm`."""

    name, ahead = "slurm", True

    def __init__(self, settings: Slurm, environ: Mapping[str, str] | None = None):
        """`environ`: what jobs get [that of this process]."""
        commands.require()
        self.settings, self.pause = settings, settings.poll
        self.environ = dict(os.environ if environ is None else environ)
        self.listed: dict[tuple[str, str, int], str] | None = None  # (job, array, part) -> state
        self.jobs: set[str] = set()  # that are asked about
        self.asked = 0.0  # when

    def check(self, count: int, does: str | None = None) -> None:
        """An InputError for more parts than an array may have."""
        limits = [self.settings.array_limit, commands.largest_array()]
        limit = min((each for each in limits if each), default=count)
        if count > limit:
            raise InputError(
                f"these are {count:,} parts, and an array has {limit:,} at most here: give more "
                "runs to a part, with --part"
            )

    def start(self, written: Written, parts: list[int], after: Written | None = None) -> str:
        script = written.path.with_name("job.sh")
        site = self.settings.scoring if written.does == SCORE else self.settings
        files.write_bytes(script, _script(written, site).encode())
        known = _all(written, self._listed(_job(written)))
        words = [*_options(written, parts, site), *_after(after), str(script)]
        array = commands.submit(words, self.environ, written.does == SCORE)
        files.write_json(written.path.with_name(ARRAYS), known | {array: parts})
        self.listed = None
        return f"array {array}"

    def states(self, written: Written) -> dict[int, str]:
        listed = self._listed(_job(written))
        known = _all(written, listed)
        last = {part: array for array, parts in known.items() for part in parts}
        found = {part: listed.get((array, part)) for part, array in last.items()}
        # What ended well is known by its files.
        return {
            part: KNOWN.get(state, state.lower())
            for part, state in found.items()
            if state and state != "COMPLETED"
        }

    def left(self, written: list[Written]) -> str:
        alive = []
        for plan in written:
            states, listed = self.states(plan), self._listed(_job(plan))
            for array, parts in _all(plan, listed).items():
                if any(states.get(part) in (WAITING, RUNNING) for part in parts):
                    alive.append(array)
        if not alive:
            return ""
        said = "arrays {} go" if alive[1:] else "array {} goes"
        names = said.format(" and ".join(alive))
        return f"{names} on without this command; to end that: scancel {' '.join(alive)}"

    def _listed(self, job: str) -> dict[tuple[str, int], str]:
        """(array, part) -> its state, of all arrays of a name, as Slurm says it.

        All names that were ever asked for are asked for at once.
        """
        late = time.monotonic() - self.asked >= self.pause / 2
        if self.listed is None or late or job not in self.jobs:
            try:
                self.listed = commands.listed(sorted(self.jobs | {job}), self.environ)
            except InputError:
                if self.listed is None or job not in self.jobs:
                    raise
            self.jobs.add(job)
            self.asked = time.monotonic()  # where Slurm does not answer, all is as it was
        return {(array, i): s for (name, array, i), s in self.listed.items() if name == job}


def arrays(written: Written) -> dict[str, list[int]]:
    """The arrays that a plan was given to, in order, and which parts each has."""
    path = written.path.with_name(ARRAYS)
    return files.read_json(path, SCHEMA) if path.exists() else {}


def _all(written: Written, listed: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """`arrays`, and after them those that Slurm has, and that nobody wrote down."""
    found = arrays(written)
    told = set(found)
    for array, part in sorted(listed, key=lambda each: int(each[0])):
        if array not in told and part < len(written.parts):
            found.setdefault(array, []).append(part)
    return found


def _options(written: Written, parts: list[int], site: Slurm) -> list[str]:
    most = f"%{site.parts_at_once}" if site.parts_at_once else ""
    log = str(written.path.parent).replace("%", "%%")
    given = {
        "job-name": _job(written),
        "array": _ranges(parts) + most,
        "output": f"{log}/%a/{record.LOG}",
        "open-mode": "append",
        "signal": f"B:USR1@{BEFORE}",
        "partition": site.partition,
        "account": site.account,
        "time": site.time,
        "gres": site.gres,
        "cpus-per-task": site.cpus,
        "mem": site.memory,
    }
    own = [f"--{name}={value}" for name, value in given.items() if value is not None]
    return ["--requeue", *own, *site.options]


def _after(plan: Written | None) -> list[str]:
    """That each part waits for the same part of a plan; if that ends badly, it is cancelled."""
    if plan is None:
        return []
    return [f"--dependency=aftercorr:{list(arrays(plan))[-1]}", "--kill-on-invalid-dep=yes"]


def _script(written: Written, settings: Slurm) -> str:
    return SCRIPT.format(
        setup="\n".join(settings.setup),
        python=shlex.quote(sys.executable),
        plan=shlex.quote(str(written.path)),
    )


def _job(written: Written) -> str:
    """The name of a plan's jobs: of no other plan, wherever it lies."""
    study = re.sub(r"[^\w.-]", "_", written.study.name)
    where = hashlib.sha256(str(files.resolved(written.path)).encode()).hexdigest()
    return f"dbench-{study}-{written.number}-{where[:8]}"


def _ranges(parts: list[int]) -> str:
    """[0, 1, 2, 5] -> "0-2,5"."""
    found: list[list[int]] = []
    for part in sorted(parts):
        if found and part == found[-1][1] + 1:
            found[-1][1] = part
        else:
            found.append([part, part])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in found)
