"""Single-neuron classification: what the one code of a factor tells of it."""

from typing import NamedTuple

import numpy as np

from dbench.base import Score
from dbench.metrics.mcc import assignment
from dbench.metrics.shared import caution
from dbench.metrics.shared.fits import splits
from dbench.metrics.shared.information import joint, mutual_information
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.samples import Sample
from dbench.metrics.shared.validate import factor_names, need_factors


class Matched(NamedTuple):
    """Codes matched to factors one to one, by what they tell in bins of equal frequency."""

    information: np.ndarray  # [d, k] nats
    code: np.ndarray  # [k] int, -1 where there are fewer codes than factors


@metric(need_factors)
def snc(work: Work, *, train: int | None = 10_000, test: int | None = 5_000) -> Score:
    """SNC: accuracy of each factor from the one code matched to it (Mahon et al. 2023).

        SNC = mean_k mean_rows [ t_k(bin(z_s(k))) = v_k ]

    with bin a cut of the code into as many bins of equal frequency as the factor has values, s the
    one-to-one assignment of codes to factors with the largest sum of mutual information
    I(bin(z_j); v_k), and t_k the one-to-one assignment of bins to values that is right most often.
    All are found on `train` rows and tried on `test` rows, drawn with replacement. In [0, 1],
    higher is better; noise scores about the frequency of the commonest value. It asks that a code
    be cut at the right places by its frequencies alone, so values met unequally often cost even a
    perfect code. Unchanged by the order of codes and by any increasing map of one, nearly by a
    decreasing one.

    Mahon, Sha and Lukasiewicz, "Correcting Flaws in Common Disentanglement Metrics", 2023 (arXiv
    2304.02335). Departures: equal codes stay together, in the bin of their middle rank (in the
    authors' code a bin that a value fills to the edge takes the next value in); a factor for which
    no code is left is guessed by its commonest value.

    Parts: accuracy/<factor>; information [d, k] in nats; code [k], which is matched (-1: none).
    stderr: over test rows, bins and assignments as they are; 0 where `train` is None (all rows, in
    training and test).
    """
    pairs = splits(work, train, test)
    seen, unseen = pairs[0]
    found = work.once(match, train, test)
    right = np.stack(
        [hits(seen, unseen, int(j), k) for k, j in enumerate(found.code)], axis=1
    )  # [test, k]
    per_row = right.mean(axis=1)
    value = float(per_row.mean())
    names = factor_names(work.table)
    accuracy = right.mean(axis=0)
    parts: dict = {f"accuracy/{name}": float(a) for name, a in zip(names, accuracy, strict=True)}
    parts |= {"information": found.information, "code": found.code.astype(np.float64)}
    stderr = 0.0 if train is None else float(per_row.std(ddof=1) / np.sqrt(len(per_row)))
    said = [*caution.saturated(value), *cautions(work, found.code, train)]
    return Score(value, stderr, parts, tuple(said))


def match(work: Work, train: int | None, test: int | None) -> Matched:
    """Which code stands for which factor. For `work.once`."""
    seen, _ = splits(work, train, test)[0]
    information = np.zeros((seen.codes.shape[1], seen.labels.shape[1]))
    for j, code in enumerate(seen.codes.T):
        inside = np.sort(code)
        for k, label in enumerate(seen.labels.T):
            bins = quantile_bins(code, inside, values(label))
            information[j, k] = mutual_information(joint(bins, label))
    return Matched(information, assignment(information))


def values(label: np.ndarray) -> int:
    """How many values of a factor there are among rows [m] int."""
    return len(np.unique(label))


def quantile_bins(code: np.ndarray, inside: np.ndarray, bins: int) -> np.ndarray:
    """Bins of equal frequency in `inside` [m], sorted, of codes [n] -> [n] int64, 0 .. bins-1.

    A code is in the bin of its middle rank, so that equal codes stay together.
    """
    below, to = (np.searchsorted(inside, code, side=side) for side in ("left", "right"))
    return np.minimum((below + to) * bins // (2 * len(inside)), bins - 1).astype(np.int64)


def hits(train: Sample, test: Sample, j: int, k: int) -> np.ndarray:
    """Whether factor k of each test row is told by code j (-1: by none), [test] bool."""
    label = train.labels[:, k]
    commonest = int(np.bincount(label).argmax())
    if j < 0:
        return test.labels[:, k] == commonest
    inside, bins = np.sort(train.codes[:, j]), values(label)
    cut = [quantile_bins(s.codes[:, j], inside, bins) for s in (train, test)]
    counts = joint(cut[0], label)  # [bins that occur, values]
    told = np.full(bins, commonest)
    chosen = assignment(counts.T)  # of each bin, its value
    told[: len(chosen)] = np.where(chosen >= 0, chosen, commonest)
    return told[cut[1]] == test.labels[:, k]


def cautions(work: Work, code: np.ndarray, train: int | None) -> list[str]:
    """What may mislead about scores of matched codes."""
    said = caution.few_rows(work, train) + caution.dead(work) + caution.uneven(work)
    if (code < 0).any():
        names = np.array(factor_names(work.table))[code < 0]
        said = [f"more factors than codes: no code is matched to {', '.join(names)}", *said]
    return said + caution.binned_factors(work)
