"""Dataset, model and keys to trained states: many runs at once, no host inside a chunk.

A cohort is m runs of one program: same data set, model, network and batch size, each with
its own key and its own numbers (beta, learning rate, ...). Its members are spread over the
devices; those of one device take turns on a CPU and are one vmapped computation elsewhere. On a
CPU each member's arithmetic is that of a run alone, whatever its companions.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from dbench.base import Dataset, Model, Sampler, State
from dbench.models import MODELS, split


class Program(NamedTuple):
    """All that a compiled training step depends on, hashable. The numbers are not in it."""

    model: str
    structure: tuple  # ((option, value), ...) that are not numbers
    shape: tuple[int, int, int]  # of an image
    gather: Callable  # Dataset.gather
    rows: Callable | None  # of Dataset.drawing; None: uniform
    size: int  # images that may be drawn
    batch_size: int

    def build(self, numbers: dict | None = None) -> Model:
        """The model; without numbers with their defaults, whose states look alike."""
        return MODELS[self.model](self.shape, **dict(self.structure), **(numbers or {}))


class Cohort(NamedTuple):
    """m runs of one program on the devices of a mesh."""

    program: Program
    mesh: Mesh
    arrays: tuple  # the data set, its drawing, the model's extra, on every device
    keys: jax.Array  # [m] one per run
    numbers: dict[str, jax.Array]  # [m] each


def program(dataset: Dataset, model: str, options: dict, *, batch_size: int = 64) -> Program:
    """The program of a run; `options` as in `models.split`."""
    _, structure = split(model, options)
    rows, size = (d.rows, d.size) if (d := dataset.drawing) else (None, dataset.size)
    return Program(model, structure, dataset.shape, dataset.gather, rows, size, batch_size)


@cache
def template(program: Program) -> State:
    """Shapes and dtypes of a member's state; nothing is computed."""
    return jax.eval_shape(program.build().init, jax.random.key(0))


@cache
def codes(program: Program, factors: int) -> tuple[int, bool]:
    """Codes d of an image, and whether they have log variances; `factors`: k of the data set."""
    model = program.build()
    seen = (1, factors) if model.sees_factors else (1, *program.shape)
    mean, logvar = jax.eval_shape(model.encode, template(program).params, jnp.zeros(seen))
    return mean.shape[1], logvar is not None


def construct(program: Program, dataset: Dataset) -> set[str]:
    """Traces an update, computing nothing: what cannot work is an InputError before any work.

    Returns the names of what the model logs.
    """
    model, arrays = program.build(), _arrays(program, dataset)
    codes(program, len(dataset.names))
    if model.fit:
        return set()
    _, logs = jax.eval_shape(
        lambda state, arrays, key: model.update(state, _sampler(program, arrays), key),
        template(program),
        arrays,
        jax.random.key(0),
    )
    return set(logs)


def _arrays(program: Program, dataset: Dataset) -> tuple:
    """All that updates take of a data set: its images, its drawing, what the model asks for."""
    extra, drawing = program.build().extra, dataset.drawing
    return dataset.arrays, drawing.arrays if drawing else (), extra(dataset) if extra else ()


def _sampler(program: Program, arrays: tuple) -> Sampler:
    images, drawing, extra = arrays

    def rows(key):
        if program.rows is None:
            return jax.random.randint(key, (program.batch_size,), 0, program.size)
        return program.rows(drawing, key, program.batch_size)

    def gather(rows):
        return program.gather(images, rows)

    return Sampler(program.size, program.batch_size, rows, gather, extra)


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
        jax.device_put(_arrays(first, dataset), NamedSharding(mesh, P())),
        jax.device_put(jnp.stack([jax.random.key(seed) for seed in seeds]), members),
        {
            name: jax.device_put(np.array([n[name] for n in numbers], np.float32), members)
            for name in numbers[0]
        },
    )


def each(function: Callable, *members: Any) -> Any:
    """`function` of every member on this device, each leaf of `members` [m, ...].

    On a CPU they take turns: vmap gains nothing there and would change their arithmetic.
    """
    if jax.default_backend() == "cpu":
        return jax.lax.map(lambda member: function(*member), members)
    return jax.vmap(function)(*members)


def spread(function: Callable, mesh: Mesh) -> Callable:
    """`function(shared, *member)` over members [m, ...] sharded on the mesh."""

    def call(shared, *members):
        def local(shared, *members):
            return each(lambda *member: function(shared, *member), *members)

        specs = (P(), *(P("device") for _ in members))
        return jax.shard_map(
            local, mesh=mesh, in_specs=specs, out_specs=P("device"), check_vma=False
        )(shared, *members)

    return call


@partial(jax.jit, static_argnames=("program", "mesh"))
def _start(program: Program, mesh: Mesh, keys, numbers) -> State:
    def one(_, key, numbers):
        return program.build(numbers).init(jax.random.fold_in(key, 0))

    return spread(one, mesh)((), keys, numbers)


@partial(jax.jit, static_argnames=("program", "mesh", "steps"), donate_argnames="states")
def _advance(program: Program, mesh: Mesh, steps: int, arrays, states, keys, numbers):
    def one(shared, state, key, numbers):
        arrays, first = shared
        model, key = program.build(numbers), jax.random.fold_in(key, 1)
        sampler = _sampler(program, arrays)

        def step(state, at):
            # All members stand at one step: said so, a condition on it stays one under vmap.
            return model.update(state._replace(step=at), sampler, jax.random.fold_in(key, at))

        state, logs = jax.lax.scan(step, state, first + jnp.arange(steps, dtype=jnp.int32))
        return state, jax.tree.map(lambda log: log.mean(axis=0), logs)

    return spread(one, mesh)((arrays, states.step[0]), states, keys, numbers)


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
    data = sum(leaf.nbytes for leaf in jax.tree.leaves(cohort.arrays))
    taken = (
        memory.argument_size_in_bytes
        + memory.output_size_in_bytes
        - memory.alias_size_in_bytes
        + memory.temp_size_in_bytes
    )
    return data, (taken - data) // (len(cohort.keys) // cohort.mesh.size)


def start(cohort: Cohort) -> State:
    """Untrained states of all members, each leaf [m, ...]."""
    return _start(cohort.program, cohort.mesh, cohort.keys, cohort.numbers)


def place(cohort: Cohort, states: list[State]) -> State:
    """States from the host, one per member, onto the devices: each leaf [m, ...]."""
    return jax.device_put(stack(states), NamedSharding(cohort.mesh, P("device")))


def stack(trees: list) -> Any:
    """Trees of one structure as one, on the host, each leaf [m, ...]."""
    return jax.tree.map(lambda *leaves: np.stack(leaves), *trees)


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
