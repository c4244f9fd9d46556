"""The denoising autoencoder that beta-VAE_DAE trains first, and that is a model of its own."""

import flax.linen as nn
import jax

from dbench.errors import InputError
from dbench.nets.layers import Dense, Down, Up


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
        return self.decode(self.encode(images))

    def decode(self, codes: jax.Array) -> jax.Array:
        """[b, units] -> logits [b, h, w, c]."""
        h, w, _ = self.shape
        x = nn.elu(self.expand(codes)).reshape(-1, h // 16, w // 16, 64)
        for layer in self.up:
            x = nn.elu(layer(x))
        return self.pixels(x)
