"""The density of the aggregate posterior, q(z) = 1/n sum_i N(z; mean_i, diag exp(logvar_i)).

Exact sums over all n rows, not over a minibatch. A row is given up as soon as the codes looked at
so far put it FAR below the largest term found; rows are sorted into blocks that lie close together,
and a block that is as far away is passed over whole.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

FAR = 45.0  # nats: a million rows each this far below the largest term are 3e-14 of it
BLOCK = 512  # rows


class Mixture(NamedTuple):
    """n posteriors in blocks of rows, codes with the sharpest first."""

    order: np.ndarray  # [d] int, which code each column is
    mean: np.ndarray  # [n, d] float64
    inverse: np.ndarray  # [n, d] float64, 1 / scale
    constant: np.ndarray  # [n] float64, -sum log scale
    low: np.ndarray  # [blocks, d], least and
    high: np.ndarray  # [blocks, d], greatest mean of a block
    least: np.ndarray  # [blocks, d], its least 1 / scale
    most: np.ndarray  # [blocks], its greatest constant


def mixture_of(mean: np.ndarray, logvar: np.ndarray) -> Mixture:
    """Lays out posteriors [n, d] for `log_density`."""
    mean, scale = mean.astype(np.float64), np.exp(0.5 * logvar.astype(np.float64))
    order = np.argsort(-(mean.std(axis=0) / scale.mean(axis=0)), kind="stable")
    rows = neighbours(mean[:, order[:3]])
    mean, scale = mean[rows][:, order], scale[rows][:, order]
    inverse, constant = 1 / scale, -np.log(scale).sum(axis=1)
    starts = np.arange(0, len(mean), BLOCK)
    return Mixture(
        order,
        np.ascontiguousarray(mean),
        np.ascontiguousarray(inverse),
        constant,
        np.minimum.reduceat(mean, starts),
        np.maximum.reduceat(mean, starts),
        np.minimum.reduceat(inverse, starts),
        np.maximum.reduceat(constant, starts),
    )


def neighbours(mean: np.ndarray) -> np.ndarray:
    """An order of rows [n] such that BLOCK of them in turn lie close together in each column.

    Cuts the rows into equal strips along the first column, each into strips along the next, ...
    """
    n, columns = mean.shape
    strips = max(round((n / BLOCK) ** (1 / columns)), 1)
    label = np.zeros(n, np.int64)  # which piece a row is in
    for column in mean.T:
        rows = np.lexsort((column, label))
        size = np.bincount(label)
        within = np.arange(n) - np.repeat(np.cumsum(size) - size, size)
        label[rows] = label[rows] * strips + within * strips // np.repeat(size, size)
    return np.argsort(label, kind="stable")


def log_density(points: np.ndarray, mixture: Mixture) -> np.ndarray:
    """log q(z) of points [s, d], -> [s] in nats."""
    points = np.ascontiguousarray(points[:, mixture.order], np.float64)
    n, d = mixture.mean.shape
    return _log_sums(points, *mixture[1:]) - np.log(n) - 0.5 * d * np.log(2 * np.pi)


@njit(nogil=True, cache=True)
def _log_sums(points, mean, inverse, constant, low, high, least, most):
    """log sum_i exp(constant_i - 1/2 |(z - mean_i) inverse_i|^2) of each point, [s]."""
    found = np.empty(len(points))
    n, d = mean.shape
    bound = np.empty(len(most))
    for s in range(len(points)):
        z = points[s]
        for b in range(len(most)):  # no term of the block is larger than this
            bound[b] = most[b]
            for j in range(d):
                apart = max(low[b, j] - z[j], z[j] - high[b, j], 0.0) * least[b, j]
                bound[b] -= 0.5 * apart * apart
        best, total = -np.inf, 0.0
        for b in np.argsort(-bound):
            if bound[b] < best - FAR:
                break
            for i in range(b * BLOCK, min((b + 1) * BLOCK, n)):
                term = constant[i]
                for j in range(d):
                    apart = (z[j] - mean[i, j]) * inverse[i, j]
                    term -= 0.5 * apart * apart
                    if term < best - FAR:
                        break
                else:
                    if term > best:
                        total = total * np.exp(best - term) + 1.0
                        best = term
                    else:
                        total += np.exp(term - best)
        found[s] = best + np.log(total)
    return found
