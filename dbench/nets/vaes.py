"""Networks of a representation: a Gaussian encoder and a decoder to logits of pixels.

Every net has `encode`: images [b, h, w, c] -> mean [b, d], logvar [b, d], and `decode`: codes
[b, d] -> logits [b, h, w, c]. To add one: write a module (or a function that makes one) and
add a line to NETS; the first line of its docstring is what `dbench list` shows. One that does not
take images of every size says so by `takes`: (h, w) -> bool.
"""

from collections.abc import Callable, Sequence
from functools import partial

import flax.linen as nn
import jax
import numpy as np

from dbench.errors import InputError
from dbench.nets.conv import Conv, ConvTranspose

# The defaults of the TensorFlow 1 layers that the papers used; biases start at zero.
glorot = nn.initializers.glorot_uniform()
Dense = partial(nn.Dense, kernel_init=glorot)
Down = partial(Conv, strides=(2, 2), kernel_init=glorot)
Up = partial(ConvTranspose, kernel_size=(4, 4), strides=(2, 2), kernel_init=glorot)


def _need(takes: Callable[[int, int], bool], what: str, shape: tuple[int, int, int]) -> None:
    """Raise InputError, with the nets that would do, if a net does not take images of a shape."""
    h, w, _ = shape
    if not takes(h, w):
        others = [name for name, net in NETS.items() if getattr(net, "takes", _any)(h, w)]
        raise InputError(f"net {what}, not {h} x {w}: try {', '.join(map(repr, others))}")


def _any(h: int, w: int) -> bool:
    return True


class ConvNet(nn.Module):
    """Convolutional net of Locatello et al. 2019, for images of 64 x 64.

    "Challenging Common Assumptions in the Unsupervised Learning of Disentangled
    Representations", ICML 2019, Table 1.
    """

    shape: tuple[int, int, int]  # (h, w, c)
    latents: int

    def __post_init__(self):
        _need(ConvNet.takes, "'conv' takes images of 64 x 64", self.shape)
        super().__post_init__()

    @staticmethod
    def takes(h: int, w: int) -> bool:
        return h == w == 64

    def setup(self):
        self.down = [Down(32, (4, 4)), Down(32, (4, 4)), Down(64, (2, 2)), Down(64, (2, 2))]
        self.hidden = Dense(256)
        self.mean, self.logvar = Dense(self.latents), Dense(self.latents)
        self.expand = [Dense(256), Dense(1024)]
        self.up = [Up(64), Up(32), Up(32)]
        self.pixels = Up(self.shape[2])

    def encode(self, images: jax.Array) -> tuple[jax.Array, jax.Array]:
        """[b, 64, 64, c] -> mean and log-variance, [b, d] each."""
        x = images
        for layer in self.down:
            x = nn.relu(layer(x))
        x = nn.relu(self.hidden(x.reshape(len(x), -1)))
        return self.mean(x), self.logvar(x)

    def decode(self, codes: jax.Array) -> jax.Array:
        """[b, d] -> logits [b, 64, 64, c]."""
        x = codes
        for layer in self.expand:
            x = nn.relu(layer(x))
        x = x.reshape(-1, 4, 4, 64)
        for layer in self.up:
            x = nn.relu(layer(x))
        return self.pixels(x)

    def __call__(self, images):
        return self.decode(self.encode(images)[0])


class PatchNet(nn.Module):
    """Small convolutional net for laptops: 8 x 8 patches, 32 channels, then 128 units.

    Patches do not overlap, so every layer is one product near a core's peak and there are few
    parameters for Adam to touch: about a tenth of the cost of a step of `conv`. ReLU throughout.
    """

    shape: tuple[int, int, int]  # (h, w, c), h and w multiples of 8
    latents: int

    def __post_init__(self):
        _need(PatchNet.takes, "'small' takes images with sides that are multiples of 8", self.shape)
        super().__post_init__()

    @staticmethod
    def takes(h: int, w: int) -> bool:
        return h % 8 == w % 8 == 0

    def setup(self):
        h, w, c = self.shape
        patch = {"kernel_size": (8, 8), "strides": (8, 8)}
        # Glorot's fans of a patch as one vector: no pixel is in two patches.
        into = nn.initializers.glorot_uniform(in_axis=(0, 1, 2), out_axis=3)
        out_of = nn.initializers.glorot_uniform(in_axis=2, out_axis=(0, 1, 3))
        self.patches = Conv(32, **patch, kernel_init=into)
        self.hidden = Dense(128)
        self.mean, self.logvar = Dense(self.latents), Dense(self.latents)
        self.expand = [Dense(128), Dense(h * w // 2)]
        self.pixels = ConvTranspose(c, **patch, kernel_init=out_of)

    def encode(self, images: jax.Array) -> tuple[jax.Array, jax.Array]:
        """[b, h, w, c] -> mean and log-variance, [b, d] each."""
        x = nn.relu(self.patches(images))
        x = nn.relu(self.hidden(x.reshape(len(x), -1)))
        return self.mean(x), self.logvar(x)

    def decode(self, codes: jax.Array) -> jax.Array:
        """[b, d] -> logits [b, h, w, c]."""
        x = codes
        for layer in self.expand:
            x = nn.relu(layer(x))
        return self.pixels(x.reshape(-1, self.shape[0] // 8, self.shape[1] // 8, 32))

    def __call__(self, images):
        return self.decode(self.encode(images)[0])


class Mlp(nn.Module):
    """Fully connected net: ReLU in the encoder, tanh in the decoder."""

    shape: tuple[int, int, int]  # (h, w, c)
    latents: int
    encoder: Sequence[int]  # widths of the hidden layers
    decoder: Sequence[int]

    def setup(self):
        self.down = [Dense(width) for width in self.encoder]
        self.mean, self.logvar = Dense(self.latents), Dense(self.latents)
        self.up = [Dense(width) for width in self.decoder]
        self.pixels = Dense(int(np.prod(self.shape)))

    def encode(self, images: jax.Array) -> tuple[jax.Array, jax.Array]:
        """[b, h, w, c] -> mean and log-variance, [b, d] each."""
        x = images.reshape(len(images), -1)
        for layer in self.down:
            x = nn.relu(layer(x))
        return self.mean(x), self.logvar(x)

    def decode(self, codes: jax.Array) -> jax.Array:
        """[b, d] -> logits [b, h, w, c]."""
        x = codes
        for layer in self.up:
            x = nn.tanh(layer(x))
        return self.pixels(x).reshape(-1, *self.shape)

    def __call__(self, images):
        return self.decode(self.encode(images)[0])


def fc(shape: tuple[int, int, int], latents: int) -> Mlp:
    """Fully connected net of Higgins et al. 2017 (2D shapes): 1200-1200, 1200-1200-1200.

    "beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework",
    ICLR 2017, appendix A.1.
    """
    return Mlp(shape, latents, (1200, 1200), (1200, 1200, 1200))


def mlp(shape: tuple[int, int, int], latents: int) -> Mlp:
    """Small fully connected net for laptops: 400-400, 400-400."""
    return Mlp(shape, latents, (400, 400), (400, 400))


class Discriminator(nn.Module):
    """Discriminator of FactorVAE: codes to two logits, 0 for joint and 1 for permuted codes.

    Kim and Mnih, "Disentangling by Factorising", ICML 2018, appendix A: 6 layers of 1000, leaky
    ReLU of slope 0.2.
    """

    units: int = 1000
    layers: int = 6

    @nn.compact
    def __call__(self, codes: jax.Array) -> jax.Array:
        """[b, d] -> logits [b, 2]."""
        x = codes
        for _ in range(self.layers):
            x = nn.leaky_relu(Dense(self.units)(x), 0.2)
        return Dense(2)(x)


class DenoisingNet(nn.Module):
    """Denoising autoencoder of beta-VAE_DAE, for images with sides that are multiples of 16.

    Higgins et al., "DARLA", ICML 2017, appendix A.1: convolutions of 4 x 4 and stride 2 with 32,
    32, 64, 64 channels, a bottleneck of 100 units, and the same in reverse; ELU throughout.
    """

    shape: tuple[int, int, int]  # (h, w, c)
    bottleneck: int = 100

    def __post_init__(self):
        h, w, _ = self.shape
        if h % 16 or w % 16:
            raise InputError(
                f"the denoising autoencoder takes sides that are multiples of 16, not {h} x {w}"
            )
        super().__post_init__()

    def setup(self):
        self.down = [Down(width, (4, 4)) for width in (32, 32, 64, 64)]
        self.hidden = Dense(self.bottleneck)
        self.expand = Dense(self.shape[0] * self.shape[1] // 4)
        self.up = [Up(width) for width in (64, 32, 32)]
        self.pixels = Up(self.shape[2])

    def encode(self, images: jax.Array) -> jax.Array:
        """[b, h, w, c] -> the bottleneck [b, units]."""
        x = images
        for layer in self.down:
            x = nn.elu(layer(x))
        return nn.elu(self.hidden(x.reshape(len(x), -1)))

    def __call__(self, images: jax.Array) -> jax.Array:
        """[b, h, w, c] -> logits of the restored images, [b, h, w, c]."""
        h, w, _ = self.shape
        x = nn.elu(self.expand(self.encode(images))).reshape(-1, h // 16, w // 16, 64)
        for layer in self.up:
            x = nn.elu(layer(x))
        return self.pixels(x)


NETS: dict[str, Callable[[tuple[int, int, int], int], nn.Module]] = {
    "conv": ConvNet,
    "fc": fc,
    "mlp": mlp,
    "small": PatchNet,
}
