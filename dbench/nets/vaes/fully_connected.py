"""The fully connected nets, for images of every size."""

from collections.abc import Sequence

import flax.linen as nn
import jax
import numpy as np

from dbench.nets.layers import Dense


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
