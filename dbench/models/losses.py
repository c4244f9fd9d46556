"""Loss terms. Sums over pixels and latents, so that beta means the papers' beta; the mean
over the batch is taken by the models. Units: nats."""

import jax
import jax.numpy as jnp

Gaussian = tuple[jax.Array, jax.Array]  # means and log variances, [b, d] each


def bernoulli(logits: jax.Array, images: jax.Array) -> jax.Array:
    """-log p(x|z) of independent Bernoulli pixels, [b, h, w, c] twice -> [b].

    sum of max(l, 0) - l x + log(1 + exp(-|l|)) over pixels; `images` in [0, 1] get no
    gradient.
    """
    return _bernoulli(*(x.reshape(len(x), -1) for x in (logits, images)))


# What follows is for XLA on a CPU. Left alone, it evaluates the logarithms again inside every
# product that uses the gradient, and is slow where the last axis has one channel. So the
# derivative, sigmoid(l) - x, is written out, images are flat, and barriers keep the
# operations apart: the step of a small network takes a third of the time.


@jax.custom_vjp
def _bernoulli(logits, images):
    logits, images = jax.lax.optimization_barrier((logits, images))
    terms = jnp.maximum(logits, 0.0) - logits * images + jnp.log1p(jnp.exp(-jnp.abs(logits)))
    return jax.lax.optimization_barrier(terms).sum(axis=1)


def _forward(logits, images):
    logits, images = jax.lax.optimization_barrier((logits, images))
    return _bernoulli(logits, images), (logits, images)


def _backward(saved, gradient):
    logits, images = saved
    return (jax.nn.sigmoid(logits) - images) * gradient[:, None], None


_bernoulli.defvjp(_forward, _backward)


def gaussian_kl(mean: jax.Array, logvar: jax.Array) -> jax.Array:
    """KL(N(mean, exp(logvar)) || N(0, 1)) of each latent, [b, d] twice -> [b, d].

    Kingma and Welling, "Auto-Encoding Variational Bayes", ICLR 2014, appendix B.
    """
    return 0.5 * (mean**2 + jnp.exp(logvar) - logvar - 1.0)


def gaussian_kl_between(one: Gaussian, two: Gaussian) -> jax.Array:
    """KL(one || two) of each latent, each N(mean, exp(logvar)) of [b, d] twice -> [b, d]."""
    apart = (one[0] - two[0]) ** 2 * jnp.exp(-two[1])
    return 0.5 * (jnp.exp(one[1] - two[1]) + apart - 1.0 + two[1] - one[1])


def sample(key: jax.Array, mean: jax.Array, logvar: jax.Array) -> jax.Array:
    """A reparameterised sample of N(mean, exp(logvar)), [b, d] twice -> [b, d]."""
    return mean + jnp.exp(logvar / 2.0) * jax.random.normal(key, mean.shape)
