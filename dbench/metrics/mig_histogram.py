"""The mutual information gap of binned codes."""

import numpy as np

from dbench.base import Score
from dbench.metrics.shared.information import (
    Binned,
    binned_information,
    cautions,
    gap_parts,
    gaps,
    spread,
)
from dbench.metrics.shared.metric import Work, metric, variant
from dbench.metrics.shared.validate import need_factors


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

    Parts: gap/<factor>, no unit; information [d, k] in nats. stderr: jackknife over rows, bins
    included; 0 where rows is None. Raises InputError if a factor has the same value in all rows
    drawn.
    """
    found = work.once(binned_information, rows, bins)

    def gap(found: Binned) -> np.ndarray:
        return gaps(found.information, found.factor_entropy)  # [k]

    stderr = spread(work, rows, bins, lambda f: gap(f).mean())
    parts = gap_parts(work.table, gap(found)) | {"information": found.information}
    return Score(float(gap(found).mean()), stderr, parts, cautions(work, rows, bins))


mig_histogram_all = variant(
    mig_histogram,
    "mig_histogram_all",
    "Histogram MIG of every row once; nothing is drawn.",
    rows=None,
)
