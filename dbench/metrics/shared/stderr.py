"""Standard errors over draws of rows: of smooth statistics, and of scores that rest on fits."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

BLOCKS = 20  # of a jackknife: its standard error is itself uncertain by 16 %
GROUPS = 5  # of refits: uncertain by 35 %, for the price of one more fit to all rows


def jackknife(statistic: Callable[[np.ndarray], ArrayLike], n: int) -> np.ndarray:
    """Delete-a-group jackknife: the standard error of `statistic(rows)`, rows [m] int of 0 .. n-1.

        se^2 = (B - 1) / B  sum_b (s_-b - mean s)^2

    with s_-b the statistic without the b-th of B = 20 blocks of rows, drawn independently.
    """
    return jackknifed([statistic(rows) for rows in kept_rows(n)])


def kept_rows(n: int) -> list[np.ndarray]:
    """The rows without each block."""
    rows, blocks = np.arange(n), min(BLOCKS, n)
    return [rows[rows % blocks != b] for b in range(blocks)]


def jackknifed(without) -> np.ndarray:
    """The standard error of a statistic from its values without each block, [B, ...]."""
    without = np.asarray(without)
    return np.sqrt((len(without) - 1) * without.var(axis=0))


def random_groups(scores) -> np.ndarray:
    """Of a score fitted to G disjoint groups of rows, [G, ...]: the error of one fit to all rows.

        se = std_g(s_g) / sqrt(G)

    That takes the variance of a fit to fall as 1 / rows. Near a ceiling it falls faster, and
    importances of trees fall slower: measured against the spread over keys, 0.4 to 3.6 times
    (docs/reference/metrics.md). `repeats` gives an error without that assumption.
    """
    scores = np.asarray(scores)
    return scores.std(axis=0, ddof=1) / np.sqrt(len(scores))


def binomial(accuracy: float, count: int) -> float:
    """Standard error of an accuracy over `count` independent tests; 0 where all are right."""
    return float(np.sqrt(accuracy * (1 - accuracy) / count))
