"""How much arithmetic an update is, and how much memory: counted in its trace, on no device.

An operation is a multiplication or an addition of matrix products and convolutions; the rest of an
update (activations, losses, Adam) takes time as well, but hardly grows with the size of a net.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.extend import core

from dbench.base import Dataset
from dbench.nets.conv import shapes_alone
from dbench.training import programs
from dbench.training.programs import Program


class Arithmetic(NamedTuple):
    """What one member of a cohort asks of its device."""

    update: int  # operations of an update
    encode: int  # of an image encoded
    state: int  # bytes of parameters, the optimiser's state and the step
    params: int  # bytes of the parameters alone
    live: int  # bytes of what an update holds at once, its state included: at most


def arithmetic(program: Program, dataset: Dataset) -> Arithmetic:
    """Of a program on its data set. A model that is made at once has no updates: 0."""
    model, template = program.build(), programs.template(program)
    arrays = jax.tree.map(_shape, programs.arrays_of(program, dataset))
    images = jax.ShapeDtypeStruct((program.batch_size, *program.shape), jnp.float32)
    if model.sees_factors:
        images = jax.ShapeDtypeStruct((program.batch_size, len(dataset.names)), jnp.float32)
    with shapes_alone():
        encode = jax.make_jaxpr(model.encode)(template.params, images)
        update = None
        if not model.fit:
            update = jax.make_jaxpr(
                lambda state, arrays, key: model.update(
                    state, programs.sampler(program, arrays), key
                )
            )(template, arrays, programs.key())
    return Arithmetic(
        operations(update.jaxpr) if update else 0,
        operations(encode.jaxpr) // program.batch_size,
        _bytes(template),
        _bytes(template.params),
        (peak(update.jaxpr) if update else 0) + _bytes(template),
    )


def operations(jaxpr: core.Jaxpr) -> int:
    """Multiplications and additions of all products in a trace; of a loop without a known end, once
    round; of a condition, the longer way."""
    return sum(_operations(equation) for equation in jaxpr.eqns)


def _operations(equation) -> int:
    name, params = equation.primitive.name, equation.params
    if name == "dot_general":
        (contracted, _), _ = params["dimension_numbers"]
        depth = math.prod(equation.invars[0].aval.shape[axis] for axis in contracted)
        return 2 * equation.outvars[0].aval.size * depth
    if name == "conv_general_dilated":
        kernel, numbers = equation.invars[1].aval, params["dimension_numbers"]
        depth = kernel.size // kernel.shape[numbers.rhs_spec[0]]
        zeros = math.prod(params["lhs_dilation"])  # of the pixels spread out, all others are zero
        return 2 * equation.outvars[0].aval.size * depth // zeros
    inner = [operations(part) for part in _inner(params)]
    if name == "cond":
        return max(inner, default=0)
    return sum(inner) * params.get("length", 1) if name == "scan" else sum(inner)


def peak(jaxpr: core.Jaxpr) -> int:
    """Bytes of the values that are alive at once, those from outside left out.

    More than a compiled program takes, which never writes down much of what is elementwise.
    """
    last = {
        var: i for i, e in enumerate(jaxpr.eqns) for var in e.invars if isinstance(var, core.Var)
    }
    last |= {var: len(jaxpr.eqns) for var in jaxpr.outvars if isinstance(var, core.Var)}
    ends: dict[int, int] = {}  # equation -> bytes that nobody needs after it
    alive = most = 0
    for i, equation in enumerate(jaxpr.eqns):
        for var in equation.outvars:
            size = _size(var.aval)
            alive += size
            ends[last.get(var, i)] = ends.get(last.get(var, i), 0) + size
        most = max(most, alive + max(map(peak, _inner(equation.params)), default=0))
        alive -= ends.get(i, 0)
    return most


def _inner(params: dict) -> list[core.Jaxpr]:
    """The traces that an equation holds: bodies of loops, branches, functions called."""
    found = []
    for value in params.values():
        for each in value if isinstance(value, tuple | list) else (value,):
            each = getattr(each, "jaxpr", each)
            if isinstance(each, core.Jaxpr):
                found.append(each)
    return found


def _size(aval) -> int:
    return aval.size * aval.dtype.itemsize


def _shape(leaf) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype)


def _bytes(tree) -> int:
    return sum(_size(leaf) for leaf in jax.tree.leaves(tree))
