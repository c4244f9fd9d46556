"""The discriminator that FactorVAE trains beside its VAE."""

import flax.linen as nn
import jax

from dbench.nets.layers import Dense


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
