"""Why a score of a table may mislead: each function gives no sentence or one."""

import numpy as np

from dbench.metrics.groups import Group
from dbench.metrics.metric import Work
from dbench.metrics.samples import by_factor
from dbench.metrics.validate import factor_names

NEAR_DEAD = 0.05  # standard deviation: the threshold of the study's FactorVAE score


def few_rows(work: Work, *asked: int | None) -> list[str]:
    """More rows are drawn than there are."""
    n, most = len(work.table.mean), max((rows for rows in asked if rows), default=0)
    if most <= n:
        return []
    return [f"{most:,} rows are drawn from a table of {n:,}: rows are met again, train in test too"]


def uneven(work: Work) -> list[str]:
    """The rows are no full grid, or values of a factor are not equally frequent."""
    return work.once(_uneven)


def _uneven(work: Work) -> list[str]:
    known = work.once(by_factor)
    names = factor_names(work.table)
    unequal = [n for n, g in zip(names, known, strict=True) if g.counts.min() < g.counts.max()]
    if unequal:
        return [
            f"values of {', '.join(unequal)} are not equally frequent: frequent ones count more, "
            "and scores of tables with other frequencies are not comparable"
        ]
    if not is_grid(known):
        return ["the rows are no full grid of factor values: factors may know of each other"]
    return []


def is_grid(known: list[Group]) -> bool:
    """Whether each combination of values has the same number of rows."""
    cells = int(np.prod([len(g.counts) for g in known], dtype=float).clip(max=2**62))
    n = len(known[0].labels)
    if n % cells:
        return False
    at = np.zeros(n, np.int64)
    for g in known:
        at = at * len(g.counts) + g.labels
    return bool((np.bincount(at, minlength=cells) == n // cells).all())


def dead(work: Work) -> list[str]:
    """Codes that are constant or hardly vary."""
    return work.once(_dead)


def _dead(work: Work) -> list[str]:
    spread = spreads(work)
    still = np.flatnonzero(spread == 0)
    faint = np.flatnonzero((spread > 0) & (spread < NEAR_DEAD))
    said = []
    if len(still):
        said.append(f"constant codes: {listed(still)}")
    if len(faint):
        said.append(
            f"codes whose standard deviation is below {NEAR_DEAD}: {listed(faint)}; scores that "
            "rescale codes count them like any other"
        )
    return ["; ".join(said)] if said else []


def spreads(work: Work) -> np.ndarray:
    """Standard deviation of each code over all rows, [d]; exactly 0 where it is constant."""
    return work.once(_spreads)


def _spreads(work: Work) -> np.ndarray:
    mean = work.table.mean
    return np.where(np.ptp(mean, axis=0) > 0, mean.std(axis=0, dtype=np.float64), 0.0)


def listed(numbers: np.ndarray) -> str:
    return ", ".join(map(str, numbers))


def bins(work: Work, count: int) -> list[str]:
    """Factors with more values than codes have bins, or fewer."""
    sizes = {
        n: len(g.counts)
        for n, g in zip(factor_names(work.table), work.once(by_factor), strict=True)
    }
    more = [f"{name} ({size})" for name, size in sizes.items() if size > count]
    fewer = [f"{name} ({size})" for name, size in sizes.items() if size < count]
    said = []
    if more:
        said.append(
            f"more values than the {count} bins of a code, so no code reaches 1: {', '.join(more)}"
        )
    if fewer:
        said.append(f"fewer, so noise within a value may go unseen: {', '.join(fewer)}")
    return ["; ".join(said)] if more else [f"with {count} bins a code, {said[0]}"] if fewer else []


def small_scale(work: Work, least: float) -> list[str]:
    """No code is large enough for a score that depends on the scale of codes."""
    largest = float(spreads(work).max())
    if largest >= least:
        return []
    return [
        f"no code has a standard deviation of {least} (the largest is {largest:.2g}); this score "
        "depends on the scale of the codes and is low for small ones"
    ]


def saturated(accuracy: float) -> list[str]:
    """A classifier is always right, so that better codes could not show."""
    return ["all predictions are right: the score cannot tell this table from a better one"] * (
        accuracy >= 1
    )


def binned_factors(work: Work) -> list[str]:
    """Continuous factors that a score of labels sees in bins."""
    if not work.table.continuous:
        return []
    return [
        f"continuous factors are taken by 20 equal-width bins: {', '.join(work.table.continuous)}"
    ]
