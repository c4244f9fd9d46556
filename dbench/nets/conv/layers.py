"""Strided convolutions that are fast on a CPU too.

`Conv` and `ConvTranspose` have the parameters and the results of their namesakes in
flax.linen. XLA's gradients of strided and transposed convolutions crawl on a CPU (30 times
slower inside a scan), so there some kinds become a few copies and matrix products; any other
kind, and any other device, gets XLA's own convolution. A kind is a module with

    down(x, kernel, strides)  [b, h, w, c], [.., c, o] -> [b, h/stride, w/stride, o]
    up(x, kernel, strides)    [b, h, w, c], [.., c, o] -> [b, h stride, w stride, o]

and a line in KINDS; `kind_of` says which serves.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar

import flax.linen as nn
import jax

from dbench.nets.conv import karatsuba, native, patches, shifts, taps


class Strided(nn.Module):
    """What both layers are told, as their namesakes in flax.linen."""

    features: int
    kernel_size: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    kernel_init: Callable = nn.initializers.lecun_normal()
    bias_init: Callable = nn.initializers.zeros
    use_bias: bool = True

    def kernel(self, channels: int) -> jax.Array:
        shape = (*self.kernel_size, channels, self.features)
        return self.param("kernel", self.kernel_init, shape)

    def biased(self, y: jax.Array) -> jax.Array:
        """y [b, h, w, o] and the layer's bias, if it has one."""
        if not self.use_bias:
            return y
        return y + self.param("bias", self.bias_init, (self.features,))[None, None, None]


class Conv(Strided):
    """Convolution with "SAME" padding, [b, h, w, c] -> [b, h/stride, w/stride, o]."""

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        c, kernel = x.shape[-1], self.kernel(x.shape[-1])
        fits = x.shape[1] % self.strides[0] == x.shape[2] % self.strides[1] == 0
        kind = kind_of(self.kernel_size, self.strides, c, self.features) if fits else "native"
        return self.biased(KINDS[kind].down(x, kernel, self.strides))


class ConvTranspose(Strided):
    """Transposed convolution, "SAME", [b, h, w, c] -> [b, h stride, w stride, o]."""

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        c, kernel = x.shape[-1], self.kernel(x.shape[-1])
        kind = kind_of(self.kernel_size, self.strides, self.features, c)
        return self.biased(KINDS[kind].up(x, kernel, self.strides))


_no_device = ContextVar("_no_device", default=False)


@contextlib.contextmanager
def shapes_alone() -> Iterator[None]:
    """Inside, layers are traced for their shapes: which device computes them is not asked.

    To ask starts the devices, which a plan made on a cluster's login node must not.
    """
    token = _no_device.set(True)
    try:
        yield
    finally:
        _no_device.reset(token)


def kind_of(kernel_size: tuple[int, int], strides: tuple[int, int], c: int, o: int) -> str:
    """Which of KINDS serves on this backend; c channels of the larger image, o of the smaller."""
    if not _no_device.get() and jax.default_backend() == "cpu":
        if kernel_size == strides:
            return "patches"
        if kernel_size == (3, 3) and strides == (1, 1):
            return "shifts"
        if kernel_size == (4, 4) and strides == (2, 2):
            return "karatsuba" if karatsuba.pays(c, o) else "taps"
    return "native"


KINDS = {
    "native": native,
    "patches": patches,
    "shifts": shifts,
    "taps": taps,
    "karatsuba": karatsuba,
}
