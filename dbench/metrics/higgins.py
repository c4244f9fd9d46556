"""The BetaVAE score."""

import numpy as np

from dbench import environment
from dbench.base import Score, Table
from dbench.metrics.shared import caution, regression
from dbench.metrics.shared.groups import Group, draw, in_blocks
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.samples import by_factor
from dbench.metrics.shared.stderr import binomial
from dbench.metrics.shared.validate import need_two_factors

SMALL = 0.1  # standard deviation of codes below which the regression's penalty lowers the score


@metric(need_two_factors)
def higgins(work: Work, *, train: int = 10_000, test: int = 5_000, batch: int = 64) -> Score:
    """BetaVAE score: tell the fixed factor from differences of codes (Higgins et al. 2017).

    A feature belongs to a factor k, drawn uniformly: the mean over `batch` pairs of rows that
    share the value of k of |z1 - z2|, [d]. A logistic regression (scikit-learn's defaults) learns
    k from `train` features; the score is its accuracy on `test` more. In [1/k, 1] up to chance,
    higher is better; constant codes give 1/k. The first row of a pair is uniform over the table,
    the second over the rows with its value, so any table will do, not only a full grid.

    Higgins et al., "beta-VAE", ICLR 2017, section 3, in the form of Locatello et al. (ICML 2019),
    appendix C. Departures of that form: the linear classifier is a logistic regression with an L2
    penalty; no run is dropped (the paper drops the lower half). The penalty makes the score
    depend on the scale of the codes: warns if no code has a standard deviation of 0.1.
    It can be 1 with a factor missing (Kim & Mnih 2018): the absent one is told by elimination.

    Parts: train_accuracy; largest_std, of any code; iterations of the fit (100 at most). stderr:
    binomial, over draws of the test features; the training features add a tenth of it (measured).
    0 if all are right.
    """
    largest = float(caution.spreads(work).max())
    x, y = features(work.table, work.once(by_factor), work.rng("higgins"), train + test, batch)
    with environment.one_thread():  # the order of BLAS's sums depends on the number of threads
        model = regression.fit(x[:train], y[:train])
        right = model.predict(x) == y
    value = float(right[train:].mean())
    parts = {
        "train_accuracy": float(right[:train].mean()),
        "largest_std": largest,
        "iterations": float(model.iterations),
    }
    said = caution.small_scale(work, SMALL) + caution.saturated(value) + caution.uneven(work)
    return Score(value, binomial(value, test), parts, (*said, *caution.binned_factors(work)))


def features(
    table: Table, known: list[Group], rng: np.random.Generator, count: int, batch: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean |z1 - z2| over pairs that share a factor [count, d], and which factor [count] int."""
    n, d = table.mean.shape

    def apart(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return np.abs(table.mean[first] - table.mean[second]).mean(axis=1, dtype=np.float64)

    fixed = rng.integers(table.factors.shape[1], size=count)
    x = np.zeros((count, d))
    for k, group in enumerate(known):
        at = np.flatnonzero(fixed == k)
        first = rng.integers(n, size=(len(at), batch))
        second = draw(group, group.labels[first], rng)
        x[at] = in_blocks(apart, d, first, second)
    return x, fixed
