"""The interventional robustness score."""

import numpy as np

from dbench.base import Score
from dbench.metrics.shared import caution
from dbench.metrics.shared.metric import Work, metric, variant
from dbench.metrics.shared.samples import sample
from dbench.metrics.shared.stderr import jackknife
from dbench.metrics.shared.validate import need_factors


@metric(need_factors)
def irs(work: Work, *, rows: int | None = 10_000, quantile: float = 0.99) -> Score:
    """IRS: how still a code stands while factors other than its own change (Suter et al. 2019).

        P[j, k] = mean_v Q(|z_j - E[z_j | v_k = v]| given v_k = v) / max |z_j - E z_j|
        IRS = sum_j w_j max_k (1 - P[j, k]) / sum_j w_j,    w_j = max |z_j - E z_j|

    with Q the `quantile` of the deviations (1: the paper's maximum; 0.99: Locatello et al.) and all
    means over `rows` rows drawn with replacement (None: each row once). At most 1, higher is
    better; below 0 if rows spread further around the mean of a value than around that of all. Large
    codes count more; constant codes are left out, and if all are constant the score is 0. Unchanged
    by the order of codes, by shifts and flips, and by one scale for all. Noise does not score 0:
    with few rows per value its own extremes make up the normaliser (0.37 on a table of 9,216 rows
    of Gaussian noise).

    Suter, Miladinovic, Schoelkopf and Bauer, "Robustly Disentangled Causal Mechanisms", ICML 2019,
    section 4, as in Locatello et al., which assumes independent factors (on tables where factors
    know of each other it conditions where the paper intervenes). Departure of that form: all values
    of a factor are told apart, where it bins factors with more than 20.

    Parts: robustness [d, k], 1 - P (0 for constant codes); weight [d]. stderr: jackknife over rows;
    0 where rows is None.
    """
    drawn = work.once(sample, "train", rows)
    active = np.ptp(drawn.codes, axis=0) > 0
    codes, d = drawn.codes[:, active], drawn.codes.shape[1]
    said = caution.few_rows(work, rows) + caution.dead(work)
    said += caution.uneven(work) + caution.binned_factors(work)
    robust, weight = np.zeros((d, drawn.labels.shape[1])), np.zeros(d)
    parts = {"robustness": robust, "weight": weight}
    if not active.any():
        return Score(0.0, 0.0, parts, tuple(said))

    def value(which) -> float:
        robust, weight = robustness(codes[which], drawn.labels[which], quantile)
        return np.average(robust.max(axis=1), weights=weight)

    stderr = 0.0 if rows is None else float(jackknife(value, len(codes)))
    robust[active], weight[active] = robustness(codes, drawn.labels, quantile)
    return Score(float(value(slice(None))), stderr, parts, tuple(said))


irs_all = variant(irs, "irs_all", "IRS of every row once; nothing is drawn.", rows=None)


def robustness(
    codes: np.ndarray, labels: np.ndarray, quantile: float
) -> tuple[np.ndarray, np.ndarray]:
    """1 - P [d, k] and the largest deviations [d], of [m, d] codes and [m, k] int factors."""
    largest = np.abs(codes - codes.mean(axis=0)).max(axis=0)  # [d]
    found = np.zeros((codes.shape[1], labels.shape[1]))
    for k, column in enumerate(labels.T):
        order = np.argsort(column, kind="stable")
        ends = np.cumsum(np.bincount(column))[:-1]
        within = [part for part in np.split(codes[order], ends) if len(part)]
        apart = [np.quantile(np.abs(z - z.mean(axis=0)), quantile, axis=0) for z in within]
        found[:, k] = 1 - np.mean(apart, axis=0) / largest
    return found, largest
