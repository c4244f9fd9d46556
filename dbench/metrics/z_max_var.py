"""The Z-max variance score: the FactorVAE score turned round."""

from typing import NamedTuple

import numpy as np

from dbench.base import Score
from dbench.metrics.factor_vae import silent
from dbench.metrics.shared import caution
from dbench.metrics.shared.groups import Group, combined, draw, group, in_blocks
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.samples import by_factor
from dbench.metrics.shared.stderr import binomial
from dbench.metrics.shared.validate import factor_names, need_two_factors


class Free(NamedTuple):
    """The rows among which one factor alone varies."""

    others: Group  # rows that share the values of all other factors
    rows: np.ndarray  # [r] int, those of which some such row has another value of this one


@metric(need_two_factors)
def z_max_var(
    work: Work,
    *,
    train: int = 10_000,
    test: int = 5_000,
    batch: int = 100,
    points: int = 10_000,
    threshold: float = 0.05,
) -> Score:
    """Z-max variance: majority vote of the code that varies most (Kim et al. 2019).

    A vote belongs to a factor k, drawn uniformly: take a random row, draw `batch` rows that share
    the values of all factors but k with it, and vote for the code with the largest
    var(batch) / var(all). Each code stands for the factor it got most of `train` votes for; the
    score is the accuracy of that on `test` more. In [0, 1], about 1/k at chance, higher is better.
    Variances divide by n - 1; var(all) is over `points` rows drawn with replacement.

    A code whose standard deviation over the points is below `threshold`, or which is constant, has
    no vote; with no code left the score is 0. So the score is unchanged by the order, flip, shift
    and scaling of codes as long as none crosses the threshold. A row from which no other differs in
    factor k alone starts no vote, and a factor that has only such rows is left out, which is said;
    if that is each factor, the score is 0.

    Kim, Wang, Sahu and Pavlovic, "Relevance Factor VAE: Learning and Identifying Disentangled
    Factors", 2019 (arXiv 1902.01568), whose code has 800 votes of up to 100 different
    rows and asks for the accuracy on the votes that it learnt from. The threshold is that of
    `factor_vae`.

    Parts: active, the number of codes that vote; train_accuracy; votes [d, k], the share of the
    training votes that each code got with each factor free. stderr: binomial, over draws of the
    test votes; 0 if all are right.
    """
    table, rng = work.table, work.rng("z_max_var")
    sample = table.mean[rng.integers(len(table.mean), size=points)].astype(np.float64)
    spread = sample.std(axis=0, ddof=1)  # [d]
    active = np.flatnonzero((spread >= threshold) & (np.ptp(sample, axis=0) > 0))
    said = caution.few_rows(work, points) + caution.uneven(work) + caution.binned_factors(work)
    alone = work.once(by_others)
    free = [k for k, each in enumerate(alone) if len(each.rows)]
    tally = np.zeros((table.mean.shape[1], len(alone)))
    if not len(active):
        said = [f"no code has a standard deviation of {threshold}, so none votes", *said]
        return nothing(0, tally, said)
    if not free:
        said = ["no two rows differ in one factor alone, so there is no vote", *said]
        return nothing(len(active), tally, said)
    if len(free) < len(alone):
        names = [name for k, name in enumerate(factor_names(table)) if k not in free]
        said = [f"no two rows differ in {n} alone: it is left out" for n in names] + said
    codes = table.mean[:, active] / spread[active]
    factor = np.array(free)[rng.integers(len(free), size=train + test)]
    vote = active[votes(codes, alone, factor, rng, batch)]
    np.add.at(tally, (vote[:train], factor[:train]), 1)
    right = tally.argmax(axis=1)[vote] == factor
    value = float(right[train:].mean())
    parts: dict = {"active": float(len(active)), "train_accuracy": float(right[:train].mean())}
    parts["votes"] = tally / train
    said = silent(len(active), table.mean.shape[1], threshold) + caution.saturated(value) + said
    return Score(value, binomial(value, test), parts, tuple(said))


def nothing(active: int, votes: np.ndarray, said: list[str]) -> Score:
    """The score where there is no vote."""
    parts = {"active": float(active), "train_accuracy": 0.0, "votes": votes}
    return Score(0.0, 0.0, parts, tuple(said))


def by_others(work: Work) -> list[Free]:
    """For each factor, the rows among which it alone varies. For `work.once`."""
    known, found = work.once(by_factor), []
    for k, own in enumerate(known):
        others = group(combined([g for j, g in enumerate(known) if j != k]))
        sorted_values = own.labels[others.order]
        least, most = (f.reduceat(sorted_values, others.starts) for f in (np.minimum, np.maximum))
        found.append(Free(others, np.flatnonzero((least < most)[others.labels])))
    return found


def votes(
    codes: np.ndarray, alone: list[Free], factor: np.ndarray, rng: np.random.Generator, batch: int
) -> np.ndarray:
    """The code of most variance with each of `factor` [count] free, -> [count] int.

    `codes` [n, d] are scaled to unit variance.
    """

    def most(rows: np.ndarray) -> np.ndarray:
        return codes[rows].var(axis=1, ddof=1).argmax(axis=1)

    vote = np.zeros(len(factor), dtype=np.int64)
    for k in np.unique(factor):
        at, (others, able) = np.flatnonzero(factor == k), alone[k]
        labels = others.labels[able[rng.integers(len(able), size=len(at))]]
        rows = draw(others, np.repeat(labels[:, None], batch, axis=1), rng)
        vote[at] = in_blocks(most, codes.shape[1], rows)
    return vote
