"""Permutation tests of two samples of scores, exact where there are few permutations."""

import functools
import itertools
import math

import jax
import numpy as np

from dbench.base import numpy_rng
from dbench.errors import InputError
from dbench.stats.samples import LEAST, check


def permutation_test(
    a, b, key: jax.Array, *, paired: bool = False, most: int = 20_000
) -> tuple[float, float]:
    """Two-sided p of no difference of means, and the smallest p that so many seeds can give.

    The statistic is Welch's t without its sign (paired: t of the differences), so that unequal
    spreads of samples of unequal size do not pass for a difference of means (Janssen 1997; with n =
    m it orders the permutations as the plain difference does). Exact over all C(n + m, n) ways to
    deal the scores out (paired: 2^n ways to swap within pairs) where these are `most` or fewer;
    else (1 + as extreme) / (1 + most) of `most` random ones. NaN with fewer than LEAST seeds. The
    smallest p: 2 / C(2n, n) for n = m, 1 / C(n + m, n) else, 2 / 2^n paired, no less than 1 / (1 +
    most) where random.
    """
    a, b = check(a, b, paired)
    n, m = len(a), len(b)
    smallest = _smallest(n, m, paired)
    if min(n, m) < LEAST:
        return math.nan, min(smallest, 1.0)
    deal, exact = _deals(n, m, paired, most, key)
    if paired:
        found = _t(deal @ (a - b), np.full(len(deal), ((a - b) ** 2).sum()), n)
    else:
        pooled = np.concatenate([a, b])
        found = _welch(deal, pooled - pooled.mean())
    as_extreme = int((found >= found[0] * (1 - 1e-9)).sum())  # the first is the data themselves
    if exact:
        return as_extreme / len(found), smallest
    return as_extreme / len(found), max(smallest, 1 / len(found))


def joint_sign_test(differences, key: jax.Array, *, most: int = 20_000) -> tuple[np.ndarray, float]:
    """p of each of k rows of paired differences [k, n], corrected for all, and the smallest it has.

    All rows are of the same n seeds, and a swap of the two sides of a seed swaps them in all rows.
    A row's p is the share of swaps whose largest |t| of all rows is its own or more; rows that are
    less extreme are tested without those that are more (the step-down maximum of Westfall and Young
    1993). The chance of any false one is no more than the level, however rows go together. Exact
    over all 2^n swaps where these are `most` or fewer. The smallest p is 2 / 2^n whatever k is,
    where Holm's would be 2k / 2^n. NaN with fewer than LEAST seeds.
    """
    rows = np.array([check(row, np.zeros(len(row)), True)[0] for row in differences])
    n = rows.shape[1]
    smallest = _smallest(n, n, True)
    if n < LEAST:
        return np.full(len(rows), math.nan), min(smallest, 1.0)
    deal, exact = _deals(n, n, True, most, key)
    found = np.stack([_t(deal @ row, np.full(len(deal), (row**2).sum()), n) for row in rows])
    order = np.argsort(found[:, 0], kind="stable")  # the least extreme first
    largest = np.maximum.accumulate(found[order], axis=0)  # of a row and all that are less extreme
    share = (largest >= largest[:, :1] * (1 - 1e-9)).mean(axis=1)
    p = np.empty(len(rows))
    p[order] = np.maximum.accumulate(share[::-1])[::-1]  # none less than one more extreme
    return p, smallest if exact else max(smallest, 1 / len(deal))


def least_seeds(comparisons: int = 1, *, level: float = 0.05, paired: bool = False) -> int:
    """The fewest seeds a sample with which `permutation_test` can give a p at or below the level.

    With so many comparisons at once each p must stay below level / comparisons (Holm's first step).
    """
    if not (0 < level < 1 and comparisons > 0):
        raise InputError(f"no number of seeds gives {comparisons} comparisons the level {level}")
    seeds = LEAST
    while comparisons * _smallest(seeds, seeds, paired) > level:
        seeds += 1
    return seeds


def _smallest(n: int, m: int, paired: bool) -> float:
    """The smallest p that n and m seeds can give."""
    return 2 / 2**n if paired else (1 + (n == m)) / math.comb(n + m, n)


def _deals(n: int, m: int, paired: bool, most: int, key: jax.Array) -> tuple[np.ndarray, bool]:
    """[deals, n] signs or [deals, n + m] of 1 for a and 0 for b, the data's own first; whether all.

    All comparisons of a size and key share their deals, which are drawn once.
    """
    count = 2**n if paired else math.comb(n + m, n)
    if count <= most:
        return _every(n, m, paired), True
    seed = int(numpy_rng(key).integers(2**63))
    return _some(n, m, paired, most, seed), False


@functools.lru_cache(maxsize=8)
def _every(n: int, m: int, paired: bool) -> np.ndarray:
    if paired:
        return np.array(list(itertools.product([1.0, -1.0], repeat=n)))
    chosen = np.array(list(itertools.combinations(range(n + m), n)))  # in order: 0 .. n - 1 first
    deal = np.zeros((len(chosen), n + m))
    np.put_along_axis(deal, chosen, 1.0, axis=1)
    return deal


@functools.lru_cache(maxsize=4)
def _some(n: int, m: int, paired: bool, most: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if paired:
        return np.concatenate([np.ones((1, n)), rng.choice([1.0, -1.0], (most, n))])
    own = np.repeat([1.0, 0.0], [n, m])
    return np.concatenate([own[None], rng.permuted(np.tile(own, (most, 1)), axis=1)])


def _welch(deal: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Welch's |t| of each deal of the scores into two samples."""
    n = int(deal[0].sum())
    m = deal.shape[1] - n
    first, squares = deal @ scores, deal @ scores**2
    second, others = scores.sum() - first, (scores**2).sum() - squares
    spread = (squares - first**2 / n).clip(0) / (n * (n - 1))
    spread = spread + (others - second**2 / m).clip(0) / (m * (m - 1))
    return _ratio(np.abs(first / n - second / m), spread, scores)


def _t(total: np.ndarray, squares: np.ndarray, n: int) -> np.ndarray:
    """One sample's |t| from sums and sums of squares."""
    spread = (squares - total**2 / n).clip(0) / (n * (n - 1))
    return _ratio(np.abs(total / n), spread, np.sqrt(squares))


def _ratio(gap: np.ndarray, spread: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """gap / sqrt(spread): 0 for no gap, and huge where there is a gap and no spread."""
    tiny = 1e-12 * max(float(np.abs(scale).max()), 1e-300)
    return np.where(gap <= tiny, 0.0, gap / np.maximum(np.sqrt(spread), tiny))
