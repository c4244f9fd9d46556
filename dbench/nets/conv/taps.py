"""Convolutions 4 x 4 of stride 2: few copies, and products or convolutions that are fast on a CPU.

The gradient of the strided convolution by its input is the transposed one and the other way round,
so XLA's own gradients are not needed: going down, its strided convolution is fast; going up, each
of the four pixels of the output's blocks of 2 x 2 is a convolution of 2 x 2 taps and stride 1;
the kernel's gradient is a matrix product. Their gradients are written out (custom_vjp), so
there are no forward-mode derivatives.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from dbench.nets.conv.native import LAYOUT
from dbench.nets.conv.native import down as down_native
from dbench.nets.conv.products import flipped, matrix, product

TAPS = ((0, 0), (0, 1), (1, 0), (1, 1))


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def down(x, kernel, strides):
    """4 x 4, stride 2: [b, h, w, c], [4, 4, c, o] -> [b, h/2, w/2, o]."""
    c, o = kernel.shape[2:]
    if c > 1 and few(c, o):  # colours: XLA's convolution takes 8 times that of one channel
        return product(patches(x), kernel.reshape(2, 2, 2, 2, c, o).swapaxes(1, 2))
    return down_native(x, kernel, strides)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def up(x, kernel, strides):
    """4 x 4, stride 2: [b, h, w, c], [4, 4, c, o] -> [b, 2 h, 2 w, o]."""
    (b, h, w, c), o = x.shape, kernel.shape[3]
    # Tap and pixel in a block by rows, tap and pixel by columns, c, o.
    taps = kernel.reshape(2, 2, 2, 2, c, o)[:, ::-1, :, ::-1]
    if c <= 4 * o:  # a convolution for each pixel of a block: none of them computes the border
        pixels = [[_pixel(x, taps, i, j) for j in (1, 0)] for i in (1, 0)]
        rows = [jnp.stack(row, axis=3) for row in pixels]
        return jnp.stack(rows, axis=2).reshape(b, 2 * h, 2 * w, o)
    # A few channels to shift after a product, instead of many before it.
    y = product(x, taps.transpose(4, 0, 2, 1, 3, 5)).reshape(b, h, w, 4, 4 * o)
    y = sum(shifted(y[:, :, :, n], 1 - i, 1 - j) for n, (i, j) in enumerate(TAPS))
    pixels = y.reshape(b, h + 1, w + 1, 2, 2 * o).swapaxes(2, 3)
    return pixels.reshape(b, 2 * h + 2, 2 * w + 2, o)[:, 1:-1, 1:-1]


def _pixel(x, taps, i, j):
    """Pixel (i, j) of all blocks that have it inside the image: [b, h, w, o].

    Blocks begin a pixel outside: pixels 0 of the first ones and 1 of the last ones are not in it.
    """
    padding = [(1, 0) if one else (0, 1) for one in (i, j)]
    kernel = taps[:, i, :, j]
    return lax.conv_general_dilated(x, kernel, (1, 1), padding, dimension_numbers=LAYOUT)


def shifted(x, i, j):
    """Padded by one row and one column, so that it is moved by (i, j): [b, h + 1, w + 1, c]."""
    return jnp.pad(x, ((0, 0), (i, 1 - i), (j, 1 - j), (0, 0)))


def few(c, o):
    """Whether the c channels of the larger image are so few that they had better be shifted."""
    return 4 * c <= o


def halves(x):
    """Upper and lower rows of the blocks, padded, pixels in pairs: [b, h/2 + 1, w/2 + 1, 2 c] each.

    They stay apart: joining them costs a slow copy.
    """
    b, h, w, c = x.shape

    def half(start, before, after):
        rows = jnp.pad(x[:, start::2], ((0, 0), (before, after), (1, 1), (0, 0)))
        return rows.reshape(b, h // 2 + 1, w // 2 + 1, 2 * c)

    return half(1, 1, 0), half(0, 0, 1)


def patches(x):
    """What a 4 x 4 kernel of stride 2 sees: [b, h, w, c] -> [b, h/2, w/2, 16 c].

    By tap's row and column, then row and column in the block.
    """
    h, w = x.shape[1] // 2, x.shape[2] // 2
    parts = [rows[:, i : i + h, j : j + w] for i, j in TAPS for rows in halves(x)]
    return jnp.concatenate(parts, axis=3)


def kernel_gradient(x, y):
    """Of `down`: input x [b, 2 h, 2 w, c], gradient y [b, h, w, o] -> [4, 4, c, o]."""
    c, o = x.shape[3], y.shape[3]
    if few(c, o):
        taps = matrix(patches(x)).T @ matrix(y)
        return taps.reshape(2, 2, 2, 2, c, o).swapaxes(1, 2).reshape(4, 4, c, o)
    moved = matrix(jnp.concatenate([shifted(y, *tap) for tap in TAPS], axis=3))
    taps = jnp.stack([matrix(rows).T @ moved for rows in halves(x)]).reshape(2, 2, c, 2, 2, o)
    return taps.transpose(3, 0, 4, 1, 2, 5).reshape(4, 4, c, o)


def _down_gradients(strides, saved, gradient):
    x, kernel = saved
    return up(gradient, flipped(kernel), strides), kernel_gradient(x, gradient)


def _up_gradients(strides, saved, gradient):
    x, kernel = saved
    return down(gradient, flipped(kernel), strides), flipped(kernel_gradient(gradient, x))


down.defvjp(lambda x, k, strides: (down(x, k, strides), (x, k)), _down_gradients)
up.defvjp(lambda x, k, strides: (up(x, k, strides), (x, k)), _up_gradients)
