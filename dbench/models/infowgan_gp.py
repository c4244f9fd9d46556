"""InfoWGAN-GP: InfoGAN with a Wasserstein critic and a penalty on its gradient.

    critic and Q  E[f(G(c, z))] - E[f(x)] + gradient_penalty E[(|grad f(u)| - 1)^2] - lambda L_I
    generator     -E[f(G(c, z))] - lambda L_I

u = e x + (1 - e) G(c, z) with e uniform in (0, 1), one an image; |.| over all pixels. Gulrajani et
al., "Improved Training of Wasserstein GANs", NIPS 2017, algorithm 1: `critic_steps` steps of the
critic, each on images and made ones afresh, then one of the generator. Kim and Mnih, "Disentangling
by Factorising", ICML 2018, appendix, train it on dSprites with four continuous codes and one
categorical, over lambda; their nets, number of noise variables (here 10) and rates (those of
Gulrajani et al., b1 of the first version of that paper) are recalled, not seen. gan_codes.py has
L_I and the codes, gan.py the order of a step. No batch norm: the penalty is on each image alone.

Optimisers: Adam for both, b1 0.5, b2 0.9.
"""

from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
import optax

from dbench.base import Model
from dbench.models.gan import Count0, Game, Judged, gan
from dbench.models.gan_codes import Codes


def gradient_norm(critic: Callable, images: jax.Array) -> jax.Array:
    """|grad f(x)| at each image, [b, h, w, c] -> [b]; `critic`: images -> [b], each of its own."""
    gradient = jax.grad(lambda x: critic(x).sum())(images)
    squared = (gradient**2).sum(axis=(1, 2, 3))
    # Where it is 0 the root has no derivative, and one there must not become NaN.
    return jnp.sqrt(jnp.maximum(squared, 1e-12))


def between(key: jax.Array, images: jax.Array, made: jax.Array) -> jax.Array:
    """A point of the line between each image and a made one."""
    share = jax.random.uniform(key, (len(images), 1, 1, 1))
    return share * images + (1.0 - share) * made


def infowgan_gp(
    shape: tuple[int, int, int],
    *,
    lambda_info: float = 0.2,
    categoricals: Count0 = 1,
    categories: int = 3,
    continuous: Count0 = 4,
    noise: int = 10,
    net: Literal["mnist", "conv", "small"] = "conv",
    learning_rate: float = 1e-4,
    discriminator_learning_rate: float = 1e-4,
    critic_steps: int = 5,
    gradient_penalty: float = 10.0,
) -> Model:
    """InfoGAN with a Wasserstein critic and a gradient penalty (Kim and Mnih 2018).

    `critic_steps` of the critic for one of the generator. Options else as of infogan; logs too, and
    `wasserstein`, E[f(x)] - E[f(G)], and `gradient_norm`, |grad f| between images and made ones.
    """

    def critic_loss(judged: Judged, critic, key):
        at = between(key, judged.images, judged.made)
        norm = gradient_norm(critic, at)
        distance = judged.real.mean() - judged.fake.mean()
        loss = gradient_penalty * ((norm - 1.0) ** 2).mean() - distance
        return loss, {"wasserstein": distance, "gradient_norm": norm.mean()}

    codes = Codes(categoricals, categories, continuous, noise)
    optimizers = {
        "generator": optax.adam(learning_rate, b1=0.5, b2=0.9),
        "discriminator": optax.adam(discriminator_learning_rate, b1=0.5, b2=0.9),
    }
    game = Game(critic_loss, lambda fake: -fake.mean(), critic_steps)
    return gan(shape, codes, game, optimizers, net=net, lambda_info=lambda_info, batch_norm=False)
