"""How many seeds it takes to see a difference, and what difference so many seeds can show."""

import functools
import math

import scipy

from dbench.errors import InputError
from dbench.stats.samples import LEAST


def power(
    difference: float, sd: float, seeds: int, *, level: float = 0.05, paired: bool = False
) -> float:
    """The chance that `seeds` a sample show a true difference of means, two-sided t test.

    `sd`: standard deviation over seeds of either sample; paired: of the differences by seed. Two
    seeds at the least.
    """
    if not (sd > 0 and math.isfinite(sd) and math.isfinite(difference) and seeds > 1):
        raise InputError(
            f"a difference of {difference}, a spread of {sd} and {seeds} seeds have no power: give "
            "a finite difference, a positive spread and two seeds or more"
        )
    freedom = (seeds - 1) * (1 if paired else 2)
    edge = scipy.stats.t.ppf(1 - level / 2, freedom)
    away = abs(difference) / sd * math.sqrt(seeds / (1 if paired else 2))
    if away > 30 + edge:  # so far out SciPy's noncentral t fails
        return 1.0
    t = scipy.stats.nct
    return float(t.sf(edge, freedom, away) + t.cdf(-edge, freedom, away))


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
    """The least true difference that `seeds` a sample show with this chance; NaN for too few."""
    return sd * _effect(seeds, level, chance, paired) if seeds >= LEAST and sd > 0 else math.nan


@functools.lru_cache(maxsize=1024)
def _effect(seeds: int, level: float, chance: float, paired: bool) -> float:
    """`detectable` in units of the spread."""
    low, high = 0.0, 1.0
    while power(high, 1.0, seeds, level=level, paired=paired) < chance:
        high *= 2
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        reached = power(middle, 1.0, seeds, level=level, paired=paired) >= chance
        low, high = (low, middle) if reached else (middle, high)
    return high
