"""Autoencoder: codes with no noise and no prior, which only have to reconstruct.

    loss = -log p(x|z),  z = encoder(x)

Pixels are Bernoulli, summed over an image, as in our VAEs: this is one without a variance and
without a KL. It is what Rolinek, Zietlow and Martius, "Variational Autoencoders Pursue PCA
Directions (by Accident)", CVPR 2019, hold the VAE against: by their claim it is the diagonal
posterior that aligns codes, and an autoencoder has none. The idea of codes by reconstruction:
Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986.

Departures: the paper's settings were not seen, so the net and Adam are those of our VAEs. The
net's head of log variances is there and never used.
"""

import jax
import jax.numpy as jnp
import optax

from dbench.base import Model, State
from dbench.models import losses, vae


def autoencoder(
    shape: tuple[int, int, int],
    *,
    net: str = "conv",
    latents: int = 10,
    learning_rate: float = 1e-4,
) -> Model:
    """Autoencoder: codes without noise or prior, which only have to reconstruct.

    Logs, nats of a whole image: loss, and `reconstruction`, which is the same.
    """
    network, optimizer = vae.autoencoder(shape, net, latents), optax.adam(learning_rate)

    def init(key):
        params = network.init(key)
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def loss(params, images):
        codes, _ = network.encode(params, images)
        error = losses.bernoulli(network.logits(params, codes), images).mean()
        return error, {"loss": error, "reconstruction": error}

    def update(state, sampler, key):
        grads, logs = jax.grad(loss, has_aux=True)(state.params, sampler.images(key))
        params, moments = vae.apply(optimizer, grads, state.optimizer, state.params)
        return State(params, moments, state.step + 1), logs

    def encode(params, images):
        codes, _ = network.encode(params, images)
        return codes, None

    return Model(init, update, encode, network.decode)
