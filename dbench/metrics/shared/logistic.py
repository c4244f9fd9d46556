"""Logistic regressions whose penalty is chosen by cross-validation."""

from typing import NamedTuple

import numpy as np

from dbench.metrics.shared import regression
from dbench.metrics.shared.fits import parallel
from dbench.metrics.shared.metric import Work
from dbench.metrics.shared.samples import Sample


class Search(NamedTuple):
    """How cross-validation chooses the penalty of a logistic regression."""

    penalties: int = 10  # inverse penalties C, from 1e-4 to 1e4
    folds: int = 5


def logistic(work: Work, train: Sample, test: Sample, search: Search) -> np.ndarray:
    """Predictions of cross-validated logistic regressions, one a factor, [test, k] int."""
    k = train.labels.shape[1]
    order = np.argsort(-train.labels.max(axis=0), kind="stable")
    tasks = [
        lambda f=f: logistic_predictions(train.codes, train.labels[:, f], test.codes, search)
        for f in order
    ]
    found = np.zeros((test.size, k), np.int64)
    found[:, order] = np.stack(
        parallel(work, f"logistic regression, {train.size:,} labels", tasks), axis=1
    )
    return found


def logistic_predictions(
    x: np.ndarray, y: np.ndarray, x_test: np.ndarray, search: Search
) -> np.ndarray:
    """Labels of a logistic regression whose penalty is chosen by cross-validated accuracy.

    As scikit-learn's LogisticRegressionCV(Cs=10, cv=KFold(5)), up to how far its solver converges;
    but a fold may lack a class.
    """
    from sklearn.model_selection import KFold

    if (y == y[0]).all():
        return np.full(len(x_test), y[0])
    strengths = np.logspace(-4, 4, search.penalties)
    accuracy = np.zeros(len(strengths))
    for seen, held in KFold(min(search.folds, len(y))).split(x):
        if (y[seen] == y[seen][0]).all():
            accuracy += (y[held] == y[seen][0]).mean()
            continue
        for i, model in enumerate(path(x[seen], y[seen], strengths)):
            accuracy[i] += (model(x[held]) == y[held]).mean()
    best = strengths[int(accuracy.argmax())]  # of equals the strongest penalty
    return regression.fit(x, y, best).predict(x_test)


def path(x: np.ndarray, y: np.ndarray, strengths: np.ndarray):
    """A fitted `predict` for each inverse penalty, each begun where the last ended."""
    model = None
    for strength in strengths:
        model = regression.fit(x, y, strength, begin=model)
        yield model.predict
