"""Runs of a study to its tidy table. Every finished stage is a file; nothing is done twice.

results/<study>/<run>/config.json, training.safetensors, log.csv   while it trains
                      parameters.safetensors                       trained
                      scores.csv, scores.npz, scores.json          encoded and scored
                      udr.npz                                      its part of the set's scores
                      failed.json                                  given up, and why
results/<study>/<run without its seed>/udr.csv                     a set of runs compared
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

from dbench import data, files
from dbench.base import Dataset, Table
from dbench.data import views
from dbench.data.views import coverage
from dbench.errors import InputError
from dbench.metrics import METRICS
from dbench.scoring import evaluate, score_files
from dbench.scoring.reconstruction import MODEL_METRICS, NEEDS
from dbench.study import cohorts, ledger, sets, stages
from dbench.study.progress import Progress
from dbench.study.study import SCALES, Run, Study, load, runs
from dbench.tables import results
from dbench.training import checkpoint, devices, steps


def run_study(
    study: Study, path: Path, source: Path | None = None, at_once: int | None = None
) -> dict[str, str]:
    """Does what is still to do of a study below the results folder `path`; writes the table.

    `at_once`: runs that train together [what suits the device]. Returns the runs that failed: name
    -> reason.
    """
    folder, everything = path / study.name, runs(study)
    asked = [*study.metrics, *study.during]
    _others(folder, study)  # whatever is wrong with them is better said before the work
    began = time.time()
    datasets = {}
    for run in everything:
        _compare(folder / run.name, run)
        if run.data not in datasets and stages.missing(folder, run, study.metrics):
            whole = data.load(run.dataset, source)
            evaluate.require(whole, [m for m in asked if m in METRICS])
            datasets[run.data] = views.view(whole, run.drawn) if run.view else whole
    todo = [run for run in everything if stages.missing(folder, run, study.metrics)]
    for run in todo:
        if checkpoint.paths(folder / run.name)[0].exists():
            config = checkpoint.read_config(folder / run.name)
            checkpoint.same_data(folder / run.name, config, datasets[run.data])
    for program, name in {_program(datasets[run.data], run): run.data for run in todo}.items():
        logged = steps.construct(program, datasets[name])
        if twice := sorted(logged & set(study.during)):
            raise InputError(
                f"{study.path}: {program.model} logs a {twice[0]} of its own, which during would "
                "write over; take it out of during"
            )
        _can_be_scored(program, datasets[name], study)
    counts = {"total": len(everything), "todo": len(todo), "steps": study.steps}
    with _alone(folder), Progress(**counts) as progress:
        for sentence in filter(None, dict.fromkeys(map(coverage.said, datasets.values()))):
            progress.note(f"warning: {sentence}")
        # Before anything is written: too little memory is said now.
        plan = progress.timed(
            "compiling", lambda: list(_plan(folder, study, todo, datasets, at_once))
        )
        try:
            _work(folder, study, plan, progress)
            finished = [run for run in everything if not stages.failure(folder / run.name)]
            sets.update(folder, study, finished, progress.note)
        finally:
            told = folder / "study.json"
            if datasets or not ledger.recorded(told, study):
                seconds = {"all": time.time() - began} | progress.seconds
                ledger.record(told, study, seconds, source)
        results.write(folder, collect(folder, study))
    reasons = {run.name: stages.failure(folder / run.name) for run in everything}
    return {name: reason for name, reason in reasons.items() if reason}


def collect(folder: Path, study: Study) -> pd.DataFrame:
    """The scores of all finished runs, of every scale at which the study has been run."""
    rows = []
    for other in _others(folder, study):
        for run in runs(other):
            path = folder / run.name / results.TABLE
            if path.exists() and _differs(path.parent, run) is None:
                settings = {k: v for k, v in run.config.items() if k in results.DTYPES}
                settings["dataset"] = run.data
                scores = results.read(path, score_files.SCORES)
                scores = pd.concat([scores, sets.scores_of(folder, run)])
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
    if field := _differs(folder, run):
        old, new = checkpoint.read_config(folder), checkpoint.stamped(run.config)
        raise InputError(
            f"{folder} was made with {field} {old.get(field)!r} and the study now says "
            f"{new[field]!r}; delete that folder or choose another with --results"
        )


def _differs(folder: Path, run: Run) -> str | None:
    """The first setting of a run in which the config of a folder differs, if any."""
    old, new = checkpoint.read_config(folder), checkpoint.stamped(run.config)
    return next((field for field in new if old.get(field) != new[field]), None)


def _can_be_scored(program: steps.Program, dataset: Dataset, study: Study) -> None:
    """An InputError if a metric of the study needs what the model or the data set has not."""
    codes, logvar = steps.codes(program, len(dataset.names))
    varying = sum(size > 1 for size in dataset.sizes)
    like = Table(np.zeros((2, codes)), np.zeros((2, varying), int), np.zeros(2) if logvar else None)
    try:
        for name in [*study.metrics, *study.during]:
            for need in METRICS[name].needs if name in METRICS else ():
                need(like, name)
            if name in MODEL_METRICS:
                NEEDS[name](program, dataset)
    except InputError as error:
        raise InputError(
            f"{program.model} on {dataset.name}: {error}; take it out of the metrics in "
            f"{study.path}"
        ) from error


def _program(dataset: Dataset, run: Run) -> steps.Program:
    return steps.program(dataset, run.model, run.options, batch_size=run.batch_size)


def _plan(
    folder: Path,
    study: Study,
    todo: list[Run],
    datasets: dict[str, Dataset],
    at_once: int | None,
) -> Iterator[tuple[Dataset, list[tuple[cohorts.Group, cohorts.Fit | None]]]]:
    """Each data set with its groups of runs, and how many fit at once of those still to train."""
    mesh = devices.mesh()
    for name, dataset in datasets.items():
        chosen = [run for run in todo if run.data == name]
        free, placed = devices.free(mesh), steps.place_data(dataset, mesh)
        groups = cohorts.groups(folder, chosen, placed)
        yield (
            dataset,
            [
                (group, cohorts.fit(group, placed, mesh, study.chunk, at_once, free))
                if group.states and not _program(placed, group.runs[0]).build().fit
                else (group, None)
                for group in groups
            ],
        )


def _work(folder: Path, study: Study, plan: list, progress: Progress) -> None:
    """Trains and scores the runs that need it, cohort by cohort."""
    mesh = devices.mesh()
    for dataset, groups in plan:
        placed = steps.place_data(dataset, mesh)
        for group, fit in groups:
            for run in group.runs:
                if not checkpoint.paths(folder / run.name)[0].exists():
                    checkpoint.write_config(folder / run.name, run.config, dataset.sha256)
            if fit:
                said = fit.text(mesh, len(group.runs))
                progress.note(f"{group.runs[0].model} on {dataset.name}: {said}")
            _finish(folder, study, group, placed, mesh, progress, fit.runs if fit else mesh.size)


def _finish(
    folder: Path,
    study: Study,
    group: cohorts.Group,
    dataset: Dataset,
    mesh: Mesh,
    progress: Progress,
    most: int,
) -> None:
    """Trains a group, if it needs it, and scores it, at most `most` runs at once.

    A device that runs out of memory all the same gets half as many from then on.
    """
    parts = cohorts.split(group, most)
    for i, part in enumerate(parts):
        try:
            if part.states is not None:
                stages.train_cohort(folder, study, part, dataset, mesh, progress, most)
        except jax.errors.JaxRuntimeError as error:
            if "RESOURCE_EXHAUSTED" not in str(error) or most <= mesh.size:
                raise
            half = -(-most // 2 // mesh.size) * mesh.size
            progress.note(
                f"{most} runs at once are too many for the device's memory: {half} at once"
            )
            rest = [run for later in parts[i:] for run in later.runs]
            for again in cohorts.groups(folder, rest, dataset):
                _finish(folder, study, again, dataset, mesh, progress, half)
            return
        stages.score_cohort(folder, study, part.runs, dataset, mesh, progress)
        for run in part.runs:
            progress.finished(run.name, stages.outcome(folder, run))
