"""What a compiled training step depends on: data set, model, network and batch size.

Runs of one program differ in numbers alone (seed, beta, learning rate): they train as a cohort.
Models are imported where they are built: scores of codes need none of the libraries below them.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from dbench.base import Dataset, Model, Sampler, State


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
        from dbench.models import MODELS

        return MODELS[self.model](self.shape, **dict(self.structure), **(numbers or {}))


def program(dataset: Dataset, model: str, options: dict, *, batch_size: int = 64) -> Program:
    """The program of a run; `options` as in `models.split`."""
    from dbench.models import split

    _, structure = split(model, options)
    rows, size = (d.rows, d.size) if (d := dataset.drawing) else (None, dataset.size)
    return Program(model, structure, dataset.shape, dataset.gather, rows, size, batch_size)


@cache
def template(program: Program) -> State:
    """Shapes and dtypes of a member's state; nothing is computed."""
    return _shapes(program.build().init, key())


@cache
def codes(program: Program, factors: int) -> tuple[int, bool]:
    """Codes d of an image, and whether they have log variances; `factors`: k of the data set."""
    model = program.build()
    seen = (1, factors) if model.sees_factors else (1, *program.shape)
    mean, logvar = _shapes(model.encode, template(program).params, _floats(seen))
    return mean.shape[1], logvar is not None


def key() -> jax.ShapeDtypeStruct:
    """What a key looks like. None is made: that would start the devices."""
    return jax.eval_shape(jax.random.key, 0)


def _shapes(function: Callable, *arguments: Any) -> Any:
    """What `function` returns, as shapes and dtypes; no device starts."""
    from dbench.nets.conv import shapes_alone

    with shapes_alone():
        return jax.eval_shape(function, *arguments)


def _floats(shape: tuple[int, ...]) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, jnp.float32)


def construct(program: Program, dataset: Dataset) -> set[str]:
    """Traces an update, computing nothing: what cannot work is an InputError before any work.

    Returns the names of what the model logs.
    """
    from dbench.models import MODELS

    model, arrays = program.build(), arrays_of(program, dataset)
    codes(program, len(dataset.names))
    if model.fit:
        return set()
    leaves, tree = jax.tree.flatten(arrays)
    shapes = tuple(jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for leaf in leaves)
    return set(_logged(program, MODELS[program.model], tree, shapes))


@cache  # a study is planned again where it goes on, or by each of its workers in a process
def _logged(program: Program, build: Callable, tree, shapes: tuple) -> frozenset[str]:
    """What an update of the model that `build` makes logs, of arrays of these shapes."""
    model = program.build()
    _, logs = _shapes(
        lambda state, arrays, key: model.update(state, sampler(program, arrays), key),
        template(program),
        jax.tree.unflatten(tree, shapes),
        key(),
    )
    return frozenset(logs)


def arrays_of(program: Program, dataset: Dataset) -> tuple:
    """All that updates take of a data set: its images, its drawing, what the model asks for."""
    extra, drawing = program.build().extra, dataset.drawing
    return dataset.arrays, drawing.arrays if drawing else (), extra(dataset) if extra else ()


def sampler(program: Program, arrays: tuple) -> Sampler:
    images, drawing, extra = arrays

    def rows(key):
        if program.rows is None:
            return jax.random.randint(key, (program.batch_size,), 0, program.size)
        return program.rows(drawing, key, program.batch_size)

    def gather(rows):
        return program.gather(images, rows)

    return Sampler(program.size, program.batch_size, rows, gather, extra)
