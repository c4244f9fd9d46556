"""Tripod: an autoencoder of few values a code, whose codes know little of each other and act apart.

    c = tanh(encoder(x))        q_j = the nearest to c_j of `levels` even values from -1 to 1
    loss    BCE(x^, x) + a M + b H,   x^ = decoder(q)

    M   mean_i [log p(q_i) - sum_j log p_j(q_ij)], densities of Gaussian kernels around the batch:
        p of the whole code, with deviations s_j (4 / (d + 2))^(1/(d+4)) n^(-1/(d+4)) (Silverman);
        p_j of one code, with s_j, the deviation of c_j in the batch of n
    H   sum_l V_l(r) / (V_l(g) + 1e-10),  over layers l of the decoder
        V_l(v)  mean over images and the layer's outputs of
                Var_v[(f_l(q + v) - 2 f_l(q) + f_l(q - v)) / e^2]
        r, g    `perturbations` draws each of e s_j times -1 or 1, and of e s_j times a normal

BCE is the mean over pixels and channels. Backward, q passes its gradient on to c (straight
through). V(r) has the mixed second derivatives of a layer alone and V(g) all of them, so that H
sums their shares: 0 where each code changes the layer by itself, about 1 where all is mixed.

Hsu, Hamid, Burns, Finn and Wu, "Tripod: Three Complementary Inductive Biases for Disentangled
Representation Learning", ICML 2024, as in the authors' program (the text was not seen), whose
settings for Shapes3D are the defaults: 250,000 steps of 64 images, gradients clipped to 1 each. For
other data sets it has a from 1e-10 to 1e-4 and b from 1e-8 to 1e-2. Departures: the net is one of
ours, theirs is residual with layer norms; the layers of H are those between the decoder's first,
which is linear in the codes, and its image, before their ReLU, where theirs are outputs of blocks;
V is a mean over the batch, where theirs is one of each image and H the mean of the ratios: in a net
of ReLUs, which is linear but for kinks, an image's V(g) may be 0; the number of codes is the
user's, theirs is twice the number of factors; the image's logits have an offset a channel, that of
the mean of the first batch, as dark images otherwise drive every code to one end. The scores for
such codes are `infomec_m_auto` and its kin.
"""

from typing import Annotated, Any

import jax
import jax.numpy as jnp
import optax
from jax.scipy.special import logsumexp
from jax.scipy.stats import norm

from dbench.base import Model, State
from dbench.models import brightness, losses
from dbench.models.vae import apply
from dbench.nets import vaes


def quantise(codes: jax.Array, levels: int) -> jax.Array:
    """The nearest of `levels` even values from -1 to 1, with the gradient of the codes."""
    steps = (levels - 1) / 2
    nearest = jnp.round((codes + 1) * steps) / steps - 1
    return codes + jax.lax.stop_gradient(nearest - codes)


def multi_information(codes: jax.Array, spread: jax.Array) -> jax.Array:
    """M of the codes [n, d] with deviations `spread` [d]: () nats."""
    n, d = codes.shape
    narrow = (4 / (d + 2)) ** (1 / (d + 4)) * n ** (-1 / (d + 4))
    apart, spread = codes[:, None] - codes[None], spread[None, None]  # [n, n, d]
    whole = logsumexp(norm.logpdf(apart, scale=narrow * spread).sum(axis=2), axis=1)
    each = logsumexp(norm.logpdf(apart, scale=spread), axis=1)  # [n, d]
    return (whole - jnp.log(n) - (each - jnp.log(n)).sum(axis=1)).mean()


def mixed_share(layers, codes: jax.Array, spread: jax.Array, key: jax.Array, draws: int, epsilon):
    """H of the codes [n, d]: (); `layers` gives a list of outputs [m, ...] for codes [m, d]."""
    signs, normals = (
        draw(own, (draws, *codes.shape), jnp.float32)
        for draw, own in zip(
            (jax.random.rademacher, jax.random.normal), jax.random.split(key), strict=True
        )
    )
    moves = epsilon * spread[None, None] * jnp.concatenate([signs, normals])  # [2 draws, n, d]
    places = jnp.concatenate([codes[None] + moves, codes[None] - moves, codes[None]])
    total = jnp.zeros(())
    for flat in layers(places.reshape(-1, codes.shape[1])):
        found = flat.reshape(len(places), len(codes), -1)
        up, down = found[: 2 * draws], found[2 * draws : -1]
        second = (up - 2 * found[-1:] + down) / epsilon**2
        mixed, every = (x.var(axis=0).mean() for x in jnp.split(second, 2))
        total += mixed / (every + 1e-10)
    return total


def tripod(
    shape: tuple[int, int, int],
    *,
    net: str = "conv",
    latents: int = 10,
    learning_rate: float = 2e-4,
    levels: Annotated[int, 2] = 12,
    multiinformation: float = 1e-4,
    hessian: float = 1e-2,
    perturbations: Annotated[int, 2, 100] = 2,
    epsilon: Annotated[float, "positive"] = 0.1,
) -> Model:
    """Autoencoder of few values a code, apart in the data and in the decoder (Hsu et al. 2024).

    `levels` is the number of values of a code; `multiinformation` and `hessian` >= 0 weigh M and H,
    for which the decoder is looked at in `perturbations` directions of two kinds, `epsilon`
    deviations away. Logs: loss; `reconstruction`, nats of a whole image; `multiinformation`, M in
    nats; `hessian`, H; `used` [d], the share of a code's values that a batch has.
    """
    network = vaes.build(net, shape, latents)
    optimizer = optax.chain(optax.clip(1.0), optax.adam(learning_rate))
    pixels = shape[0] * shape[1] * shape[2]

    def init(key):
        params = {"ae": network.init(key, jnp.zeros((1, *shape))), "offset": jnp.zeros(shape[2])}
        return State(params, optimizer.init(params), jnp.zeros((), jnp.int32))

    def squashed(params, images):
        return jnp.tanh(network.apply(params["ae"], images, method="encode")[0])

    def logits_of(params, codes):
        logits: Any = network.apply(params["ae"], codes, method="decode")
        return logits + brightness.offset(params)

    def layers(params, codes):
        _, seen = network.apply(
            params["ae"],
            codes,
            method="decode",
            capture_intermediates=True,
            mutable="intermediates",
        )
        return [found["__call__"][0] for found in list(seen["intermediates"].values())[1:-1]]

    def loss(params, images, key):
        codes = squashed(params, images)
        values = quantise(codes, levels)
        reconstruction = losses.bernoulli(logits_of(params, values), images).mean()
        spread = codes.std(axis=0) + 1e-6
        told = multi_information(values, spread)
        mixed = mixed_share(
            lambda z: layers(params, z), values, spread, key, perturbations, epsilon
        )
        total = reconstruction / pixels + multiinformation * told + hessian * mixed
        at = jnp.round((values[:, :, None] + 1) * (levels - 1) / 2)
        return total, {
            "loss": total,
            "reconstruction": reconstruction,
            "multiinformation": told,
            "hessian": mixed,
            "used": (at == jnp.arange(levels)[None, None]).any(axis=0).mean(axis=1),
        }

    def update(state, sampler, key):
        key_images, key_moves = jax.random.split(key)
        images = sampler.images(key_images)
        before = brightness.begun(state.params, images, state.step)
        grads, logs = jax.grad(loss, has_aux=True)(before, images, key_moves)
        params, moments = apply(optimizer, grads, state.optimizer, before)
        return State(params, moments, state.step + 1), logs

    def encode(params, images):
        return quantise(squashed(params, images), levels), None

    def decode(params, codes):
        return jax.nn.sigmoid(logits_of(params, codes))

    return Model(init, update, encode, decode)
