"""DIP-VAE-I and II: the covariance of the aggregate posterior pulled towards the identity.

    loss = E_q(z|x)[-log p(x|z)] + KL(q(z|x) || p(z))
           + lambda_od sum_(i != j) V_ij^2 + lambda_d sum_i (V_ii - 1)^2

Kumar et al., "Variational Inference of Disentangled Latent Concepts from Unlabeled
Observations", ICLR 2018. I (eq. 6): V = Cov_x[mean(x)]. II (eq. 7):
V = Cov_x[mean(x)] + E_x[diag(exp(logvar(x)))], the covariance of a sample z.

Covariances are those of the batch, divided by its size (not by one less), as in
disentanglement_lib; so V of few images is of low rank and its terms are never all 0. lambda_d is
given as a multiple of lambda_od, as Locatello et al. 2019 sweep it: 10 for I, 1 for II.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from dbench.base import Model
from dbench.models.vae import vae


def covariance_terms(covariance: jax.Array) -> tuple[jax.Array, jax.Array]:
    """sum_(i != j) V_ij^2 and sum_i (V_ii - 1)^2 of V [d, d]."""
    diagonal = jnp.diagonal(covariance)
    off = covariance - jnp.diag(diagonal)
    return (off**2).sum(), ((diagonal - 1.0) ** 2).sum()


def of_means(batch) -> jax.Array:
    """Cov_x[mean(x)] over the batch, [d, d]."""
    centred = batch.mean - batch.mean.mean(axis=0, keepdims=True)
    return centred.T @ centred / len(centred)


def of_samples(batch) -> jax.Array:
    """Cov_x[mean(x)] + E_x[diag(exp(logvar(x)))] over the batch, [d, d]."""
    return of_means(batch) + jnp.diag(jnp.exp(batch.logvar).mean(axis=0))


def _dip_vae(shape, covariance: Callable, lambda_od, lambda_d_factor, options) -> Model:
    def penalty(batch):
        off, on = covariance_terms(covariance(batch))
        term = lambda_od * off + lambda_d_factor * lambda_od * on
        return batch.kl + term, {"off_diagonal": off, "diagonal": on}

    return vae(shape, penalty, **options)


def dip_vae_i(
    shape: tuple[int, int, int],
    *,
    lambda_od: float = 10.0,
    lambda_d_factor: float = 10.0,
    **options,
) -> Model:
    """VAE whose posterior means are decorrelated (Kumar et al. 2018, DIP-VAE-I).

    `lambda_od` >= 0 weighs the covariances, `lambda_d_factor` >= 0 times that the variances;
    `options` are those of `vae`. Logs also `off_diagonal` and `diagonal`, the two sums.
    """
    return _dip_vae(shape, of_means, lambda_od, lambda_d_factor, options)


def dip_vae_ii(
    shape: tuple[int, int, int],
    *,
    lambda_od: float = 10.0,
    lambda_d_factor: float = 1.0,
    **options,
) -> Model:
    """VAE whose samples of the posterior are decorrelated (Kumar et al. 2018, DIP-VAE-II).

    `lambda_od` >= 0 weighs the covariances, `lambda_d_factor` >= 0 times that the variances;
    `options` are those of `vae`. Logs also `off_diagonal` and `diagonal`, the two sums.
    """
    return _dip_vae(shape, of_samples, lambda_od, lambda_d_factor, options)
