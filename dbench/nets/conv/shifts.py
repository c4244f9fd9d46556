"""Convolutions 3 x 3 of stride 1: nine shifted copies side by side, then one product."""

import jax.numpy as jnp

from dbench.nets.conv.products import product


def down(x, kernel, strides):
    """[b, h, w, c], [3, 3, c, o] -> [b, h, w, o]."""
    h, w = x.shape[1:3]
    x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    taps = [x[:, i : i + h, j : j + w] for i in range(3) for j in range(3)]
    return product(jnp.concatenate(taps, axis=3), kernel.reshape(-1, kernel.shape[3]))


up = down  # of stride 1 both are one, and flax does not flip the kernel of a transposed one
