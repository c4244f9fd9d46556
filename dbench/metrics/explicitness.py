"""Explicitness of a representation."""

from functools import partial

import numpy as np

from dbench.base import Score
from dbench.metrics.shared import caution, regression
from dbench.metrics.shared.fits import parallel, splits, standardised
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.samples import Sample
from dbench.metrics.shared.stderr import random_groups
from dbench.metrics.shared.validate import factor_names, need_factors


@metric(need_factors)
def explicitness(work: Work, *, train: int | None = 10_000, test: int | None = 5_000) -> Score:
    """Explicitness: can a linear classifier read the factors (Ridgeway & Mozer 2018).

        explicitness = mean_k mean_v AUC[k, v]

    with AUC the area under the ROC curve, on `test` rows, of "factor k has value v" against the
    probability that a logistic regression (scikit-learn's defaults, codes standardised by the
    training rows) gives it after `train` rows. In [0, 1], higher is better; 0.5 is chance, so no
    [0, 1] scale: others report (AUC - 0.5) / 0.5. Unchanged by the order of codes and by a shift,
    flip or scaling of one; says nothing of disentanglement, as it uses all codes at once.

    Ridgeway and Mozer, NeurIPS 2018, section 3, in the form of Locatello et al. (ICML 2019),
    appendix C, their value on test rows. Departures: constant codes count as 0 (others divide by
    0); a value that the training rows lack has AUC 0.5, and one that no test row or every one has
    is left out (others stop).

    Parts: auc/<factor>. stderr: fits to disjoint fifths of the rows; 0 where `train` is None (all
    rows, in training and test).
    """
    pairs = splits(work, train, test)
    k = pairs[0][0].labels.shape[1]
    tasks = [partial(mean_auc, *pair, f) for pair in pairs for f in range(k)]
    found = np.array(parallel(work, "logistic regressions", tasks)).reshape(-1, k)
    stderr = 0.0 if train is None else float(random_groups(found[1:].mean(axis=1)))
    said = caution.saturated(float(found[0].mean())) + caution.overlap(work, train, test)
    said += caution.dead(work) + caution.uneven(work) + caution.binned_factors(work)
    names = factor_names(work.table)
    parts = {f"auc/{name}": float(a) for name, a in zip(names, found[0], strict=True)}
    return Score(float(found[0].mean()), stderr, parts, tuple(said))


def mean_auc(train: Sample, test: Sample, k: int) -> float:
    """Mean area under the curve over the values of factor k."""
    from sklearn.metrics import roc_auc_score

    x, x_test = standardised(train, test)
    y, y_test = train.labels[:, k], test.labels[:, k]
    if (y == y[0]).all():
        return 0.5
    model = regression.fit(x, y)
    given = dict(zip(model.values, model.probabilities(x_test).T, strict=True))
    areas = [
        roc_auc_score(y_test == v, given[v]) if v in given else 0.5
        for v in np.unique(y_test)
        if not (y_test == v).all()
    ]
    return float(np.mean(areas)) if areas else 0.5
