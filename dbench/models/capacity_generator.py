"""A generator that is given the true factors, through as many nats as a capacity allows.

    z_j   = s_j v_j + sigma_j e_j,  e_j ~ N(0, 1); v_j the j-th factor, standardised by its index
    loss  = E[-log p(x|z)] + gamma |KL - C|,  KL = sum_j E_v KL(N(s_j v_j, sigma_j^2) || N(0, 1))
    C     = c_min + (c_max - c_min) min(step / anneal_steps, 1)

s_j, log sigma_j and the decoder are learned. How KL is shared among the factors at each C, which is
`kl_latent` in the log beside `capacity`, says which of them are worth most to the reconstruction;
codes learned by a VAE have no say in it.

Burgess et al., "Understanding disentangling in beta-VAE", 2018, section 4.2: scaled factors, scaled
independent noise, the deviation from C, and C from 0.5 to 25 nats by equal steps in one run. Not
seen, and taken from the paper's AnnealedVAE: gamma 1000, 100,000 steps, the decoder (any of NETS).
Ours: a factor that is a label (the shape) is a number like any other, its index standardised; at
first s = 0.1 and sigma = 1 for all, so that none is ahead; Adam with the settings of vae.py.
"""

import jax
import jax.numpy as jnp
import optax

from dbench.base import Model, State
from dbench.data.grid import standardised
from dbench.errors import InputError
from dbench.models import losses
from dbench.models.baselines import needs_factors
from dbench.models.vae import Batch, apply, elbo
from dbench.nets import vaes


def capacity_generator(
    shape: tuple[int, int, int],
    *,
    net: str = "conv",
    latents: int = 6,
    learning_rate: float = 1e-4,
    c_min: float = 0.5,
    c_max: float = 25.0,
    gamma: float = 1000.0,
    anneal_steps: int = 100_000,
) -> Model:
    """Decoder of the true factors and noise, under a growing capacity (Burgess et al. 2018).

    `latents` must be the number of factors of the data set, those with one value included: 6 of
    dSprites. The capacity goes from `c_min` to `c_max` nats in `anneal_steps` updates (equal ones
    hold it); `gamma` >= 0, no unit. Code j is factor j. Logs as a VAE, and `capacity` in nats.
    """
    network, optimizer = vaes.build(net, shape, latents), optax.adam(learning_rate)

    def extra(dataset):
        needs_factors(dataset, "capacity_generator")
        count = len(dataset.names)
        if count != latents:
            raise InputError(
                f"capacity_generator has {latents} latents for {count} factors of {dataset.name}: "
                f"set latents to {count}"
            )
        return standardised(dataset)

    def init(key):
        decoder = network.init(key, jnp.zeros((1, latents)), method="decode")
        params = {
            "scale": jnp.full((latents,), 0.1),
            "log_sigma": jnp.zeros((latents,)),
            "decoder": decoder,
        }
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def encode(params, factors):
        mean = factors * params["scale"][None]
        return mean, jnp.broadcast_to(2.0 * params["log_sigma"], mean.shape)

    def logits(params, codes):
        return network.apply(params["decoder"], codes, method="decode")

    def decode(params, codes):
        return jax.nn.sigmoid(logits(params, codes))

    def loss(params, images, factors, key, step, size):
        mean, logvar = encode(params, factors)
        z = losses.sample(key, mean, logvar)
        kl_latent = losses.gaussian_kl(mean, logvar).mean(axis=0)
        batch = Batch(mean, logvar, z, logits(params, z), kl_latent, step, size)
        reconstruction, logs = elbo(batch, images)
        capacity = c_min + (c_max - c_min) * jnp.minimum(step / anneal_steps, 1.0)
        total = reconstruction + gamma * jnp.abs(batch.kl - capacity)
        return total, {"loss": total} | logs | {"capacity": capacity}

    def update(state, sampler, key):
        key_rows, key_z = jax.random.split(key)
        rows = sampler.rows(key_rows)
        grads, logs = jax.grad(loss, has_aux=True)(
            state.params,
            sampler.gather(rows),
            sampler.extra[rows],
            key_z,
            state.step,
            sampler.size,
        )
        params, moments = apply(optimizer, grads, state.optimizer, state.params)
        return State(params, moments, state.step + 1), logs

    return Model(init, update, encode, decode, extra, sees_factors=True)
