"""InfoGAN: a GAN whose generator's codes can be told from its images.

    discriminator and Q  -E[log D(x)] - E[log (1 - D(G(c, z)))] - lambda L_I
    generator            -E[log D(G(c, z))] - lambda L_I

Chen et al., "InfoGAN: Interpretable Representation Learning by Information Maximizing Generative
Adversarial Nets", NIPS 2016, eq. 5 and 6, with the generator's loss of its code, which does not
saturate. gan_codes.py has L_I and the codes, gan.py the order of a step. Defaults are those for
MNIST, where the batch is 128: of the authors' code, one step of each player; batch norm throughout.

Optimisers: Adam for both, b1 0.5, b2 0.999.
"""

from typing import Literal

import jax
import optax

from dbench.base import Model
from dbench.models.gan import Count0, Game, Judged, gan
from dbench.models.gan_codes import Codes


def cross_entropy(judged: Judged, _judge, _key) -> tuple[jax.Array, dict]:
    """Of the discriminator, nats; 2 ln 2 is chance."""
    loss = jax.nn.softplus(-judged.real).mean() + jax.nn.softplus(judged.fake).mean()
    return loss, {}


def not_saturating(fake: jax.Array) -> jax.Array:
    """-E[log D], from logits [b] of made images."""
    return jax.nn.softplus(-fake).mean()


def infogan(
    shape: tuple[int, int, int],
    *,
    lambda_info: float = 1.0,
    categoricals: Count0 = 1,
    categories: int = 10,
    continuous: Count0 = 2,
    noise: int = 62,
    net: Literal["mnist", "conv", "small"] = "mnist",
    learning_rate: float = 1e-3,
    discriminator_learning_rate: float = 2e-4,
) -> Model:
    """GAN whose codes, categorical and continuous, are known from its images (Chen et al. 2016).

    `lambda_info` >= 0 weighs the bound on their information. `categoricals` codes of `categories`
    values each; `learning_rate` is the generator's. Logs: see gan.py.
    """
    codes = Codes(categoricals, categories, continuous, noise)
    optimizers = {
        "generator": optax.adam(learning_rate, b1=0.5),
        "discriminator": optax.adam(discriminator_learning_rate, b1=0.5),
    }
    game = Game(cross_entropy, not_saturating, 1)
    return gan(shape, codes, game, optimizers, net=net, lambda_info=lambda_info, batch_norm=True)
