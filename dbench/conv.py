"""Strided convolutions that are fast on a CPU too.

`Conv` and `ConvTranspose` have the parameters and the results of their namesakes in
flax.linen. XLA's gradients of strided and transposed convolutions crawl on a CPU (30 times
slower inside a scan), so there the two kinds below become a few copies and a matrix product;
any other kind, and any other device, gets XLA's own convolution.

- Patches: kernel size = stride. Blocks of pixels times the kernel.
- Kernel 4 x 4, stride 2. The gradient of the strided convolution by its input is the transposed
  one and the other way round, so XLA's own gradients are not needed: going down, its strided
  convolution is fast; going up, each of the four pixels of the output's blocks of 2 x 2 is
  a convolution of 2 x 2 taps and stride 1; the kernel's gradient is a matrix product. Their
  gradients are written out (custom_vjp), so forward-mode derivatives need kind "native".

Shapes: b batch; h, w height and width of the input; c input and o output channels.
"""

from collections.abc import Callable
from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax import lax

LAYOUT = ("NHWC", "HWIO", "NHWC")
TAPS = ((0, 0), (0, 1), (1, 0), (1, 1))


class Conv(nn.Module):
    """Convolution with "SAME" padding, [b, h, w, c] -> [b, h/stride, w/stride, o]."""

    features: int
    kernel_size: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    kernel_init: Callable = nn.initializers.lecun_normal()
    bias_init: Callable = nn.initializers.zeros
    use_bias: bool = True

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        shape = (*self.kernel_size, x.shape[-1], self.features)
        kernel = self.param("kernel", self.kernel_init, shape)
        fits = x.shape[1] % self.strides[0] == x.shape[2] % self.strides[1] == 0
        kind = kind_of(self.kernel_size, self.strides) if fits else "native"
        return biased(self, DOWN[kind](x, kernel, self.strides))


class ConvTranspose(nn.Module):
    """Transposed convolution, "SAME", [b, h, w, c] -> [b, h stride, w stride, o]."""

    features: int
    kernel_size: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    kernel_init: Callable = nn.initializers.lecun_normal()
    bias_init: Callable = nn.initializers.zeros
    use_bias: bool = True

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        shape = (*self.kernel_size, x.shape[-1], self.features)
        kernel = self.param("kernel", self.kernel_init, shape)
        kind = kind_of(self.kernel_size, self.strides)
        return biased(self, UP[kind](x, kernel, self.strides))


def biased(layer: Conv | ConvTranspose, y: jax.Array) -> jax.Array:
    """y [b, h, w, o] and the layer's bias, if it has one."""
    if not layer.use_bias:
        return y
    return y + layer.param("bias", layer.bias_init, (layer.features,))[None, None, None]


def kind_of(kernel_size: tuple[int, int], strides: tuple[int, int]) -> str:
    """Which of the formulations below serves a convolution on this backend."""
    if jax.default_backend() == "cpu":
        if kernel_size == strides:
            return "patches"
        if kernel_size == (4, 4) and strides == (2, 2):
            return "taps"
    return "native"


def down_native(x, kernel, strides):
    return lax.conv_general_dilated(x, kernel, strides, "SAME", dimension_numbers=LAYOUT)


def up_native(x, kernel, strides):
    return lax.conv_transpose(x, kernel, strides, "SAME", dimension_numbers=LAYOUT)


def down_patches(x, kernel, strides):
    (b, h, w, c), (s, t) = x.shape, strides
    blocks = x.reshape(b, h // s, s, w // t, t * c).swapaxes(2, 3)
    return product(blocks.reshape(b, h // s, w // t, s * t * c), kernel)


def up_patches(x, kernel, strides):
    (b, h, w, _), (s, t), o = x.shape, strides, kernel.shape[3]
    kernel = kernel[::-1, ::-1].transpose(2, 0, 1, 3)  # [c, s, t, o]
    blocks = product(x, kernel).reshape(b, h, w, s, t * o)
    return blocks.swapaxes(2, 3).reshape(b, h * s, w * t, o)


def product(x, kernel):
    """x [b, h, w, k] times the kernel seen as [k, n], -> [b, h, w, n].

    A plain product of two matrices: the gradient of one with more axes is slow on a CPU.
    """
    y = matrix(x) @ kernel.reshape(x.shape[3], -1)
    return y.reshape(*x.shape[:3], -1)


def flipped(kernel):
    """The kernel of the gradient by the input: turned by 180 degrees, [.., c, o] -> [.., o, c]."""
    return kernel[::-1, ::-1].swapaxes(2, 3)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def down_taps(x, kernel, strides):
    """4 x 4, stride 2: [b, h, w, c], [4, 4, c, o] -> [b, h/2, w/2, o]."""
    c, o = kernel.shape[2:]
    if c > 1 and few(c, o):  # colours: XLA's convolution takes 8 times that of one channel
        return product(patches(x), kernel.reshape(2, 2, 2, 2, c, o).swapaxes(1, 2))
    return down_native(x, kernel, strides)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def up_taps(x, kernel, strides):
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
    """Of `down_taps`: input x [b, 2 h, 2 w, c], gradient y [b, h, w, o] -> [4, 4, c, o]."""
    c, o = x.shape[3], y.shape[3]
    if few(c, o):
        taps = matrix(patches(x)).T @ matrix(y)
        return taps.reshape(2, 2, 2, 2, c, o).swapaxes(1, 2).reshape(4, 4, c, o)
    moved = matrix(jnp.concatenate([shifted(y, *tap) for tap in TAPS], axis=3))
    taps = jnp.stack([matrix(rows).T @ moved for rows in halves(x)]).reshape(2, 2, c, 2, 2, o)
    return taps.transpose(3, 0, 4, 1, 2, 5).reshape(4, 4, c, o)


def matrix(x):
    """[.., c] -> [n, c]."""
    return x.reshape(-1, x.shape[-1])


def _down_gradients(strides, saved, gradient):
    x, kernel = saved
    return up_taps(gradient, flipped(kernel), strides), kernel_gradient(x, gradient)


def _up_gradients(strides, saved, gradient):
    x, kernel = saved
    return down_taps(gradient, flipped(kernel), strides), flipped(kernel_gradient(gradient, x))


down_taps.defvjp(lambda x, k, strides: (down_taps(x, k, strides), (x, k)), _down_gradients)
up_taps.defvjp(lambda x, k, strides: (up_taps(x, k, strides), (x, k)), _up_gradients)

DOWN = {"native": down_native, "patches": down_patches, "taps": down_taps}
UP = {"native": up_native, "patches": up_patches, "taps": up_taps}
