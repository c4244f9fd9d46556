"""Accuracy of classifiers of the factors from all codes, by number of labels."""

import numpy as np

from dbench.base import Score
from dbench.metrics.shared import boosting, caution
from dbench.metrics.shared.fits import boosted
from dbench.metrics.shared.logistic import Search, logistic
from dbench.metrics.shared.metric import Metric, Work, metric, variant
from dbench.metrics.shared.samples import Sample, sample
from dbench.metrics.shared.validate import factor_names, need_factors

LABELS = (10, 100, 1_000, 10_000)


def trees(work: Work, test: Sample, purpose: str, labels: int) -> np.ndarray:
    """Predictions of boosted trees, one a factor, [test, k] int."""
    models = work.once(boosted, purpose, labels)
    return np.stack([boosting.predict(model, test.codes) for model in models], axis=1)


def right(work: Work, method: str | Search, labels: int, test: int, draws: int) -> np.ndarray:
    """Which predictions of test rows are right, [draws, test, k] bool. For `work.once`.

    Each draw has its own training rows; the test rows are the same.
    """
    unseen, found = work.once(sample, "test", test), []
    for draw in range(draws):
        purpose = "train" if draw == 0 else f"train {draw}"
        seen = work.once(sample, purpose, labels)
        if isinstance(method, Search):
            guessed = logistic(work, seen, unseen, method)
        else:
            guessed = trees(work, unseen, purpose, labels)
        found.append(guessed == unseen.labels)
    return np.array(found)


def accuracy(work: Work, method: str | Search, labels: int, test: int, draws: int) -> Score:
    """Mean accuracy over factors and draws, and its error."""
    found = work.once(right, method, labels, test, draws)
    value, stderr = float(found.mean()), error(found)
    names = factor_names(work.table)
    each = found.mean(axis=(0, 1))
    parts = {f"accuracy/{name}": float(a) for name, a in zip(names, each, strict=True)}
    said = caution.saturated(value) + caution.overlap(work, labels, test, False)
    said += caution.dead(work) + caution.uneven(work) + caution.binned_factors(work)
    return Score(value, stderr, parts, tuple(said))


def error(found: np.ndarray) -> float:
    """Standard error of a mean over [draws, test, k], of test rows and, if several, of draws."""
    rows = found.mean(axis=(0, 2))  # [test]
    variance = rows.var(ddof=1) / len(rows)
    if len(found) > 1:
        variance += found.mean(axis=(1, 2)).var(ddof=1) / len(found)
    return float(np.sqrt(variance))


@metric(need_factors)
def downstream_lr(
    work: Work,
    *,
    labels: int = 10_000,
    test: int = 5_000,
    draws: int = 1,
    penalties: int = 10,
    folds: int = 5,
) -> Score:
    """Downstream accuracy of logistic regression (Locatello et al. 2019).

    Mean over factors of the accuracy, on `test` rows, of a multinomial logistic regression that
    learns the factor from all codes of `labels` rows; its penalty is chosen among `penalties` by
    cross-validation in `folds` folds (`dbench.metrics.shared.logistic`). Rows are drawn with
    replacement; with `draws` > 1 the mean over that many training sets. In [0, 1], higher is
    better; for noise about the frequency of the commonest value. Says nothing of disentanglement,
    as it uses all codes. Unchanged by the order of codes; by their scale little with 10,000 labels,
    much with few (perfect codes 100 times smaller: 0.58 for 1.00 with 100). A shift changes no
    minimum but where the solver stops, after 100 iterations at most: on codes like those of a VAE
    of dSprites 10,000 labels give 0.704, and 0.721 with the codes' means taken out.

    Locatello et al., "Challenging Common Assumptions in the Unsupervised Learning of Disentangled
    Representations", ICML 2019, section 5.5 and appendix. Departure: with 10 and 100 labels the
    mean over 5 training sets (theirs: one), since one is mostly chance.

    Parts: accuracy/<factor>. stderr: over test rows and, where there are several, training sets;
    with one training set it leaves out the training set's part.
    """
    return accuracy(work, Search(penalties, folds), labels, test, draws)


@metric(need_factors)
def downstream_gbt(work: Work, *, labels: int = 10_000, test: int = 5_000, draws: int = 1) -> Score:
    """Downstream accuracy of gradient-boosted trees (Locatello et al. 2019).

    As `downstream_lr` with the boosted trees of `dci_disentanglement` (scikit-learn's defaults, see
    `boosting`). Unchanged by the order of codes up to ties, and by a shift, flip or scaling of one.
    """
    return accuracy(work, "gbt", labels, test, draws)


@metric(need_factors)
def downstream_lr_efficiency(
    work: Work,
    *,
    few: int = 100,
    many: int = 10_000,
    test: int = 5_000,
    penalties: int = 10,
    folds: int = 5,
) -> Score:
    """Sample efficiency of logistic regression: accuracy at 100 over that at 10,000 labels.

        efficiency = A(100) / A(10,000)

    with A as in `downstream_lr_100` and `downstream_lr_10000`. In [0, 1] and a little above by
    chance; 1 where few labels do as well as many, which useless codes achieve too: read it beside
    the accuracy.

    Locatello et al., ICML 2019, section 5.5. Parts: few, many, the two accuracies. stderr: by the
    delta method, as if the two were independent (they share test rows, so it is rather too large).
    """
    return efficiency(work, Search(penalties, folds), few, many, test)


@metric(need_factors)
def downstream_gbt_efficiency(
    work: Work, *, few: int = 100, many: int = 10_000, test: int = 5_000
) -> Score:
    """Sample efficiency of boosted trees: accuracy at 100 over that at 10,000 labels.

    As `downstream_lr_efficiency`.
    """
    return efficiency(work, "gbt", few, many, test)


def efficiency(work: Work, method: str | Search, few: int, many: int, test: int) -> Score:
    low, high = (accuracy(work, method, n, test, draws_of(n)) for n in (few, many))
    if not high.value:
        return Score(0.0, 0.0, {"few": low.value, "many": 0.0}, low.warnings)
    value = low.value / high.value
    stderr = float(np.hypot(low.stderr, value * high.stderr) / high.value)
    said = tuple(dict.fromkeys(high.warnings + low.warnings))
    return Score(value, stderr, {"few": low.value, "many": high.value}, said)


def draws_of(labels: int) -> int:
    """Training sets: small ones differ much and cost little."""
    return 5 if labels <= 100 else 1


def sized(base: Metric, what: str) -> list[Metric]:
    """`base` with each number of labels."""
    return [
        variant(
            base,
            f"{base.__name__}_{labels}",
            f"Accuracy of {what} with {labels:,} labels (Locatello et al. 2019).",
            labels=labels,
            draws=draws_of(labels),
        )
        for labels in LABELS
    ]


DOWNSTREAM = [
    *sized(downstream_lr, "logistic regression"),
    downstream_lr_efficiency,
    *sized(downstream_gbt, "boosted trees"),
    downstream_gbt_efficiency,
]
