"""Runs of a study to its tidy table. Every finished stage is a file; nothing is done twice.

results/<study>/<run>/config.json, training.safetensors, log.csv   while it trains
                      parameters.safetensors                       trained
                      scores.csv                                   encoded and scored
                      failed.json                                  given up, and why
results/<study>/scores.csv, scores.parquet, study.json             the table of all runs
"""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np
import pandas as pd
from jax.sharding import Mesh

from dbench import checkpoint, devices, evaluate, files, provenance, results, train
from dbench.base import Dataset, State
from dbench.data import DATASETS
from dbench.errors import InputError
from dbench.progress import Progress
from dbench.study import SCALES, Run, Study, load, runs

SAVE_EVERY = 20.0  # seconds between two checkpoints of a run


def run_study(study: Study, path: Path, source: Path | None = None) -> dict[str, str]:
    """Does what is still to do of a study below the results folder `path`; writes the table.

    Returns the runs that failed: name -> reason.
    """
    folder, everything = path / study.name, runs(study)
    _others(folder, study)  # whatever is wrong with them is better said before the work
    began = time.time()
    datasets = {}
    for run in everything:
        _compare(folder / run.name, run)
        if run.dataset not in datasets and _missing(folder, run, study.metrics):
            datasets[run.dataset] = DATASETS[run.dataset](source)
    with _alone(folder):
        try:
            _work(folder, study, everything, datasets)
        finally:
            if datasets or not (folder / "study.json").exists():
                provenance.record(folder / "study.json", study, time.time() - began, source)
        results.write(folder, collect(folder, study))
    reasons = {run.name: failure(folder / run.name) for run in everything}
    return {name: reason for name, reason in reasons.items() if reason}


def failure(folder: Path) -> str | None:
    """Why a run was given up, if it was."""
    path = folder / "failed.json"
    return files.read_json(path)["reason"] if path.exists() else None


def collect(folder: Path, study: Study) -> pd.DataFrame:
    """The scores of all finished runs, of every scale at which the study has been run."""
    rows = []
    for other in _others(folder, study):
        for run in runs(other):
            path = folder / run.name / results.TABLE
            if path.exists() and checkpoint.read_config(path.parent) == checkpoint.stamped(
                run.config
            ):
                settings = {k: v for k, v in run.config.items() if k in results.DTYPES}
                scores = results.read(path, evaluate.SCORES)
                rows.append(scores.assign(**settings, run=run.name))
    if not rows:
        return pd.DataFrame({k: pd.Series(dtype=v) for k, v in results.DTYPES.items()})
    return pd.concat(rows)[list(results.DTYPES)].astype(results.DTYPES)


def _others(folder: Path, study: Study) -> list[Study]:
    """The study at every scale at which it has been run, this one included, in order."""
    scales = [s for s in SCALES if s == study.scale or (folder / s).is_dir()]
    return [study if scale == study.scale else load(study.path, scale) for scale in scales]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds the study's folder, so that two commands never train the same run."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise InputError(
            f"cannot write results to {folder} ({error.strerror}); choose a folder with --results"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"another dbench study is at work in {folder}; wait for it") from error
        except OSError as error:
            raise InputError(
                f"the file system of {folder} has no locks ({error.strerror}); "
                "choose a folder on another with --results"
            ) from error
        files.sweep(folder)
        yield


def _compare(folder: Path, run: Run) -> None:
    """An InputError if the folder is of a run with other settings."""
    if not checkpoint.paths(folder)[0].exists():
        return
    old, new = checkpoint.read_config(folder), checkpoint.stamped(run.config)
    for field in new:
        if old.get(field) != new[field]:
            raise InputError(
                f"{folder} was made with {field} {old.get(field)!r} and the study now says "
                f"{new[field]!r}; delete that folder or choose another with --results"
            )


def _missing(folder: Path, run: Run, metrics: list[str]) -> list[str]:
    """The metrics that a run still lacks; none for a failed one."""
    path = folder / run.name / results.TABLE
    if failure(folder / run.name):
        return []
    have = set(results.read(path, evaluate.SCORES)["metric"]) if path.exists() else set()
    return [metric for metric in metrics if metric not in have]


def _work(folder: Path, study: Study, everything: list[Run], datasets: dict) -> None:
    """Trains and scores the runs that need it, cohort by cohort."""
    mesh = devices.mesh()
    todo = [run for run in everything if _missing(folder, run, study.metrics)]
    with Progress(total=len(everything), todo=len(todo), steps=study.steps) as progress:
        for name, dataset in datasets.items():
            chosen = [run for run in todo if run.dataset == name]
            for run in chosen:
                if not checkpoint.paths(folder / run.name)[0].exists():
                    checkpoint.write_config(folder / run.name, run.config)
            for cohort, states in _cohorts(folder, chosen, dataset, mesh.size):
                if states is not None:
                    _train(folder, study, cohort, states, dataset, mesh, progress)
                for run in cohort:
                    if not failure(folder / run.name):
                        _score(folder, study, run, dataset, mesh, progress)
                    progress.finished(run.name, _outcome(folder, run))


def _outcome(folder: Path, run: Run) -> str:
    if reason := failure(folder / run.name):
        return f"FAILED: {reason}"
    scores = results.read(folder / run.name / results.TABLE, evaluate.SCORES)
    return "  ".join(f"{m} {s:.3f}" for m, s in zip(scores["metric"], scores["score"], strict=True))


def _cohorts(folder: Path, todo: list[Run], dataset: Dataset, most: int) -> list[tuple]:
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


def _train(folder, study: Study, some: tuple[Run, ...], states, dataset, mesh: Mesh, progress):
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


def _score(folder: Path, study: Study, run: Run, dataset, mesh: Mesh, progress) -> None:
    """Encodes a trained run and adds the scores it lacks to its file."""
    stage, missing = folder / run.name, _missing(folder, run, study.metrics)
    path = stage / results.TABLE
    with progress.scoring(run.name):
        table = evaluate.table_of(stage, run.config, dataset, mesh, label=f"encode {run.name}")
        if not (np.isfinite(table.mean).all() and np.isfinite(table.logvar).all()):
            _give_up(stage, "its codes are NaN or infinite: training diverged in its last steps")
            return
        try:
            scores = evaluate.score(table, missing, run.seed)
        except InputError as error:  # a degenerate representation: no reason to stop the others
            _give_up(stage, f"its representation cannot be scored: {error}")
            return
    if path.exists():
        scores = pd.concat([results.read(path, evaluate.SCORES), scores])
    evaluate.write_scores(path, scores)


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
            entries = enumerate(np.atleast_1d(value))
            row |= (
                {name: float(value)}
                if not np.ndim(value)
                else {f"{name}_{j}": float(v) for j, v in entries}
            )
        self.finite = bool(np.isfinite(list(row.values())).all())
        self.rows.append(row)

    def write(self) -> None:
        with files.replacing(self.path) as temporary:
            pd.DataFrame(self.rows).to_csv(temporary, index=False)
