"""Networks of symbols: k-hot vectors to a Gaussian and back, operators between Gaussians, pairs."""

import math
from collections.abc import Callable

import flax.linen as nn
import jax
import jax.numpy as jnp

from dbench.nets.layers import Dense


class SymbolNet(nn.Module):
    """Symbols [b, s] to a Gaussian of d latents, and codes to logits of symbols.

    One layer of ReLU each way (SCAN: 100 units for its rooms, by recollection). The input has room
    for more symbols than there are; to what is never said the first layer's weights are never
    trained. So its weights are drawn as for `said` inputs.
    """

    latents: int
    symbols: int
    units: int = 100
    said: int = 50

    def setup(self):
        bound = math.sqrt(6.0 / (self.said + self.units))  # Glorot's
        self.hidden = Dense(self.units, kernel_init=_uniform(bound))
        self.mean, self.logvar = Dense(self.latents), Dense(self.latents)
        self.expand, self.logits = Dense(self.units), Dense(self.symbols)

    def encode(self, symbols: jax.Array) -> tuple[jax.Array, jax.Array]:
        """[b, s] -> mean and log variance, [b, d] each."""
        x = nn.relu(self.hidden(symbols))
        return self.mean(x), self.logvar(x)

    def decode(self, codes: jax.Array) -> jax.Array:
        """[b, d] -> logits [b, s]."""
        return self.logits(nn.relu(self.expand(codes)))

    def __call__(self, symbols):
        return self.decode(self.encode(symbols)[0])


class ExpertNet(SymbolNet):
    """As SymbolNet, but a Gaussian of symbols is a product: an expert for each, and N(0, 1).

    With v_s and m_s the variance and mean of the expert of symbol s, latent by latent:
    1 / variance = 1 + sum of 1 / v_s, and mean = variance times the sum of m_s / v_s, over the
    symbols that are said. So what no symbol of a concept tells is as the prior.
    """

    def setup(self):
        shape = (self.symbols, self.latents)
        self.means = self.param("means", nn.initializers.normal(0.1), shape)
        self.logvars = self.param("logvars", nn.initializers.zeros, shape)
        self.expand, self.logits = Dense(self.units), Dense(self.symbols)

    def encode(self, symbols: jax.Array) -> tuple[jax.Array, jax.Array]:
        """[b, s] -> mean and log variance, [b, d] each."""
        trust = jnp.exp(-self.logvars)
        total = 1.0 + symbols @ trust
        return symbols @ (trust * self.means) / total, -jnp.log(total)


class PairNet(nn.Module):
    """Features of an image [b, f] and symbols [b, s] together to a Gaussian of d latents."""

    latents: int
    units: int

    @nn.compact
    def __call__(self, features: jax.Array, symbols: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Mean and log variance, [b, d] each."""
        x = jnp.concatenate([nn.relu(features), nn.relu(Dense(self.units)(symbols))], axis=1)
        x = nn.relu(Dense(self.units, name="hidden")(x))
        return Dense(self.latents, name="mean")(x), Dense(self.latents, name="logvar")(x)


class OperatorNet(nn.Module):
    """Two Gaussians and an operator to a Gaussian, latent by latent, the same net for each.

    SCAN's conditional convolution: it strides over the parameters of matching latents, of which
    it sees four numbers (two means, two log variances), and gives mean and log variance for each
    operator; the one-hot vector of the operator selects.
    """

    operators: int
    units: int = 1024

    @nn.compact
    def __call__(self, one, two, operator: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Gaussians of [b, d] twice, operator [b] -> mean and log variance, [b, d] each."""
        x = jnp.stack([one[0], two[0], one[1], two[1]], axis=-1)  # [b, d, 4]
        x = nn.relu(Dense(self.units, name="hidden")(x))
        x = Dense(2 * self.operators, name="out")(x)
        x = x.reshape(*x.shape[:2], 2, self.operators)
        chosen = jax.nn.one_hot(operator, self.operators)[:, None, None]
        mean, logvar = jnp.moveaxis((x * chosen).sum(axis=-1), -1, 0)
        return mean, logvar


def _uniform(bound: float) -> Callable:
    def draw(key, shape, dtype=jnp.float32):
        return jax.random.uniform(key, shape, dtype, -bound, bound)

    return draw
