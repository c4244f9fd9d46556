"""Linear representations: principal and independent components of the pixels.

Baselines of Higgins et al., "beta-VAE", ICLR 2017, table 1. scikit-learn's PCA (randomized for
large images) and FastICA on its components, fitted to `samples` images drawn without
replacement (with it, where a study draws rows its own way); the codes are then of all images.

    codes = into (x - mean),  images = mean + back codes, clipped to [0, 1]
"""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dbench import environment
from dbench.base import Dataset, Model, numpy_rng
from dbench.errors import InputError
from dbench.models.baselines import made


def pca(shape: tuple[int, int, int], *, latents: int = 10, samples: int = 20_000) -> Model:
    """Principal components of the images, the first `latents`; codes in units of their spread."""

    def fit(dataset, key):
        pixels = sample(dataset, samples, key)
        solver = _pca(pixels, latents, shape, key)
        spread = np.sqrt(np.maximum(solver.explained_variance_, 1e-12))[:, None]
        return _linear(solver.mean_, solver.components_ / spread, solver.components_.T * spread.T)

    return _of_linear(shape, latents, fit)


def ica(shape: tuple[int, int, int], *, latents: int = 10, samples: int = 20_000) -> Model:
    """Independent components of the images (FastICA, log cosh), each of variance 1."""

    def fit(dataset, key):
        from sklearn.decomposition import FastICA

        pixels = sample(dataset, samples, key)
        first = _pca(pixels, latents, shape, key)
        solver = FastICA(whiten="unit-variance", max_iter=2000, random_state=_seed(key))
        solver.fit(first.transform(pixels))  # warns if it does not converge
        return _linear(
            first.mean_,
            solver.components_ @ first.components_,
            first.components_.T @ solver.mixing_,
        )

    return _of_linear(shape, latents, fit)


def sample(dataset: Dataset, count: int, key: jax.Array) -> np.ndarray:
    """Images of at most `count` rows as vectors, [m, h w c] float32."""
    if dataset.drawing:
        drawing = dataset.drawing
        rows = np.asarray(drawing.rows(drawing.arrays, key, min(count, dataset.size)))
    else:
        count = min(count, dataset.size)
        rows = np.sort(numpy_rng(key).choice(dataset.size, count, replace=False))
    gather, block = jax.jit(dataset.gather), 1024
    pixels = np.empty((len(rows), math.prod(dataset.shape)), np.float32)
    for at in range(0, len(rows), block):
        some = np.asarray(rows[at : at + block], np.int32)
        padded = np.resize(some, block)  # one shape, one compilation
        pixels[at : at + block] = np.asarray(gather(dataset.arrays, padded)).reshape(block, -1)[
            : len(some)
        ]
    return pixels


def _pca(pixels: np.ndarray, latents: int, shape: tuple[int, int, int], key: jax.Array):
    from sklearn.decomposition import PCA

    count = _fewer(latents, shape, len(pixels))
    solver = "full" if min(pixels.shape) <= 512 else "randomized"  # to a part in a thousand
    return PCA(count, svd_solver=solver, iterated_power=5, random_state=_seed(key)).fit(pixels)


def _seed(key: jax.Array) -> int:
    return int(numpy_rng(key).integers(2**31))


def _linear(mean: np.ndarray, into: np.ndarray, back: np.ndarray) -> dict[str, Any]:
    """Codes are into (x - mean), images mean + back z."""
    parts = {"mean": mean, "into": into, "back": back}
    return {name: np.ascontiguousarray(x, np.float32) for name, x in parts.items()}


def _of_linear(shape: tuple[int, int, int], latents: int, fit: Callable) -> Model:
    pixels = math.prod(shape)
    _fewer(latents, shape, pixels)

    def alone(dataset, key):
        with environment.one_thread():  # the order of BLAS's sums depends on the number of threads
            return fit(dataset, key)

    def init(key):
        empty = {"mean": (pixels,), "into": (latents, pixels), "back": (pixels, latents)}
        return {name: jnp.zeros(shape) for name, shape in empty.items()}

    def encode(params, images):
        centred = images.reshape(len(images), -1) - params["mean"][None, :]
        return centred @ params["into"].T, None

    def decode(params, codes):
        images = params["mean"][None, :] + codes @ params["back"].T
        return jnp.clip(images, 0, 1).reshape(-1, *shape)

    return made(init, alone, encode, decode)


def _fewer(latents: int, shape: tuple[int, int, int], samples: int) -> int:
    most = min(math.prod(shape), samples)
    if latents > most:
        what = "pixels" if most == math.prod(shape) else "images it is fitted to"
        raise InputError(f"{latents} components are more than the {most} {what}: lower latents")
    return latents
