"""What models with few labels share: a VAE, and some images whose factors are known.

    loss = E_q(z|x)[-log p(x|z)] + penalty + w R(mean(labelled images), labels)

Code j belongs to the j-th factor that is observed. R, of a batch of b labelled images, u_j being
label v_j divided by its number of values n_j:

    l2      sum_b sum_j (a mean_j - v_j)^2, the scale a being learned, 1 at first
    l2_sigmoid   sum_b sum_j (sigmoid(mean_j) - u_j)^2
    xent    sum_b sum_j BCE(sigmoid(mean_j), u_j)
    cov     sum_(i != j) Cov(mean_i, v_j)^2, over all codes i
    embed   sum_j mean_b -log softmax_v(-(s_j (mean_j - e_jv))^2) at v = v_j; e and s are learned

The first three are sums over the batch and the last two means, so that the same `weight` is not the
same strength. The labelled images are drawn once, and each update takes a batch of them.

Who labels them, and how well, is labellers.py.

Locatello et al., "Disentangling Factors of Variation Using Few Labels", ICLR 2020, and the authors'
program (disentanglement_lib). Departures: l2_sigmoid holds an image to its own labels, where theirs
holds it to those of every image of the batch (it subtracts arrays of [b, k] from [b, 1, k]), b^2
terms a factor; the labelled batch is drawn with replacement, theirs goes round; u_j is v_j / n_j as
there, and so below 1; factors of one value have no code, and no labeller draws them; `observed` may
name the factors that are known; e begins as normal draws and s as 1; at any seed of a run the
labelled images, and the factors that `partial` draws, are those of `label_seed`.
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
from dbench.models.baselines import needs_factors
from dbench.models.labellers import Labeller, told
from dbench.models.vae import apply, autoencoder, elbo

Regulariser = Literal["xent", "l2", "l2_sigmoid", "cov", "embed"]
Schedule = Literal["fixed", "anneal", "fine_tune"]
MOST = 256  # values of a factor that `embed` has room for


class Labelled(NamedTuple):
    """The images whose factors are known."""

    rows: np.ndarray  # [n] int32
    labels: np.ndarray  # [n, k] int32
    sizes: np.ndarray  # [k] int32, values that a label may have


class Supervision(NamedTuple):
    """How a model is told of labels: its options, but for the weight."""

    labels: int
    labeller: Labeller
    regulariser: Regulariser
    schedule: Schedule
    anneal_steps: int
    observed: str
    label_seed: int


def labelled(dataset: Dataset, latents: int, how: Supervision, model: str) -> Labelled:
    """The labelled images of a data set. An InputError if there are none, or too few latents."""
    needs_factors(dataset, model)
    if dataset.drawing:
        raise InputError(f"{model} takes labels of all of {dataset.name}: no view of it")
    names = [name.strip() for name in how.observed.split(",") if name.strip()]
    columns = [sampling.index(dataset, name) for name in names] or dataset.varying
    rng = np.random.default_rng(how.label_seed)
    rows = rng.integers(dataset.size, size=how.labels)
    sizes, labels = np.array(dataset.sizes)[columns], dataset.factors[rows][:, columns]
    labels, sizes = told(labels, sizes, how.labeller, rng)
    if len(sizes) > latents:
        raise InputError(
            f"{model} has a latent for each observed factor of {dataset.name}: raise latents from "
            f"{latents} to {len(sizes)} or more, or name fewer in observed"
        )
    if how.regulariser == "embed" and sizes.max() > MOST:
        raise InputError(
            f"{model} embeds factors of {MOST} values at most, and {dataset.name} has one of "
            f"{sizes.max()}: take another regulariser"
        )
    return Labelled(rows.astype(np.int32), labels.astype(np.int32), sizes.astype(np.int32))


def regularise(kind: Regulariser, own: dict, mean: jax.Array, labels: jax.Array, sizes: jax.Array):
    """R of the means [b, d] of labelled images and their labels [b, k]; `own` is what it learns."""
    codes, share = mean[:, : labels.shape[1]], labels / sizes[None]
    if kind == "l2":
        return ((codes * own["scale"] - labels) ** 2).sum()
    if kind == "l2_sigmoid":
        return ((jax.nn.sigmoid(codes) - share) ** 2).sum()
    if kind == "xent":
        return optax.sigmoid_binary_cross_entropy(codes, share).sum()
    if kind == "cov":
        centred, known = (x - x.mean(axis=0, keepdims=True) for x in (mean, labels * 1.0))
        covariance = centred.T @ known / len(mean)
        return (covariance**2).sum() - (jnp.diagonal(covariance) ** 2).sum()
    places, sharpness = (own[name][: codes.shape[1]] for name in ("embedding", "sharpness"))
    apart = (codes[:, :, None] - places[None]) * sharpness[None, :, None]
    there = jnp.arange(MOST)[None] < sizes[:, None]
    logits = jnp.where(there[None], -(apart**2), -jnp.inf)
    chosen = jnp.take_along_axis(logits, labels[:, :, None], axis=2)[..., 0]
    return (jax.nn.logsumexp(logits, axis=2) - chosen).mean(axis=0).sum()


def scheduled(schedule: Schedule, step: jax.Array, steps: int) -> jax.Array:
    """The share of the weight at a step: 1; rising to 1; or 0 up to `steps`, then 1."""
    if schedule == "fixed":
        return jnp.ones(())
    return jnp.minimum(step / steps, 1.0) if schedule == "anneal" else (step > steps) * 1.0


def with_labels(
    shape: tuple[int, int, int],
    name: str,
    penalty: Callable,
    weight: float,
    how: Supervision,
    *,
    net: str = "conv",
    latents: int = 10,
    learning_rate: float = 1e-4,
) -> Model:
    """A VAE with `penalty` (as of `vae`) that knows some labels.

    Logs are those of a VAE with its penalty, and `supervised`, R of the labelled batch.
    """
    network, optimizer = autoencoder(shape, net, latents), optax.adam(learning_rate)

    def extra(dataset: Dataset):
        return labelled(dataset, latents, how, name)

    def init(key):
        own: dict = {}
        if how.regulariser == "l2":
            own = {"scale": jnp.ones(())}
        if how.regulariser == "embed":
            drawn = jax.random.normal(jax.random.fold_in(key, 1), (latents, MOST))
            own = {"embedding": drawn, "sharpness": jnp.ones(latents)}
        params = {"vae": network.init(key), "labels": own}
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def loss(params, images, known, labels, sizes, key, step, size):
        batch = network.run(params["vae"], images, key, step, size)
        reconstruction, logs = elbo(batch, images)
        term, own = penalty(batch)
        mean, _ = network.encode(params["vae"], known)
        told = regularise(how.regulariser, params["labels"], mean, labels, sizes)
        share = scheduled(how.schedule, step, how.anneal_steps)
        total = reconstruction + term + weight * share * told
        return total, {"loss": total} | logs | own | {"supervised": told}

    def update(state, sampler, key):
        key_images, key_z, key_known = jax.random.split(key, 3)
        known = Labelled(*sampler.extra)
        chosen = jax.random.randint(key_known, (sampler.batch,), 0, len(known.rows))
        grads, logs = jax.grad(loss, has_aux=True)(
            state.params,
            sampler.images(key_images),
            sampler.gather(known.rows[chosen]),
            known.labels[chosen],
            known.sizes,
            key_z,
            state.step,
            sampler.size,
        )
        params, moments = apply(optimizer, grads, state.optimizer, state.params)
        return State(params, moments, state.step + 1), logs

    def encode(params, images):
        return network.encode(params["vae"], images)

    def decode(params, codes):
        return network.decode(params["vae"], codes)

    return Model(init, update, encode, decode, extra)
