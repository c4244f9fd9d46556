"""The work of a plan: its runs trained and scored on the devices there are, cohort by cohort."""

from collections import Counter
from collections.abc import Callable, Iterator

import jax
from jax.sharding import Mesh

from dbench import bounds
from dbench.base import Dataset
from dbench.errors import InputError
from dbench.study import bases, cohorts, stages
from dbench.study.collect import Meanwhile
from dbench.study.plan import Plan, program
from dbench.study.progress import Progress
from dbench.study.score_cohort import score_cohort
from dbench.study.train_cohort import train_cohort
from dbench.training import checkpoint, devices, programs, steps

# A data set with its groups of runs, and how many fit at once of those still to train.
Prepared = tuple[Dataset, list[tuple[cohorts.Group, cohorts.Fit | None]]]


def prepare(plan: Plan, progress: Progress, at_once: int | None = None) -> list[Prepared]:
    """What the plan's runs need of the devices here: which train together, how many at once.

    `at_once`: runs that train together [what suits the device]. Too little memory for one of them
    is an InputError, as are years of work; nothing is written.
    """
    _check_years(plan)
    return progress.timed("compiling", lambda: list(_prepared(plan, at_once)))


def work(
    plan: Plan,
    prepared: list[Prepared],
    progress: Progress,
    meanwhile: Meanwhile | None = None,
    then: Callable | None = None,
) -> None:
    """Trains and scores the runs of a plan, each in its folder.

    `meanwhile` writes the study's table now and then; without it, that is left to another. `then`:
    what becomes of trained runs [`score_cohort`].
    """
    then = then or score_cohort
    mesh = devices.mesh()
    for dataset, groups in prepared:
        placed = steps.place_data(dataset, mesh)
        for group, fit in groups:
            for run in group.runs:
                if not checkpoint.paths(plan.folder / run.name)[0].exists():
                    base = bases.sha256(plan.folder.parent, run)
                    stage = plan.folder / run.name
                    checkpoint.write_config(stage, run.config, dataset.sha256, base)
            if fit:
                said = fit.text(mesh, len(group.runs))
                progress.note(f"{group.runs[0].model} on {dataset.name}: {said}")
            most = fit.runs if fit else mesh.size
            _finish(plan, group, placed, mesh, progress, most, meanwhile, then)


def _check_years(plan: Plan) -> None:
    """No training that cannot end in a year, however fast the devices are.

    Every parameter is multiplied once for every image, and the product added; in truth there are
    gradients too, and a convolution multiplies each at every place.
    """
    speed = bounds.SPEED.get(jax.default_backend(), bounds.SPEED["gpu"]) * jax.device_count()
    found = Counter(program(plan.datasets[run.data], run) for run in plan.todo)
    for one, runs in found.items():
        if one.build().fit:  # is made without updates
            continue
        size = sum(leaf.size for leaf in jax.tree.leaves(programs.template(one).params))
        operations = 2 * size * one.batch_size * plan.study.steps * runs
        if (years := operations / speed / bounds.YEAR) > 1:
            raise InputError(
                f"{plan.study.path}: to train {one.model} would take {years:,.0f} years and more "
                "here: take fewer steps or runs, a smaller batch_size or net"
            )


def _prepared(plan: Plan, at_once: int | None) -> Iterator[Prepared]:
    mesh = devices.mesh()
    for name, dataset in plan.datasets.items():
        chosen = [run for run in plan.todo if run.data == name]
        free, placed = devices.free(mesh), steps.place_data(dataset, mesh)
        groups = cohorts.groups(plan.folder, chosen, placed)
        yield (
            dataset,
            [
                (group, cohorts.fit(group, placed, mesh, plan.study.chunk, at_once, free))
                if group.states and not program(placed, group.runs[0]).build().fit
                else (group, None)
                for group in groups
            ],
        )


def _finish(
    plan: Plan,
    group: cohorts.Group,
    dataset: Dataset,
    mesh: Mesh,
    progress: Progress,
    most: int,
    meanwhile: Meanwhile | None,
    then: Callable,
) -> None:
    """Trains a group, if it needs it, and `then` scores it, at most `most` runs at once.

    A device that runs out of memory all the same gets half as many from then on.
    """
    parts = cohorts.split(group, most)
    for i, part in enumerate(parts):
        try:
            if part.states is not None:
                train_cohort(plan.folder, plan.study, part, dataset, mesh, progress, most)
        except jax.errors.JaxRuntimeError as error:
            if "RESOURCE_EXHAUSTED" not in str(error) or most <= mesh.size:
                raise
            half = -(-most // 2 // mesh.size) * mesh.size
            progress.note(
                f"{most} runs at once are too many for the device's memory: {half} at once"
            )
            rest = [run for later in parts[i:] for run in later.runs]
            for again in cohorts.groups(plan.folder, rest, dataset):
                _finish(plan, again, dataset, mesh, progress, half, meanwhile, then)
            return
        then(plan.folder, plan.study, part.runs, dataset, mesh, progress)
        for run in part.runs:
            progress.finished(run.name, stages.outcome(plan.folder, run))
        if meanwhile and progress.done < progress.total:  # the last table is not this one's
            meanwhile.write(plan.folder, plan.study)
