"""Runs drawn anew by seed: what a seed has in several cells (strengths, tasks) is drawn together.

Runs of one seed share their initial net and batches; drawn one by one in each cell they look surer
than they are. A bootstrap of clusters: Davison and Hinkley 1997, section 3.8.
"""

import jax
import numpy as np

from dbench.base import numpy_rng
from dbench.errors import InputError


def draw(cells, seeds, key: jax.Array, resamples: int) -> np.ndarray | None:
    """Rows of runs drawn anew, [resamples, runs]; None where one has no other to be drawn for it.

    cells, seeds [runs]: whole numbers; a seed is in a cell once at most. In each resample the runs
    of a seed give way to those, in the same cells, of a seed drawn from all that have these cells,
    itself included. Every cell keeps its size, and place i its cell. Seeds that all cells have are
    drawn whole; with a seed of its own for each run this is the bootstrap within cells.
    """
    cells, seeds = (np.unique(x, return_inverse=True)[1] for x in (cells, seeds))
    rows = np.full((seeds.max() + 1, cells.max() + 1), -1)
    rows[seeds, cells] = np.arange(len(cells))
    if (rows >= 0).sum() < len(cells):
        raise InputError("a seed has two runs at one strength or task: leave one out")
    rng, drawn = numpy_rng(key), np.empty((resamples, len(cells)), np.int64)
    for has in np.unique(rows >= 0, axis=0):
        own, able = (rows[x][:, has] for x in (_alike(rows, has), (rows[:, has] >= 0).all(axis=1)))
        if len(able) < 2:
            return None
        taken = rng.integers(len(able), size=(resamples, len(own)))
        drawn[:, own.ravel()] = able[taken].reshape(resamples, -1)
    return drawn


def _alike(rows: np.ndarray, has: np.ndarray) -> np.ndarray:
    """Which seeds have these cells and no others."""
    return ((rows >= 0) == has).all(axis=1)
