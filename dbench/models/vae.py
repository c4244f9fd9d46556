"""What the VAEs share: the plain VAE with its penalty left open.

    loss = E_q(z|x)[-log p(x|z)] + penalty(mean, logvar, z, step)

Sums over pixels and latents, mean over the batch; one sample of z per image; Bernoulli
pixels. With penalty = KL(q(z|x) || p(z)) this is Kingma and Welling, "Auto-Encoding
Variational Bayes", ICLR 2014, eq. 7.

Optimiser: Adam with b1 0.9, b2 0.999, eps 1e-8 (the settings of Locatello et al. 2019).
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import optax

from dbench import losses
from dbench.base import Model, State
from dbench.nets import NETS


def vae(
    shape: tuple[int, int, int],
    penalty: Callable,
    *,
    net: str = "conv",
    latents: int = 10,
    learning_rate: float = 1e-4,
) -> Model:
    """A VAE for images of `shape` (h, w, c) with `penalty` added to the reconstruction error.

    `penalty`: mean [b, d], logvar [b, d], z [b, d], step () -> () in nats. Float options may
    be traced. Logs, all in nats and means over the batch: loss, elbo, reconstruction, kl and
    kl_latent [d].
    """
    network = NETS[net](shape, latents)
    optimizer = optax.adam(learning_rate)

    def init(key):
        params = network.init(key, jnp.zeros((1, *shape)))
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def loss(params, images, key, step):
        mean, logvar = encode(params, images)
        z = losses.sample(key, mean, logvar)
        logits = network.apply(params, z, method="decode")
        reconstruction = losses.bernoulli(logits, images).mean()
        kl_latent = losses.gaussian_kl(mean, logvar).mean(axis=0)  # [d]
        kl = kl_latent.sum()
        total = reconstruction + penalty(mean, logvar, z, step)
        return total, {
            "loss": total,
            "elbo": -reconstruction - kl,
            "reconstruction": reconstruction,
            "kl": kl,
            "kl_latent": kl_latent,
        }

    def update(state, draw, key):
        key_images, key_z = jax.random.split(key)
        grads, logs = jax.grad(loss, has_aux=True)(
            state.params, draw(key_images), key_z, state.step
        )
        updates, optimizer_state = optimizer.update(grads, state.optimizer)
        params = optax.apply_updates(state.params, updates)
        return State(params, optimizer_state, state.step + 1), logs

    def encode(params, images):
        return network.apply(params, images, method="encode")

    def decode(params, codes):
        return jax.nn.sigmoid(network.apply(params, codes, method="decode"))

    return Model(init, update, encode, decode)
