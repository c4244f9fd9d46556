"""Two samples of scores: how far apart, how surely, and how many seeds that takes.

a [n], b [m]: finite scores of runs that differ in their seed alone; every difference is a - b.
Paired (n = m): a[i] and b[i] are of the same seed, and seeds are what is drawn anew.
"""

import functools
import itertools
import math
from collections.abc import Callable

import jax
import numpy as np
from scipy import stats

from dbench.base import numpy_rng
from dbench.errors import InputError

LEAST = 3  # seeds a sample: with two no interval and no test means anything


def difference(a, b, statistic: Callable = np.mean) -> float:
    """statistic(a) - statistic(b); the statistic (np.mean, np.median) takes `axis`."""
    a, b = check(a, b, False)
    return float(statistic(a, axis=-1) - statistic(b, axis=-1))


def interval(
    a,
    b,
    key: jax.Array,
    *,
    statistic: Callable = np.mean,
    paired: bool = False,
    level: float = 0.95,
    resamples: int = 9_999,
) -> tuple[float, float]:
    """Bootstrap interval of statistic(a) - statistic(b); NaN with fewer than two scores a sample.

    Percentiles of scipy.stats.bootstrap, moved outward as Hesterberg 2015 ("What Teachers Should
    Know About the Bootstrap", expanded percentile interval): plain ones, and BCa too, are short of
    a t interval by sqrt((n - 1) / n) and by the normal for the t quantile. Of normal samples of 5,
    8 and 50 plain ones hold the truth in 87, 91 and 94% where they claim 95%, BCa in the same, these
    in 93, 95 and 94%; of 3, too few to be drawn anew, in 87%. Skewed scores have 1 to 5% less, and
    differences of medians 1 to 4% more but of 3: `benchmarks/interval_coverage.py`.
    """
    a, b = check(a, b, paired)
    if min(len(a), len(b)) < 2:
        return math.nan, math.nan
    found = stats.bootstrap(
        (a, b),
        lambda x, y, axis=-1: statistic(x, axis=axis) - statistic(y, axis=axis),
        paired=paired,
        vectorized=True,
        n_resamples=resamples,
        confidence_level=_expanded(a, b, paired, level),
        method="percentile",
        rng=numpy_rng(key),
    )
    low, high = found.confidence_interval
    return float(low), float(high)


def _expanded(a: np.ndarray, b: np.ndarray, paired: bool, level: float) -> float:
    """The level at which bootstrap percentiles of a difference of means are as wide as t's."""
    samples = [a - b] if paired else [a, b]
    # Squared standard errors: unbiased, and as the bootstrap sees them.
    squared = np.array([x.var(ddof=1) / len(x) for x in samples])
    size = np.array([len(x) for x in samples])
    if not squared.sum() > 0:
        return level
    seen = (squared * (size - 1) / size).sum()
    freedom = squared.sum() ** 2 / (squared**2 / (size - 1)).sum()  # Welch and Satterthwaite
    wide = np.sqrt(squared.sum() / seen) * stats.t.ppf(0.5 + level / 2, freedom)
    return float(min(2 * stats.norm.cdf(wide) - 1, 1 - 1e-9))


def probability_of_improvement(a, b) -> float:
    """P(a run of a scores higher than one of b), ties half: over all n m pairs of runs.

    Mann-Whitney's U / (n m); Agarwal et al. 2021, section 4.3. In [0, 1], 0.5 for the same scores.
    """
    a, b = check(a, b, False)
    sign = np.sign(a[:, None] - b[None, :])
    return float((sign.mean() + 1) / 2)


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
    smallest = 2 / 2**n if paired else (1 + (n == m)) / math.comb(n + m, n)
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


def holm(p) -> np.ndarray:
    """Holm's adjusted p [k]: any p at or below the level is a true difference, all together, with
    a probability of error of no more than the level. A NaN is no test and stays one (Holm 1979).
    """
    p = np.asarray(p, np.float64)
    adjusted, tests = np.full(p.shape, np.nan), np.flatnonzero(~np.isnan(p))
    order = tests[np.argsort(p[tests], kind="stable")]
    scaled = p[order] * (len(order) - np.arange(len(order)))
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted


def welch(
    mean_a: float, sd_a: float, n_a: int, mean_b: float, sd_b: float, n_b: int, level: float = 0.95
) -> tuple[float, float, float]:
    """Welch's two-sided p and interval of the difference of means, of summaries: p, low, high."""
    squared = sd_a**2 / n_a, sd_b**2 / n_b
    if not sum(squared) > 0 or min(n_a, n_b) < 2:
        return math.nan, math.nan, math.nan
    freedom = sum(squared) ** 2 / (squared[0] ** 2 / (n_a - 1) + squared[1] ** 2 / (n_b - 1))
    gap, error = mean_a - mean_b, math.sqrt(sum(squared))
    reach = float(stats.t.ppf(0.5 + level / 2, freedom)) * error
    return float(2 * stats.t.sf(abs(gap) / error, freedom)), gap - reach, gap + reach


def power(
    difference: float, sd: float, seeds: int, *, level: float = 0.05, paired: bool = False
) -> float:
    """The chance that `seeds` a sample show a true difference of means, two-sided t test.

    `sd`: standard deviation over seeds of either sample; paired: of the differences by seed.
    """
    freedom = (seeds - 1) * (1 if paired else 2)
    edge = stats.t.ppf(1 - level / 2, freedom)
    away = abs(difference) / sd * math.sqrt(seeds / (1 if paired else 2))
    # Far out SciPy's noncentral t fails; the power is 1 there.
    return (
        1.0
        if away > 30 + edge
        else float(stats.nct.sf(edge, freedom, away) + stats.nct.cdf(-edge, freedom, away))
    )


def seeds_needed(
    difference: float,
    sd: float,
    *,
    level: float = 0.05,
    chance: float = 0.8,
    paired: bool = False,
) -> int:
    """The fewest seeds a sample that show a true difference with this chance, at least LEAST.

    By the noncentral t of `power`: scores of seeds taken as normal with the spread `sd`, which of
    few seeds is itself uncertain (a factor of 2 at 8 seeds, 95%). For k comparisons under Holm
    give level / k.
    """
    if not (difference and math.isfinite(difference) and sd > 0 and math.isfinite(sd)):
        raise InputError(
            f"a difference of {difference} and a spread of {sd} need no count of seeds"
        )
    if not (0 < level < 1 and 0 < chance < 1):
        raise InputError(f"level and chance must lie between 0 and 1, not {level} and {chance}")

    def enough(seeds):
        return power(difference, sd, seeds, level=level, paired=paired) >= chance

    high = LEAST
    while not enough(high):
        high *= 2
        if high > 10**9:
            raise InputError(f"a difference of {difference} is too small beside a spread of {sd}")
    low = max(LEAST, high // 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return high


def detectable(
    sd: float, seeds: int, *, level: float = 0.05, chance: float = 0.8, paired: bool = False
) -> float:
    """The least true difference that `seeds` a sample show with this chance, in units of `sd`'s."""
    if seeds < LEAST or not sd > 0:
        return math.nan
    low, high = 0.0, sd
    while power(high, sd, seeds, level=level, paired=paired) < chance:
        high *= 2
    for _ in range(50):
        middle = (low + high) / 2
        reached = power(middle, sd, seeds, level=level, paired=paired) >= chance
        low, high = (low, middle) if reached else (middle, high)
    return high


def check(a, b, paired: bool) -> tuple[np.ndarray, np.ndarray]:
    """Two samples as float64 [n], [m]; anything that cannot be compared is an InputError."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    for sample in (a, b):
        if sample.ndim != 1 or not len(sample):
            raise InputError(
                f"a sample of scores must be a list of one or more, not {sample.shape}"
            )
        if not np.isfinite(sample).all():
            raise InputError(
                "a sample of scores holds NaN or infinite values: leave those runs out"
            )
    if paired and len(a) != len(b):
        raise InputError(f"{len(a)} and {len(b)} scores cannot be paired: give one of each seed")
    return a, b
