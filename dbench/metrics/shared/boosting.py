"""Gradient boosted trees for classification, as scikit-learn grows them, many times faster.

    F_k <- F_k + rate * tree_k(x),    tree_k fitted by least squares to  r_k = [y = k] - p_k,
    p = softmax(F),                   leaf = (c - 1) / c * sum r_k / sum p_k (1 - p_k)

over c classes, c trees a stage, all from the scores at its start; with two classes, one tree a
stage on p = sigmoid(F) and no factor (c - 1) / c. The start is the log of the classes' shares.

Friedman, "Greedy function approximation: a gradient boosting machine", Annals of Statistics 2001,
sections 4.5 and 4.6. Defaults, float32 inputs, thresholds, what is a leaf, the guard of a leaf's
denominator and the importances are those of GradientBoostingClassifier in scikit-learn 1.9.

Rows are sorted by each feature once, for all trees; a split divides the sorted lists and keeps
their order. So a tree takes O(depth * features * rows), with no sort.

Departures. Sums of residuals are of integers: in a node of n rows a residual is a whole number of
units of n^2 / 2^61 of the mean |r| (4e-11 for 10,000 rows), less the node's mean, so that the left
and the right sum are opposite numbers and do not depend on the order of adding. Splits that are
equally good, as those of copies, mirrored and monotone images of a feature, then have the same
gain to the last bit, and the first in a random order of features is taken. In scikit-learn such
ties go by rounding, and nodes of equal residuals may be split by rounding, without effect on
scores or importances. All other splits are the same.

Equal seeds give equal trees, on any number of threads; between machines the last bit of exp and
log in their C libraries may differ.
"""

import math
from typing import NamedTuple

import numpy as np
import scipy

BYTES = 4 + 3 * 4 + 8  # of a value of a fit of depth 3: itself, the lists, and one as it is sorted


class Boosted(NamedTuple):
    """Fitted trees, t a stage: c of them, or 1 if c = 2, or 0 if c = 1.

    A tree is complete, in heap order: children of i are 2 i + 1 and 2 i + 2, and a row goes right
    if its feature is above the threshold. A node that is not split has threshold infinity.
    """

    importances: np.ndarray  # [d] float64, shares of the decrease of squared error, sum 1 or 0
    classes: np.ndarray  # [c] the values of y
    start: np.ndarray  # [t] float64, scores before the first stage
    features: np.ndarray  # [stages, t, 2^depth - 1] int64
    thresholds: np.ndarray  # [stages, t, 2^depth - 1] float64
    steps: np.ndarray  # [stages, t, 2^depth] float64, what a leaf adds to a score


def fit(
    x: np.ndarray,
    y: np.ndarray,
    rng: np.random.Generator,
    *,
    stages: int = 100,
    depth: int = 3,
    rate: float = 0.1,
) -> Boosted:
    """Boost trees on x [n, d] float, finite, to tell the values of y [n] int.

    `rng` gives one number, from which the order of features at each node follows. If y has one
    value there are no trees.
    """
    from dbench.metrics.shared.trees import Lists, boost

    x = np.ascontiguousarray(x.T, dtype=np.float32)
    classes, label, counts = np.unique(y, return_inverse=True, return_counts=True)
    start = log_odds(counts / len(y))
    state = rng.integers(2**64, size=1, dtype=np.uint64)
    (d, n), inner = x.shape, 2**depth - 1
    order = np.empty((depth, d, n), dtype=np.uint32)  # see BYTES
    order[0] = np.argsort(x, axis=1, kind="stable")
    right, units, weight = np.empty(n, np.bool_), np.empty(n, np.int64), np.empty(n)
    lists = Lists(x, order, right, units, weight, np.arange(d), state)
    features = np.zeros((stages, len(start), inner), dtype=np.int64)
    thresholds = np.full(features.shape, np.inf)
    steps = np.zeros((stages, len(start), inner + 1))
    decrease = np.zeros(d)
    scores = np.repeat(start[:, None], n, axis=1)
    boost(lists, label.astype(np.int64), scores, float(rate), features, thresholds, steps, decrease)
    importances = decrease / (math.fsum(decrease) or 1.0)
    return Boosted(importances, classes, start, features, thresholds, steps)


def probabilities(model: Boosted, x: np.ndarray) -> np.ndarray:
    """Probability of each class, [m, d] float -> [m, c] float64."""
    scores = decide(model, x)
    if len(model.classes) > 2:
        return scipy.special.softmax(scores.T, axis=1)
    # log_odds has no tree for one class, and scores the second of two.
    second = scipy.special.expit(scores).sum(axis=0)
    return np.stack([1 - second, second], axis=1)[:, : len(model.classes)]


def predict(model: Boosted, x: np.ndarray) -> np.ndarray:
    """The most likely class, [m, d] float -> [m] of the values of y."""
    scores = decide(model, x)
    if len(model.classes) > 2:
        return model.classes[scores.argmax(axis=0)]
    return model.classes[(scores >= 0).any(axis=0).astype(np.int64)]


def decide(model: Boosted, x: np.ndarray) -> np.ndarray:
    """Scores of the classes, [m, d] float -> [t, m] float64."""
    from dbench.metrics.shared.trees import add_trees

    scores = np.repeat(model.start[:, None], len(x), axis=1)
    x = np.ascontiguousarray(x, dtype=np.float32)
    add_trees(x, model.features, model.thresholds, model.steps, scores)
    return scores


def log_odds(shares: np.ndarray) -> np.ndarray:
    """Scores that give every row the shares of the classes, [c] -> [t]."""
    if len(shares) < 3:
        return np.array([math.log(p / (1 - p)) for p in shares[1:]])
    logs = np.array([math.log(p) for p in shares])
    return logs - math.fsum(logs) / len(logs)
