"""Convolutions 4 x 4 of stride 2 with many channels: three products where there were four.

In blocks of 2 x 2 pixels such a convolution has 2 x 2 taps and stride 1. Along an axis, two
outputs of two taps, y0 = d0 g0 + d1 g1 and y1 = d1 g0 + d2 g1, take four products of matrices;
three do,

    m0 = (d0 - d1) g0,   m1 = d1 (g0 + g1),   m2 = (d1 - d2) g1
    y0 = m0 + m1,        y1 = m1 - m2

(F(2, 2) of Winograd, "Arithmetic Complexity of Computations", SIAM 1980; Karatsuba's way to
multiply). So 9 products of 16 for an even height and width, 121 of 196 for the 7 x 7 outputs of
InfoGAN's second layer. There are only sums and differences on the way: results are those of other
formulations to about 1e-6 of the largest. All gradients are the transposes of these steps, JAX's
own. The sums and copies pay only where products of many channels are saved, see `pays`.
"""

import jax
import jax.numpy as jnp
from jax.lax import slice_in_dim

from dbench.nets.conv.products import flipped, product


def pays(c: int, o: int) -> bool:
    """Whether this beats taps on a CPU; c channels of the larger image, o of the smaller."""
    return c >= 16 and o >= 128


def down(x, kernel, strides):
    """4 x 4, stride 2: [b, h, w, c], [4, 4, c, o] -> [b, h/2, w/2, o]."""
    (b, h, w, _), (c, o) = x.shape, kernel.shape[2:]
    x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    blocks = x.reshape(b, h // 2 + 1, 2, w // 2 + 1, 2 * c).swapaxes(2, 3)
    blocks = blocks.reshape(b, h // 2 + 1, w // 2 + 1, 4 * c)
    taps = kernel.reshape(2, 2, 2, 2, c, o).swapaxes(1, 2).reshape(2, 2, 4 * c, o)
    return along(1, blocks, taps, lambda x, taps: along(2, x, taps, product))


def up(x, kernel, strides):
    """4 x 4, stride 2: [b, h, w, c], [4, 4, c, o] -> [b, 2 h, 2 w, o]; `down` transposed."""
    (b, h, w, _), o = x.shape, kernel.shape[3]
    image = jax.ShapeDtypeStruct((b, 2 * h, 2 * w, o), x.dtype)
    return jax.linear_transpose(lambda image: down(image, flipped(kernel), strides), image)(x)[0]


def along(axis, x, taps, times):
    """n outputs of taps [2, ..] from the n + 1 entries of x along an axis.

    `times`: entries of x [.., some, ..], a tap -> their products.
    """
    n = x.shape[axis] - 1
    half = n // 2
    even, odd = slice_in_dim(x, 0, None, 2, axis), slice_in_dim(x, 1, None, 2, axis)
    first, second = slice_in_dim(even, 0, n - half, 1, axis), slice_in_dim(even, 1, None, 1, axis)
    m0 = times(first - odd, taps[0])
    m1 = times(odd, taps[0] + taps[1])
    m2 = times(slice_in_dim(odd, 0, half, 1, axis) - second, taps[1])
    return in_turn(m0 + m1, slice_in_dim(m1, 0, half, 1, axis) - m2, n, axis)


def in_turn(even, odd, n, axis):
    """The n entries, even and odd ones, along an axis."""
    if n % 2:
        odd = jnp.concatenate([odd, jnp.zeros_like(slice_in_dim(even, 0, 1, 1, axis))], axis)
    both = jnp.stack([even, odd], axis + 1)
    both = both.reshape(*even.shape[:axis], n + n % 2, *even.shape[axis + 1 :])
    return slice_in_dim(both, 0, n, 1, axis)
