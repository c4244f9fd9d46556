"""What is still to do of a study: read from its folder, checked whole, before any work."""

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np

from dbench import data, memory
from dbench.base import Dataset, Table
from dbench.codes import tabled
from dbench.data import views
from dbench.errors import InputError, said_of
from dbench.metrics import METRICS
from dbench.scoring import apart, evaluate, grouped
from dbench.scoring.registry import MODEL_METRICS, NEEDS
from dbench.study import ledger, sets, stages, versions
from dbench.study.collect import differs
from dbench.study.run import Run
from dbench.study.study import Study, runs
from dbench.tables.directions import base
from dbench.training import checkpoint, programs
from dbench.training.programs import Program


class Plan(NamedTuple):
    """The runs that are still to do, in order, and their data sets."""

    folder: Path  # of the study
    study: Study
    todo: list[Run]
    datasets: dict[str, Dataset]  # what the table calls it -> data set, for those of `todo`
    notes: list[str]  # what could not be checked, in sentences


def plan(
    folder: Path, study: Study, source: Path | None = None, only: Collection[str] | None = None
) -> Plan:
    """What is to do of a study in its folder; nothing is trained and nothing written there.

    `source` as in `dbench.data`. Whatever cannot work is an InputError: a folder made with other
    settings, data that have changed, a model that cannot be built, a score that it cannot have.
    `only`: the names of runs that alone are looked at, of a study that was looked at whole before.
    """
    todo, datasets = [], {}
    ledger.check(folder / "study.json")
    chosen = runs(study) if only is None else [r for r in runs(study) if r.name in only]
    for above in dict.fromkeys((folder / run.name).parent for run in chosen):
        sets.scores_of(above)  # whatever is wrong with it is better said before the work
    for run in chosen:
        _named_anew(folder, run)
        _compare(folder / run.name, run)
        if stages.missing(folder, run, study.metrics):
            stages.check(folder / run.name)
            todo.append(run)
            if run.data not in datasets:
                datasets[run.data] = _dataset(run, study, source)
    made = versions.configs(folder, study, only)
    notes = versions.check(made, study, datasets, lambda name: data.load(name, source))
    for path, config in made.items() if todo else ():
        checkpoint.same_environment(path, config)
    new = {program(datasets[run.data], run): run.data for run in todo}
    if len(todo) == len(runs(study)):  # else those that declare groups may be done
        with said_of(study.path):
            grouped.require((one.build().groups for one in new), study.metrics)
    for one, name in new.items():
        _check_memory(one, study)
        _check_logs(programs.construct(one, datasets[name]), one, study)
        _check_scores(one, datasets[name], study)
    return Plan(folder, study, todo, datasets, notes)


def program(dataset: Dataset, run: Run) -> Program:
    """What a run compiles."""
    return programs.program(dataset, run.model, run.options, batch_size=run.batch_size)


def by_program(
    todo: list[Run], datasets: Mapping[str, Dataset]
) -> dict[tuple[str, Program], list[Run]]:
    """Runs by data set, as the table calls it, and program, in order."""
    found: dict[tuple[str, Program], list[Run]] = {}
    for run in todo:
        found.setdefault((run.data, program(datasets[run.data], run)), []).append(run)
    return found


def _dataset(run: Run, study: Study, source: Path | None) -> Dataset:
    """The data set of a run, or its view; it must have what the metrics ask for."""
    whole = data.load(run.dataset, source)
    asked = [*study.metrics, *study.during]
    of_codes = [m for m in asked if m in METRICS] + [*map(base, grouped.wanted(asked))]
    evaluate.require(whole, list(dict.fromkeys(of_codes)))
    with said_of(f"{study.path}: the view {run.view}" if run.view else study.path):
        apart.require(whole, views.trained_on(whole, run.drawn), study.metrics)
        return views.view(whole, run.drawn) if run.view else whole


def _named_anew(folder: Path, run: Run) -> None:
    """An InputError if runs of a model of a user's own are where an older dbench put them."""
    for old in folder.glob(f"*/{run.data}/{run.model}") if ":" in run.model else ():
        new = old.with_name(run.model.replace(":", "."))
        raise InputError(f"{old} is of an older dbench: rename it to {new}, and its runs count")


def _compare(folder: Path, run: Run) -> None:
    """An InputError if the folder is of a run with other settings."""
    if not checkpoint.paths(folder)[0].exists():
        return
    if field := differs(folder, run):
        old, new = checkpoint.read_config(folder), checkpoint.stamped(run.config)
        moved = "if it is only moved, leave its name and give the new place with --data; else "
        raise InputError(
            f"{folder} was made with {field} {old.get(field)!r} and the study now says "
            f"{new[field]!r}; {moved * (field == 'dataset')}delete that folder or choose another "
            "with --results"
        )


def _check_memory(program: Program, study: Study) -> None:
    """No model and no batch that the memory does not hold once: compiling would fail, or last."""
    state = sum(
        leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(programs.template(program))
    )
    what = f"{study.path}: the parameters and the optimiser's state of one {program.model}"
    memory.check(state, what)
    images = 4 * program.batch_size * math.prod(program.shape)
    memory.check(images, f"{study.path}: a batch of {program.batch_size:,} images")


def _check_logs(logged: set[str], program: Program, study: Study) -> None:
    """No score in training has the name of what the model itself logs."""
    if twice := sorted(logged & set(study.during)):
        raise InputError(
            f"{study.path}: {program.model} logs a {twice[0]} of its own, which during would "
            "write over; take it out of during"
        )


def _check_scores(program: Program, dataset: Dataset, study: Study) -> None:
    """An InputError if a metric of the study needs what the model or the data set has not."""
    codes, logvar = programs.codes(program, len(dataset.names))
    varying = sum(size > 1 for size in dataset.sizes)
    like = Table(np.zeros((2, codes)), np.zeros((2, varying), int), np.zeros(2) if logvar else None)
    if dataset.cyclic:  # what is asked of them is asked of their rows
        rows = np.broadcast_to(np.float32(0), (dataset.size, codes))
        like = tabled.table(dataset, rows, rows if logvar else None)
    try:
        for name in [*study.metrics, *study.during]:
            plain = base(name)
            for need in METRICS[plain].needs if plain in METRICS else ():
                need(like, name)
            if plain in MODEL_METRICS:
                NEEDS[plain](program, dataset)
        grouped.check(program.model, program.build().groups, codes, study.metrics)
    except InputError as error:
        raise InputError(
            f"{program.model} on {dataset.name}: {error}; take it out of the metrics in "
            f"{study.path}"
        ) from error
