"""Strided convolutions that are fast on a CPU too.

`Conv` and `ConvTranspose` have the parameters and the results of their namesakes in
flax.linen. XLA's gradients of strided and transposed convolutions crawl on a CPU (30 times
slower inside a scan), so there the two kinds below become a few copies and a matrix product;
any other kind, and any other device, gets XLA's own convolution.

- Patches: kernel size = stride. Blocks of pixels times the kernel.
- Kernel 4 x 4, stride 2. Seen on blocks of 2 x 2 pixels it is a convolution of 2 x 2 taps and
  stride 1. Its four taps are spread over the input or over the output of one product,
  whichever has fewer channels.

Shapes: b batch; h, w height and width of the input; c input and o output channels.
"""

from collections.abc import Callable

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax import lax

LAYOUT = ("NHWC", "HWIO", "NHWC")
TAPS = ((0, 0), (0, 1), (1, 0), (1, 1))


class Conv(nn.Module):
    """Convolution with "SAME" padding and a bias, [b, h, w, c] -> [b, h/stride, w/stride, o]."""

    features: int
    kernel_size: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    kernel_init: Callable = nn.initializers.lecun_normal()
    bias_init: Callable = nn.initializers.zeros

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        shape = (*self.kernel_size, x.shape[-1], self.features)
        kernel = self.param("kernel", self.kernel_init, shape)
        bias = self.param("bias", self.bias_init, (self.features,))
        fits = x.shape[1] % self.strides[0] == x.shape[2] % self.strides[1] == 0
        kind = kind_of(self.kernel_size, self.strides) if fits else "native"
        return DOWN[kind](x, kernel, self.strides) + bias[None, None, None]


class ConvTranspose(nn.Module):
    """Transposed convolution, "SAME", with a bias, [b, h, w, c] -> [b, h stride, w stride, o]."""

    features: int
    kernel_size: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    kernel_init: Callable = nn.initializers.lecun_normal()
    bias_init: Callable = nn.initializers.zeros

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        shape = (*self.kernel_size, x.shape[-1], self.features)
        kernel = self.param("kernel", self.kernel_init, shape)
        bias = self.param("bias", self.bias_init, (self.features,))
        return (
            UP[kind_of(self.kernel_size, self.strides)](x, kernel, self.strides)
            + bias[None, None, None]
        )


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
    y = x.reshape(-1, x.shape[3]) @ kernel.reshape(x.shape[3], -1)
    return y.reshape(*x.shape[:3], -1)


def part(n: int, size: int) -> slice:
    return slice(n * size, (n + 1) * size)


def down_taps(x, kernel, strides):
    """4 x 4, stride 2: [b, h, w, c], [4, 4, c, o] -> [b, h/2, w/2, o]."""
    (b, h, w, c), o = x.shape, kernel.shape[3]
    h, w = h // 2, w // 2

    def rows(start, before, after):
        """Every second row, padded; pixels in pairs: [b, h + 1, w + 1, 2 c]."""
        padded = jnp.pad(x[:, start::2], ((0, 0), (before, after), (1, 1), (0, 0)))
        return padded.reshape(b, h + 1, w + 1, 2 * c)

    # Upper and lower rows of the blocks stay apart: joining them costs a slow copy.
    upper, lower = rows(1, 1, 0), rows(0, 0, 1)
    taps = kernel.reshape(2, 2, 2, 2, c, o)  # tap and pixel in the block by rows, by columns
    if 4 * c <= o:
        parts = [part[:, i : i + h, j : j + w] for i, j in TAPS for part in (upper, lower)]
        return product(jnp.concatenate(parts, -1), taps.swapaxes(1, 2))
    taps = taps.transpose(1, 3, 4, 0, 2, 5)
    y = product(upper, taps[0]) + product(lower, taps[1])
    return sum(y[:, i : i + h, j : j + w, part(n, o)] for n, (i, j) in enumerate(TAPS))


def up_taps(x, kernel, strides):
    """4 x 4, stride 2: [b, h, w, c], [4, 4, c, o] -> [b, 2 h, 2 w, o]."""
    (b, h, w, c), o = x.shape, kernel.shape[3]
    border = ((0, 0), (1, 1), (1, 1), (0, 0))
    taps = kernel.reshape(2, 2, 2, 2, c, o)[:, ::-1, :, ::-1]  # as in down_taps
    if c <= 4 * o:
        x = jnp.pad(x, border)
        patches = jnp.concatenate([x[:, i : i + h + 1, j : j + w + 1] for i, j in TAPS], -1)
        y = product(patches, taps.transpose(0, 2, 4, 1, 3, 5))
    else:
        y = jnp.pad(product(x, taps.transpose(4, 0, 2, 1, 3, 5)), border)
        y = sum(y[:, i : i + h + 1, j : j + w + 1, part(n, 4 * o)] for n, (i, j) in enumerate(TAPS))
    pixels = y.reshape(b, h + 1, w + 1, 2, 2 * o).swapaxes(2, 3)
    return pixels.reshape(b, 2 * h + 2, 2 * w + 2, o)[:, 1:-1, 1:-1]


DOWN = {"native": down_native, "patches": down_patches, "taps": down_taps}
UP = {"native": up_native, "patches": up_patches, "taps": up_taps}
