"""Denoising autoencoder: codes from which an image with a part blacked out is restored.

    loss = sum over pixels of (decode(encode(mask x)) - x)^2,   mean over the batch

The first stage of beta_vae_dae alone, with its mask and its net; codes are the bottleneck. Higgins
et al., "DARLA", ICML 2017, put agents on these codes to see what disentangling adds (DARLA_DAE,
recalled). Denoising: Vincent et al., "Extracting and Composing Robust Features with Denoising
Autoencoders", ICML 2008.
"""

import jax
import jax.numpy as jnp
import optax

from dbench.base import Model, State
from dbench.models.beta_vae_dae import mask
from dbench.models.vae import apply
from dbench.nets.denoising import DenoisingNet


def dae(
    shape: tuple[int, int, int], *, bottleneck: int = 100, learning_rate: float = 1e-3
) -> Model:
    """Denoising autoencoder: codes from which images with a part blacked out are restored.

    `bottleneck`: its units, which are the codes. Logs: loss, and `dae_error`, which is
    the same: the squared error of restored pixels, summed over an image.
    """
    net, optimizer = DenoisingNet(shape, bottleneck), optax.adam(learning_rate)

    def init(key):
        params = net.init(key, jnp.zeros((1, *shape)))
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def run(params, images, method=None):
        return net.apply(params, images, method=method)

    def loss(params, images, key):
        restored = jax.nn.sigmoid(run(params, mask(key, images)))
        error = ((restored - images) ** 2).sum(axis=(1, 2, 3)).mean()
        return error, {"loss": error, "dae_error": error}

    def update(state, sampler, key):
        key_images, key_mask = jax.random.split(key)
        images = sampler.images(key_images)
        grads, logs = jax.grad(loss, has_aux=True)(state.params, images, key_mask)
        params, moments = apply(optimizer, grads, state.optimizer, state.params)
        return State(params, moments, state.step + 1), logs

    def encode(params, images):
        return run(params, images, "encode"), None

    def decode(params, codes):
        return jax.nn.sigmoid(run(params, codes, "decode"))

    return Model(init, update, encode, decode)
