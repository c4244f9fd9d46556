"""A small network as pure functions: agents on codes need no more."""

import jax
import jax.numpy as jnp

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
