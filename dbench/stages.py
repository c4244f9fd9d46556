"""The stages of a run: trained as a member of a cohort, encoded, scored.

What is in its folder says which are done; runner.py says what is in it.
"""

import time
from pathlib import Path

import jax
import numpy as np
import pandas as pd
from jax.sharding import Mesh

from dbench import checkpoint, evaluate, files, results, sets, train
from dbench.base import Dataset, State
from dbench.errors import InputError
from dbench.progress import Progress
from dbench.study import Run, Study

SAVE_EVERY = 20.0  # seconds between two checkpoints of a run


def failure(folder: Path) -> str | None:
    """Why a run was given up, if it was."""
    path = folder / "failed.json"
    return files.read_json(path)["reason"] if path.exists() else None


def missing(folder: Path, run: Run, metrics: list[str]) -> list[str]:
    """The metrics that a run still lacks, or what they need; none for a failed one."""
    path = folder / run.name / results.TABLE
    if failure(folder / run.name):
        return []
    have = set(results.read(path, evaluate.SCORES)["metric"]) if path.exists() else set()
    have |= sets.ready(path.parent)
    return [metric for metric in metrics if metric not in have]


def outcome(folder: Path, run: Run) -> str:
    if reason := failure(folder / run.name):
        return f"FAILED: {reason}"
    scores = results.read(folder / run.name / results.TABLE, evaluate.SCORES)
    return "  ".join(f"{m} {s:.3f}" for m, s in zip(scores["metric"], scores["score"], strict=True))


def cohorts(folder: Path, todo: list[Run], dataset: Dataset, most: int) -> list[tuple]:
    """(runs, states) of one program and as far as each other, at most `most` runs each.

    `states` is None where the runs are trained, a list of None where they have not begun.
    """
    groups: dict[tuple, list] = {}
    for run in todo:
        stage, state = folder / run.name, None
        trained = checkpoint.paths(stage)[1].exists()
        program = train.program(dataset, run.model, run.options, batch_size=run.batch_size)
        if not trained:
            state = checkpoint.read_training(stage, train.template(program))
        step = -1 if trained else 0 if state is None else int(state.step)
        groups.setdefault((program, step), []).append((run, state))
    cohorts = []
    for (_, step), members in groups.items():
        for i in range(0, len(members), most):
            some, states = zip(*members[i : i + most], strict=True)
            cohorts.append((some, None if step < 0 else states))
    return cohorts


def train_cohort(
    folder: Path,
    study: Study,
    some: tuple[Run, ...],
    states: list,
    dataset: Dataset,
    mesh: Mesh,
    progress: Progress,
) -> None:
    """Trains a cohort to its end; a member that diverges is given up, the others go on."""
    spare = (some[-1],) * (-len(some) % mesh.size)  # every device computes something
    cohort = train.cohort(
        dataset,
        some[0].model,
        [run.options for run in some + spare],
        [run.seed for run in some + spare],
        mesh,
        batch_size=study.batch_size,
    )
    if states[0] is None:
        begin = train.start(cohort)
    else:
        begin = train.place(cohort, list(states) + [states[-1]] * len(spare))
    first = int(begin.step[0])
    if first == study.steps:  # killed between its last two files
        for run, state in zip(some, states, strict=True):
            checkpoint.write_parameters(folder / run.name, state.params)
        return
    logs = [_Log(folder / run.name / "log.csv", first) for run in some]
    alive, saved = list(range(len(some))), time.monotonic()
    progress.training([run.name for run in some], first)
    for step, state, means in train.train(cohort, begin, steps=study.steps, chunk=study.chunk):
        progress.step(step)
        for i in list(alive):
            logs[i].add(step, {name: value[i] for name, value in means.items()})
            if not logs[i].finite:
                alive.remove(i)
                logs[i].write()
                _give_up(
                    folder / some[i].name, f"training diverged by step {step} (NaN or infinite)"
                )
        if not alive:
            return
        if step == study.steps or time.monotonic() - saved > SAVE_EVERY:
            saved = time.monotonic()
            host = jax.device_get(state)
            for i in alive:
                logs[i].write()
                _save(folder / some[i].name, jax.tree.map(lambda leaf, i=i: leaf[i], host), study)


def _save(folder: Path, state: State, study: Study) -> None:
    checkpoint.write_training(folder, state)
    if int(state.step) == study.steps:
        checkpoint.write_parameters(folder, state.params)


def _give_up(folder: Path, reason: str) -> None:
    files.write_json(folder / "failed.json", {"reason": reason})


def score(
    folder: Path, study: Study, run: Run, dataset: Dataset, mesh: Mesh, progress: Progress
) -> None:
    """Encodes a trained run and adds the scores it lacks to its files."""
    stage, wanted = folder / run.name, missing(folder, run, study.metrics)
    path, compared = stage / results.TABLE, sets.wanted(wanted)
    own = [metric for metric in wanted if metric not in compared]
    drawn = sets.rows(dataset.size)
    some = None if own or not path.exists() else drawn  # for a set's scores these are enough
    with progress.scoring(run.name):
        table = evaluate.table_of(
            stage, run.config, dataset, mesh, label=f"encode {run.name}", rows=some
        )
        if not (np.isfinite(table.mean).all() and np.isfinite(table.logvar).all()):
            _give_up(stage, "its codes are NaN or infinite: training diverged in its last steps")
            return
        try:
            scores = evaluate.scores(table, own, run.seed) if some is None else {}
        except InputError as error:  # a degenerate representation: no reason to stop the others
            _give_up(stage, f"its representation cannot be scored: {error}")
            return
    if some is None:
        evaluate.write_scores(path, scores, evaluate.about(table, run.seed), True)
    if compared:  # last: a run whose codes are kept has its other scores
        sets.save(stage, table if some is not None else sets.take(table, drawn))


class _Log:
    """A run's log.csv: one line a chunk, the means of what the model logs over its steps."""

    def __init__(self, path: Path, step: int):
        """Lines after `step` are of a stretch that is trained again."""
        self.path = path
        old = pd.read_csv(path).to_dict("records") if step and path.exists() else []
        self.rows = [row for row in old if row["step"] <= step]
        self.finite = True

    def add(self, step: int, means: dict[str, np.ndarray]) -> None:
        row = {"step": step}
        for name, value in means.items():
            if np.ndim(value):
                row |= {f"{name}_{j}": float(entry) for j, entry in enumerate(value)}
            else:
                row[name] = float(value)
        self.finite = bool(np.isfinite(list(row.values())).all())
        self.rows.append(row)

    def write(self) -> None:
        with files.replacing(self.path) as temporary:
            pd.DataFrame(self.rows).to_csv(temporary, index=False)
