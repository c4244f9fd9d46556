"""The FactorVAE score."""

import jax
import numpy as np

from dbench.base import Score, Table, numpy_rng
from dbench.metrics.groups import draw, groups
from dbench.metrics.validate import need_two_factors


def factor_vae(
    table: Table,
    key: jax.Array,
    *,
    train: int = 10_000,
    test: int = 5_000,
    batch: int = 64,
    points: int = 10_000,
    threshold: float = 0.05,
) -> Score:
    """FactorVAE score: majority vote of the code that varies least (Kim & Mnih 2018).

    A vote belongs to a factor k, drawn uniformly: fix its value to that of a random row, draw
    `batch` rows that have it, and vote for the code with the least var(batch) / var(all). Each
    code stands for the factor it got most of `train` votes for; the score is the accuracy of
    that on `test` more. In [0, 1], about 1/k at chance, higher is better. Variances divide by
    n - 1; var(all) is over `points` rows drawn with replacement.

    A code whose standard deviation over the points is below `threshold`, or which is constant, has
    no vote; with no code left the score is 0. So the score is unchanged by the order, flip, shift
    and scaling of codes as long as none crosses the threshold.

    Kim and Mnih, "Disentangling by Factorising", ICML 2018, section 4, with the numbers and the
    threshold of Locatello et al. (ICML 2019), appendix C, where some code has it at 0.

    Parts: active, the number of codes that vote; train_accuracy. stderr: binomial, over draws of
    the test votes; the training votes add little, as a majority turns only where two factors are
    about equally right. 0 if all are right.
    """
    need_two_factors(table)
    rng = numpy_rng(key)
    sample = table.mean[rng.integers(len(table.mean), size=points)].astype(np.float64)
    spread = sample.std(axis=0, ddof=1)  # [d]
    active = np.flatnonzero((spread >= threshold) & (np.ptp(sample, axis=0) > 0))
    if not len(active):
        return Score(0.0, 0.0, {"active": 0.0, "train_accuracy": 0.0})
    codes = table.mean[:, active] / spread[active]
    vote, fixed = votes(codes, table.factors, rng, train + test, batch)
    tally = np.zeros((len(active), table.factors.shape[1]))
    np.add.at(tally, (vote[:train], fixed[:train]), 1)
    right = tally.argmax(axis=1)[vote] == fixed
    value = float(right[train:].mean())
    parts = {"active": float(len(active)), "train_accuracy": float(right[:train].mean())}
    return Score(value, float(np.sqrt(value * (1 - value) / test)), parts)


def votes(
    codes: np.ndarray, factors: np.ndarray, rng: np.random.Generator, count: int, batch: int
) -> tuple[np.ndarray, np.ndarray]:
    """The code of least variance with a factor fixed, and which factor, [count] int each.

    `codes` [n, d] are scaled to unit variance; `factors` [n, k] int.
    """
    fixed = rng.integers(factors.shape[1], size=count)
    vote = np.zeros(count, dtype=np.int64)
    for k, group in enumerate(groups(factors)):
        at = np.flatnonzero(fixed == k)
        value = group.labels[rng.integers(len(codes), size=len(at))]
        rows = draw(group, np.repeat(value[:, None], batch, axis=1), rng)
        vote[at] = codes[rows].var(axis=1, ddof=1).argmin(axis=1)
    return vote, fixed
