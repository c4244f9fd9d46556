"""Slurm: parts as arrays of jobs, by `sbatch`, `squeue` and `scontrol`.

Each array that a plan was given to stands in its arrays.json, so that another driver finds it.
"""

import os
import re
import shlex
import sys
import time
from collections.abc import Mapping

from dbench import files, schemas
from dbench.cluster import commands, record
from dbench.cluster.engine import CANCELLED, RUNNING, WAITING
from dbench.cluster.settings import Slurm
from dbench.cluster.written import Written
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

    name = "slurm"

    def __init__(self, settings: Slurm, environ: Mapping[str, str] | None = None):
        """`environ`: what jobs get [that of this process]."""
        commands.require()
        self.settings, self.pause = settings, settings.poll
        self.environ = dict(os.environ if environ is None else environ)
        self.listed: dict[tuple[str, int], str] | None = None  # (array, part) -> state
        self.asked = 0.0  # when

    def check(self, count: int) -> None:
        """An InputError for more parts than an array may have."""
        limits = [self.settings.array_limit, commands.largest_array()]
        limit = min((each for each in limits if each), default=count)
        if count > limit:
            raise InputError(
                f"these are {count:,} parts, and an array has {limit:,} at most here: give more "
                "runs to a part, with --part"
            )

    def start(self, written: Written, parts: list[int]) -> str:
        script = written.path.with_name("job.sh")
        files.write_bytes(script, _script(written, self.settings).encode())
        array = commands.submit([*self._options(written, parts), str(script)], self.environ)
        known = arrays(written) | {array: parts}
        files.write_json(written.path.with_name(ARRAYS), known)
        self.listed = None
        return f"array {array}"

    def states(self, written: Written) -> dict[int, str]:
        last = {part: array for array, parts in arrays(written).items() for part in parts}
        if not last:
            return {}
        listed = self._listed(_job(written))
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
            states = self.states(plan)
            for array, parts in arrays(plan).items():
                if any(states.get(part) in (WAITING, RUNNING) for part in parts):
                    alive.append(array)
        if not alive:
            return ""
        said = "arrays {} go" if alive[1:] else "array {} goes"
        names = said.format(" and ".join(alive))
        return f"{names} on without this command; to end that: scancel {' '.join(alive)}"

    def _options(self, written: Written, parts: list[int]) -> list[str]:
        s = self.settings
        most = f"%{s.parts_at_once}" if s.parts_at_once else ""
        log = str(written.path.parent).replace("%", "%%")
        given = {
            "job-name": _job(written),
            "array": _ranges(parts) + most,
            "output": f"{log}/%a/{record.LOG}",
            "open-mode": "append",
            "signal": f"B:USR1@{BEFORE}",
            "partition": s.partition,
            "account": s.account,
            "time": s.time,
            "gres": s.gres,
            "cpus-per-task": s.cpus,
            "mem": s.memory,
        }
        own = [f"--{name}={value}" for name, value in given.items() if value is not None]
        return ["--requeue", *own, *s.options]

    def _listed(self, job: str) -> dict[tuple[str, int], str]:
        """The state of every part, of all arrays of a study, as Slurm says it."""
        if self.listed is not None and time.monotonic() - self.asked < self.pause / 2:
            return self.listed
        try:
            self.listed = commands.listed(job, self.environ)
        except InputError:
            if self.listed is None:
                raise
        self.asked = time.monotonic()  # where Slurm does not answer, all is as it was
        return self.listed


def arrays(written: Written) -> dict[str, list[int]]:
    """The arrays that a plan was given to, in order, and which parts each has."""
    path = written.path.with_name(ARRAYS)
    return files.read_json(path, SCHEMA) if path.exists() else {}


def _script(written: Written, settings: Slurm) -> str:
    return SCRIPT.format(
        setup="\n".join(settings.setup),
        python=shlex.quote(sys.executable),
        plan=shlex.quote(str(written.path)),
    )


def _job(written: Written) -> str:
    return "dbench-" + re.sub(r"[^\w.-]", "_", written.study.name)


def _ranges(parts: list[int]) -> str:
    """[0, 1, 2, 5] -> "0-2,5"."""
    found: list[list[int]] = []
    for part in sorted(parts):
        if found and part == found[-1][1] + 1:
            found[-1][1] = part
        else:
            found.append([part, part])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in found)
