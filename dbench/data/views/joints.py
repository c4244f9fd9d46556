"""Joint distributions of two factors, as training draws them.

`chen`        four joints of two factors with values u, v = 0 .. 1 evenly spaced, as Chen et
              al., "Isolating Sources of Disentanglement in Variational Autoencoders",
              NeurIPS 2018, describe theirs: every combination has some probability, the
              largest is 4 times the smallest. Their tables were not seen; these are ours:
                  A  1                        independent, uniform (largest = smallest)
                  B  (1 + u)(1 + v)           independent, not uniform
                  C  1 + 0.6 (2u-1)(2v-1)     correlated, each factor uniform
                  D  4^(u v)                  correlated, not uniform
`band`        exp(-(u - v)^2 / 2 sigma^2): Träuble et al., "On Disentangled Representations
              Learned from Correlated Data", ICML 2021 (recalled); strong for sigma 0.2
"""

import numpy as np

from dbench import bounds
from dbench.base import Dataset
from dbench.errors import InputError, choose, short

CHEN = {
    "A": lambda u, v: np.ones_like(u * v),
    "B": lambda u, v: (1 + u) * (1 + v),
    "C": lambda u, v: 1 + 0.6 * (2 * u - 1) * (2 * v - 1),
    "D": lambda u, v: 4 ** (u * v),
}


def chen(name: str, sizes: tuple[int, int]) -> np.ndarray:
    """The joint A, B, C or D of two factors of these sizes, [size, size], sums to 1."""
    return _joint(CHEN[choose("joint of Chen et al.", name, CHEN)], sizes)


def band(sigma: float, sizes: tuple[int, int]) -> np.ndarray:
    """The Gaussian band of width `sigma` > 0, in units of a factor's span: [size, size]."""
    if not 0 < sigma <= bounds.NUMBER:
        raise InputError(f"sigma of a Gaussian band must be above 0 and finite, not {short(sigma)}")
    return _joint(lambda u, v: np.exp(-((u - v) ** 2) / (2 * sigma**2)), sizes)


def _joint(function, sizes: tuple[int, int]) -> np.ndarray:
    u, v = (np.arange(size) / max(size - 1, 1) for size in sizes)
    table = function(u[:, None], v[None, :])
    return table / table.sum()


def checked(dataset: Dataset, a: int, b: int, table: np.ndarray) -> np.ndarray:
    table, shape = np.asarray(table, float), (dataset.sizes[a], dataset.sizes[b])
    pair = f"the joint of {dataset.names[a]} and {dataset.names[b]}"
    if a == b:
        raise InputError(f"{pair} is of one factor: a joint is of two")
    if table.shape != shape:
        raise InputError(f"{pair} must be {list(shape)}, not {list(table.shape)}")
    if not (table >= 0).all():
        raise InputError(f"{pair} has entries that are negative or NaN")
    if not table.any():
        raise InputError(f"{pair} excludes every image")
    if abs(table.sum() - 1) > 1e-6:
        raise InputError(f"{pair} sums to {table.sum():.6g}, not to 1")
    return table
