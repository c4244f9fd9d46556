"""Disentanglement, completeness and informativeness by the importances of boosted trees."""

from typing import NamedTuple

import numpy as np

from dbench.base import Score
from dbench.metrics.shared import boosting, caution
from dbench.metrics.shared.fits import boost, boosted, splits
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.stderr import random_groups
from dbench.metrics.shared.validate import factor_names, need_factors, need_two_factors


class Fits(NamedTuple):
    """Of all training rows, then of disjoint fifths of them (none where nothing is drawn)."""

    importance: np.ndarray  # [1 + groups, d, k], columns sum to 1, or 0 where no tree was split
    right: np.ndarray  # [test, k] bool, predictions of the test rows by the first
    train_accuracy: np.ndarray  # [k]


@metric(need_two_factors)
def dci_disentanglement(
    work: Work, *, train: int | None = 10_000, test: int | None = 5_000
) -> Score:
    """DCI disentanglement: is each code important for one factor (Eastwood & Williams 2018).

        D = sum_j rho_j (1 - H_K(R[j, :] / sum_k R[j, k])),    rho_j = sum_k R[j, k] / sum R

    with R[j, k] the importance of code j to gradient-boosted trees (scikit-learn's
    GradientBoostingClassifier by default settings, `dbench.metrics.shared.boosting`) that learn
    factor k from all codes on `train` rows drawn with replacement, and H_K the entropy in base K,
    the number of factors. In [0, 1], higher is better; if no tree finds a split the score is 0.
    Unchanged by the order of codes up to ties, and by a shift or scaling of one; nearly so by any
    monotone map. A code that no tree uses does not count. A factor that no code has counts like any
    other: trees overfit, its importances are spread over the codes and sum to 1 (perfect codes with
    one factor of five dropped: 0.69). Dependence that trees of depth 3 fit badly is seen dimly.

    Eastwood and Williams, "A Framework for the Quantitative Evaluation of Disentangled
    Representations", ICLR 2018, section 2, with the trees of Locatello et al. (ICML 2019), appendix
    C, where the paper has lasso and random forests, which give other numbers.

    Parts: importance [d, k]; disentanglement [d], of each code; weight [d], rho. stderr: fits to
    disjoint fifths of the rows; 0 where `train` is None (all rows, in training and test).
    """
    fits = work.once(fit, train, test)
    each = [per_code(r) for r in fits.importance]
    weight = [r.sum(axis=1) / max(r.sum(), 1e-300) for r in fits.importance]
    scores = [float(w @ e) for w, e in zip(weight, each, strict=True)]
    parts = {"importance": fits.importance[0], "disentanglement": each[0], "weight": weight[0]}
    return result(work, scores, parts, train, test)


@metric(need_factors)
def dci_completeness(work: Work, *, train: int | None = 10_000, test: int | None = 5_000) -> Score:
    """DCI completeness: does each factor rest on one code (Eastwood & Williams 2018).

        C = sum_k rho_k (1 - H_D(R[:, k] / sum_j R[j, k])),    rho_k = sum_j R[j, k] / sum R

    in base D, the number of codes; everything else as in `dci_disentanglement`. Two codes that say
    the same share the importance by chance, and completeness falls.

    Parts: importance [d, k]; completeness/<factor>. stderr as there.
    """
    fits = work.once(fit, train, test)
    each = [per_code(r.T) for r in fits.importance]
    weight = [r.sum(axis=0) / max(r.sum(), 1e-300) for r in fits.importance]
    scores = [float(w @ e) for w, e in zip(weight, each, strict=True)]
    names = factor_names(work.table)
    parts = {f"completeness/{name}": float(e) for name, e in zip(names, each[0], strict=True)}
    parts["importance"] = fits.importance[0]
    return result(work, scores, parts, train, test)


@metric(need_factors)
def dci_informativeness(
    work: Work, *, train: int | None = 10_000, test: int | None = 5_000
) -> Score:
    """DCI informativeness: accuracy of the trees on test rows (Eastwood & Williams 2018).

    Mean over factors of the accuracy, on `test` rows, of the trees of `dci_disentanglement`. In [0,
    1], higher is better, about the frequency of the commonest value for noise. (The paper has an
    error, where less is better; this is the form of Locatello et al. 2019.) It is
    `downstream_gbt_10000` under another name.

    Parts: accuracy/<factor>; train_accuracy. stderr: over test rows, the trees as they are; 0 where
    `train` is None.
    """
    fits = work.once(fit, train, test)
    per_row = fits.right.mean(axis=1)  # [test]
    value = float(per_row.mean())
    names = factor_names(work.table)
    accuracy = fits.right.mean(axis=0)
    parts = {f"accuracy/{name}": float(a) for name, a in zip(names, accuracy, strict=True)}
    parts["train_accuracy"] = float(fits.train_accuracy.mean())
    stderr = 0.0 if train is None else float(per_row.std(ddof=1) / np.sqrt(len(per_row)))
    said = (*caution.saturated(value), *cautions(work, train, test))
    return Score(value, stderr, parts, said)


def fit(work: Work, train: int | None, test: int | None) -> Fits:
    """Trees of each factor, and of fifths of the rows. For `work.once`."""
    pairs = splits(work, train, test)
    first = work.once(boosted, "train", train)
    others = boost(work, [s for s, _ in pairs[1:]], "groups") if len(pairs) > 1 else []
    importance = np.array(
        [np.stack([m.importances for m in models], axis=1) for models in [first, *others]]
    )
    (seen, unseen), k = pairs[0], len(first)
    right = np.stack(
        [boosting.predict(first[f], unseen.codes) == unseen.labels[:, f] for f in range(k)], axis=1
    )
    again = [
        (boosting.predict(m, seen.codes) == seen.labels[:, f]).mean() for f, m in enumerate(first)
    ]
    return Fits(importance, right, np.array(again))


def per_code(importance: np.ndarray) -> np.ndarray:
    """1 - entropy of each row in base of its length, [a, b] -> [a]; 0 for a row of zeros."""
    total = importance.sum(axis=1, keepdims=True)
    p = np.divide(importance, total, out=np.zeros_like(importance), where=total > 0)
    logs = np.log(p, out=np.zeros_like(p), where=p > 0)
    if importance.shape[1] < 2:  # one factor or code: nothing to be mixed with
        return (total[:, 0] > 0).astype(float)
    return np.where(total[:, 0] > 0, 1 + (p * logs).sum(axis=1) / np.log(importance.shape[1]), 0.0)


def cautions(work: Work, train: int | None, test: int | None) -> tuple[str, ...]:
    said = caution.overlap(work, train, test) + caution.dead(work) + caution.uneven(work)
    return (*said, *caution.binned_factors(work))


def result(work: Work, scores: list[float], parts: dict, train, test) -> Score:
    stderr = float(random_groups(scores[1:])) if len(scores) > 1 else 0.0
    none = [
        "no tree found a split: no code tells any factor, or codes differ by less than the 1e-7 "
        "that float32 trees tell apart"
    ] * int(not parts["importance"].any())
    return Score(scores[0], stderr, parts, (*none, *cautions(work, train, test)))
