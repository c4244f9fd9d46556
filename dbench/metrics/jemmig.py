"""The joint entropy minus mutual information gap."""

import numpy as np

from dbench.base import Score
from dbench.metrics.shared.information import (
    Binned,
    binned_information,
    cautions,
    gap_parts,
    spread,
)
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.validate import need_factors


@metric(need_factors)
def jemmig(work: Work, *, rows: int | None = None, bins: int = 20) -> Score:
    """JEMMIG: a gap that also asks the best code to hold nothing but its factor (Do & Tran 2020).

        JEMMIG = mean_k 1 - (H(b_a, v_k) - I(b_a; v_k) + I(b_b; v_k)) / (H(v_k) + log bins)

    with b_a, b_b the two binned codes that know most about factor v_k. H(b, v) - I(b; v) is
    H(b | v) + H(v | b): 0 only where code and factor determine each other. In [0, 1], higher is
    better; independent codes that fill their bins score near 0, and constant ones
    1 - H(v) / (H(v) + log bins). Unchanged by the order of codes and by a shift or scaling of one.

    Do and Tran, "Theory and Evaluation Metrics for Learning Disentangled Representations", ICLR
    2020, section 3.3, normalised as there. Departure: plug-in estimates from `bins` equal-width
    bins of the posterior means of all rows (`rows`: that many, drawn with replacement), as in other
    packages, where the paper quantises samples of the posterior.

    Parts: gap/<factor>, its term; information [d, k] in nats. stderr: jackknife; 0 where rows is
    None.
    """
    found = work.once(binned_information, rows, bins)

    def terms(found: Binned) -> np.ndarray:
        known = found.information
        # Of codes that know as much, the one with less entropy besides is the better.
        rounded = known.round(12)
        order = np.lexsort(
            (-np.broadcast_to(found.code_entropy[:, None], known.shape), rounded), axis=0
        )
        best, second = order[-1], order[-2]  # [k] each
        at = np.arange(known.shape[1])
        # H(b, v) - I = H(b) + H(v) - 2 I
        apart = found.code_entropy[best] + found.factor_entropy - 2 * known[best, at]
        return 1 - (apart + known[second, at]) / (found.factor_entropy + np.log(bins))  # [k]

    stderr = spread(work, rows, bins, lambda f: terms(f).mean())
    parts = gap_parts(work.table, terms(found)) | {"information": found.information}
    return Score(float(terms(found).mean()), stderr, parts, cautions(work, rows, bins))
