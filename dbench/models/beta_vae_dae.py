"""beta-VAE_DAE: a beta-VAE that reconstructs features of a denoising autoencoder, not pixels.

    stage 1, steps below dae_steps   sum over pixels of (sigmoid(dae(mask x)) - x)^2
    stage 2, the DAE frozen          1/2 ||J(x^) - J(x)||^2 + beta KL(q(z|x) || p(z))

x^ are the decoded pixels, sums over features and latents, mean over the batch. J is the DAE up to
its last layer, before the non-linearity ("output", the papers'), or up to its bottleneck
("bottleneck"). The mask sets the pixels of one rectangle an image to 0: its corners are two
uniform points. Both stages are one training: one seed, one checkpoint, which holds the DAE.

Higgins et al., "DARLA: Improving Zero-Shot Transfer in Reinforcement Learning", ICML 2017, eq. 4
and appendix A.1 (DAE of 200,000 steps at batch 100, Adam 1e-3); "SCAN: Learning Hierarchical
Compositional Visual Concepts", ICLR 2018, eq. 3, whose beta is the default. Settings recalled, not
seen. The factor 1/2 (a Gaussian of variance 1 over features, so that the loss is in nats) is ours:
papers leave the scale open, and beta depends on it.
"""

from typing import Literal

import jax
import jax.numpy as jnp
import optax

from dbench.base import Model, State
from dbench.models.vae import apply, autoencoder, elbo
from dbench.nets.denoising import DenoisingNet


def mask(key: jax.Array, images: jax.Array) -> jax.Array:
    """Images [b, h, w, c] with one rectangle each, between two uniform points, set to 0."""
    b, h, w, _ = images.shape
    corners = jax.random.uniform(key, (2, 2, b, 1))  # end, axis
    low, high = corners.min(axis=0), corners.max(axis=0)

    def inside(axis, length):
        at = (jnp.arange(length) + 0.5)[None] / length
        return (low[axis] <= at) & (at < high[axis])  # [b, length]

    hidden = inside(0, h)[:, :, None, None] & inside(1, w)[:, None, :, None]
    return jnp.where(hidden, 0.0, images)


def beta_vae_dae(
    shape: tuple[int, int, int],
    *,
    beta: float = 53.0,
    net: str = "conv",
    latents: int = 32,
    learning_rate: float = 1e-4,
    dae_steps: int = 200_000,
    dae_learning_rate: float = 1e-3,
    features: Literal["output", "bottleneck"] = "output",
) -> Model:
    """beta-VAE with reconstruction in the features of a denoising autoencoder (DARLA, SCAN).

    `beta` >= 0, no unit; of the steps of a run the first `dae_steps` train the DAE. Logs as a VAE
    (`reconstruction` and `elbo` are of pixels), `feature_error` in nats and `dae_error`, the
    squared error of restored pixels; what a stage does not compute is 0.
    """
    network, dae = autoencoder(shape, net, latents), DenoisingNet(shape)
    optimizer, dae_optimizer = optax.adam(learning_rate), optax.adam(dae_learning_rate)

    def init(key):
        key_vae, key_dae = jax.random.split(key)
        vae, weights = network.init(key_vae), dae.init(key_dae, jnp.zeros((1, *shape)))
        moments = {"vae": optimizer.init(vae), "dae": dae_optimizer.init(weights)}
        return State({"vae": vae, "dae": weights}, moments, jnp.zeros((), jnp.int32))

    def denoise(weights, images, method=None):
        return dae.apply(weights, images, method=method)

    def look(weights, images):
        """J: [b, h, w, c] -> features [b, f]."""
        method = "encode" if features == "bottleneck" else None
        return denoise(weights, images, method).reshape(len(images), -1)

    def restoration(weights, images, key):
        restored = jax.nn.sigmoid(denoise(weights, mask(key, images)))
        return ((restored - images) ** 2).sum(axis=(1, 2, 3)).mean()

    def loss(vae, weights, images, key, step, size):
        batch = network.run(vae, images, key, step, size)
        _, logs = elbo(batch, images)
        seen = look(weights, jax.nn.sigmoid(batch.logits)) - look(weights, images)
        error = 0.5 * (seen**2).sum(axis=1).mean()
        return error + beta * batch.kl, logs | {"feature_error": error}

    def first(vae, weights, moments, images, key):
        error, grads = jax.value_and_grad(restoration)(weights, images, key)
        weights, own = apply(dae_optimizer, grads, moments["dae"], weights)
        return vae, weights, moments | {"dae": own}, {"loss": error, "dae_error": error}

    def second(vae, weights, moments, images, key, step, size):
        gradient = jax.value_and_grad(loss, has_aux=True)
        (total, logs), grads = gradient(vae, weights, images, key, step, size)
        vae, own = apply(optimizer, grads, moments["vae"], vae)
        return vae, weights, moments | {"vae": own}, {"loss": total} | logs

    terms = ("elbo", "reconstruction", "kl", "feature_error", "dae_error")
    zeros = dict.fromkeys(terms, 0.0) | {"kl_latent": jnp.zeros(latents)}

    def update(state, sampler, key):
        key_images, key_noise = jax.random.split(key)
        images, step = sampler.images(key_images), state.step
        given = state.params["vae"], state.params["dae"], state.optimizer

        def stage(function, *rest):
            def run(*given):
                *state, logs = function(*given, *rest)
                logs = jax.tree.map(jnp.float32, zeros | logs)
                return *state, logs

            return run

        vae, weights, moments, logs = jax.lax.cond(
            step < dae_steps,
            stage(first, images, key_noise),
            stage(second, images, key_noise, step, sampler.size),
            *given,
        )
        return State({"vae": vae, "dae": weights}, moments, step + 1), logs

    def encode(params, images):
        return network.encode(params["vae"], images)

    def decode(params, codes):
        return network.decode(params["vae"], codes)

    return Model(init, update, encode, decode)
