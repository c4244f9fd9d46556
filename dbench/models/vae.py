"""What the VAEs share: an autoencoder with its ELBO, and a VAE with its penalty left open.

    loss = E_q(z|x)[-log p(x|z)] + penalty(batch)

Sums over pixels and latents, mean over the batch; one sample of z per image; Bernoulli
pixels. With penalty = KL(q(z|x) || p(z)) this is Kingma and Welling, "Auto-Encoding
Variational Bayes", ICLR 2014, eq. 7.

Optimiser: Adam with b1 0.9, b2 0.999, eps 1e-8 (the settings of Locatello et al. 2019).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from dbench.base import Model, State
from dbench.models import losses
from dbench.nets import vaes


class Batch(NamedTuple):
    """A batch of images encoded, sampled and decoded, and where training stands."""

    mean: jax.Array  # [b, d]
    logvar: jax.Array  # [b, d]
    z: jax.Array  # [b, d], one sample of the posterior for each image
    logits: jax.Array  # [b, h, w, c]
    kl_latent: jax.Array  # [d] nats, mean over the batch
    step: jax.Array  # (), updates made
    size: int  # images in the data set
    key: Any = None  # of this update, for what a penalty draws

    @property
    def kl(self) -> jax.Array:
        """(), KL(q(z|x) || p(z)) in nats, mean over the batch."""
        return self.kl_latent.sum()


class Autoencoder(NamedTuple):
    """A network as pure functions of its parameters."""

    init: Callable  # key -> params
    run: Callable  # (params, images [b, h, w, c], key, step, size) -> Batch
    encode: Callable  # (params, images) -> mean [b, d], logvar [b, d]
    decode: Callable  # (params, codes [b, d]) -> images [b, h, w, c]
    logits: Callable  # (params, codes [b, d]) -> logits [b, h, w, c]


def autoencoder(shape: tuple[int, int, int], net: str, latents: int) -> Autoencoder:
    """The network `net` of NETS for images of `shape` (h, w, c)."""
    network = vaes.build(net, shape, latents)

    def init(key):
        return network.init(key, jnp.zeros((1, *shape)))

    def run(params, images, key, step, size):
        mean, logvar = encode(params, images)
        z = losses.sample(key, mean, logvar)
        kl_latent = losses.gaussian_kl(mean, logvar).mean(axis=0)
        own = jax.random.fold_in(key, 1)  # z was drawn by the key itself
        return Batch(mean, logvar, z, logits(params, z), kl_latent, step, size, own)

    def encode(params, images):
        return network.apply(params, images, method="encode")

    def logits(params, codes):
        return network.apply(params, codes, method="decode")

    def decode(params, codes):
        return jax.nn.sigmoid(logits(params, codes))

    return Autoencoder(init, run, encode, decode, logits)


def elbo(batch: Batch, images: jax.Array) -> tuple[jax.Array, dict]:
    """The reconstruction error, () nats, and the logs that every VAE has."""
    reconstruction = losses.bernoulli(batch.logits, images).mean()
    return reconstruction, {
        "elbo": -reconstruction - batch.kl,
        "reconstruction": reconstruction,
        "kl": batch.kl,
        "kl_latent": batch.kl_latent,
    }


def apply(optimizer, grads: Any, state: Any, params: Any) -> tuple[Any, Any]:
    """One step of an optimiser: new params and the new state."""
    updates, state = optimizer.update(grads, state, params)
    return optax.apply_updates(params, updates), state


def vae(
    shape: tuple[int, int, int],
    penalty: Callable,
    *,
    net: str = "conv",
    latents: int = 10,
    learning_rate: float = 1e-4,
) -> Model:
    """A VAE for images of `shape` (h, w, c) with `penalty` added to the reconstruction error.

    `penalty`: Batch -> (() in nats, logs of its own). Float options may be traced. Logs, all in
    nats and means over the batch: loss, elbo, reconstruction, kl and kl_latent [d].
    """
    network, optimizer = autoencoder(shape, net, latents), optax.adam(learning_rate)

    def init(key):
        params = network.init(key)
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def loss(params, images, key, step, size):
        batch = network.run(params, images, key, step, size)
        reconstruction, logs = elbo(batch, images)
        term, own = penalty(batch)
        return reconstruction + term, {"loss": reconstruction + term} | logs | own

    def update(state, sampler, key):
        key_images, key_z = jax.random.split(key)
        grads, logs = jax.grad(loss, has_aux=True)(
            state.params, sampler.images(key_images), key_z, state.step, sampler.size
        )
        params, moments = apply(optimizer, grads, state.optimizer, state.params)
        return State(params, moments, state.step + 1), logs

    return Model(init, update, network.encode, network.decode)
