"""Dataset, model and keys to trained states: many runs at once, no host inside a chunk.

A cohort is m runs of one program: same data set, model, network and batch size, each with
its own key and its own numbers (beta, learning rate, ...). Its members are spread over the
devices. Each member's arithmetic is that of a run alone, whatever its companions.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from dbench.base import Dataset, Model, State
from dbench.models import MODELS, split


class Program(NamedTuple):
    """All that a compiled training step depends on, hashable. The numbers are not in it."""

    model: str
    structure: tuple  # ((option, value), ...) that are not numbers
    shape: tuple[int, int, int]  # of an image
    gather: Callable  # Dataset.gather
    size: int  # images in the data set
    batch_size: int

    def build(self, numbers: dict) -> Model:
        return MODELS[self.model](self.shape, **dict(self.structure), **numbers)


class Cohort(NamedTuple):
    """m runs of one program on the devices of a mesh."""

    program: Program
    mesh: Mesh
    arrays: Any  # the data set, on every device
    keys: jax.Array  # [m] one per run
    numbers: dict[str, jax.Array]  # [m] each


def program(dataset: Dataset, model: str, options: dict, *, batch_size: int = 64) -> Program:
    """The program of a run; `options` as in `models.split`."""
    _, structure = split(model, options)
    return Program(model, structure, dataset.shape, dataset.gather, dataset.size, batch_size)


def template(program: Program) -> State:
    """Shapes and dtypes of a member's state; nothing is computed."""
    model = MODELS[program.model](program.shape, **dict(program.structure))
    return jax.eval_shape(model.init, jax.random.key(0))


def cohort(
    dataset: Dataset,
    model: str,
    options: list[dict],
    seeds: list[int],
    mesh: Mesh,
    *,
    batch_size: int = 64,
) -> Cohort:
    """m runs with the given options and seeds; m must be a multiple of the mesh's size.

    A run's key depends on its seed alone, so runs that differ only in a number start from
    the same parameters and see the same images.
    """
    (first, *others) = [program(dataset, model, o, batch_size=batch_size) for o in options]
    assert all(p == first for p in others), "a cohort shares one program"
    members = NamedSharding(mesh, P("device"))
    numbers = [split(model, o)[0] for o in options]
    return Cohort(
        first,
        mesh,
        jax.device_put(dataset.arrays, NamedSharding(mesh, P())),
        jax.device_put(jnp.stack([jax.random.key(seed) for seed in seeds]), members),
        {
            name: jax.device_put(np.array([n[name] for n in numbers], np.float32), members)
            for name in numbers[0]
        },
    )


def spread(function: Callable, mesh: Mesh) -> Callable:
    """`function(arrays, *member)` over members [m, ...] sharded on the mesh.

    On a CPU the members of a device take turns (vmap gains nothing there and would change
    their arithmetic); on an accelerator they are one vmapped computation.
    """
    turns = jax.default_backend() == "cpu"

    def local(arrays, *members):
        if turns:
            return jax.lax.map(lambda member: function(arrays, *member), members)
        return jax.vmap(lambda *member: function(arrays, *member))(*members)

    def call(arrays, *members):
        specs = (P(), *(P("device") for _ in members))
        return jax.shard_map(
            local, mesh=mesh, in_specs=specs, out_specs=P("device"), check_vma=False
        )(arrays, *members)

    return call


@partial(jax.jit, static_argnames=("program", "mesh"))
def _start(program: Program, mesh: Mesh, keys, numbers) -> State:
    def one(_, key, numbers):
        return program.build(numbers).init(jax.random.fold_in(key, 0))

    return spread(one, mesh)((), keys, numbers)


@partial(jax.jit, static_argnames=("program", "mesh", "steps"), donate_argnames="states")
def _advance(program: Program, mesh: Mesh, steps: int, arrays, states, keys, numbers):
    def one(arrays, state, key, numbers):
        model, key = program.build(numbers), jax.random.fold_in(key, 1)

        def draw(key):
            rows = jax.random.randint(key, (program.batch_size,), 0, program.size)
            return program.gather(arrays, rows)

        def step(state, _):
            return model.update(state, draw, jax.random.fold_in(key, state.step))

        state, logs = jax.lax.scan(step, state, length=steps)
        return state, jax.tree.map(lambda log: log.mean(axis=0), logs)

    return spread(one, mesh)(arrays, states, keys, numbers)


def start(cohort: Cohort) -> State:
    """Untrained states of all members, each leaf [m, ...]."""
    return _start(cohort.program, cohort.mesh, cohort.keys, cohort.numbers)


def place(cohort: Cohort, states: list[State]) -> State:
    """States from the host, one per member, onto the devices: each leaf [m, ...]."""
    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *states)
    return jax.device_put(stacked, NamedSharding(cohort.mesh, P("device")))


def advance(cohort: Cohort, states: State, steps: int) -> tuple[State, dict[str, np.ndarray]]:
    """`steps` updates of every member; logs are means over these steps, [m, ...] each.

    `states` is used up (its memory is reused).
    """
    c = cohort
    states, logs = _advance(c.program, c.mesh, steps, c.arrays, states, c.keys, c.numbers)
    return states, jax.device_get(logs)


def train(cohort: Cohort, states: State, *, steps: int, chunk: int) -> Iterator[tuple]:
    """Yields (step, states, logs) after each chunk until every member has made `steps` updates.

    Chunks end at multiples of `chunk`, wherever training began, so that a resumed run does
    the same arithmetic in the same pieces as one that was never stopped.
    """
    step = int(states.step[0])
    while step < steps:
        count = min(chunk - step % chunk, steps - step)
        states, logs = advance(cohort, states, count)
        step += count
        yield step, states, logs
