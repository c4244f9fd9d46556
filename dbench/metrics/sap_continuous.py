"""The separated attribute predictability score of continuous factors."""

import numpy as np

from dbench.base import Score
from dbench.metrics.shared import caution
from dbench.metrics.shared.information import gap_parts
from dbench.metrics.shared.metric import Work, metric, variant
from dbench.metrics.shared.samples import sample
from dbench.metrics.shared.stderr import jackknife
from dbench.metrics.shared.validate import need_factors

LEAST = 1e-12  # variance of a code below which it knows nothing


@metric(need_factors)
def sap_continuous(work: Work, *, rows: int | None = 10_000) -> Score:
    """SAP of factors taken as numbers: gap of squared correlations (Kumar et al. 2018).

        SAP = mean_k (R2[a, k] - R2[b, k]),    R2[j, k] = Cov(z_j, v_k)^2 / (Var z_j Var v_k)

    with a, b the two codes with the highest R2, from `rows` rows drawn with replacement (None: each
    row once). R2 = 0 where Var z_j is below 1e-12. Values of a factor declared continuous are used
    as they are, those of another by their index. In [0, 1], higher is better; codes that know
    nothing score near 0. Unchanged by the order of codes and by a shift, flip or scaling of one. It
    sees linear dependence only: a code that turns with an angle scores low, and a nominal factor
    (shape) depends on the order of its labels.

    Kumar, Sattigeri and Balakrishnan, ICLR 2018, section 3. It is not `sap`, the form for classes.

    Parts: gap/<factor>; r2 [d, k]. stderr: jackknife over rows; 0 where rows is None.
    """
    drawn = work.once(sample, "train", rows)

    def matrix(which) -> np.ndarray:
        z, v = (a - a.mean(axis=0) for a in (drawn.codes[which], drawn.values[which]))
        var = (z**2).sum(axis=0)[:, None], (v**2).sum(axis=0)
        able = (var[0] / (len(z) - 1) > LEAST) & (var[1] > 0)
        return np.divide((z.T @ v) ** 2, var[0] * var[1], out=np.zeros(able.shape), where=able)

    def gap(r2: np.ndarray) -> np.ndarray:
        second, first = np.sort(r2, axis=0)[-2:]
        return first - second  # [k]

    r2 = matrix(slice(None))
    stderr = 0.0
    if rows is not None:
        stderr = float(jackknife(lambda which: gap(matrix(which)).mean(), drawn.size))
    said = caution.few_rows(work, rows) + caution.dead(work) + caution.uneven(work)
    parts = gap_parts(work.table, gap(r2)) | {"r2": r2}
    return Score(float(gap(r2).mean()), stderr, parts, tuple(said))


sap_continuous_all = variant(
    sap_continuous, "sap_continuous_all", "SAP by squared correlation of every row once.", rows=None
)
