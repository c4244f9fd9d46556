"""A group of runs trained at once, as members of a cohort; or made at once, where no steps are."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from dbench.base import Dataset, State, Table
from dbench.errors import InputError
from dbench.models import split
from dbench.scoring import evaluate
from dbench.study import bases, cohorts, stages, stop
from dbench.study.cohorts import Group
from dbench.study.log import Log
from dbench.study.progress import Progress
from dbench.study.run import Run
from dbench.study.study import Study
from dbench.training import checkpoint, programs, steps
from dbench.training.programs import Program

SAVE_EVERY = 20.0  # seconds between two checkpoints of a run, or more: see `_pause`
CHEAP = 0.4  # seconds that the last one may have taken for that


def train_cohort(
    folder: Path,
    study: Study,
    group: Group,
    dataset: Dataset,
    mesh: Mesh,
    progress: Progress,
    members: int,
) -> None:
    """Trains the runs of a group at once, as a cohort of `members`, to their end.

    A run that diverges is given up, the others go on.
    """
    some = group.runs
    program = programs.program(
        dataset, some[0].model, some[0].options, batch_size=some[0].batch_size
    )
    if fit := program.build().fit:
        _fit(folder, some, partial(fit, dataset), progress)
        return
    cohort = cohorts.cohort(some, dataset, mesh, members)
    states = [state for state in group.states or () if state is not None]  # of all runs or none
    if not states:
        begin = steps.start(cohort)
        if some[0].builds_on:
            others = bases.params(folder.parent, some, dataset)
            begin = steps.stand(cohort, begin, others + [others[-1]] * (members - len(some)))
    else:
        begin = steps.place(cohort, states + [states[-1]] * (members - len(states)))
    first = int(begin.step[0])
    if first == study.steps:  # killed between its last two files
        for run, state in zip(some, states, strict=True):
            checkpoint.write_parameters(folder / run.name, state.params)
        return
    logs = [Log(folder / run.name / "log.csv", first) for run in some]
    alive, saved, pause = list(range(len(some))), time.monotonic(), SAVE_EVERY
    progress.training([run.name for run in some], first)
    chunks = steps.train(cohort, begin, steps=study.steps, chunk=study.chunk)
    while chunk := progress.timed("training", lambda: next(chunks, None)):
        step, state, means = chunk
        progress.step(step)
        for i in list(alive):
            logs[i].add(step, {name: value[i] for name, value in means.items()})
            if not logs[i].finite:
                alive.remove(i)
                logs[i].write()
                stages.give_up(
                    folder / some[i].name, f"training diverged by step {step} (NaN or infinite)"
                )
        if not alive:
            return
        if names := [name for name, steps in study.during.items() if step in steps]:
            params = [jax.tree.map(lambda leaf, i=i: leaf[i], state.params) for i in alive]
            found = progress.timed(
                "scoring",
                partial(_during, names, [some[i] for i in alive], params, program, dataset, mesh),
            )
            for i, scores in zip(alive, found, strict=True):
                logs[i].rows[-1] |= scores
        if step == study.steps or time.monotonic() - saved > pause or stop.asked():
            began = time.monotonic()
            host = jax.device_get(state)
            for i in alive:
                logs[i].write()
                _save(folder / some[i].name, jax.tree.map(lambda leaf, i=i: leaf[i], host), study)
            saved = time.monotonic()
            pause = _pause(saved - began)
        stop.check()


def _pause(took: float) -> float:
    """Seconds to the next checkpoint: 50 times what the last one took, and at least SAVE_EVERY."""
    return SAVE_EVERY * max(1.0, took / CHEAP)


def _during(
    names: list[str], some: list[Run], params: list, program: Program, dataset: Dataset, mesh: Mesh
) -> list[dict[str, float]]:
    """Scores of runs where they stand, for their logs; NaN of one that cannot be scored there."""
    found: list[dict[str, float]] = []
    for part in stages.parts(some, dataset, None):
        of_part = jax.device_get(params[len(found) :][: len(part)])
        numbers = [split(run.model, run.options)[0] for run in part]
        label = f"encode {part[0].name}"
        tables = evaluate.tables(program, numbers, of_part, dataset, mesh, label=label)
        found += [_now(names, run, table) for run, table in zip(part, tables, strict=True)]
    return found


def _now(names: list[str], run: Run, table: Table) -> dict[str, float]:
    try:
        return {name: s.value for name, s in evaluate.scores(table, names, run.seed).items()}
    except InputError:  # it diverged in its last steps, or has collapsed: the others go on
        return dict.fromkeys(names, np.nan)


def _fit(
    folder: Path, some: list[Run], fit: Callable[[jax.Array], Any], progress: Progress
) -> None:
    """Makes models that are not trained by steps, one after the other."""
    progress.training([run.name for run in some], 0)
    for run in some:
        key = jax.random.fold_in(jax.random.key(run.seed), 0)
        params = progress.timed("training", partial(fit, key))
        checkpoint.write_parameters(folder / run.name, jax.device_get(params))


def _save(folder: Path, state: State, study: Study) -> None:
    checkpoint.write_training(folder, state)
    if int(state.step) == study.steps:
        checkpoint.write_parameters(folder, state.params)
