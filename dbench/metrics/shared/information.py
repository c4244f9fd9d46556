"""Discrete information quantities, in nats, and the gap that both forms of MIG are built on."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics.shared import caution
from dbench.metrics.shared.metric import Work
from dbench.metrics.shared.samples import Sample, sample
from dbench.metrics.shared.stderr import jackknifed, kept_rows
from dbench.metrics.shared.validate import factor_names


class Binned(NamedTuple):
    """Plug-in information of binned codes and factors, in nats."""

    information: np.ndarray  # [d, k], I(b_j; v_k)
    factor_entropy: np.ndarray  # [k], H(v_k)
    code_entropy: np.ndarray  # [d], H(b_j)


def binned_information(work: Work, rows: int | None, bins: int) -> Binned:
    """Codes in `bins` equal-width bins against factors, of a training sample. For `work.once`."""
    drawn = work.once(sample, "train", rows)
    found = tabulate(binned(drawn, bins), drawn.labels)
    if not found.factor_entropy.all():
        name = factor_names(work.table)[int(found.factor_entropy.argmin())]
        raise InputError(f"factor {name!r} has the same value in all {rows} rows drawn: draw more")
    return found


def without_blocks(work: Work, rows: int, bins: int) -> list[Binned]:
    """The same without each block of a jackknife; bins move with the rows. For `work.once`."""
    drawn = work.once(sample, "train", rows)
    return [
        tabulate(binned(drawn.take(kept), bins), drawn.labels[kept])
        for kept in kept_rows(drawn.size)
    ]


def spread(work: Work, rows: int | None, bins: int, statistic: Callable[[Binned], float]) -> float:
    """Jackknifed standard error of a statistic over draws of the rows; 0 if none are drawn."""
    if rows is None:
        return 0.0
    return float(jackknifed([statistic(part) for part in work.once(without_blocks, rows, bins)]))


def tabulate(codes: np.ndarray, labels: np.ndarray) -> Binned:
    """Information and entropies of [m, d] codes and [m, k] factors, both int from 0."""
    binned_codes, factors = (np.ascontiguousarray(values.T) for values in (codes, labels))
    table = np.array([[mutual_information(joint(b, v)) for v in factors] for b in binned_codes])
    factor = np.array([entropy(np.bincount(v)) for v in factors])
    code = np.array([entropy(np.bincount(b)) for b in binned_codes])
    return Binned(table, factor, code)


def cautions(work: Work, rows: int | None, bins: int) -> tuple[str, ...]:
    """What may mislead about a score of binned codes."""
    said = caution.few_rows(work, rows) + caution.bins(work, bins) + caution.dead(work)
    return (*said, *caution.uneven(work), *caution.binned_factors(work))


def joint(code: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Counts of each pair of values, [m] and [m] int from 0 -> [b, v]."""
    values = factor.max() + 1
    pairs = np.bincount(code * values + factor, minlength=(code.max() + 1) * values)
    return pairs.reshape(-1, values)


def mutual_information(counts: np.ndarray) -> float:
    """I of a table of counts [b, v] int in nats: never negative, exactly 0 for a constant code."""
    at = counts > 0
    outside = np.outer(counts.sum(axis=1), counts.sum(axis=0))[at]  # if independent, times n
    found, n = counts[at], counts.sum()
    # Of whole numbers, so that the ratio is exactly 1 where a code knows nothing.
    return max(float((found * np.log(n * found / outside)).sum()) / n, 0.0)


def binned(drawn: Sample, bins: int) -> np.ndarray:
    """The codes of a sample in equal-width bins, a category as it is, [m, d] int from 0."""
    found = discretise(drawn.codes, bins)
    for j in drawn.symbols:
        found[:, j] = drawn.codes[:, j]
    return found


def discretise(codes: np.ndarray, bins: int) -> np.ndarray:
    """Equal-width bins of each code between its least and greatest value, [n, d] -> [n, d] int.

    A bin includes its lower edge. Edges are float64 whatever the codes are: codes on a lattice
    fall on the edges, and in float32 the score then depends on the version of NumPy.
    """
    labels = np.zeros(codes.shape[::-1], dtype=np.int64)  # a code in one piece: thousands are fast
    for j, code in enumerate(np.ascontiguousarray(codes.T, np.float64)):
        edges = np.linspace(code.min(), code.max(), bins + 1)
        labels[j] = np.searchsorted(edges[1:-1], code, side="right")
    return labels.T


def entropy(counts: np.ndarray) -> float:
    """Entropy in nats of the distribution proportional to `counts`, [v] int."""
    p = counts[counts > 0] / counts.sum()
    return max(float(-(p * np.log(p)).sum()), 0.0)


def gaps(information: np.ndarray, entropies: np.ndarray) -> np.ndarray:
    """(I_1st - I_2nd) / H(v) of each factor, [d, k] and [k] -> [k], in [0, 1]."""
    second, first = np.sort(information, axis=0)[-2:]  # [k] each
    return (first - second) / entropies


def gap_parts(table: Table, gap: np.ndarray) -> dict[str, float]:
    """The gap of each factor by its name, [k] -> {"gap/shape": ..., ...}."""
    return {f"gap/{name}": float(g) for name, g in zip(factor_names(table), gap, strict=True)}
