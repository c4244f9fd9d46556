"""Many tasks in one number, and its interval: Agarwal et al. 2021, "Deep RL at the Edge of the
Statistical Precipice".

Scores are a list of strata (tasks: data sets, strengths), each an array of its runs' scores; a
matrix [tasks, runs] is such a list. Strata may have different numbers of runs. Where tasks share
seeds, as strengths of a method do, `seeds` is a list of the same lengths, whole numbers: runs of
one seed are then drawn together, else each task's by itself.
"""

from collections.abc import Callable, Sequence

import jax
import numpy as np
import scipy

from dbench.errors import InputError
from dbench.stats.seeds import draw


def iqm(scores, axis: int | None = None) -> np.ndarray | float:
    """Interquartile mean: of the middle half of all scores; scipy's trim_mean at 0.25.

    A quarter of the runs, rounded down, is left out at either end. It bends less to single runs
    than the mean, and wastes less than the median.
    """
    found = scipy.stats.trim_mean(np.asarray(scores, np.float64), 0.25, axis=axis)
    return found if np.ndim(found) else float(found)


def aggregate_interval(
    strata: Sequence,
    key: jax.Array,
    *,
    seeds: Sequence | None = None,
    statistic: Callable = iqm,
    level: float = 0.95,
    resamples: int = 2_000,
) -> tuple[float, float, float]:
    """A statistic of all scores together and its stratified percentile interval: value, low, high.

    Runs are drawn anew within each stratum, which keeps its size, so that the interval is of these
    tasks with other seeds and not of other tasks. `statistic(scores [resamples, runs], axis=1)`.
    NaN bounds where a stratum has one run. Percentiles are too narrow with few runs a stratum, see
    `samples.interval`; without `seeds` also where runs of several tasks go together.
    """
    strata = _check(strata)
    value = float(statistic(np.concatenate(strata)[None], axis=1)[0])
    drawn = _resample(strata, seeds, key, resamples)
    if drawn is None:
        return value, float("nan"), float("nan")
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(np.asarray(statistic(drawn, axis=1)), tails)
    return value, float(low), float(high)


def performance_profile(
    strata: Sequence,
    thresholds,
    key: jax.Array,
    *,
    seeds: Sequence | None = None,
    level: float = 0.95,
    resamples: int = 2_000,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of runs above each threshold [t], and its stratified interval: share, low, high, [t].

    Tasks weigh the same however many runs they have. Of two profiles the one that lies above the
    other everywhere is of the higher scores, stochastically. The interval is pointwise; NaN where a
    stratum has one run.
    """
    strata, at = _check(strata), np.asarray(thresholds, np.float64)
    share = np.mean([(task[:, None] > at).mean(axis=0) for task in strata], axis=0)
    drawn = _resample(strata, seeds, key, resamples)
    if drawn is None:
        return share, np.full(at.shape, np.nan), np.full(at.shape, np.nan)
    tasks = np.split(drawn, np.cumsum([len(task) for task in strata])[:-1], axis=1)
    tails = [(1 - level) / 2, (1 + level) / 2]
    edges = [
        np.quantile(np.mean([(task > x).mean(axis=1) for task in tasks], axis=0), tails) for x in at
    ]
    low, high = np.array(edges).reshape(-1, 2).T
    return share, low, high


def _resample(
    strata: list[np.ndarray], seeds: Sequence | None, key: jax.Array, resamples: int
) -> np.ndarray | None:
    """Scores drawn anew, [resamples, runs], task after task; None where one is alone."""
    sizes = [len(task) for task in strata]
    if seeds is not None and [np.size(own) for own in seeds] != sizes:
        raise InputError(
            "give seeds as the scores: a list of tasks, each with the seed of each run"
        )
    own = np.arange(sum(sizes)) if seeds is None else np.concatenate(seeds)
    rows = draw(np.repeat(np.arange(len(sizes)), sizes), own, key, resamples)
    return None if rows is None else np.concatenate(strata)[rows]


def _check(strata: Sequence) -> list[np.ndarray]:
    strata = [np.asarray(task, np.float64) for task in strata]
    if not strata or any(task.ndim != 1 or not len(task) for task in strata):
        raise InputError("give the scores as a list of tasks, each a list of one or more runs")
    if not all(np.isfinite(task).all() for task in strata):
        raise InputError("scores hold NaN or infinite values: leave those runs out")
    return strata
