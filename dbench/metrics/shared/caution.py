"""Why a score of a table may mislead: each function gives no sentence or one."""

import numpy as np

from dbench.metrics.shared.groups import Group
from dbench.metrics.shared.metric import Work
from dbench.metrics.shared.samples import by_factor
from dbench.metrics.shared.validate import LEAST, factor_names

NEAR_DEAD = 0.05  # standard deviation: the threshold of the study's FactorVAE score
NO_GRID = (
    "the rows are no full grid (each combination of factor values equally often): one factor may "
    "tell something of another"
)
OVERLAP = 0.05  # share of test rows that are training rows above which it is said


def few_rows(work: Work, asked: int | None) -> list[str]:
    """More rows are drawn than there are."""
    n = len(work.table.mean)
    if asked is None or asked <= n:
        return []
    return [
        f"{asked:,} rows are drawn from a table of {n:,}, so that images come again and again: the "
        f"score knows {n:,} images and no more; scores whose ids end in _all take each row once"
    ]


def overlap(work: Work, train: int | None, test: int | None, chosen: bool = True) -> list[str]:
    """Rows that are tested have been seen in training; `chosen`: if `train` is an option."""
    n = len(work.table.mean)
    share = 1.0 if train is None or test is None else 1 - np.exp(-train / n)
    if share < OVERLAP:
        return []
    return [
        f"about {share:.0%} of the test rows are training rows too, as {n:,} rows are few: "
        "accuracies are too high" + (_fewer(n) if chosen else "")
    ]


def _fewer(rows: int) -> str:
    """How many training rows would do, if that is enough to learn from."""
    few = int(-rows * np.log(1 - OVERLAP))
    enough = few >= LEAST["train"]
    return f"; give more rows, or train on {few:,} (train, --train)" if enough else ""


def uneven(work: Work) -> list[str]:
    """The rows are no full grid, or values of a factor are not equally frequent."""
    return work.once(_uneven)


def _uneven(work: Work) -> list[str]:
    known = work.once(by_factor)
    names = factor_names(work.table)
    unequal = [name for name, g in zip(names, known, strict=True) if not by_chance(g.counts)]
    if unequal:
        return [
            f"values of {', '.join(unequal)} are not equally frequent: frequent ones count more, "
            "and scores of tables with other frequencies are not comparable"
        ]
    if not is_grid(known):
        return [f"{NO_GRID}, and scores move with that"]
    return []


def dependent(work: Work) -> list[str]:
    """The rows alone may make codes depend on each other."""
    if not work.once(by_factor) or not uneven(work):
        return []
    return [f"{NO_GRID}, and codes that follow them then do too"]


def by_chance(counts: np.ndarray) -> bool:
    """Whether values that are equally likely come out as unequal as this, [v] int: chi-square."""
    expected, free = counts.mean(), max(len(counts) - 1, 1)
    return ((counts - expected) ** 2).sum() / expected <= free + 4 * np.sqrt(2 * free)


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
    names, known = factor_names(work.table), work.once(by_factor)
    sizes = [(name, len(group.counts)) for name, group in zip(names, known, strict=True)]
    more = ", ".join(f"{name} {size}" for name, size in sizes if size > count)
    fewer = ", ".join(f"{name} {size}" for name, size in sizes if size < count)
    said = [f"no code can reach 1 for factors with more values ({more})"] if more else []
    if fewer:
        said.append(
            "within one value of a factor with fewer values than that a code may vary at no cost "
            f"({fewer})"
        )
    return [f"codes have {count} bins: {'; '.join(said)}"] if said else []


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
