"""Representations that are not learned: what others are held against.

    raw_pixels     codes are the pixels
    random_codes   standard normal codes that know nothing of the image
    untrained_vae  a VAE's encoder as it is initialised
    ground_truth   the factors themselves

With linear.py and supervised.py the baselines, models like any other: scored, saved, swept alike.
Raw pixels, the untrained VAE and ground truth are in table 1 of Higgins et al., "beta-VAE", ICLR
2017. They have no log variances and no likelihood, but for the untrained VAE.
"""

from collections.abc import Callable
from typing import Annotated

import jax
import jax.numpy as jnp

from dbench.base import Dataset, Model, State
from dbench.errors import InputError
from dbench.models.vae import autoencoder


def made(init: Callable, fit: Callable, encode: Callable, decode: Callable | None = None, **more):
    """A Model that is made at once by `fit`; `init`: key -> params of the same shapes."""

    def start(key):
        return State(init(key), {}, jnp.zeros((), jnp.int32))

    def update(state, sampler, key):
        raise NotImplementedError("made by fit, not by updates")

    return Model(start, update, encode, decode, fit=fit, **({"likelihood": False} | more))


def raw_pixels(shape: tuple[int, int, int]) -> Model:
    """The pixels themselves as codes, h w c of them."""

    def params(*_):
        return {"none": jnp.zeros(())}  # a checkpoint has something in it

    def encode(params, images):
        return images.reshape(len(images), -1), None

    return made(params, params, encode)


def random_codes(shape: tuple[int, int, int], *, latents: int = 10) -> Model:
    """Codes drawn from a standard normal, which know nothing of the image."""

    def params(key):
        return {"key": jax.random.key_data(key)}

    def encode(params, factors):
        def one(values):
            key = jax.random.wrap_key_data(params["key"])
            bits = jax.lax.bitcast_convert_type(values, jnp.uint32)
            key = jax.lax.fori_loop(
                0, len(values), lambda j, key: jax.random.fold_in(key, bits[j]), key
            )
            return jax.random.normal(key, (latents,))

        return jax.vmap(one)(factors), None

    return made(params, lambda _, key: params(key), encode, sees_factors=True)


def ground_truth(shape: tuple[int, int, int], *, without: Annotated[int, -1] = -1) -> Model:
    """The factors themselves as codes, each of mean 0 and variance 1.

    `without`: the index of a factor to leave out, -1 for none: what a score says of codes that lack
    one (the failure of the Higgins score that Kim and Mnih 2018 describe).
    """

    def params(*_):
        return {"none": jnp.zeros(())}

    def fit(dataset, key):
        needs_factors(dataset, "ground_truth")
        return params()

    def encode(params, factors):
        if without < 0:
            return factors, None
        if without >= factors.shape[1]:
            raise InputError(
                f"ground_truth without factor {without}: factors count from 0, and the data set "
                f"has {factors.shape[1]}"
            )
        return jnp.delete(factors, without, axis=1), None

    return made(params, fit, encode, sees_factors=True)


def untrained_vae(shape: tuple[int, int, int], *, net: str = "conv", latents: int = 10) -> Model:
    """A VAE as it is initialised: what a net's shape alone does."""
    network = autoencoder(shape, net, latents)
    return made(
        network.init,
        lambda _, key: jax.jit(network.init)(key),
        network.encode,
        network.decode,
        likelihood=True,
    )


def needs_factors(dataset: Dataset, model: str) -> None:
    """An InputError if the data set has none."""
    if not dataset.names:
        raise InputError(f"{model} needs factors, and {dataset.name} has none")
