"""An encoder trained on the factors: a ceiling for what its net could represent.

    loss = E[sum_j (mean_j(x) - v_j)^2], v_j the j-th factor that varies, standardised

Codes beyond the factors go to 0. Adam with the settings of vae.py.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dbench.base import Model, State
from dbench.data.grid import standardised
from dbench.errors import InputError
from dbench.models.baselines import needs_factors
from dbench.models.vae import apply
from dbench.nets import vaes


def supervised(
    shape: tuple[int, int, int],
    *,
    net: str = "conv",
    latents: int = 10,
    learning_rate: float = 1e-4,
) -> Model:
    """An encoder trained on the factors: code j is the j-th factor that varies, by least squares.

    `latents` must not be fewer than the factors. Logs: loss, of standardised factors squared.
    """
    network, optimizer = vaes.build(net, shape, latents), optax.adam(learning_rate)

    def extra(dataset):
        needs_factors(dataset, "supervised")
        varying = [j for j, size in enumerate(dataset.sizes) if size > 1]
        if len(varying) > latents:
            raise InputError(
                f"supervised has {latents} latents for {len(varying)} factors of {dataset.name}: "
                "raise latents"
            )
        targets = np.zeros((dataset.size, latents), np.float32)
        targets[:, : len(varying)] = standardised(dataset)[:, varying]
        return targets

    def init(key):
        params = network.init(key, jnp.zeros((1, *shape)), method="encode")
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def encode(params, images):
        return network.apply(params, images, method="encode")[0], None

    def update(state, sampler, key):
        rows = sampler.rows(key)
        images, targets = sampler.gather(rows), sampler.extra[rows]

        def loss(params):
            return ((encode(params, images)[0] - targets) ** 2).sum(axis=1).mean()

        value, grads = jax.value_and_grad(loss)(state.params)
        params, moments = apply(optimizer, grads, state.optimizer, state.params)
        return State(params, moments, state.step + 1), {"loss": value}

    return Model(init, update, encode, None, extra, likelihood=False)
