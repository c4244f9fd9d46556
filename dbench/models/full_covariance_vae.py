"""VAE whose posterior has a full covariance: codes may be correlated given the image.

    loss    E_q(z|x)[-log p(x|z)] + beta KL(q(z|x) || p(z)),   q(z|x) = N(m, S),   S = L L'
    KL      (|m|^2 + |L|^2 - d) / 2 - sum_j log L_jj,   |L|^2 the sum of all squares: exact
    sample  z = m + L e,   e ~ N(0, I)

L is lower triangular; the encoder gives log L_jj^2 and what is below the diagonal. `logvar` is
log S_jj, that of one code by itself. Its KL, summed, lacks the total correlation of the posterior,

    sum_j log S_jj / 2 - log det S / 2,

which the KL above has and the log shows as `posterior_tc`.

The model that Rolinek, Zietlow and Martius, "Variational Autoencoders Pursue PCA Directions (by
Accident)", CVPR 2019, hold the VAE against: by their claim the diagonal posterior aligns codes with
directions of the decoder, and this one need not. L from the encoder: Kingma and Welling, "An
Introduction to Variational Autoencoders", 2019, section 2.5.1, recalled, not seen.

Departures: the paper's settings were not seen, so the net and Adam are those of our VAEs. The
encoder is the net with d (d + 1) / 2 outputs: of its head of means all are used (m, then what is
below the diagonal), of its head of log variances the first d. What is made of a table, the score
`reconstruction` too, knows the variances alone and draws each code by itself.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dbench.base import Model, State
from dbench.models import losses
from dbench.models.vae import apply
from dbench.nets import vaes


def posterior(outputs, latents: int) -> tuple[jax.Array, jax.Array]:
    """m [b, d] and L [b, d, d] of an encoder's two outputs [b, d (d + 1) / 2]."""
    means, logvars = outputs
    row, column = np.tril_indices(latents, -1)
    below = jnp.zeros((len(means), latents, latents)).at[:, row, column].set(means[:, latents:])
    on = jnp.exp(logvars[:, :latents] / 2.0)
    return means[:, :latents], below + jax.vmap(jnp.diag)(on)


def marginal_logvar(factor: jax.Array) -> jax.Array:
    """log S_jj of L: [b, d, d] -> [b, d]."""
    return jnp.log((factor**2).sum(axis=2))


def full_kl(mean: jax.Array, factor: jax.Array) -> jax.Array:
    """KL(N(m, L L') || N(0, I)): [b, d], [b, d, d] -> [b] nats."""
    diagonal = jnp.diagonal(factor, axis1=1, axis2=2)
    squares = (mean**2).sum(axis=1) + (factor**2).sum(axis=(1, 2)) - mean.shape[1]
    return squares / 2.0 - jnp.log(diagonal).sum(axis=1)


def full_covariance_vae(
    shape: tuple[int, int, int],
    *,
    net: str = "conv",
    latents: int = 10,
    learning_rate: float = 1e-4,
    beta: float = 1.0,
) -> Model:
    """VAE whose codes may be correlated given the image (Rolinek et al. 2019).

    `beta` >= 0 weighs the KL. Logs, in nats and means over the batch: loss, elbo, reconstruction,
    kl; kl_latent [d], that of each code by itself; `posterior_tc`, kl less their sum.
    """
    encoder = vaes.build(net, shape, latents * (latents + 1) // 2)
    decoder, optimizer = vaes.build(net, shape, latents), optax.adam(learning_rate)

    def init(key):
        one, two = jax.random.split(key)
        params = {
            "encoder": encoder.init(one, jnp.zeros((1, *shape)), method="encode"),
            "decoder": decoder.init(two, jnp.zeros((1, latents)), method="decode"),
        }
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def encoded(params, images):
        return posterior(encoder.apply(params["encoder"], images, method="encode"), latents)

    def logits(params, codes):
        return decoder.apply(params["decoder"], codes, method="decode")

    def loss(params, images, key):
        mean, factor = encoded(params, images)
        noise = jax.random.normal(key, mean.shape)
        z = mean + (factor * noise[:, None]).sum(axis=2)
        reconstruction = losses.bernoulli(logits(params, z), images).mean()
        kl = full_kl(mean, factor).mean()
        each = losses.gaussian_kl(mean, marginal_logvar(factor)).mean(axis=0)
        total = reconstruction + beta * kl
        return total, {
            "loss": total,
            "elbo": -reconstruction - kl,
            "reconstruction": reconstruction,
            "kl": kl,
            "kl_latent": each,
            "posterior_tc": kl - each.sum(),
        }

    def update(state, sampler, key):
        key_images, key_z = jax.random.split(key)
        images = sampler.images(key_images)
        grads, logs = jax.grad(loss, has_aux=True)(state.params, images, key_z)
        params, moments = apply(optimizer, grads, state.optimizer, state.params)
        return State(params, moments, state.step + 1), logs

    def encode(params, images):
        mean, factor = encoded(params, images)
        return mean, marginal_logvar(factor)

    def decode(params, codes):
        return jax.nn.sigmoid(logits(params, codes))

    return Model(init, update, encode, decode)
