"""beta-VAE: the KL term of the ELBO weighted by beta.

    loss = E_q(z|x)[-log p(x|z)] + beta KL(q(z|x) || p(z))

Higgins et al., "beta-VAE: Learning Basic Visual Concepts with a Constrained Variational
Framework", ICLR 2017, eq. 4. beta = 1 is the VAE.
"""

from dbench.base import Model
from dbench.models.vae import vae


def beta_vae(shape: tuple[int, int, int], *, beta: float = 4.0, **options) -> Model:
    """VAE with the KL weighted by beta (Higgins et al. 2017).

    `beta` >= 0, no unit; `options` are those of `vae`: net, latents, learning_rate.
    """
    return vae(shape, lambda batch: (beta * batch.kl, {}), **options)
