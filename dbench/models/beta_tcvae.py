"""beta-TCVAE: the KL term taken apart, each part with a weight of its own.

    loss = E_q(z|x)[-log p(x|z)] + alpha I_q(z; n) + beta TC(z) + gamma sum_j KL(q(z_j) || p(z_j))
    I_q(z; n) = E[log q(z|n) - log q(z)]                 index-code mutual information
    TC(z)     = E[log q(z) - sum_j log q(z_j)]           total correlation

Chen et al., "Isolating Sources of Disentanglement in Variational Autoencoders", NeurIPS 2018,
eq. 2 and 4. The three add up to the KL of the ELBO, for their estimates below as well, so the loss
is computed as KL + (alpha - 1) I + (beta - 1) TC + (gamma - 1) sum_j KL_j with the KL in closed
form: the same in expectation as the paper's sum of samples, with less noise (a departure, that of
Locatello et al. 2019). With all weights 1 this is the VAE, exactly.

log q(z) and log q(z_j) are estimated from a batch of b images, of a data set of n (appendix C):

    q(z_i) ~ sum_j w_ij q(z_i|x_j)    weighted:    w_ij = 1 / (n b)
                                      stratified:  w_ii = 1 / n, w_ij = 1 / (b - 1), and for one
                                                   j != i (the next) (n - b + 1) / (n (b - 1))

"weighted" is the paper's (eq. 5). Its log q is too low, by log b where the image's own posterior is
all that matters to log n where it is one of many: I and TC come out too high and the dimension-wise
KL too low, often negative, by up to some log n a latent. "stratified" has the expectation q(z)
where the other images are drawn from the rest of the data set without replacement; ours are drawn
with replacement, so an image may meet itself, which adds (q(z|x) - q(z)) / n to the expectation.
What is estimated is logged as it is, negative or not, and never clipped.
"""

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Model
from dbench.errors import InputError
from dbench.models.vae import Batch, vae


def log_weights(estimator: str, b: int, n: int) -> np.ndarray:
    """log w [b, b] of the estimators above: row i weighs the posteriors of all images for z_i."""
    if estimator == "weighted":
        return np.full((b, b), -np.log(n * b))
    if not 1 < b <= n:
        raise InputError(
            f"estimator 'stratified' of 'beta_tcvae' needs a batch of at least 2 images and "
            f"at most the {n} of the data set, not {b}"
        )
    weights = np.full((b, b), 1.0 / (b - 1))
    rows = np.arange(b)
    weights[rows, rows] = 1.0 / n
    weights[rows, (rows + 1) % b] = (n - b + 1) / (n * (b - 1))
    return np.log(weights)


def log_densities(
    z: jax.Array, mean: jax.Array, logvar: jax.Array, log_weights: np.ndarray
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """log q(z_i|x_i) [b] and estimates of log q(z_i) [b] and of log q(z_ij) [b, d].

    z, mean, logvar [b, d]; log_weights [b, b].
    """
    scale = jnp.exp(-logvar / 2.0)[None]
    standard = (z[:, None] - mean[None]) * scale  # [b, b, d]: z_i in units of q(.|x_j)
    each = -0.5 * (standard**2 + logvar[None] + jnp.log(2.0 * jnp.pi))
    joint = each.sum(axis=2)
    weights = jnp.asarray(log_weights, joint.dtype)
    return (
        jnp.diagonal(joint),
        jax.nn.logsumexp(joint + weights, axis=1),
        jax.nn.logsumexp(each + weights[:, :, None], axis=1),
    )


def penalty(batch: Batch, beta, alpha, gamma, estimator: str) -> tuple[jax.Array, dict]:
    """The KL with its three parts weighted, () nats, and their estimates."""
    z, weights = batch.z, log_weights(estimator, len(batch.z), batch.size)
    conditional, joint, marginals = log_densities(z, batch.mean, batch.logvar, weights)
    product = marginals.sum(axis=1)
    prior = -0.5 * (z**2 + jnp.log(2.0 * jnp.pi)).sum(axis=1)
    mi, tc = (conditional - joint).mean(), (joint - product).mean()
    dimension_wise = (product - prior).mean()
    term = (alpha - 1.0) * mi + (beta - 1.0) * tc + (gamma - 1.0) * dimension_wise
    return batch.kl + term, {"mi": mi, "tc": tc, "dimension_wise_kl": dimension_wise}


def beta_tcvae(
    shape: tuple[int, int, int],
    *,
    beta: float = 6.0,
    alpha: float = 1.0,
    gamma: float = 1.0,
    estimator: Literal["weighted", "stratified"] = "weighted",
    **options,
) -> Model:
    """VAE with a weight on total correlation (Chen et al. 2018).

    `beta`, `alpha`, `gamma` >= 0 weigh total correlation, index-code mutual information and the
    dimension-wise KL, no unit; `estimator` as above; `options` are those of `vae`. Logs also the
    estimates `mi`, `tc` and `dimension_wise_kl` in nats.
    """
    return vae(shape, lambda batch: penalty(batch, beta, alpha, gamma, estimator), **options)
