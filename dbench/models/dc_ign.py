"""DC-IGN: a VAE whose codes belong to factors, by batches in which one group of factors varies.

Groups: each extrinsic factor alone, and all other factors together, the intrinsic ones. Code j
belongs to the j-th extrinsic factor, all further codes to the intrinsic group. An update draws a
group (1 : 1 : ... : intrinsic), then a batch in which nothing else varies. The codes of that group
are active; the posteriors of the others are clamped:

    forward    the mean and the log variance of an inactive code become their batch means
    backward   g_i = strength (v_i - mean_i v_i) / b, v the mean or the log variance, in place of
               the gradient of the loss, whose KL term therefore shapes active codes alone; that is
               the gradient of strength/2 mean_i (v_i - mean_i v_i)^2
    loss       E_q(z|x)[-log p(x|z)] + KL(q(z|x) || p(z)), of the clamped posterior

Kulkarni, Whitney, Kohli and Tenenbaum, "Deep Convolutional Inverse Graphics Network", NeurIPS
2015, section 3. From the paper: 200 codes, RMSprop at 5e-4, ratio 1 : 1 : 1 : 10, batches of 20
(that is a study's). As in the authors' program, what is clamped is the posterior and not its
sample, each image has noise of its own after that, and the backward rule has a strength: 0.01 by
the name of a folder of theirs, and by the paper as recalled. The formula without a strength is
strength 1. Theirs sums losses over the batch, ours takes the mean; hence the b, to which RMSprop
is blind.

Departures: their program applies the backward rule once for each term of the loss, twice in all;
here once; and as first published it clamps to the batch's first code, where the paper and we take
the mean. Their net is for images of 150 x 150; any of ours serves here. RMSprop is optax's, decay
0.9. What Higgins et al. 2017 did with it on dSprites was not seen; extrinsic
"scale,orientation,posX,posY" leaves the shape to the intrinsic codes.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

from dbench.base import Dataset, Model, State
from dbench.data.views import sampling, trained, weighs
from dbench.errors import InputError
from dbench.models import losses
from dbench.models.baselines import needs_factors
from dbench.models.vae import Batch, apply, autoencoder, elbo


@jax.custom_vjp
def clamp(values: jax.Array, active: jax.Array, strength: jax.Array) -> jax.Array:
    """Inactive codes as their batch mean, [b, d], [d] bool, () -> [b, d].

    Its derivative is none: backward, active codes pass the gradient on, an inactive one gets its
    difference from the mean, times strength / b, whatever the gradient.
    """
    return jnp.where(active, values, values.mean(axis=0, keepdims=True))


def _forward(values, active, strength):
    return clamp(values, active, strength), (values, active, strength)


def _backward(saved, gradient):
    values, active, strength = saved
    nudge = strength / len(values) * (values - values.mean(axis=0, keepdims=True))
    return jnp.where(active, gradient, nudge), None, None


clamp.defvjp(_forward, _backward)


def pick(key: jax.Array, extrinsic: int, ratio: int) -> jax.Array:
    """A group, () from 0 to `extrinsic`, the last of them `ratio` times as likely as another."""
    return jnp.minimum(jax.random.randint(key, (), 0, extrinsic + ratio), extrinsic)


def dc_ign(
    shape: tuple[int, int, int],
    *,
    net: str = "conv",
    latents: int = 200,
    learning_rate: float = 5e-4,
    extrinsic: str = "azimuth,elevation,light_azimuth",
    intrinsic_ratio: int = 10,
    invariance: float = 0.01,
) -> Model:
    """VAE with a code of its own for each extrinsic factor (Kulkarni et al. 2015).

    `extrinsic` are names of factors, comma-separated, code j for the j-th; `intrinsic_ratio` how
    many batches the intrinsic group gets for one of an extrinsic factor; `invariance` >= 0, no
    unit, the strength of the backward rule. Logs as a VAE, of the clamped posterior, and for each
    group (by its factor, or intrinsic) the variance of its means over a batch, summed over its
    codes: `spread_<group>` while active, `invariance_<group>` while not, both divided by how often
    that is the case, so that means of the log over steps are means over such batches.
    """
    names = listed(extrinsic)
    groups, count = (*names, "intrinsic"), len(names)
    if not latents > count:
        raise InputError(
            f"dc_ign has {latents} latents for {count} extrinsic factors and the intrinsic rest: "
            f"raise latents to {count + 1} or more"
        )
    group_of = np.minimum(np.arange(latents), count)  # [d]
    chance = np.array([1] * count + [intrinsic_ratio]) / (count + intrinsic_ratio)
    network, optimizer = autoencoder(shape, net, latents), optax.rmsprop(learning_rate, decay=0.9)

    def extra(dataset):
        check(dataset, names)
        others = [n for n in dataset.names if n not in names]
        return tuple(varying(dataset, some) for some in (*([n] for n in names), others))

    def init(key):
        params = network.init(key)
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def spreads(mean, group):
        each = jax.ops.segment_sum(mean.var(axis=0), group_of, len(groups))
        now = jnp.arange(len(groups)) == group
        active, inactive = now * each / chance, ~now * each / (1 - chance)
        return {f"spread_{n}": active[j] for j, n in enumerate(groups)} | {
            f"invariance_{n}": inactive[j] for j, n in enumerate(groups)
        }

    def loss(params, images, group, key, step, size):
        posterior = network.encode(params, images)
        mean, logvar = (clamp(v, group_of == group, invariance) for v in posterior)
        z = losses.sample(key, mean, logvar)
        kl_latent = losses.gaussian_kl(mean, logvar).mean(axis=0)
        batch = Batch(mean, logvar, z, network.logits(params, z), kl_latent, step, size)
        reconstruction, logs = elbo(batch, images)
        total = reconstruction + batch.kl
        return total, {"loss": total} | logs | spreads(posterior[0], group)

    def update(state, sampler, key):
        key_group, key_rows, key_z = jax.random.split(key, 3)
        group = pick(key_group, count, intrinsic_ratio)
        draws = [partial(sampling.alike, g, count=sampler.batch) for g in sampler.extra]
        images = sampler.gather(jax.lax.switch(group, draws, key_rows))
        grads, logs = jax.grad(loss, has_aux=True)(
            state.params, images, group, key_z, state.step, sampler.size
        )
        params, moments = apply(optimizer, grads, state.optimizer, state.params)
        return State(params, moments, state.step + 1), logs

    intrinsic = ("intrinsic", tuple(range(count, latents)))
    return Model(init, update, network.encode, network.decode, extra, groups=(intrinsic,))


def listed(extrinsic: str) -> tuple[str, ...]:
    """ "a, b" -> ("a", "b"), each once."""
    names = tuple(name.strip() for name in extrinsic.split(","))
    if not all(names) or len(set(names)) < len(names):
        raise InputError(
            f"extrinsic of dc_ign must be names of factors, each once, with commas between, not "
            f"{extrinsic!r}"
        )
    return names


def varying(dataset: Dataset, names: list[str]) -> sampling.Groups:
    """Groups that differ in the named factors alone, of the rows that training may see."""
    rows = trained(dataset)
    found = sampling.varying(dataset._replace(factors=dataset.factors[rows]), names)
    return found._replace(order=rows[found.order].astype(np.int32))


def check(dataset: Dataset, names: tuple[str, ...]) -> None:
    """An InputError if these cannot be the extrinsic factors of the data set."""
    needs_factors(dataset, "dc_ign")
    if weighs(dataset):
        raise InputError(
            f"dc_ign draws batches of its own, all rows of {dataset.name} alike: no "
            "joint of factors"
        )
    vary = [dataset.names[j] for j in dataset.varying]
    wrong = [n for n in names if n not in vary]
    if wrong:
        raise InputError(
            f"dc_ign's extrinsic factor {wrong[0]!r} is none that varies in {dataset.name} (those "
            f"that do: {', '.join(vary)}); set extrinsic"
        )
    if len(names) == len(vary):
        raise InputError(
            f"dc_ign's extrinsic factors are all that vary in {dataset.name}, and none is left to "
            "the intrinsic codes; take some out of extrinsic"
        )
