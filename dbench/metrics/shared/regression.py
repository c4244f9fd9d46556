"""Logistic regression: which value a factor has, from codes.

    p_v(x) = exp(w_v . x + b_v) / sum_u exp(w_u . x + b_u)
    minimise  mean_i -log p_{y_i}(x_i) + |w|^2 / (2 C n)

over n rows, by L-BFGS in at most 100 iterations: the settings and the stopping rules of
scikit-learn's LogisticRegression, whose fits these are up to rounding. Theirs takes a fraction of
a millisecond for each value of the loss however few the rows are, and cross-validated fits need
tens of thousands of them: `benchmarks/logistic_speed.py`.

Two values have one vector of weights, that of the second; that of the first is 0.
"""

from typing import NamedTuple

import numpy as np

STEPS = 100  # iterations at most
SLOPE = 1e-4  # it ends where no slope is steeper, or
GAIN = 64 * np.finfo(float).eps  # an iteration gains no more, as a share of the loss or of 1


class Regression(NamedTuple):
    """A fitted regression; of two values it has the second's weights alone, of one value zeros."""

    values: np.ndarray  # [v], sorted
    weights: np.ndarray  # [v, d], of two values or one [1, d]
    offsets: np.ndarray  # [v], of two values or one [1]
    iterations: int

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """Of each value: x [n, d] -> [n, v]."""
        logits = self._logits(x)
        logits -= logits.max(axis=0)
        found = np.exp(logits, out=logits)
        return (found / found.sum(axis=0)).T

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The likeliest value, of equals the smallest: x [n, d] -> [n]."""
        return self.values[self._logits(x).argmax(axis=0)]

    def _logits(self, x: np.ndarray) -> np.ndarray:
        """[v, n]."""
        found = self.weights @ x.T + self.offsets[:, None]
        return np.concatenate([np.zeros_like(found), found]) if len(self.values) == 2 else found


def fit(
    x: np.ndarray,
    y: np.ndarray,
    strength: float = 1.0,
    begin: Regression | None = None,
    balanced: bool = False,
) -> Regression:
    """Finite codes x [n, d] and values y [n]; one value alone is always predicted.

    `strength` is C, np.inf for no penalty; `begin` a fit of the same values to begin at; with
    `balanced` the rows of each value weigh the same together.
    """
    from scipy.optimize import minimize

    values, known = np.unique(y, return_inverse=True)
    (n, d), k = x.shape, len(values) if len(values) > 2 else 1
    if len(values) == 1:
        return Regression(values, np.zeros((1, d)), np.zeros(1), 0)
    if begin is None:
        start = np.zeros((d + 1, k))
    else:
        start = np.column_stack([begin.weights, begin.offsets]).T
    counts = np.bincount(known)
    weights = (n / (len(values) * counts))[known] if balanced else None
    loss = _Loss(np.ascontiguousarray(x.T, dtype=float), known, weights, 1 / (strength * n))
    options = {"maxiter": STEPS, "maxls": 50, "gtol": SLOPE, "ftol": GAIN}
    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options=options)
    best = found.x.reshape(d + 1, k)
    return Regression(values, best[:-1].T, best[-1], int(found.nit))


class _Loss:
    """The loss and its gradient, for parameters [(d + 1) k]: weights, then offsets."""

    def __init__(self, xt: np.ndarray, y: np.ndarray, weights: np.ndarray | None, penalty: float):
        """Codes [d, n], places of values [n], weights of rows [n]."""
        self.xt, self.y, self.penalty = xt, y, penalty
        self.k = int(y.max()) + 1
        self.rows = np.arange(len(y))
        self.weights: np.ndarray | float = 1 / len(y) if weights is None else weights / len(y)

    def __call__(self, parameters: np.ndarray) -> tuple[float, np.ndarray]:
        of_two = self.k == 2
        parameters = parameters.reshape(len(self.xt) + 1, -1)
        w = parameters[:-1]
        logits = w.T @ self.xt
        logits += parameters[-1][:, None]
        losses, slopes = self._two(logits) if of_two else self._many(logits)
        slopes *= self.weights
        gradient = np.empty_like(parameters)
        np.matmul(self.xt, slopes.T, out=gradient[:-1])
        gradient[:-1] += self.penalty * w
        gradient[-1] = slopes.sum(axis=1)
        total = float((losses * self.weights).sum()) + self.penalty / 2 * float((w * w).sum())
        return total, gradient.ravel()

    def _many(self, logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """-log p of the right value [n], and its slopes in the logits [k, n]."""
        logits -= logits.max(axis=0)
        right = logits[self.y, self.rows]
        np.exp(logits, out=logits)
        total = logits.sum(axis=0)
        logits /= total
        logits[self.y, self.rows] -= 1
        return np.log(total) - right, logits

    def _two(self, logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same of two values, by the logit of the second [1, n]."""
        (logit,) = logits
        small = np.exp(-np.abs(logit))  # never more than 1
        losses = np.log1p(small) + np.maximum(logit, 0) - self.y * logit
        slopes = np.where(logit >= 0, 1.0, small) / (1 + small) - self.y
        return losses, slopes[None]
