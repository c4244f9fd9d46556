"""A step of a model on small images, and the same by NumPy in float64."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Model, Sampler
from dbench.models import losses
from dbench.training import devices
from tests.rounding import chain

SHAPE = (8, 8, 1)
SMALL = {"net": "small", "latents": 3, "learning_rate": 1e-3}
KEY = jax.random.key(5)
# Formulas are held here, by a few steps that take longer to compile than to run, so LLVM does not
# optimise them. What is trained longer, and what other folders train, is compiled as for users.
quick = devices.once


class Parts(NamedTuple):
    """What a loss is made of, float64."""

    mean: np.ndarray  # [b, d]
    logvar: np.ndarray  # [b, d]
    z: np.ndarray  # [b, d]
    decoded: np.ndarray  # [b, h, w, c]
    reconstruction: float
    kl: np.ndarray  # [b, d]

    @property
    def kl_terms(self) -> np.ndarray:
        """[d], means of the terms of a KL before they cancel: what its roundings are a share of."""
        terms = self.mean**2 + np.exp(self.logvar) + np.abs(self.logvar) + 1
        return 0.5 * terms.mean(axis=0)

    def size(self, weight: float = 1.0) -> float:
        """The same of a loss: reconstruction + weight * KL."""
        return self.reconstruction + weight * self.kl_terms.sum()


def near(shape=SHAPE) -> float:
    """How far a loss may be from the same by NumPy, as a share of its terms (`Parts.size`).

    Its float32 goes through sums of the small net, one after another: a patch, `hidden`, the
    heads, codes, `expand`, `pixels`, then the loss's own over pixels. Times 4: what NumPy gets
    from the networks is rounded too, and products of both signs cancel, to a half.
    """
    h, w, c = shape
    return 4 * chain(64 * c, h * w // 2, 128, 3, 128, 32, h * w * c)


def pictures(seed: int, b: int = 6, shape=SHAPE) -> jax.Array:
    return jnp.asarray(np.random.default_rng(seed).integers(0, 2, (b, *shape)), jnp.float32)


def noise(shape: tuple[int, int]) -> np.ndarray:
    """What stands in for the noise of samples."""
    return np.random.default_rng(7).normal(size=shape).astype(np.float32)


def sample(_key, mean, logvar):
    """A sample of N(mean, exp(logvar)) whose noise a test can know, whatever the key."""
    return mean + jnp.exp(logvar / 2) * noise(mean.shape)


@pytest.fixture
def known_noise(monkeypatch):
    monkeypatch.setattr(losses, "sample", sample)


def sampler(*batches: jax.Array, size: int = 100) -> Sampler:
    """Gives these batches in turn, over and over."""
    asked = []

    def gather(_rows):
        asked.append(None)
        return batches[(len(asked) - 1) % len(batches)]

    return Sampler(size, len(batches[0]), lambda key: key, gather)


def updater(model: Model, *batches: jax.Array, size: int = 100) -> Callable:
    """state [, key] -> state, logs; compiled."""

    def step(state, key, batches):  # given, not constants: another's images are not compiled for
        return model.update(state, sampler(*batches, size=size), key)

    compiled = quick(step)

    def update(state, key=KEY):
        state, logs = compiled(state, key, batches)
        return state, jax.device_get(logs)

    return update


def initial(model: Model, seed: int = 0):
    """An untrained state with the scales of a trained one: larger, unequal posteriors."""

    def grown(path, leaf):
        name = jax.tree_util.keystr(path, simple=True, separator="/")
        return leaf * (2.0 if "mean/" in name else 4.0 if "logvar/" in name else 1.0)

    def start(key):
        state = model.init(key)
        return state._replace(params=jax.tree_util.tree_map_with_path(grown, state.params))

    return quick(start)(jax.random.key(seed))


def encoded(model: Model, params, images) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """mean, logvar and z with the known noise, [b, d] each."""
    mean, logvar = (np.asarray(x, float) for x in quick(model.encode)(params, images))
    return mean, logvar, mean + np.exp(logvar / 2) * noise(mean.shape)


def parts(model: Model, params, images) -> Parts:
    mean, logvar, z = encoded(model, params, images)
    p = np.asarray(quick(model.decode)(params, jnp.asarray(z, jnp.float32)), float)
    x = np.asarray(images, float)
    given = np.where(x == 1, np.log(p), np.log(1 - p)).sum(axis=(1, 2, 3))
    kl = 0.5 * (mean**2 + np.exp(logvar) - logvar - 1)
    return Parts(mean, logvar, z, p, -given.mean(), kl)


def without_heads(params):
    """Every posterior becomes N(0, 1), the prior."""

    def dropped(path, leaf):
        name = jax.tree_util.keystr(path, simple=True, separator="/")
        return 0 * leaf if "mean/" in name or "logvar/" in name else leaf

    return jax.tree_util.tree_map_with_path(dropped, params)


def same(one, two) -> bool:
    """By NumPy, which compiles nothing for each shape."""
    equal = jax.tree.map(lambda a, b: bool((np.asarray(a) == np.asarray(b)).all()), one, two)
    return jax.tree.all(equal)
