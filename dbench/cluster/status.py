"""How far a study is: its runs by their files, its parts by their records and by their engine."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from dbench import files, schemas
from dbench.cluster import forecast, record, slurm, written
from dbench.cluster.engine import RUNNING, WAITING
from dbench.cluster.forecast import DONE, ENDED, LOST, Part
from dbench.cluster.settings import Slurm
from dbench.cluster.written import SCORE, TRAIN, Written
from dbench.errors import InputError
from dbench.study import held, stages
from dbench.study.study import Study, runs

DOES = {None: "runs", TRAIN: "trains", SCORE: "scores"}
SILENT = 600.0  # seconds without a note, after which a part is not at work


def lines(folder: Path) -> Iterator[str]:
    """What is done, running, waiting and failed of a study's folder, scale by scale."""
    told = folder / "study.json"
    if not told.exists():
        raise InputError(f"{folder} is no folder of a study: it has no study.json")
    for scale, entry in files.read_json(told, schemas.LEDGER).items():
        try:
            study = Study(path=str(told), **entry["settings"])
        except (KeyError, TypeError) as error:
            raise InputError(f"{told}: {scale} is of another version of dbench") from error
        yield from _scale(folder, study)


def _scale(folder: Path, study: Study) -> Iterator[str]:
    todo, failed = set(), {}
    everything = runs(study)
    begun = 0
    for run in everything:
        stage = folder / run.name
        if (stage / "failed.json").exists():
            failed[run.name] = files.read_json(stage / "failed.json", schemas.FAILED)["reason"]
        elif not stages.over(stage, study.metrics):
            todo.add(run.name)
            begun += (stage / "config.json").exists()
    done = len(everything) - len(todo) - len(failed)
    yield (
        f"{study.name} at scale {study.scale}: {done:,} of {len(everything):,} runs are done, "
        f"{len(failed):,} failed, {begun:,} begun, {len(todo) - begun:,} not begun"
    )
    parts = list(_parts(folder, study.scale, todo))
    known = [part for *_, part in parts]
    if todo and known:
        yield forecast.text(known, len(everything))
    for plan, index, part in parts:
        yield from _line(plan, index, part)
    if todo and not any(part.state in (RUNNING, WAITING) for part in known):
        at_work = "a dbench study on one machine is at work here" if held.busy(folder) else ""
        yield at_work or "nothing is at work here: the same command goes on"
    yield from (f"failed: {folder / name}: {reason}" for name, reason in failed.items())


def _parts(folder: Path, scale: str, todo: set[str]) -> Iterator[tuple[Written, int, Part]]:
    """The parts of the last plan that has each run; a later one has what an earlier one lost."""
    left = set(todo)
    engine = None
    with contextlib.suppress(InputError):  # no Slurm here
        engine = slurm.Arrays(Slurm())
    found: list[tuple[Written, int, Part]] = []
    driven = held.busy(folder / held.PARTS, held.DRIVER)
    for plan in reversed(written.plans(folder, scale)):
        here, states = [], {}
        if engine:
            with contextlib.suppress(InputError):  # it does not answer
                states = engine.states(plan)
        for index, names in enumerate(plan.parts):
            told, mine = record.read(plan.part(index)), left.intersection(names)
            state = states.get(index)
            trained = plan.does == TRAIN and told.get("state") == record.DONE
            if trained or not todo.intersection(names):
                here.append((plan, index, Part(len(names), DONE, told, plan.does)))
            elif mine or state in (RUNNING, WAITING):
                known = state if state in (RUNNING, WAITING) else _state(told, driven)
                here.append((plan, index, Part(len(names), known, told, plan.does)))
        found = here + found
        if plan.follows is None:  # else the plan that it follows has these runs too
            left -= {name for names in plan.parts for name in names}
    yield from found


def _state(told: dict, driven: bool) -> str:
    """Of a part that no engine here knows; `driven`: its driver is at work, here or elsewhere."""
    if told.get("state") in (record.REFUSED, record.ENDED):
        return ENDED
    if told.get("state") == record.RUNNING and time.time() - told["seen"] < SILENT:
        return RUNNING
    return WAITING if driven else LOST


def _line(plan: Written, index: int, part: Part) -> Iterator[str]:
    """What is to be said of a part that is at work, given up or lost."""
    name, told = f"part {plan.path.parent.name}/{index}", part.record
    log = plan.part(index) / record.LOG
    if part.state == RUNNING and told.get("attempts"):
        at = told["attempts"][-1]
        left = told.get("left")
        rest = "" if left is None else f", about {tqdm.format_interval(round(left))} left"
        ago = tqdm.format_interval(max(0, round(time.time() - told["seen"])))
        job = f" as job {at['job']}" if at["job"] else ""
        yield (
            f"{name} {DOES[plan.does]} on {at['host']}{job}, {at['device']}: "
            f"{told.get('done', 0)} of {part.runs} runs{rest}, last heard of {ago} ago"
        )
    elif part.state == ENDED:
        yield f"{name} is given up: {told['why']}; see {log}"
    elif part.state == LOST:
        why = told.get("why") or told.get("state") or "nobody has begun it"
        yield f"{name} is not at work ({why}): the same command starts it again; see {log}"
