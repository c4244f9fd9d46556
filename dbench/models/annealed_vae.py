"""AnnealedVAE: the KL term held at a capacity that grows during training.

    loss = E_q(z|x)[-log p(x|z)] + gamma |KL(q(z|x) || p(z)) - C|
    C    = c_max min(step / anneal_steps, 1)

Burgess et al., "Understanding disentangling in beta-VAE", 2018, eq. 8. The absolute value is
of the mean KL over the batch, as in disentanglement_lib. Sources: gamma 1000 and 100,000 steps
to C_max from the paper and Locatello et al. 2019; c_max 25 nats is the paper's for dSprites.

The log has C and the KL of each latent: the order in which latents rise over C is the order in
which factors are coded.
"""

import jax.numpy as jnp

from dbench.base import Model
from dbench.models.vae import vae


def annealed_vae(
    shape: tuple[int, int, int],
    *,
    c_max: float = 25.0,
    gamma: float = 1000.0,
    anneal_steps: int = 100_000,
    **options,
) -> Model:
    """VAE with the KL held at a capacity that grows (Burgess et al. 2018).

    `c_max` >= 0 nats, reached after `anneal_steps` updates; `gamma` >= 0, no unit; `options` are
    those of `vae`. Logs also `capacity`, C in nats.
    """

    def penalty(batch):
        capacity = c_max * jnp.minimum(batch.step / anneal_steps, 1.0)
        return gamma * jnp.abs(batch.kl - capacity), {"capacity": capacity}

    return vae(shape, penalty, **options)
