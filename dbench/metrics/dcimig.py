"""The disentanglement, completeness and informativeness MIG."""

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
from dbench.metrics.shared.validate import need_two_factors


@metric(need_two_factors)
def dcimig(work: Work, *, rows: int | None = None, bins: int = 20) -> Score:
    """DCIMIG (3CharM): the best gap per code, one code per factor (Sepliarskaia et al. 2019).

        g_j = I(b_j; v_a) - I(b_j; v_b)          a, b: the two factors code j knows most about
        DCIMIG = sum_k max_{j: a_j = k} g_j / sum_k H(v_k)

    A factor that is no code's first counts 0. In [0, 1], higher is better; constant codes score 0.
    Factors count by their entropy. Unchanged by the order of codes and by a shift or scaling of
    one, and by further codes that know less.

    Sepliarskaia, Kiseleva and de Rijke, "Evaluating Disentangled Representations", 2019
    (arXiv:1910.05587), section 4. b_j is the code in `bins` equal-width bins, I and H are plug-in
    estimates from all rows (`rows`: from that many, drawn with replacement).

    Parts: gap/<factor>, the best gap over the factor's entropy; information [d, k] in nats. stderr:
    jackknife; 0 where rows is None.
    """
    found = work.once(binned_information, rows, bins)

    def best(found: Binned) -> np.ndarray:
        known = found.information
        second, first = np.sort(known, axis=1)[:, -2:].T  # [d] each
        gap = np.zeros_like(known)
        gap[np.arange(len(known)), known.argmax(axis=1)] = first - second
        return gap.max(axis=0)  # [k]

    def value(found: Binned) -> float:
        return best(found).sum() / found.factor_entropy.sum()

    stderr = spread(work, rows, bins, value)
    parts = gap_parts(work.table, best(found) / found.factor_entropy)
    parts["information"] = found.information
    return Score(float(value(found)), stderr, parts, cautions(work, rows, bins))
