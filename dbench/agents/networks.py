"""The network of an agent as pure functions: small, or behind an encoder that learns with it."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


class Net(NamedTuple):
    """What turns what is seen into values or chances of actions. Two are the same if equal."""

    init: Callable  # (key, seen [n, ...], outputs, start: what it begins with, if any) -> params
    run: Callable  # (params, x [b, ...]) -> [b, outputs]
    look: Callable  # (params, x [b, ...]) -> [b, d]: what its layers get


UNITS = 64  # of each hidden layer of an agent
Layers = list[tuple[jax.Array, jax.Array]]  # weights [i, o] and biases [o]


def init(key: jax.Array, sizes: tuple[int, ...]) -> Layers:
    """Weights of variance 2 / inputs (He et al. 2015), of the last layer a hundredth of that."""
    keys = jax.random.split(key, len(sizes) - 1)
    scales = [(2 / i) ** 0.5 for i in sizes[:-1]]
    scales[-1] /= 10
    return [
        (scale * jax.random.normal(k, (i, o)), jnp.zeros(o))
        for k, scale, i, o in zip(keys, scales, sizes[:-1], sizes[1:], strict=True)
    ]


def run(layers: Layers, x: jax.Array) -> jax.Array:
    """x [b, i] -> [b, o], ReLU between the layers."""
    for at, (weights, biases) in enumerate(layers):
        x = x @ weights + biases[None]
        x = jax.nn.relu(x) if at < len(layers) - 1 else x
    return x


@cache
def layered(units: int) -> Net:
    """Two hidden layers on codes: frozen vision needs no more."""

    def start_of(key, codes, outputs, start=()):
        return init(key, (codes.shape[1], units, units, outputs))

    return Net(start_of, run, lambda layers, codes: codes)


LAYERS = layered(UNITS)


class Vision(NamedTuple):
    """An encoder that agents begin with, and how its codes are scaled: codes [d] less `mean`."""

    params: Any  # of the encoder
    given: Any  # what else `encode` takes; stays as it is
    mean: jax.Array  # [d]
    size: jax.Array  # ()


@cache
def seeing(encode: Callable, units: int = UNITS) -> Net:
    """The same two layers behind `encode` (params, given, images) -> [b, d], trained with them."""

    def begin(key, images, outputs, start):
        layers = init(key, (len(start.mean), units, units, outputs))
        return {"layers": layers, "vision": start}

    def look(params, images):
        vision = params["vision"]
        given, mean, size = jax.lax.stop_gradient(vision[1:])
        codes = encode(vision.params, given, images)
        return (codes - mean[None]) / size

    def act(params, images):
        return run(params["layers"], look(params, images))

    return Net(begin, act, look)
