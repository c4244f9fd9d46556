"""Dataset, model and keys to trained states: many runs at once, no host inside a chunk.

A cohort is m runs of one program: same data set, model, network and batch size, each with
its own key and its own numbers (beta, learning rate, ...). Its members are spread over the
devices; those of one device take turns on a CPU and are one vmapped computation elsewhere. On a
CPU each member's arithmetic is that of a run alone, whatever its companions.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from dbench.base import Dataset, State
from dbench.models import split
from dbench.training import devices
from dbench.training.members import spread, stack
from dbench.training.programs import Program, arrays_of, program, sampler, template


class Cohort(NamedTuple):
    """m runs of one program on the devices of a mesh."""

    program: Program
    mesh: Mesh
    arrays: tuple  # the data set, its drawing, the model's extra, on every device
    keys: jax.Array  # [m] one per run
    numbers: dict[str, jax.Array]  # [m] each


def place_data(dataset: Dataset, mesh: Mesh) -> Dataset:
    """The data set with its arrays on every device, once for all that is done with it."""
    return dataset._replace(arrays=jax.device_put(dataset.arrays, NamedSharding(mesh, P())))


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
        jax.device_put(arrays_of(first, dataset), NamedSharding(mesh, P())),
        jax.device_put(jnp.stack([jax.random.key(seed) for seed in seeds]), members),
        {
            name: jax.device_put(np.array([n[name] for n in numbers], np.float32), members)
            for name in numbers[0]
        },
    )


def _start(program: Program, mesh: Mesh, keys, numbers) -> State:
    def one(_, key, numbers):
        return program.build(numbers).init(jax.random.fold_in(key, 0))

    return spread(one, mesh)((), keys, numbers)


@cache
def _started() -> Callable:
    """`_start`, compiled: not before the devices are known."""
    return devices.once(_start, static_argnames=("program", "mesh"))


@partial(jax.jit, static_argnames=("program", "mesh", "steps"), donate_argnames="states")
def _advance(program: Program, mesh: Mesh, steps: int, arrays, states, keys, numbers):
    def one(shared, state, key, numbers):
        arrays, first = shared
        model, key = program.build(numbers), jax.random.fold_in(key, 1)
        draw = sampler(program, arrays)

        def step(state, at):
            # All members stand at one step: said so, a condition on it stays one under vmap.
            return model.update(state._replace(step=at), draw, jax.random.fold_in(key, at))

        state, logs = jax.lax.scan(step, state, first + jnp.arange(steps, dtype=jnp.int32))
        return state, jax.tree.map(lambda log: log.mean(axis=0), logs)

    return spread(one, mesh)((arrays, states.step[0]), states, keys, numbers)


@partial(jax.jit, static_argnames=("program", "mesh"), donate_argnames="states")
def _stand(program: Program, mesh: Mesh, arrays, states, bases, numbers) -> State:
    def one(arrays, state, base, numbers):
        stand = program.build(numbers).stand
        assert stand is not None
        return stand(state, base, sampler(program, arrays))

    return spread(one, mesh)(arrays, states, bases, numbers)


_compiled: dict[tuple, jax.stages.Compiled] = {}


def executable(cohort: Cohort, steps: int) -> jax.stages.Compiled:
    """The compiled program that makes `steps` updates of every member, each compiled once."""
    c, (leaves, tree) = cohort, jax.tree.flatten(cohort.arrays)
    signature = (c.program, c.mesh, steps, len(c.keys), tree, *((x.shape, x.dtype) for x in leaves))
    if signature not in _compiled:
        on_devices = NamedSharding(c.mesh, P("device"))
        states = jax.tree.map(
            lambda x: jax.ShapeDtypeStruct((len(c.keys), *x.shape), x.dtype, sharding=on_devices),
            template(c.program),
        )
        lowered = _advance.lower(c.program, c.mesh, steps, c.arrays, states, c.keys, c.numbers)
        _compiled[signature] = lowered.compile()
    return _compiled[signature]


def footprint(cohort: Cohort, steps: int) -> tuple[int, int]:
    """Bytes on each device: of the data set, and of a member while it trains."""
    memory = executable(cohort, steps).memory_analysis()
    assert memory is not None  # a CPU, a GPU and a TPU say it
    data = sum(leaf.nbytes for leaf in jax.tree.leaves(cohort.arrays))
    taken = (
        memory.argument_size_in_bytes
        + memory.output_size_in_bytes
        - memory.alias_size_in_bytes
        + memory.temp_size_in_bytes
    )
    # A program that does not look at the images is without them: a member has its state at least.
    state = sum(
        leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(template(cohort.program))
    )
    return data, max(state, (taken - data) // (len(cohort.keys) // cohort.mesh.size))


def start(cohort: Cohort) -> State:
    """Untrained states of all members, each leaf [m, ...]."""
    return _started()(cohort.program, cohort.mesh, cohort.keys, cohort.numbers)


def stand(cohort: Cohort, states: State, bases: list) -> State:
    """Untrained states of models that stand on others, whose parameters are `bases`, one each.

    `states` is used up.
    """
    placed = jax.device_put(stack(bases), NamedSharding(cohort.mesh, P("device")))
    return _stand(cohort.program, cohort.mesh, cohort.arrays, states, placed, cohort.numbers)


def place(cohort: Cohort, states: list[State]) -> State:
    """States from the host, one per member, onto the devices: each leaf [m, ...]."""
    return jax.device_put(stack(states), NamedSharding(cohort.mesh, P("device")))


def advance(cohort: Cohort, states: State, steps: int) -> tuple[State, dict[str, np.ndarray]]:
    """`steps` updates of every member; logs are means over these steps, [m, ...] each.

    `states` is used up (its memory is reused).
    """
    run = executable(cohort, steps)
    states, logs = run(cohort.arrays, states, cohort.keys, cohort.numbers)
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
