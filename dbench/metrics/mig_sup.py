"""The mutual information gap per code."""

import numpy as np

from dbench.base import Score
from dbench.errors import choose
from dbench.metrics.shared.information import Binned, binned_information, cautions, spread
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.validate import need_two_factors


@metric(need_two_factors)
def mig_sup(
    work: Work, *, rows: int | None = None, bins: int = 20, normaliser: str = "factor"
) -> Score:
    """MIG-sup: does each code know of one factor only (Li et al. 2020).

        MIG-sup = mean_j (N[j, a] - N[j, b]),    N[j, k] = I(b_j; v_k) / H(v_k)

    with v_a, v_b the two factors that code j knows most about: the gap of `mig_histogram` along the
    other axis. b_j is the code in `bins` equal-width bins, I and H are plug-in estimates from all
    rows (`rows`: from that many, drawn with replacement). In [0, 1], higher is better; a dead code
    counts 0, so d codes of which k are used score k/d at most. Unchanged by the order of codes and
    by a shift or scaling of one.

    Li, Murkute, Gyawali and Wang, "Progressive Learning and Disentanglement of Hierarchical
    Representations", ICLR 2020, section 4. `normaliser="code"` divides by H(b_j) instead, as the
    code of a survey does (Zaidi et al. 2020, with 10 bins): a different number, since a code's
    noise enters its entropy.

    Parts: gap [d], no unit; information [d, k] in nats. stderr: jackknife over rows; 0 where rows
    is None.
    """
    choose("normaliser", normaliser, ("factor", "code"))
    found = work.once(binned_information, rows, bins)

    def gap(found: Binned) -> np.ndarray:
        by = found.factor_entropy if normaliser == "factor" else found.code_entropy[:, None]
        known = np.divide(found.information, by, out=np.zeros_like(found.information), where=by > 0)
        second, first = np.sort(known, axis=1)[:, -2:].T
        return np.minimum(first - second, 1)  # [d]; 1 + 1e-16 is rounding

    stderr = spread(work, rows, bins, lambda f: gap(f).mean())
    parts = {"gap": gap(found), "information": found.information}
    return Score(float(parts["gap"].mean()), stderr, parts, cautions(work, rows, bins))
