"""Divergence of the posteriors from the prior."""

import numpy as np

from dbench.base import Score
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.validate import logvar_of, need_gaussian


@metric(need_gaussian)
def kl(work: Work) -> Score:
    """KL of the posteriors from a standard normal prior, summed over codes (Kingma & Welling).

        KL = sum_j mean_x 1/2 (mean_j^2 + exp(logvar_j) - logvar_j - 1)

    in nats, over all rows. In [0, inf); neither more nor less is better: it is the rate of the
    code, and 0 for a code that is not used. It is the sum of `index_code_mi`, `total_correlation`
    and `dimension_wise_kl`. Needs no factors.

    Kingma and Welling, "Auto-Encoding Variational Bayes", ICLR 2014, appendix B.

    Parts: kl [d], of each code. Nothing is drawn: stderr 0.
    """
    each = kl_per_code(work.table.mean, logvar_of(work.table))
    return Score(float(each.sum()), 0.0, {"kl": each})


def kl_per_code(mean: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    """Mean over rows of KL(N(mean, exp(logvar)) || N(0, 1)) in nats, [n, d] each -> [d]."""
    mean, logvar = mean.astype(np.float64), logvar.astype(np.float64)
    return kl_per_row(mean, logvar).mean(axis=0)


def kl_per_row(mean: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    """KL(N(mean, exp(logvar)) || N(0, 1)) of each row and code, [n, d] twice -> [n, d] nats."""
    return 0.5 * (mean**2 + np.exp(logvar) - logvar - 1)
