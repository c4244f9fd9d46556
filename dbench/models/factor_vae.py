"""FactorVAE: a VAE whose total correlation, as a discriminator estimates it, is penalised.

    VAE            E_q(z|x)[-log p(x|z)] + KL(q(z|x) || p(z)) + gamma TC,
                   TC = E_q(z)[log D(z) / (1 - D(z))] = E[l_0(z) - l_1(z)]
    discriminator  -1/2 (E_q(z)[log D(z)] + E[log (1 - D(z'))]), z' with every latent permuted
                   over its batch on its own

D = softmax(l)_0 is the probability that a code is of q(z) and not of the product of its marginals.
Kim and Mnih, "Disentangling by Factorising", ICML 2018, eq. 2 and 3 and algorithm 2: the VAE makes
its step on one batch, then the discriminator on that batch's codes and the permuted codes of a
second one, encoded by the VAE after its step. disentanglement_lib permutes the first batch's codes
(`discriminator_batch="same"`: cheaper by one encoding, and the two samples are not independent).

Optimisers: Adam for both, the discriminator's with b1 0.5 and b2 0.9. Its estimate of TC is logged
as it is, negative or not; it may be far below the true one, which is the score
`total_correlation` of the trained model.
"""

from typing import Annotated, Literal

import jax
import jax.numpy as jnp
import optax

from dbench.base import Model, State
from dbench.models import losses
from dbench.models.vae import apply, autoencoder, elbo
from dbench.nets.discriminator import Discriminator


def permute(key: jax.Array, z: jax.Array) -> jax.Array:
    """Every latent shuffled over the batch on its own, [b, d] -> [b, d]."""
    return jax.random.permutation(key, z, axis=0, independent=True)


def discriminator_loss(joint: jax.Array, permuted: jax.Array) -> jax.Array:
    """Cross entropy of logits [b, 2] of joint (0) and permuted (1) codes; ln 2 is chance."""
    right = jax.nn.log_softmax(joint)[:, 0], jax.nn.log_softmax(permuted)[:, 1]
    return -0.5 * (right[0].mean() + right[1].mean())


def factor_vae(
    shape: tuple[int, int, int],
    *,
    gamma: float = 10.0,
    net: str = "conv",
    latents: int = 10,
    learning_rate: float = 1e-4,
    discriminator_learning_rate: float = 1e-4,
    discriminator_units: int = 1000,
    discriminator_layers: Annotated[int, 1, 100] = 6,
    discriminator_batch: Literal["second", "same"] = "second",
) -> Model:
    """VAE penalised by a discriminator's estimate of total correlation (Kim and Mnih 2018).

    `gamma` >= 0, no unit. Logs as a VAE and `tc_estimate` and `discriminator_loss`, nats.
    """
    network = autoencoder(shape, net, latents)
    critic = Discriminator(discriminator_units, discriminator_layers)
    optimizer = optax.adam(learning_rate)
    critic_optimizer = optax.adam(discriminator_learning_rate, b1=0.5, b2=0.9)

    def init(key):
        key_vae, key_critic = jax.random.split(key)
        vae, weights = network.init(key_vae), critic.init(key_critic, jnp.zeros((1, latents)))
        moments = {"vae": optimizer.init(vae), "discriminator": critic_optimizer.init(weights)}
        params = {"vae": vae, "discriminator": weights}
        return State(params, moments, jnp.zeros((), jnp.int32))

    def judge(weights, codes):
        return critic.apply(weights, codes)

    def loss(vae, weights, images, key, step, size):
        batch = network.run(vae, images, key, step, size)
        reconstruction, logs = elbo(batch, images)
        logits = judge(weights, batch.z)
        tc = (logits[:, 0] - logits[:, 1]).mean()
        return reconstruction + batch.kl + gamma * tc, (logs, batch.z, tc)

    def update(state, sampler, key):
        key_images, key_z, key_second, key_second_z, key_permute = jax.random.split(key, 5)
        vae, weights = state.params["vae"], state.params["discriminator"]
        images = sampler.images(key_images)
        (total, (logs, z, tc)), grads = jax.value_and_grad(loss, has_aux=True)(
            vae, weights, images, key_z, state.step, sampler.size
        )
        vae, moments = apply(optimizer, grads, state.optimizer["vae"], vae)
        second = z
        if discriminator_batch == "second":
            posterior = network.encode(vae, sampler.images(key_second))
            second = losses.sample(key_second_z, *posterior)
        permuted = permute(key_permute, second)

        def critic_loss(weights):
            return discriminator_loss(judge(weights, z), judge(weights, permuted))

        wrong, grads = jax.value_and_grad(critic_loss)(weights)
        weights, critic_moments = apply(
            critic_optimizer, grads, state.optimizer["discriminator"], weights
        )
        logs = {"loss": total} | logs | {"tc_estimate": tc, "discriminator_loss": wrong}
        return State(
            {"vae": vae, "discriminator": weights},
            {"vae": moments, "discriminator": critic_moments},
            state.step + 1,
        ), logs

    def encode(params, images):
        return network.encode(params["vae"], images)

    def decode(params, codes):
        return network.decode(params["vae"], codes)

    return Model(init, update, encode, decode)
