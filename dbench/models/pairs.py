"""What the models of pairs share: a VAE that sees two images which differ in few factors.

    q_i         posterior of image i = 1, 2: N(mean, var), one a code
    shared      the codes that both images have in common: found, or told
    q'_i        the average of q_1 and q_2 where shared, q_i where not
    loss        1/2 sum_i ( E_q'_i[-log p(x_i|z)] + beta KL(q'_i || p(z)) )

Found (adaptively): d_j = 2 KL(q_1j || q_2j); code j is shared if d_j is below the middle between
the least and the greatest d of the pair. Told: code j belongs to the j-th factor that varies in the
data set, and is shared unless that factor has changed; further codes are always shared.

The average is that of the GVAE, mean and variance each the mean of both (Hosoya, "Group-based
Learning of Disentangled Representations with Generalizability for Novel Contents", IJCAI 2019), or
that of the ML-VAE, the product of both densities with its variance doubled (Bouchacourt et al.,
"Multi-Level Variational Autoencoder", AAAI 2018):

    GVAE        mean = (mean_1 + mean_2) / 2                  var = (var_1 + var_2) / 2
    ML-VAE      mean = var/2 (mean_1/var_1 + mean_2/var_2)    1/var = (1/var_1 + 1/var_2) / 2

Locatello et al., "Weakly-Supervised Disentanglement Without Compromises", ICML 2020, section 4;
where the text leaves it open as in the authors' program (disentanglement_lib). Departures: pairs
differ in exactly `changes` factors unless pairs = "published"; told, several factors may have
changed, where theirs knows one. A batch is that many pairs, two images each. An image is encoded as
by a VAE.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dbench.base import Dataset, Model, State
from dbench.data.views import sampling
from dbench.errors import InputError
from dbench.models import losses
from dbench.models.vae import Batch, apply, autoencoder, elbo

Pairs = Literal["exact", "published"]
Gaussian = tuple[jax.Array, jax.Array]  # means and log variances, [b, d] each


def gvae_average(one: Gaussian, two: Gaussian) -> Gaussian:
    """Means of the means and of the variances."""
    return (one[0] + two[0]) / 2, jnp.logaddexp(one[1], two[1]) - jnp.log(2.0)


def ml_vae_average(one: Gaussian, two: Gaussian) -> Gaussian:
    """The product of both densities, its variance doubled: the precision is the mean of both."""
    logvar = jnp.log(2.0) - jnp.logaddexp(-one[1], -two[1])
    mean = jnp.exp(logvar) / 2 * (one[0] * jnp.exp(-one[1]) + two[0] * jnp.exp(-two[1]))
    return mean, logvar


def found(one: Gaussian, two: Gaussian, changed: jax.Array) -> jax.Array:
    """Which codes the two have in common, [b, d], by their posteriors."""
    del changed  # it is not told
    squared = (two[0] - one[0]) ** 2 * jnp.exp(-two[1])
    apart = jnp.exp(one[1] - two[1]) + squared - 1 + two[1] - one[1]
    middle = (apart.min(axis=1, keepdims=True) + apart.max(axis=1, keepdims=True)) / 2
    return apart < middle


def told(one: Gaussian, two: Gaussian, changed: jax.Array) -> jax.Array:
    """Which codes the two have in common: those of factors that have not `changed` [b, f]."""
    b, d = one[0].shape
    return jnp.concatenate([~changed, jnp.ones((b, d - changed.shape[1]), bool)], axis=1)


class Rule(NamedTuple):
    """How a model of pairs makes one posterior of two."""

    average: Callable[[Gaussian, Gaussian], Gaussian]
    shared: Callable[[Gaussian, Gaussian, jax.Array], jax.Array]  # -> [b, d] bool

    def averaged(self, one: Gaussian, two: Gaussian, changed: jax.Array):
        """Posteriors of the first images, then of the second: [2 b, d] twice, and what is shared.

        `changed` [b, f]: which factors of a pair differ.
        """
        same, both = self.shared(one, two, changed), self.average(one, two)
        mean, logvar = (
            jnp.concatenate([jnp.where(same, v, own) for own in owns])
            for v, owns in zip(both, zip(one, two, strict=True), strict=True)
        )
        return mean, logvar, same


RULES = {
    "ada_gvae": Rule(gvae_average, found),
    "ada_ml_vae": Rule(ml_vae_average, found),
    "gvae": Rule(gvae_average, told),
    "ml_vae": Rule(ml_vae_average, told),
}


def of_pairs(
    shape: tuple[int, int, int],
    name: str,
    *,
    beta: float,
    changes: int,
    pairs: Pairs,
    net: str = "conv",
    latents: int = 10,
    learning_rate: float = 1e-4,
) -> Model:
    """A model of pairs, by its name in RULES.

    Logs are those of a VAE, of the averaged posteriors, means over both images; `shared`, how many
    codes a pair shares; `apart`, in how many factors it was to differ.
    """
    network, optimizer = autoencoder(shape, net, latents), optax.adam(learning_rate)
    rule = RULES[name]

    def extra(dataset: Dataset):
        sampling.whole_grid(dataset, name)
        free = len(dataset.varying)
        if free < 2:
            raise InputError(
                f"{name} needs pairs that share a factor and differ in another, and in "
                f"{dataset.name} {free} factors vary"
            )
        if changes > free:
            raise InputError(
                f"changes of {name} is {changes}, and in {dataset.name} {free} factors vary: set "
                f"changes to {free} or less"
            )
        if rule.shared is told and latents < free:
            raise InputError(
                f"{name} has a latent for each factor that varies in {dataset.name}: raise latents "
                f"from {latents} to {free} or more"
            )
        return np.array(dataset.sizes, np.int32), np.array(dataset.varying, np.int32)

    def init(key):
        params = network.init(key)
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def loss(params, images, changed, key, step, size):
        mean, logvar = network.encode(params, images)  # first images, then second ones
        one, two = zip(jnp.split(mean, 2), jnp.split(logvar, 2), strict=True)
        mean, logvar, same = rule.averaged(one, two, changed)
        z = losses.sample(key, mean, logvar)
        kl_latent = losses.gaussian_kl(mean, logvar).mean(axis=0)
        batch = Batch(mean, logvar, z, network.logits(params, z), kl_latent, step, size)
        reconstruction, logs = elbo(batch, images)
        total = reconstruction + beta * batch.kl
        counts = {"shared": same.sum(axis=1).mean(), "apart": changed.sum(axis=1).mean()}
        return total, {"loss": total} | logs | jax.tree.map(jnp.float32, counts)

    def update(state, sampler, key):
        key_rows, key_z = jax.random.split(key)
        sizes, varying = sampler.extra
        first, second, changed = sampling.pairs(
            sizes, key_rows, sampler.batch, changes or None, pairs == "published"
        )
        images = sampler.gather(jnp.concatenate([first, second]))
        grads, logs = jax.grad(loss, has_aux=True)(
            state.params, images, changed[:, varying], key_z, state.step, sampler.size
        )
        params, moments = apply(optimizer, grads, state.optimizer, state.params)
        return State(params, moments, state.step + 1), logs

    return Model(init, update, network.encode, network.decode, extra)
