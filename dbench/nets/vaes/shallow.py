"""The net of the agents' papers, for very small images."""

import flax.linen as nn
import jax

from dbench.nets.conv import Conv
from dbench.nets.layers import Dense, glorot


class ShallowNet(nn.Module):
    """Two convolutions 3 x 3 of stride 1, 16 channels each, 32 units: for images of 12 x 12.

    The encoder of Thomas et al., "Independently Controllable Factors", 2017, as the program of one
    of the authors has it; the decoder is its mirror image. ReLU throughout. It takes larger images,
    at a price: nothing makes them smaller before the units.
    """

    shape: tuple[int, int, int]  # (h, w, c)
    latents: int

    def setup(self):
        h, w, c = self.shape
        self.down = [Conv(16, kernel_size=(3, 3), kernel_init=glorot) for _ in range(2)]
        self.hidden = Dense(32)
        self.mean, self.logvar = Dense(self.latents), Dense(self.latents)
        self.expand = [Dense(32), Dense(h * w * 16)]
        self.up = Conv(16, kernel_size=(3, 3), kernel_init=glorot)
        self.pixels = Conv(c, kernel_size=(3, 3), kernel_init=glorot)

    def encode(self, images: jax.Array) -> tuple[jax.Array, jax.Array]:
        """[b, h, w, c] -> mean and log-variance, [b, d] each."""
        x = images
        for layer in self.down:
            x = nn.relu(layer(x))
        x = nn.relu(self.hidden(x.reshape(len(x), -1)))
        return self.mean(x), self.logvar(x)

    def decode(self, codes: jax.Array) -> jax.Array:
        """[b, d] -> logits [b, h, w, c]."""
        x = codes
        for layer in self.expand:
            x = nn.relu(layer(x))
        x = nn.relu(self.up(x.reshape(-1, *self.shape[:2], 16)))
        return self.pixels(x)

    def __call__(self, images):
        return self.decode(self.encode(images)[0])
