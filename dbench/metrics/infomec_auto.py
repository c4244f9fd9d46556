"""InfoMEC as its authors report it: codes that take few values each are symbols, others numbers.

A study holds autoencoders of quantised codes against others by one score. Codes count as quantised
if each takes at most 256 values, and at most a tenth as many as there are rows: `discrete=True` of
`infomec_m`, `infomec_e` and `infomec_c` is for those, `discrete=False` for all others.
"""

import numpy as np

from dbench.base import Score
from dbench.metrics.infomec import infomec_c, infomec_e, infomec_m
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.validate import need_factors, need_two_factors

MOST = 256  # values of a quantised code, or a tenth of the rows if that is less


def quantised(work: Work) -> bool:
    """Whether each code takes few values. For `work.once`."""
    most = min(MOST, len(work.table.mean) // 10)
    return all(len(np.unique(code)) <= most for code in work.table.mean.T)


def said(score: Score, symbols: bool) -> Score:
    """`score`, and which form it is of."""
    return score._replace(parts={**score.parts, "discrete": float(symbols)})


@metric(need_two_factors)
def infomec_m_auto(work: Work, *, rows: int | None = 10_000, neighbours: int = 10) -> Score:
    """InfoM, of symbols where codes take few values (Hsu et al. 2023).

    `infomec_m` with discrete=True if each code takes at most 256 values, and no more than a tenth
    of the rows; else `infomec_m` as it is. See there. Parts: also discrete, 1 of symbols, else 0.
    """
    symbols = work.once(quantised)
    return said(infomec_m.score(work, rows=rows, neighbours=neighbours, discrete=symbols), symbols)


@metric(need_factors)
def infomec_e_auto(work: Work, *, rows: int | None = 10_000) -> Score:
    """InfoE, of symbols where codes take few values (Hsu et al. 2023).

    `infomec_e` with or without discrete=True, as in `infomec_m_auto`.
    """
    symbols = work.once(quantised)
    return said(infomec_e.score(work, rows=rows, discrete=symbols), symbols)


@metric(need_factors)
def infomec_c_auto(work: Work, *, rows: int | None = 10_000, neighbours: int = 10) -> Score:
    """InfoC, of symbols where codes take few values (Hsu et al. 2023).

    `infomec_c` with or without discrete=True, as in `infomec_m_auto`.
    """
    symbols = work.once(quantised)
    return said(infomec_c.score(work, rows=rows, neighbours=neighbours, discrete=symbols), symbols)
