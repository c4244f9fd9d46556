"""How well linear regression tells the other factors (pose) from a group of codes."""

import jax
import numpy as np

from dbench.base import Score
from dbench.data.views import trained
from dbench.scoring import of_groups
from dbench.scoring.trained_model import TrainedModel

PENALTIES = 10.0 ** np.arange(-2, 5)


def pose_regression(
    run: TrainedModel,
    *,
    rows: int = 2_000,
) -> Score:
    """R^2 of the other factors by ridge regression on all codes but the first group's.

    All factors that vary but the first one (pose) are predicted, each as the number that its values
    stand for, from standardised codes of `rows` images that training saw, and tested on `rows`
    that it did not see (see `of_groups`; else on others that it saw); the penalty is chosen by
    leave-one-out among 10^-2 .. 10^4 (RidgeCV of scikit-learn). The score is the mean over factors
    of 1 - error / variance, of the codes in the model's groups after the first and in none. At most
    1, 0 is the mean of the training images, higher is better. As Reed et al. (2014) tell the pose
    of faces from pose units; they classify it.

    Parts: r2/<name>/<factor> of each group, of codes in no group (rest) and of pixels. stderr:
    jackknife over the values of the first factor.
    """
    of_groups.several(run.program, run.dataset)
    return _regressed(run, rows, others=True)


def pose_regression_first(
    run: TrainedModel,
    *,
    rows: int = 2_000,
) -> Score:
    """The same from the first group's codes (identity): what they tell of the other factors.

    At most 1; 0, the mean of the training images, is best. Of a model with groups. Parts and stderr
    as of `pose_regression`.
    """
    of_groups.grouped(run.program, run.dataset)
    return _regressed(run, rows, others=False)


def _regressed(run: TrainedModel, rows: int, others: bool) -> Score:
    """From the first group, or from all codes beside it."""
    known, said = of_groups.unseen(run.dataset)
    one = of_groups.some(trained(run.dataset), rows, jax.random.fold_in(run.key, 1))
    two = of_groups.some(np.setdiff1d(known, one), rows, jax.random.fold_in(run.key, 2))
    train, test = (of_groups.images(run, some, "pose_regression") for some in (one, two))
    names = [run.dataset.names[j] for j in run.dataset.varying[1:]]
    parts: dict[str, float] = {}
    chosen, more = of_groups.chosen(train.codes, others)
    together = " and ".join(chosen)
    residuals = {}
    for name, sets in ({n: [n] for n in train.codes} | {together: chosen}).items():
        x, z = (np.concatenate([each.codes[s] for s in sets], 1) for each in (train, test))
        residuals[name] = predicted(x, train.others, z) - test.others
        found = r2(residuals[name], test.others)
        parts |= {f"r2/{name}/{factor}": float(v) for factor, v in zip(names, found, strict=True)}

    def mean(kept):
        return float(r2(residuals[together][kept], test.others[kept]).mean())

    error = of_groups.over_values(mean, test.first)
    return Score(mean(np.ones(len(two), bool)), error, parts, (*said, *more))


def r2(residuals: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """1 - error / variance of each of k targets [n, k]; 0 for one that does not vary."""
    variance = targets.var(axis=0)
    error = (residuals**2).mean(axis=0)
    return 1 - np.divide(error, variance, out=np.ones_like(error), where=variance > 0)


def predicted(train: np.ndarray, targets: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Targets of the test rows, [n, k]."""
    from sklearn.linear_model import RidgeCV

    centre, scale = train.mean(axis=0), train.std(axis=0)
    varied = scale > 1e-9
    if not varied.any():
        return np.broadcast_to(targets.mean(axis=0), (len(test), targets.shape[1]))
    x, z = ((each[:, varied] - centre[varied]) / scale[varied] for each in (train, test))
    found = RidgeCV(alphas=PENALTIES).fit(x, targets).predict(z)
    return found.reshape(len(test), -1)
