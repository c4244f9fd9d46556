"""The mean correlation coefficient: codes matched to factors one to one."""

import numpy as np
import scipy

from dbench.base import Score
from dbench.metrics.shared import caution
from dbench.metrics.shared.metric import Work, metric, variant
from dbench.metrics.shared.samples import sample
from dbench.metrics.shared.stderr import jackknife
from dbench.metrics.shared.validate import factor_names, need_factors

ROUNDING = 1e-12  # share of the largest spread below which a code is constant up to rounding


@metric(need_factors)
def mcc(work: Work, *, rows: int | None = 10_000, ranks: bool = False) -> Score:
    """MCC: mean correlation of factors with the codes matched to them (Hyvarinen & Morioka 2016).

        MCC = 1/K max_s sum_k |corr(z_s(k), v_k)|

    over one-to-one assignments s of codes to factors, from `rows` rows drawn with replacement
    (None: each row once). With fewer codes than factors, those left over count 0. corr is Pearson's
    coefficient, or with `ranks` Spearman's, that of ranks (ties share their mean rank), which sees
    any monotone map as a line. In [0, 1], higher is better; noise scores about sqrt(2 / (pi rows)),
    or somewhat more, since the best of many codes is taken. Unchanged by the order of codes and by
    a shift, flip or scaling of one. Values of a factor declared continuous are used as they are,
    those of another by their index, so a nominal factor (shape) depends on the order of its labels.

    Hyvarinen and Morioka, "Unsupervised Feature Extraction by Time-Contrastive Learning and
    Nonlinear ICA", NeurIPS 2016; the score of papers on identifiability. Departures:
    there are as many codes as sources there. Some code adds factors of noise until there are, which
    then take part in the assignment; here codes beyond the factors stay unmatched. A constant code
    correlates 0 (others: NaN).

    Parts: correlation/<factor>, of the matched code; correlation [d, k], absolute; code [k], which
    is matched (-1: none). stderr: jackknife over rows, matched anew; 0 where rows is None.
    """
    drawn = work.once(sample, "train", rows)

    def matrix(which) -> np.ndarray:
        return correlations(drawn.codes[which], drawn.values[which], ranks)

    found = matrix(slice(None))
    codes = assignment(found)
    matched = picked(found, codes)
    stderr = 0.0
    if rows is not None:

        def again(which) -> float:
            part = matrix(which)
            return float(picked(part, assignment(part)).mean())

        stderr = float(jackknife(again, drawn.size))
    names = factor_names(work.table)
    parts: dict = {f"correlation/{n}": float(c) for n, c in zip(names, matched, strict=True)}
    parts |= {"correlation": found, "code": codes.astype(np.float64)}
    said = caution.few_rows(work, rows) + caution.dead(work) + caution.uneven(work)
    if len(found) < len(names):
        said.append(f"{len(found)} codes for {len(names)} factors: the factors left over count 0")
    return Score(float(matched.mean()), stderr, parts, tuple(said))


mcc_spearman = variant(
    mcc, "mcc_spearman", "MCC by Spearman's correlation of ranks, which sees monotone maps.",
    ranks=True,
)  # fmt: skip


def correlations(codes: np.ndarray, values: np.ndarray, ranks: bool) -> np.ndarray:
    """|corr| of each code [m, d] with each factor [m, k], -> [d, k]; 0 of what does not vary."""
    if ranks:
        codes, values = (scipy.stats.rankdata(x, axis=0) for x in (codes, values))
    z, v = (x - x.mean(axis=0) for x in (codes, values))
    still = [np.ptp(x, axis=0) == 0 for x in (codes, values)]
    lengths = [np.linalg.norm(x, axis=0) for x in (z, v)]
    able = ~(still[0][:, None] | still[1])
    # A far code loses digits: what is left of one that varies by rounding alone is no correlation.
    able &= (lengths[0] > ROUNDING * np.abs(codes).max(axis=0) * np.sqrt(len(codes)))[:, None]
    size = np.outer(*lengths)
    found = np.divide(np.abs(z.T @ v), size, out=np.zeros(size.shape), where=able & (size > 0))
    return np.minimum(found, 1.0)


def assignment(gain: np.ndarray) -> np.ndarray:
    """The code of each factor, -1 for none: one to one, with the largest sum of `gain` [d, k]."""
    codes, factors = scipy.optimize.linear_sum_assignment(gain, maximize=True)
    chosen = np.full(gain.shape[1], -1)
    chosen[factors] = codes
    return chosen


def picked(gain: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Entries [k] of `gain` [d, k] at an `assignment`; 0 where a factor has no code."""
    return np.where(codes >= 0, gain[codes, np.arange(len(codes))], 0.0)
