"""The separated attribute predictability score."""

from functools import partial

import numpy as np

from dbench.base import Score
from dbench.metrics.shared import caution
from dbench.metrics.shared.fits import parallel, splits
from dbench.metrics.shared.information import gap_parts
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.samples import Sample
from dbench.metrics.shared.stderr import random_groups
from dbench.metrics.shared.validate import need_factors

SMALL = 1.0  # standard deviation of codes below which the penalty (C = 0.01) holds the fit back


@metric(need_factors)
def sap(
    work: Work, *, train: int | None = 10_000, test: int | None = 5_000, c: float = 0.01
) -> Score:
    """SAP: how much better the best code predicts a factor than the next (Kumar et al. 2018).

        SAP = mean_k (A[a, k] - A[b, k])

    with A[j, k] the accuracy, on `test` rows, of a linear support vector machine (scikit-learn's
    LinearSVC, C = `c`, balanced classes) that learns factor k from code j alone on `train` rows,
    and a, b the two codes with the best accuracies. In [0, 1], higher is better; codes that know
    nothing score near 0. Its maximum is out of reach for a factor of more than three values or so:
    one linear function per class cannot single out a middle value, so that perfect codes of
    dSprites score far below 1. Unchanged by the order and shift of codes, not by their scale, since
    the penalty acts on slopes: warns where no code has a standard deviation of 1.

    Kumar, Sattigeri and Balakrishnan, "Variational Inference of Disentangled Latent Concepts from
    Unlabeled Observations", ICLR 2018, section 3, with the classifier of Locatello et al. (ICML
    2019), appendix C. Solved in the primal, without chance; the randomised dual solver that was
    scikit-learn's default before 1.5 gives another number on some tables (0.25 where this is 0.30).
    The penalty weighs less with more rows: perfect codes of one grid score 0.11, 0.14, 0.24 and
    0.40 with 300, 1,000, 3,000 and 10,000.

    Parts: gap/<factor>; accuracy [d, k]. stderr: fits to disjoint fifths of the rows; 0 where
    `train` is None (all rows, in training and test).
    """
    pairs = splits(work, train, test)
    d, k = pairs[0][0].codes.shape[1], pairs[0][0].labels.shape[1]
    tasks = [
        partial(accuracy, *pair, j, f, c) for pair in pairs for f in range(k) for j in range(d)
    ]
    found = np.array(parallel(work, "support vector machines", tasks)).reshape(-1, k, d)
    second, first = np.sort(found, axis=2)[:, :, -2:].transpose(2, 0, 1)
    gap = first - second  # [pairs, k]
    stderr = 0.0 if train is None else float(random_groups(gap[1:].mean(axis=1)))
    said = caution.small_scale(work, SMALL) + caution.overlap(work, train, test)
    said += caution.uneven(work) + caution.binned_factors(work)
    parts = gap_parts(work.table, gap[0]) | {"accuracy": found[0].T}
    return Score(float(gap[0].mean()), stderr, parts, tuple(said))


def accuracy(train: Sample, test: Sample, j: int, k: int, c: float) -> float:
    """Of factor k, learnt from code j."""
    from sklearn.svm import LinearSVC

    y = train.labels[:, k]
    if (y == y[0]).all():
        guess = y[0]
    else:
        model = LinearSVC(C=c, class_weight="balanced", dual=False, random_state=0)
        guess = model.fit(train.codes[:, [j]], y).predict(test.codes[:, [j]])
    return float((guess == test.labels[:, k]).mean())
