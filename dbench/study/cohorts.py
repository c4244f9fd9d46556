"""Runs to cohorts: which of them train together, and how many at once.

Together go runs of one program (data set, model, network, batch size) that are equally far. On a
CPU one a device are as fast as more; elsewhere as many as fit into a device's memory.
"""

import math
from pathlib import Path
from typing import NamedTuple

import jax
from jax.sharding import Mesh

from dbench.base import Dataset, State
from dbench.errors import InputError
from dbench.study.run import Run
from dbench.training import checkpoint, programs, steps

SHARE = 0.9  # of the free memory that a cohort may take


class Group(NamedTuple):
    """Runs that may train together."""

    runs: list[Run]
    states: list[State | None] | None  # where training stands; None where it has ended


class Fit(NamedTuple):
    """How many runs at once, and the bytes that decide it."""

    runs: int  # at once, a multiple of the number of devices
    data: int  # of the data set, on every device
    run: int  # of a run on its device: state, gradients, activations
    free: int  # on every device
    host: int  # of the states of all, when they are saved

    def text(self, mesh: Mesh, runs: int) -> str:
        """What is said before `runs` runs are trained."""
        kind, count = mesh.devices.flat[0].platform, mesh.size
        return (
            f"{runs} run{'s' * (runs > 1)} to train, {min(self.runs, runs)} at once on {count} "
            f"{kind} device{'s' * (count > 1)}; a device needs {size(self.data)} for the images "
            f"and {size(self.run)} a run, {size(self.free)} free; the host {size(self.host)}"
        )


def size(count: float) -> str:
    """Bytes for people: 12 MB, 1.2 GB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{math.ceil(count / 1e6)} MB"


def groups(folder: Path, todo: list[Run], dataset: Dataset) -> list[Group]:
    """The runs to do by program and step, in order; their states come from their folders."""
    found: dict[tuple, list] = {}
    for run in todo:
        stage, state = folder / run.name, None
        trained = checkpoint.paths(stage)[1].exists()
        program = programs.program(dataset, run.model, run.options, batch_size=run.batch_size)
        if not trained:
            state = checkpoint.read_training(stage, programs.template(program))
        step = -1 if trained else 0 if state is None else int(state.step)
        found.setdefault((program, step), []).append((run, state))
    return [
        Group([run for run, _ in members], None if step < 0 else [state for _, state in members])
        for (_, step), members in found.items()
    ]


def split(group: Group, most: int) -> list[Group]:
    """Parts of at most `most` runs and of like size, so that they share one compiled program."""
    count = -(-len(group.runs) // most)
    length = -(-len(group.runs) // count)
    return [
        Group(group.runs[i : i + length], group.states and group.states[i : i + length])
        for i in range(0, len(group.runs), length)
    ]


def fit(
    group: Group, dataset: Dataset, mesh: Mesh, chunk: int, at_once: int | None, free: int
) -> Fit:
    """How many of the group to train at once: `at_once` [one a CPU device, elsewhere all].

    `free`: bytes of each device, the images not yet there. Fewer where memory asks for it; an
    InputError if it does not hold one run a device.
    """
    run = group.runs[0]
    few = cohort(group.runs[:1], dataset, mesh, mesh.size)
    data, member = steps.footprint(few, min(chunk, run.steps))
    room = int((SHARE * free - data) // member)
    if room < 1:
        raise InputError(
            f"{run.name} needs {size(data)} for the images and {size(member)} to train on each "
            f"of {mesh.size} device(s), of which {size(SHARE * free)} is free for it: choose a "
            "smaller net or batch_size, or another machine"
        )
    on_cpu = jax.default_backend() == "cpu"
    wanted = at_once or (mesh.size if on_cpu else len(group.runs))
    rows = min(-(-wanted // mesh.size), room, -(-len(group.runs) // mesh.size))
    state = sum(
        leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(programs.template(few.program))
    )
    return Fit(rows * mesh.size, data, member, free, rows * mesh.size * state)


def cohort(some: list[Run], dataset: Dataset, mesh: Mesh, members: int) -> steps.Cohort:
    """The runs as a cohort of so many members: the last one fills up, every device has work."""
    filled = list(some) + [some[-1]] * (members - len(some))
    return steps.cohort(
        dataset,
        some[0].model,
        [run.options for run in filled],
        [run.seed for run in filled],
        mesh,
        batch_size=some[0].batch_size,
    )
