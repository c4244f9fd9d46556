"""Strided convolutions that are fast on a CPU too.

`Conv` and `ConvTranspose` have the parameters and the results of their namesakes in
flax.linen. XLA's gradients of strided and transposed convolutions crawl on a CPU (30 times
slower inside a scan), so there some kinds become a few copies and matrix products; any other
kind, and any other device, gets XLA's own convolution. A kind is a module with

    down(x, kernel, strides)  [b, h, w, c], [.., c, o] -> [b, h/stride, w/stride, o]
    up(x, kernel, strides)    [b, h, w, c], [.., c, o] -> [b, h stride, w stride, o]

and a line in KINDS; `kind_of` says which serves.
"""

from collections.abc import Callable

import flax.linen as nn
import jax

from dbench.conv import karatsuba, native, patches, taps


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
        kind = kind_of(self.kernel_size, self.strides, *shape[2:]) if fits else "native"
        return biased(self, KINDS[kind].down(x, kernel, self.strides))


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
        kind = kind_of(self.kernel_size, self.strides, self.features, x.shape[-1])
        return biased(self, KINDS[kind].up(x, kernel, self.strides))


def biased(layer: Conv | ConvTranspose, y: jax.Array) -> jax.Array:
    """y [b, h, w, o] and the layer's bias, if it has one."""
    if not layer.use_bias:
        return y
    return y + layer.param("bias", layer.bias_init, (layer.features,))[None, None, None]


def kind_of(kernel_size: tuple[int, int], strides: tuple[int, int], c: int, o: int) -> str:
    """Which of KINDS serves on this backend; c channels of the larger image, o of the smaller."""
    if jax.default_backend() == "cpu":
        if kernel_size == strides:
            return "patches"
        if kernel_size == (4, 4) and strides == (2, 2):
            return "karatsuba" if karatsuba.pays(c, o) else "taps"
    return "native"


KINDS = {"native": native, "patches": patches, "taps": taps, "karatsuba": karatsuba}
