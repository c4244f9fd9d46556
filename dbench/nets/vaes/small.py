"""The net of patches, for laptops."""

from typing import ClassVar

import flax.linen as nn
import jax

from dbench.nets.conv import Conv, ConvTranspose
from dbench.nets.layers import Dense


class PatchNet(nn.Module):
    """Small convolutional net for laptops: 8 x 8 patches, 32 channels, then 128 units.

    Patches do not overlap, so every layer is one product near a core's peak and there are few
    parameters for Adam to touch: about a tenth of the cost of a step of `conv`. ReLU throughout.
    """

    shape: tuple[int, int, int]  # (h, w, c), h and w multiples of 8
    latents: int

    images: ClassVar = "images with sides that are multiples of 8"

    @staticmethod
    def takes(h: int, w: int) -> bool:
        return h % 8 == w % 8 == 0

    def setup(self):
        h, w, c = self.shape
        patch = (8, 8)
        # Glorot's fans of a patch as one vector: no pixel is in two patches.
        into = nn.initializers.glorot_uniform(in_axis=(0, 1, 2), out_axis=3)
        out_of = nn.initializers.glorot_uniform(in_axis=2, out_axis=(0, 1, 3))
        self.patches = Conv(32, kernel_size=patch, strides=patch, kernel_init=into)
        self.hidden = Dense(128)
        self.mean, self.logvar = Dense(self.latents), Dense(self.latents)
        self.expand = [Dense(128), Dense(h * w // 2)]
        self.pixels = ConvTranspose(c, kernel_size=patch, strides=patch, kernel_init=out_of)

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
