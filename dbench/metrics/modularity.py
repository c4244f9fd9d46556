"""Modularity of codes."""

import numpy as np

from dbench.base import Score
from dbench.metrics.shared.information import Binned, binned_information, cautions, spread
from dbench.metrics.shared.metric import Work, metric, variant
from dbench.metrics.shared.validate import need_two_factors


@metric(need_two_factors)
def modularity(work: Work, *, rows: int | None = 10_000, bins: int = 20) -> Score:
    """Modularity: does each code depend on one factor at most (Ridgeway & Mozer 2018).

        modularity = mean_j  1 - sum_{k != a} m_jk^2 / (m_ja^2 (K - 1)),    m_jk = I(b_j; v_k)

    with a the factor that code j knows most about, b_j the code in `bins` equal-width bins, and I a
    plug-in estimate from `rows` rows drawn with replacement (None: each row once). In [0, 1],
    higher is better; a code with no information counts 0, the mean is over all codes. Unchanged by
    the order of codes and by a shift or scaling of one.

    Ridgeway and Mozer, "Learning Deep Disentangled Embeddings with the F-Statistic Loss", NeurIPS
    2018, section 3, in the form of Locatello et al. (ICML 2019), appendix C. It is a ratio: a code
    of pure noise, whose plug-in information is nothing but bias, scores well above 0 (about 0.5),
    and says nothing of whether a factor is encoded at all.

    Parts: modularity [d], of each code; information [d, k] in nats. stderr: jackknife over rows; 0
    where rows is None.
    """
    found = work.once(binned_information, rows, bins)

    def per_code(found: Binned) -> np.ndarray:
        square = found.information**2
        most = square.max(axis=1)
        rest = (square.sum(axis=1) - most) / (square.shape[1] - 1)
        return np.where(most > 0, 1 - rest / np.where(most > 0, most, 1), 0.0)  # [d]

    stderr = spread(work, rows, bins, lambda f: per_code(f).mean())
    parts = {"modularity": per_code(found), "information": found.information}
    return Score(float(parts["modularity"].mean()), stderr, parts, cautions(work, rows, bins))


modularity_all = variant(
    modularity, "modularity_all", "Modularity of every row once; nothing is drawn.", rows=None
)
