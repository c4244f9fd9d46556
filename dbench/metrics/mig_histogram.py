"""The mutual information gap of binned codes."""

import numpy as np

from dbench.base import Score
from dbench.metrics.information import (
    binned_information,
    cautions,
    gap_parts,
    gaps,
    log_ratios,
    surprise,
)
from dbench.metrics.metric import Work, metric, variant
from dbench.metrics.validate import need_factors


@metric(need_factors)
def mig_histogram(work: Work, *, rows: int | None = 10_000, bins: int = 20) -> Score:
    """Mutual information gap of 20-bin codes (Locatello et al. 2019).

        MIG = mean_k (I(b_a; v_k) - I(b_b; v_k)) / H(v_k)

    with b_a, b_b the two binned codes that know most about factor v_k; I and H are plug-in
    estimates from `rows` rows drawn with replacement (None: each row once, nothing is drawn).
    In [0, 1], higher is better. Unchanged by the order of codes and by a shift or scaling of one.

    Locatello et al., "Challenging Common Assumptions in the Unsupervised Learning of Disentangled
    Representations", ICML 2019, appendix C: 20 equal-width bins between the extremes of the
    sample. It is not Chen et al.'s score, which is `mig`. Limits: a factor with more than
    20 values cannot reach 1, and one outlying code squeezes the others into one bin.

    Parts: gap/<factor>; information [d, k] in nats. stderr: see `standard_error`; 0 where rows is
    None. Raises InputError if a factor has the same value in all rows drawn.
    """
    found = work.once(binned_information, rows, bins)
    gap = gaps(found.information, found.factor_entropy)
    stderr = 0.0
    if rows is not None:
        stderr = standard_error(found.binned, list(found.labels.T), found.information, gap)
    parts = gap_parts(work.table, gap) | {"information": found.information}
    return Score(float(gap.mean()), stderr, parts, cautions(work, rows, bins))


mig_histogram_all = variant(
    mig_histogram,
    "mig_histogram_all",
    "Histogram MIG of every row once; nothing is drawn.",
    rows=None,
)


def standard_error(binned, labels, information, gap) -> float:
    """Standard error of the mean gap over draws of the n rows, by the delta method.

    The plug-in gap G = (I_a - I_b) / H moves with row i by its influence (r_a - r_b - G s) / H / n,
    where r is the row's log p(z, v) / p(z) p(v) and s its -log p(v), whose means are I and H. The
    choice of a and b is taken as given. Covers the spread over draws, not the bias of plug-in
    information (about (bins - 1)(v - 1) / 2n nats, mostly common to both codes). Against the spread
    over 30 keys: up to a quarter too small where bins move with the extremes of the sample (half of
    it for codes with Gaussian tails), up to 2.7 times too large where information is near 0 and its
    noise of second order.

    `binned` [n, d] int, `labels` k of [n] int, `information` [d, k], `gap` [k].
    """
    influence = np.zeros(len(binned))
    for j, v in enumerate(labels):
        b, a = np.argsort(information[:, j])[-2:]
        s = surprise(v)
        r = log_ratios(binned[:, a], v) - log_ratios(binned[:, b], v)
        influence += (r - gap[j] * s) / s.mean() / len(labels)
    return float(influence.std(ddof=1) / np.sqrt(len(influence)))
