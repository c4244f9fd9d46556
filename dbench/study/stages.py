"""The stages of a run: trained as a member of a cohort, encoded, scored.

What is in its folder says which are done; runner.py says what is in it.
"""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import jax
import numpy as np
import pandas as pd
from jax.sharding import Mesh

from dbench import files
from dbench.base import Dataset, State, Table
from dbench.errors import InputError
from dbench.metrics import udr
from dbench.models import split
from dbench.scoring import evaluate, score_files
from dbench.scoring.reconstruction import MODEL_METRICS
from dbench.study import cohorts, sets
from dbench.study.cohorts import Group
from dbench.study.progress import Progress
from dbench.study.study import Run, Study
from dbench.tables import results
from dbench.training import checkpoint, devices
from dbench.training import steps as train
from dbench.training.steps import Program

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
    have = set(results.read(path, score_files.SCORES)["metric"]) if path.exists() else set()
    have |= sets.ready(path.parent)
    return [metric for metric in metrics if metric not in have]


def outcome(folder: Path, run: Run) -> str:
    if reason := failure(folder / run.name):
        return f"FAILED: {reason}"
    scores = results.read(folder / run.name / results.TABLE, score_files.SCORES)
    return "  ".join(f"{m} {s:.3f}" for m, s in zip(scores["metric"], scores["score"], strict=True))


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
    some, states = group
    program = train.program(dataset, some[0].model, some[0].options, batch_size=some[0].batch_size)
    if program.build().fit:
        _fit(folder, some, program, dataset, progress)
        return
    cohort = cohorts.cohort(some, dataset, mesh, members)
    if states[0] is None:
        begin = train.start(cohort)
    else:
        begin = train.place(cohort, states + [states[-1]] * (members - len(states)))
    first = int(begin.step[0])
    if first == study.steps:  # killed between its last two files
        for run, state in zip(some, states, strict=True):
            checkpoint.write_parameters(folder / run.name, state.params)
        return
    logs = [_Log(folder / run.name / "log.csv", first) for run in some]
    alive, saved = list(range(len(some))), time.monotonic()
    progress.training([run.name for run in some], first)
    chunks = train.train(cohort, begin, steps=study.steps, chunk=study.chunk)
    while chunk := progress.timed("training", lambda: next(chunks, None)):
        step, state, means = chunk
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
        if names := [name for name, steps in study.during.items() if step in steps]:
            params = [jax.tree.map(lambda leaf, i=i: leaf[i], state.params) for i in alive]
            found = progress.timed(
                "scoring",
                partial(_during, names, [some[i] for i in alive], params, program, dataset, mesh),
            )
            for i, scores in zip(alive, found, strict=True):
                logs[i].rows[-1] |= scores
        if step == study.steps or time.monotonic() - saved > SAVE_EVERY:
            saved = time.monotonic()
            host = jax.device_get(state)
            for i in alive:
                logs[i].write()
                _save(folder / some[i].name, jax.tree.map(lambda leaf, i=i: leaf[i], host), study)


def _during(
    names: list[str], some: list[Run], params: list, program: Program, dataset: Dataset, mesh: Mesh
) -> list[dict[str, float]]:
    """Scores of runs where they stand, for their logs; NaN of one that cannot be scored there."""
    found = []
    for part in _parts(some, dataset, None):
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
    folder: Path, some: list[Run], program: Program, dataset: Dataset, progress: Progress
) -> None:
    """Makes models that are not trained by steps, one after the other."""
    fit = program.build().fit
    progress.training([run.name for run in some], 0)
    for run in some:
        key = jax.random.fold_in(jax.random.key(run.seed), 0)
        params = progress.timed("training", partial(fit, dataset, key))
        checkpoint.write_parameters(folder / run.name, jax.device_get(params))


def _save(folder: Path, state: State, study: Study) -> None:
    checkpoint.write_training(folder, state)
    if int(state.step) == study.steps:
        checkpoint.write_parameters(folder, state.params)


def _give_up(folder: Path, reason: str) -> None:
    files.write_json(folder / "failed.json", {"reason": reason})


def score_cohort(
    folder: Path,
    study: Study,
    some: list[Run],
    dataset: Dataset,
    mesh: Mesh,
    progress: Progress,
) -> None:
    """Encodes trained runs, whose program is one, and adds the scores they lack to their files.

    The images are drawn once for as many runs as the host has memory for the tables of.
    """
    some = [run for run in some if not failure(folder / run.name)]
    lack = {run.name: missing(folder, run, study.metrics) for run in some}
    own = {name: _own(metrics) for name, metrics in lack.items()}
    drawn = sets.rows(dataset.size)
    # For a set's scores some rows are enough, where a run has all others.
    whole = [
        run for run in some if own[run.name] or not (folder / run.name / results.TABLE).exists()
    ]
    few = [run for run in some if run not in whole]
    for chosen, rows in ((whole, None), (few, drawn)):
        for part in _parts(chosen, dataset, rows):
            names, configs = [run.name for run in part], [run.config for run in part]
            stages = [folder / name for name in names]
            label = f"encode {names[0]}" + (f" and {len(names) - 1} more" if names[1:] else "")
            tables = progress.encoded(
                names,
                partial(evaluate.tables_of, stages, configs, dataset, mesh, label=label, rows=rows),
            )
            for run, stage, table in zip(part, stages, tables, strict=True):
                work = partial(_score, stage, run, table, lack[run.name], rows, dataset, mesh)
                progress.scoring(run.name, work)


def _own(metrics: list[str]) -> list[str]:
    """Those that are scores of one run."""
    return [metric for metric in metrics if metric not in sets.wanted(metrics)]


def _parts(some: list[Run], dataset: Dataset, rows: np.ndarray | None) -> Iterator[list[Run]]:
    """Runs whose tables, as 32-bit means and log variances, take a quarter of the free memory."""
    if some:
        run = some[0]
        program = train.program(dataset, run.model, run.options, batch_size=run.batch_size)
        codes, _ = train.codes(program, len(dataset.names))
        count = evaluate.rows_of(codes, dataset.size) if rows is None else len(rows)
        table = count * codes * 2 * 4 * 2  # twice: in parts, then as one
        most = max(1, int(devices.host_free() / 4 / table))
        yield from (some[i : i + most] for i in range(0, len(some), most))


def _score(
    stage: Path,
    run: Run,
    table: Table,
    wanted: list[str],
    rows: np.ndarray | None,
    dataset: Dataset,
    mesh: Mesh,
) -> None:
    """Scores the table of a run: of all images, or of the `rows` that a set's scores need."""
    path, own = stage / results.TABLE, _own(wanted)
    others = [metric for metric in own if metric in MODEL_METRICS]
    finite = np.isfinite(table.mean).all()
    if not (finite and (table.logvar is None or np.isfinite(table.logvar).all())):
        _give_up(stage, "its codes are NaN or infinite: training diverged in its last steps")
        return
    if rows is None:
        try:
            scores = evaluate.scores(table, [m for m in own if m not in others], run.seed)
            scores |= evaluate.model_scores(stage, run.config, dataset, mesh, others, run.seed)
        except InputError as error:  # a degenerate representation: no reason to stop the others
            _give_up(stage, f"its representation cannot be scored: {error}")
            return
        score_files.write_scores(path, scores, evaluate.about(table, run.seed), True)
    if sets.wanted(wanted):  # last: a run whose codes are kept has its other scores
        drawn = sets.rows(dataset.size)
        if rows is None and len(table.mean) == dataset.size:
            table = udr.take(table, drawn)
        elif rows is None:  # of so many codes that the table has other rows
            (table,) = evaluate.tables_of([stage], [run.config], dataset, mesh, rows=drawn)
        sets.save(stage, table)


class _Log:
    """A run's log.csv: one line a chunk, the means of what the model logs over its steps.

    And, under the names of metrics, scores at the line's step, on lines that have them; NaN where
    codes cannot be scored.
    """

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
