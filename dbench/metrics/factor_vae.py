"""The FactorVAE score."""

import numpy as np

from dbench.base import Score
from dbench.metrics.shared import caution
from dbench.metrics.shared.groups import Group, draw, in_blocks
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.samples import by_factor
from dbench.metrics.shared.stderr import binomial
from dbench.metrics.shared.validate import need_two_factors


@metric(need_two_factors)
def factor_vae(
    work: Work,
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

    Parts: active, the number of codes that vote; train_accuracy; votes [d, k], the share of the
    training votes that each code got with each factor fixed. stderr: binomial, over draws of the
    test votes; the training votes add little, as a majority turns only where two factors are about
    equally right. 0 if all are right.
    """
    table, known, rng = work.table, work.once(by_factor), work.rng("factor_vae")
    sample = table.mean[rng.integers(len(table.mean), size=points)].astype(np.float64)
    spread = sample.std(axis=0, ddof=1)  # [d]
    active = np.flatnonzero((spread >= threshold) & (np.ptp(sample, axis=0) > 0))
    tally = np.zeros((table.mean.shape[1], len(known)))
    said = caution.few_rows(work, points) + caution.uneven(work) + caution.binned_factors(work)
    if not len(active):
        none = [f"no code has a standard deviation of {threshold}, so none votes"]
        parts = {"active": 0.0, "train_accuracy": 0.0, "votes": tally}
        return Score(0.0, 0.0, parts, (*none, *said))
    codes = table.mean[:, active] / spread[active]
    vote, fixed = votes(codes, known, rng, train + test, batch)
    vote = active[vote]
    np.add.at(tally, (vote[:train], fixed[:train]), 1)
    right = tally.argmax(axis=1)[vote] == fixed
    value = float(right[train:].mean())
    parts = {"active": float(len(active)), "train_accuracy": float(right[:train].mean())}
    parts["votes"] = tally / train
    said = silent(len(active), table.mean.shape[1], threshold) + caution.saturated(value) + said
    return Score(value, binomial(value, test), parts, tuple(said))


@metric(need_two_factors)
def factor_vae_all(work: Work, *, threshold: float = 0.05) -> Score:
    """FactorVAE score of whole groups: what its votes tend to as batches grow; nothing is drawn.

    A group is all rows that share a value of a factor; it votes for the code with the least
    var(group) / var(all), weighted by its share of the rows. The majority classifier's accuracy is
    sum_j max_k W[j, k] with W the matrix of expected votes. In [0, 1], higher is better;
    invariances and threshold as `factor_vae`, of which it is not the mean: batches of 64 rows
    scatter votes where two codes vary about as much. It is blind to a rotation of the codes as long
    as each factor still has a code of its own that it moves most: 1 for a random one.

    Groups of one row have no variance and no vote. Parts: active; votes [d, k], which is W.
    """
    codes, known = work.table.mean, work.once(by_factor)
    spread = caution.spreads(work) * np.sqrt(len(codes) / max(len(codes) - 1, 1))
    active = np.flatnonzero((spread >= threshold) & (spread > 0))
    expected = np.zeros((codes.shape[1], len(known)))
    said = caution.uneven(work) + caution.binned_factors(work)
    if not len(active):
        none = [f"no code has a standard deviation of {threshold}, so none votes"]
        return Score(0.0, 0.0, {"active": 0.0, "votes": expected}, (*none, *said))
    scaled = codes[:, active].astype(np.float64) / spread[active]
    for k, group in enumerate(known):
        able = group.counts > 1
        winner = active[group_variances(scaled, group)[able].argmin(axis=1)]
        np.add.at(expected[:, k], winner, group.counts[able])
    expected /= max(expected.sum(), 1)  # no group has two rows: no votes, score 0
    said = silent(len(active), codes.shape[1], threshold) + said
    parts = {"active": float(len(active)), "votes": expected}
    return Score(float(expected.max(axis=1).sum()), 0.0, parts, tuple(said))


def silent(active: int, count: int, threshold: float) -> list[str]:
    """A sentence on the codes that have no vote."""
    if active == count:
        return []
    return [f"{count - active} of {count} codes have no vote: standard deviation below {threshold}"]


def group_variances(codes: np.ndarray, group: Group) -> np.ndarray:
    """Variance (ddof 1) of each code within each value, [n, d] -> [v, d]; 0 for a single row."""
    rows, counts = codes[group.order], group.counts[:, None]
    mean = np.add.reduceat(rows, group.starts, axis=0) / counts  # [v, d]
    rows -= np.repeat(mean, group.counts, axis=0)
    return np.add.reduceat(rows**2, group.starts, axis=0) / np.maximum(counts - 1, 1)


def votes(
    codes: np.ndarray, known: list[Group], rng: np.random.Generator, count: int, batch: int
) -> tuple[np.ndarray, np.ndarray]:
    """The code of least variance with a factor fixed, and which factor, [count] int each.

    `codes` [n, d] are scaled to unit variance.
    """

    def least(rows: np.ndarray) -> np.ndarray:
        return codes[rows].var(axis=1, ddof=1).argmin(axis=1)

    fixed = rng.integers(len(known), size=count)
    vote = np.zeros(count, dtype=np.int64)
    for k, group in enumerate(known):
        at = np.flatnonzero(fixed == k)
        value = group.labels[rng.integers(len(codes), size=len(at))]
        rows = draw(group, np.repeat(value[:, None], batch, axis=1), rng)
        vote[at] = in_blocks(least, codes.shape[1], rows)
    return vote, fixed
