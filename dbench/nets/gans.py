"""Networks of GANs: a generator, and a discriminator that shares its trunk with Q.

    G  codes and noise - units - as many as D's last convolution has - its convolutions in reverse
    D  convolutions - units - 1 logit
    Q  from D's units: head - one output for each code

ReLU in G, leaky ReLU of slope 0.1 in D and Q. With batch norm it is in every layer but D's first
and the last ones, by the batch in training and by running averages (of 0.9) elsewhere. Weights
start as those of the other nets here (Glorot); the authors of InfoGAN draw theirs from N(0, 0.02^2)
and their code has slope 0.01 where the paper, as recalled, says 0.1. To add a net: a function here
that makes a Plan for a shape and a line in GAN_NETS.
"""

from collections.abc import Callable
from typing import NamedTuple

import flax.linen as nn
import jax

from dbench.errors import InputError
from dbench.nets.conv import Conv, ConvTranspose
from dbench.nets.layers import Dense, glorot

SLOPE = 0.1


class Plan(NamedTuple):
    """Sizes of the layers."""

    channels: tuple[int, ...]  # of D's convolutions, first to last
    kernel: int  # side of all of them
    stride: int
    units: int  # of D's and G's fully connected layer
    head: int  # of Q's own layer


def mnist(shape: tuple[int, int, int]) -> Plan:
    """Chen et al. 2016 on MNIST, convolutions 64-128, 1024 units, 128 of Q.

    "InfoGAN: Interpretable Representation Learning by Information Maximizing Generative
    Adversarial Nets", NIPS 2016, appendix C.1, and the authors' code. Sides: multiples of 4.
    """
    fitting("mnist", shape, 4)
    return Plan((64, 128), 4, 2, 1024, 128)


def conv(shape: tuple[int, int, int]) -> Plan:
    """Kim and Mnih 2018, convolutions 32-32-64-64, 128 units, 128 of Q.

    "Disentangling by Factorising", ICML 2018, appendix, recalled and not seen: the encoder's
    convolutions, and units like these. Sides: multiples of 16.
    """
    fitting("conv", shape, 16)
    return Plan((32, 32, 64, 64), 4, 2, 128, 128)


def small(shape: tuple[int, int, int]) -> Plan:
    """For laptops: patches of 8 x 8, or 4 x 4 where those do not fit, 256 units.

    About a tenth of the cost of the others. Sides: multiples of 4.
    """
    fitting("small", shape, 4)
    patch = 4 if shape[0] % 8 or shape[1] % 8 else 8
    return Plan((64,), patch, patch, 256, 64)


def fitting(net: str, shape: tuple[int, int, int], side: int) -> None:
    """An InputError for images whose sides are no multiples of `side`."""
    h, w, _ = shape
    if h % side or w % side:
        others = " or ".join(repr(name) for name in GAN_NETS if name != net)
        fit = "no other takes these, resize the images" if h % 4 or w % 4 else f"try net {others}"
        raise InputError(
            f"net {net!r} of a GAN takes sides that are multiples of {side}, not {h} x {w}; {fit}"
        )


class Generator(nn.Module):
    """Codes and noise to images in [0, 1]."""

    shape: tuple[int, int, int]  # (h, w, c)
    plan: Plan
    batch_norm: bool

    @nn.compact
    def __call__(self, inputs: jax.Array, train: bool) -> jax.Array:
        """[b, d + noise] -> [b, h, w, c]."""
        h, w, c = self.shape
        plan, bias = self.plan, not self.batch_norm
        *before, last = plan.channels
        times = plan.stride ** len(plan.channels)
        base = (h // times, w // times, last)
        x = inputs
        for width in (plan.units, base[0] * base[1] * last):
            x = nn.relu(normed(self, Dense(width, use_bias=bias)(x), train))
        x = x.reshape(-1, *base)
        for width in reversed(before):
            x = nn.relu(normed(self, up(plan, width, use_bias=bias)(x), train))
        return nn.sigmoid(up(plan, c)(x))


class DiscriminatorQ(nn.Module):
    """Images to the logit that they are real, and to Q's outputs."""

    plan: Plan
    outputs: int
    batch_norm: bool

    @nn.compact
    def __call__(self, images: jax.Array, train: bool) -> tuple[jax.Array, jax.Array]:
        """[b, h, w, c] -> [b], [b, outputs]."""
        plan, bias = self.plan, not self.batch_norm
        first, *others = plan.channels
        x = nn.leaky_relu(down(plan, first)(images), SLOPE)
        for width in others:
            x = nn.leaky_relu(normed(self, down(plan, width, use_bias=bias)(x), train), SLOPE)
        x = Dense(plan.units, use_bias=bias)(x.reshape(len(x), -1))
        x = nn.leaky_relu(normed(self, x, train), SLOPE)
        q = nn.leaky_relu(normed(self, Dense(plan.head, use_bias=bias)(x), train), SLOPE)
        return Dense(1, name="real")(x)[:, 0], Dense(self.outputs, name="q")(q)


def normed(net: Generator | DiscriminatorQ, x: jax.Array, train: bool) -> jax.Array:
    """x, by batch norm if the net has it."""
    if not net.batch_norm:
        return x
    return nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)


# Glorot's fans of a patch as one vector: no pixel is in two patches (see nets.PatchNet).
INTO = nn.initializers.glorot_uniform(in_axis=(0, 1, 2), out_axis=3)
OUT_OF = nn.initializers.glorot_uniform(in_axis=2, out_axis=(0, 1, 3))


def down(plan: Plan, width: int, **more) -> Conv:
    init = INTO if plan.kernel == plan.stride else glorot
    return Conv(width, (plan.kernel,) * 2, (plan.stride,) * 2, kernel_init=init, **more)


def up(plan: Plan, width: int, **more) -> ConvTranspose:
    init = OUT_OF if plan.kernel == plan.stride else glorot
    return ConvTranspose(width, (plan.kernel,) * 2, (plan.stride,) * 2, kernel_init=init, **more)


GAN_NETS: dict[str, Callable[[tuple[int, int, int]], Plan]] = {
    "mnist": mnist,
    "conv": conv,
    "small": small,
}
