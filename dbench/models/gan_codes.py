"""Codes of a GAN: how they are drawn, and the bound on what images tell of them.

Codes c, in this order: `categoricals` of `categories` equally likely values, as one-hot vectors;
`continuous`, uniform in (-1, 1). Noise z: uniform in (-1, 1). q(c|x) is a softmax for each
categorical code, and a Gaussian of variance 1 for each continuous one (the authors' fix_std), so
that L_I of a continuous code is at most ln 2 - 1/2 ln 2 pi = -0.23 nats, however well it is known.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


class Codes(NamedTuple):
    """What the generator is given."""

    categoricals: int
    categories: int
    continuous: int
    noise: int

    @property
    def known(self) -> int:
        """Columns of all categorical codes, which come first."""
        return self.categoricals * self.categories

    @property
    def size(self) -> int:
        """d, columns of codes without noise."""
        return self.known + self.continuous

    @property
    def entropy(self) -> tuple[float, float]:
        """H(c) of the categorical and of the continuous codes, nats."""
        return self.categoricals * math.log(self.categories), self.continuous * math.log(2)

    @property
    def groups(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The columns of each categorical code, as `Model.groups`."""
        columns = range(self.known)
        ends = range(0, self.known, self.categories)
        return tuple(
            (f"categorical_{i}", tuple(columns[first : first + self.categories]))
            for i, first in enumerate(ends)
        )

    def draw(self, key: jax.Array, b: int) -> jax.Array:
        """Codes and noise [b, d + noise]."""
        first, second = jax.random.split(key)
        values = jax.random.randint(first, (b, self.categoricals), 0, self.categories)
        hot = jax.nn.one_hot(values, self.categories).reshape(b, self.known)
        rest = (b, self.continuous + self.noise)
        return jnp.concatenate([hot, jax.random.uniform(second, rest, minval=-1.0)], axis=1)

    def split(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        """[b, d] or more -> categorical [b, categoricals, categories], continuous [b, .]."""
        hot = x[:, : self.known].reshape(len(x), self.categoricals, self.categories)
        return hot, x[:, self.known : self.size]

    def bound(self, outputs: jax.Array, codes: jax.Array) -> jax.Array:
        """L_I [2] of categorical and continuous codes, nats, mean over the batch.

        `outputs` of Q [b, d]: logits and means; `codes` [b, d or more] that the images were made
        with.
        """
        (logits, mean), (hot, values) = self.split(outputs), self.split(codes)
        discrete = (jax.nn.log_softmax(logits) * hot).sum(axis=(1, 2))
        gaussian = -0.5 * ((values - mean) ** 2 + math.log(2 * math.pi)).sum(axis=1)
        given = jnp.stack([discrete.mean(), gaussian.mean()])
        return given + np.array(self.entropy, np.float32)

    def posterior(self, outputs: jax.Array) -> jax.Array:
        """Outputs of Q [b, d] -> probabilities of the categories and means [b, d]."""
        logits, mean = self.split(outputs)
        return jnp.concatenate(
            [jax.nn.softmax(logits).reshape(len(outputs), self.known), mean], axis=1
        )
