"""How far predictions of one factor change with another that should not matter."""

import numpy as np

from dbench.base import Score
from dbench.metrics.shared import boosting, caution
from dbench.metrics.shared.fits import boosted, parallel
from dbench.metrics.shared.groups import Group, draw
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.samples import by_factor
from dbench.metrics.shared.stderr import jackknife
from dbench.metrics.shared.validate import need_two_factors


@metric(need_two_factors)
def unfairness(work: Work, *, train: int | None = 10_000, points: int = 100) -> Score:
    """Unfairness of predictions from the codes; lower is fairer (Locatello et al. 2019b).

        U[y, s] = mean_c TV(p(y^ | v_s = c), mean_c' p(y^ | v_s = c')),     unfairness = mean_{y !=
        s} U

    with y^ the prediction of factor y by the gradient-boosted trees of `dci_disentanglement` from
    `train` rows, and TV the total variation distance 1/2 sum |p - q|. The distributions are of
    `points` rows: on a full grid the same rows for each value c of the sensitive factor s, with
    that factor set to c (an intervention); on another table rows that have the value (which also
    sees what factors know of each other). In [0, 1]; 0 if no prediction changes with the sensitive
    factor, which a perfect and a useless predictor both achieve. On a table that is no grid, rows
    drawn for each value differ by chance and unfairness is above 0 even then.

    Locatello, Abbati, Rainforth, Bauer, Schoelkopf and Bachem, "On the Fairness of Disentangled
    Representations", NeurIPS 2019, section 4 (their mean_fairness:mean_pred:mean_sens).

    Parts: unfairness [k, k], of each target (row) and sensitive factor (column); max, the largest
    entry. stderr: jackknife over the points, the trees as they are.
    """
    known, models = work.once(by_factor), work.once(boosted, "train", train)
    k, rng = len(known), work.rng("unfairness")
    grid = caution.is_grid(known)
    places = [places_of(known, s, points, grid, rng) for s in range(k)]
    tasks = [
        lambda y=y, s=s: predictions(work, models[y], places[s])
        for y in range(k)
        for s in range(k)
        if y != s
    ]
    found = iter(parallel(work, "predictions", tasks))
    guessed = {(y, s): next(found) for y in range(k) for s in range(k) if y != s}

    def matrix(which) -> np.ndarray:
        out = np.zeros((k, k))
        for (y, s), labels in guessed.items():
            out[y, s] = distance(labels[which], len(known[y].counts))
        return out

    def value(which) -> float:
        return matrix(which).sum() / (k * (k - 1))

    everything = np.arange(points)
    table = matrix(everything)
    parts = {"unfairness": table, "max": float(table.max())}
    said = caution.few_rows(work, train) + caution.uneven(work) + caution.binned_factors(work)
    stderr = float(jackknife(value, points))
    return Score(float(value(everything)), stderr, parts, tuple(said))


def places_of(
    known: list[Group], s: int, points: int, grid: bool, rng: np.random.Generator
) -> np.ndarray:
    """Rows at which factor s has each of its values, the rest alike if `grid`: [points, v] int."""
    n, values = len(known[s].labels), np.arange(len(known[s].counts))
    if not grid:
        return draw(known[s], np.broadcast_to(values, (points, len(values))), rng)
    at = cells([g.labels for g in known], known)
    index = np.argsort(at, kind="stable").reshape(at.max() + 1, -1)  # [cells, rows of each]
    chosen = rng.integers(n, size=points)
    labels = [g.labels[chosen][:, None] for g in known]
    labels[s] = values[None]
    return index[cells(labels, known), rng.integers(index.shape[1], size=(points, 1))]


def cells(labels: list[np.ndarray], known: list[Group]) -> np.ndarray:
    """The number of each combination of values, arrays of int that broadcast -> int."""
    at = np.zeros((), np.int64)
    for label, group in zip(labels, known, strict=True):
        at = at * len(group.counts) + label
    return at


def predictions(work: Work, model: boosting.Boosted, rows: np.ndarray) -> np.ndarray:
    """Predicted labels at rows, int of any shape -> same shape."""
    codes = work.table.mean[rows.ravel()].astype(np.float64)
    return boosting.predict(model, codes).reshape(rows.shape)


def distance(labels: np.ndarray, count: int) -> float:
    """Mean total variation of predictions by sensitive value from their mean, [points, v] -> ()."""
    at = labels + count * np.arange(labels.shape[1])
    met = np.bincount(at.ravel(), minlength=count * labels.shape[1]).reshape(-1, count)  # [v, c]
    # Of whole numbers, so that predictions that are all alike are exactly 0 apart.
    return float(0.5 * np.abs(met - met.mean(axis=0)).sum(axis=1).mean() / len(labels))
