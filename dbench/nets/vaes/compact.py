"""The net of patches and one convolution over them, for studies on laptops."""

from typing import ClassVar

import flax.linen as nn
import jax

from dbench.nets.conv import Conv, ConvTranspose
from dbench.nets.layers import Dense, Down, Up

SIDE = 8  # of a patch


class CompactNet(nn.Module):
    """Net for laptops that disentangles: 8 x 8 patches, a convolution over them, 256 units.

    The patches, of 16 channels, do not overlap; a convolution 4 x 4 of stride 2 to 32 channels
    does. The decoder is its mirror image. ReLU throughout. A step costs as much as one of `small`,
    about a tenth of one of `conv`. Chosen by benchmarks/frontier.py.
    """

    shape: tuple[int, int, int]  # (h, w, c), h and w multiples of 16
    latents: int

    images: ClassVar = "images with sides that are multiples of 16"

    @staticmethod
    def takes(h: int, w: int) -> bool:
        return h % (2 * SIDE) == w % (2 * SIDE) == 0

    def setup(self):
        h, w, c = self.shape
        patch = (SIDE, SIDE)
        # Glorot's fans of a patch as one vector: no pixel is in two patches.
        into = nn.initializers.glorot_uniform(in_axis=(0, 1, 2), out_axis=3)
        out_of = nn.initializers.glorot_uniform(in_axis=2, out_axis=(0, 1, 3))
        self.patches = Conv(16, kernel_size=patch, strides=patch, kernel_init=into)
        self.down = Down(32, (4, 4))
        self.hidden = Dense(256)
        self.mean, self.logvar = Dense(self.latents), Dense(self.latents)
        self.last = (h // (2 * SIDE), w // (2 * SIDE), 32)
        self.expand = [Dense(256), Dense(self.last[0] * self.last[1] * self.last[2])]
        self.up = Up(16)
        self.pixels = ConvTranspose(c, kernel_size=patch, strides=patch, kernel_init=out_of)

    def encode(self, images: jax.Array) -> tuple[jax.Array, jax.Array]:
        """[b, h, w, c] -> mean and log-variance, [b, d] each."""
        x = nn.relu(self.patches(images))
        x = nn.relu(self.down(x))
        x = nn.relu(self.hidden(x.reshape(len(x), -1)))
        return self.mean(x), self.logvar(x)

    def decode(self, codes: jax.Array) -> jax.Array:
        """[b, d] -> logits [b, h, w, c]."""
        x = codes
        for layer in self.expand:
            x = nn.relu(layer(x))
        x = nn.relu(self.up(x.reshape(-1, *self.last)))
        return self.pixels(x)

    def __call__(self, images):
        return self.decode(self.encode(images)[0])
