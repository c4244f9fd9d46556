"""Entropies of one-dimensional Gaussian mixtures, whole and by group, by integration.

    p(z) = 1/n sum_i N(z; m_i, s_i^2)        H = - int p log p dz

Evaluating n Gaussians at every point of a grid takes hours for a full data set. Here the rows are
put in bins of log scale, each bin is put on a grid of cells, smoothed by one Gaussian in Fourier
space, and the bins are summed. A row N(m, s^2) becomes the first terms of its series around
N(x, c^2), where x is its cell and c^2 the variance of its bin: in Fourier space

    exp(-i w (m - x) - w^2 (s^2 - c^2) / 2) = sum_j  (-i w)^j M_j / j!

with M_j the moments of "N(m - x, s^2 - c^2)". Each cell keeps M_0 .. M_4 summed over its rows.

Error. The first term left out is M_5 / 5! against derivatives of scale 1 / s^5. With
|m - x| <= s / 8 (CELLS) and |s^2 - c^2| <= 0.08 s^2 (WIDTH) it is at most 1e-4 of a row's Gaussian,
of either sign, times a Hermite function, which has no effect on entropy in first order where the
mixture is near Gaussian. Measured against unbinned integration, over random tables, lattices of
means and of scales, and scales tied to a factor: at most 1e-5 nats in I(z; v) and 5e-5 in an
entropy (tests/metrics/test_mixture.py).

Memory: 6 arrays of (values of a factor) x (cells) float64; 2,000 cells are typical, LIMIT the most.
"""

from typing import NamedTuple

import numpy as np
import scipy

from dbench.metrics.shared.groups import Group, group

CELLS = 4.0  # cells to the least scale
WIDTH = 0.08  # of a bin of log scale
REACH = 6.0  # scales from the outermost means to the ends of the grid: 2e-9 of a row lies beyond
LIMIT = 2**16  # most cells of a grid


class Entropies(NamedTuple):
    """Differential entropies of one code's mixture of posteriors, in nats."""

    whole: float  # H(z)
    given: list[np.ndarray]  # k of [v]: H(z | v_k = v) for each value of each factor
    floored: float  # share of rows whose scale was raised to what the grid resolves


class Grid(NamedTuple):
    """A periodic grid, and where the rows are on it."""

    place: np.ndarray  # [n] float, means in steps from the first cell
    scale: np.ndarray  # [n] float, scales, none below what the grid resolves
    size: int  # cells, a multiple of each power of two up to the ratio of extreme scales
    step: float  # width of a cell


def entropies(
    mean: np.ndarray,
    logvar: np.ndarray,
    groups: list[Group],
    cells: float = CELLS,
    width: float = WIDTH,
) -> Entropies:
    """Entropies of the mixture of N(mean, exp(logvar)), [n] float each, whole and by value.

    Scales below `cells` steps of the finest grid allowed (span of the means / 16,000 or so) are
    raised to that. More `cells` and less `width` are more exact and slower.
    """
    mean, scale = mean.astype(np.float64), np.exp(0.5 * logvar.astype(np.float64))
    grid = lay_out(mean, scale, cells)
    by_value = spectra(grid, groups, width)

    def entropy(spectrum, counts):  # [v, size // 2 + 1], [v] -> [v]
        p = scipy.fft.irfft(spectrum, grid.size, axis=1) / counts[:, None]  # mass of each cell
        p = np.maximum(p, 1e-300)  # rounding leaves masses of +-1e-16 where there is nothing
        return np.log(grid.step) - (p * np.log(p)).sum(axis=1)

    given = [entropy(s, g.counts) for s, g in zip(by_value, groups, strict=True)]
    whole = entropy(by_value[0].sum(axis=0, keepdims=True), np.array([len(mean)]))
    floored = grid.scale > scale * (1 + 1e-9)
    return Entropies(float(whole[0]), given, float(floored.mean()))


def surprise(
    mean: np.ndarray, logvar: np.ndarray, rows: np.ndarray, noise: np.ndarray
) -> tuple[float, np.ndarray]:
    """H(z) of the mixture, and -log p(z) at z = mean + scale * noise of rows, [s] -> (), [s].

    -log p is interpolated between cells; its mean over draws of rows and normal noise is H to 1e-3.
    """
    mean, scale = mean.astype(np.float64), np.exp(0.5 * logvar.astype(np.float64))
    grid = lay_out(mean, scale, CELLS)
    spectrum = spectra(grid, [group(np.zeros(len(mean), int))], WIDTH)[0][0]
    p = np.maximum(scipy.fft.irfft(spectrum, grid.size) / len(mean), 1e-300)
    at = grid.place[rows] + grid.scale[rows] / grid.step * noise
    # The floor keeps cells that nobody reaches from swinging the spline.
    height = np.log(np.maximum(p, 1e-9 / len(mean)) / grid.step)
    density = scipy.ndimage.map_coordinates(height, [at], order=3, mode="grid-wrap")
    return float(np.log(grid.step) - (p * np.log(p)).sum()), -density


def lay_out(mean: np.ndarray, scale: np.ndarray, cells: float) -> Grid:
    """Choose a grid for a mixture and find each row's place on it, from [n] means and scales."""
    step, reach = scale.min() / cells, REACH * scale.max()
    place = mean - mean.min()
    if place.max() > LIMIT / 16 * step:
        place = close_gaps(place, 2 * reach)
    length = place.max() + 2 * reach
    step = max(step, length / LIMIT)
    scale = np.maximum(scale, cells * step)
    coarsest = 2 ** int(np.log2(scale.max() / scale.min()))
    size = coarsest * scipy.fft.next_fast_len(int(length / step / coarsest) + 1, real=True)
    return Grid((place + reach) / step, scale, size, step)


def close_gaps(mean: np.ndarray, widest: float) -> np.ndarray:
    """Move clusters of means together until no gap is wider than `widest`, [n] -> [n].

    Entropies do not notice where clusters that do not overlap are, but a grid does: one outlier
    would otherwise stretch it over cells that hold nothing.
    """
    order = np.argsort(mean)
    steps = np.minimum(np.diff(mean[order], prepend=mean.min()), widest)
    closed = np.empty_like(mean)
    closed[order] = np.cumsum(steps)
    return closed


def spectra(grid: Grid, groups: list[Group], width: float) -> list[np.ndarray]:
    """Fourier transforms of the mixtures given each value, k of [v, size // 2 + 1] complex.

    Each bin of scale has a grid 1, 2, 4, ... times as coarse, so that its rows are always 4 to 8
    of its cells wide: less work, and no cancellation in the moments of wide rows.
    """
    out = [np.zeros((len(g.counts), grid.size // 2 + 1), complex) for g in groups]
    scale = grid.scale
    wave = 2 * np.pi * scipy.fft.rfftfreq(grid.size)  # radians per cell of the finest grid
    bins = (np.log(scale / scale.min()) / width).astype(np.int16)  # [n]
    order = np.argsort(bins, kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(bins))[:-1]):
        if not len(rows):
            continue
        times = 2 ** int(np.log2(scale[rows].min() / scale.min()))
        size = grid.size // times
        place, variance = grid.place[rows] / times, (scale[rows] / grid.step / times) ** 2
        centre = (variance.min() + variance.max()) / 2
        cell = np.rint(place).astype(np.int64)
        per_row = moments(place - cell, variance - centre)
        smooth = np.exp(-centre / 2 * (wave[: size // 2 + 1] * times) ** 2)
        for spectrum, g in zip(out, groups, strict=True):
            mass = masses(g.labels[rows] * size + cell, per_row, (len(g.counts), size))
            spectrum[:, : size // 2 + 1] += scipy.fft.rfft(mass, axis=1) * smooth
    return out


def moments(mean: np.ndarray, variance: np.ndarray) -> list[np.ndarray]:
    """Moments 1 to 4 of N(mean, variance), [n] each; a variance may be negative."""
    square = mean**2
    third = mean * (square + 3 * variance)
    fourth = square * (square + 6 * variance) + 3 * variance**2
    return [mean, square + variance, third, fourth]


def masses(at: np.ndarray, per_row: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Rows as masses on a grid, [n] cell of each row and its moments about it -> `shape`.

    The moments 0 to 4 of a cell's rows are those of the masses that it puts on itself and on two
    cells to either side. Masses sum to n and may be negative.
    """
    total = int(np.prod(shape))
    count = np.bincount(at, minlength=total).reshape(shape)
    first, second, third, fourth = (np.bincount(at, m, total).reshape(shape) for m in per_row)
    far, far_odd = (fourth - second) / 24, (third - first) / 12
    near, near_odd = second / 2 - 4 * far, first / 2 - 2 * far_odd
    mass = count - 2 * (near + far)
    mass[:, 1:] += (near + near_odd)[:, :-1]
    mass[:, :-1] += (near - near_odd)[:, 1:]
    mass[:, 2:] += (far + far_odd)[:, :-2]
    mass[:, :-2] += (far - far_odd)[:, 2:]
    return mass
