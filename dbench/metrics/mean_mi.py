"""Mean mutual information between codes."""

import numpy as np

from dbench.base import Score
from dbench.metrics.shared import caution
from dbench.metrics.shared.information import binned, joint, mutual_information
from dbench.metrics.shared.metric import Work, metric, variant
from dbench.metrics.shared.samples import sample
from dbench.metrics.shared.stderr import jackknife


@metric()
def mean_mi(work: Work, *, rows: int | None = 10_000, bins: int = 20) -> Score:
    """Mean mutual information of pairs of codes (Locatello et al. 2019); lower is less dependent.

        mean MI = mean_{i != j} I(b_i; b_j)

    with b_j the posterior mean in `bins` equal-width bins and I a plug-in estimate from `rows` rows
    drawn with replacement (None: each row once). In [0, log bins], in nats; about (bins - 1)^2 / (2
    rows) for independent codes (0.018 at 10,000 rows), 0 for constant ones. Unchanged by the order
    of codes and by a shift or scaling of one. Needs no factors and says nothing about them.

    Locatello et al., "Challenging Common Assumptions in the Unsupervised Learning of Disentangled
    Representations", ICML 2019, section 5.2 ("mutual information score").

    Parts: information [d, d] in nats, its diagonal 0. stderr: jackknife over rows; 0 where rows is
    None.
    """
    drawn = work.once(sample, "train", rows)
    d = drawn.codes.shape[1]
    upper = np.triu_indices(d, 1)

    def pairs(which) -> np.ndarray:
        codes = binned(drawn.take(which), bins).T
        return np.array(
            [mutual_information(joint(codes[i], codes[j])) for i, j in zip(*upper, strict=True)]
        )

    found = np.zeros((d, d))
    found[upper] = pairs(slice(None))
    stderr = 0.0
    if rows is not None:
        stderr = float(jackknife(lambda r: pairs(r).mean(), drawn.size))
    said = caution.few_rows(work, rows) + caution.dead(work) + caution.dependent(work)
    value = float(found[upper].mean())
    return Score(value, stderr, {"information": found + found.T}, tuple(said))


mean_mi_all = variant(
    mean_mi, "mean_mi_all", "Mean mutual information of codes, every row once.", rows=None
)
