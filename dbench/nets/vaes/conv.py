"""The convolutional net of the papers."""

from typing import ClassVar

import flax.linen as nn
import jax

from dbench.nets.layers import Dense, Down, Up


class ConvNet(nn.Module):
    """Convolutional net of Locatello et al. 2019, for images of 64 x 64.

    "Challenging Common Assumptions in the Unsupervised Learning of Disentangled
    Representations", ICML 2019, Table 1.
    """

    shape: tuple[int, int, int]  # (h, w, c)
    latents: int

    images: ClassVar = "images of 64 x 64"

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
        for up in self.up:
            x = nn.relu(up(x))
        return self.pixels(x)

    def __call__(self, images):
        return self.decode(self.encode(images)[0])
