import jax
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import KFold

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.downstream import DOWNSTREAM, draws_of, error
from dbench.metrics.shared import regression
from dbench.metrics.shared.logistic import Search, logistic_predictions

from .conftest import spread_over_stderr

downstream_gbt, downstream_lr = METRICS["downstream_gbt_100"], METRICS["downstream_lr_100"]
KEY = jax.random.key(0)
FAST = {"penalties": 2, "folds": 2}


def blobs(seed, n, noise):
    """Codes of four classes in two codes, and two codes of noise."""
    rng = np.random.default_rng(seed)
    y = rng.integers(4, size=n)
    x = np.stack([y % 2, y // 2, 0 * y, 0 * y], axis=1) + noise * rng.normal(size=(n, 4))
    return x, y


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.5, 1.0])
@pytest.mark.filterwarnings("ignore")
def test_logistic_regression_against_scikit_learn(noise):
    (x, y), (x_test, y_test) = blobs(0, 120, noise), blobs(1, 2000, noise)
    reference = LogisticRegressionCV(Cs=10, cv=KFold(5)).fit(x, y)
    ours = logistic_predictions(x, y, x_test, Search())
    assert (ours == reference.predict(x_test)).mean() > 0.995
    assert (ours == y_test).mean() == pytest.approx(reference.score(x_test, y_test), abs=0.003)


def test_far_from_zero_the_solver_is_stopped_before_its_minimum():
    """So a shift of the codes, which moves no minimum, may change the score."""
    x, y = blobs(0, 120, 1.0)
    near, far = (regression.fit(x + shift, y, 1e4) for shift in (0, [20, -10, 5, 30]))
    assert near.iterations < 50 and far.iterations == 100
    apart = np.abs(near.probabilities(x) - far.probabilities(x + [20, -10, 5, 30]))
    assert apart.max() > 0.01


@pytest.mark.slow
def test_of_penalties_that_do_as_well_the_strongest_is_chosen():
    """Any does on so clear a problem: C = 1e-4 leaves the bigger class at the border."""
    x = np.repeat([[0.0, 0.0], [1.0, 0.0]], [30, 10], axis=0)
    y = np.repeat([0, 1], [30, 10])
    order = np.random.default_rng(0).permutation(40)
    guess = logistic_predictions(x[order], y[order], x[[0, -1]], Search(penalties=2))
    assert guess.tolist() == [0, 1]


def test_a_fold_may_lack_a_class():
    """Sorted rows: each fold of the default split holds rows of a class that no other has."""
    y = np.repeat(np.arange(5), 6)
    x = np.stack([np.cos(y), np.sin(y)], axis=1)
    guess = logistic_predictions(x, y, x, Search(penalties=3))
    assert (guess == y).mean() > 0.5
    two = logistic_predictions(x[:2], np.array([0, 1]), x[:2] - 0.1, Search())
    assert set(two) <= {0, 1}


@pytest.mark.slow
def test_ten_labels_of_forty_classes():
    """At most ten classes are known, a quarter: and 4 standard errors of 2,000 rows."""
    v = np.arange(400) % 40
    table = Table(np.stack([v, v**2], axis=1) * 1.0, v[:, None])
    for name in ("downstream_lr_10", "downstream_gbt_10"):
        options = {"test": 2000, "draws": 1} | (FAST if "lr" in name else {})
        most = 1 / 4 + 4 * np.sqrt(1 / 4 * 3 / 4 / 2000)
        assert 0 < METRICS[name](table, KEY, **options).value < most


def test_training_rows_of_one_class_are_guessed_to_be_it():
    x = np.arange(6.0)[:, None]
    assert logistic_predictions(x, np.full(6, 3), x[:2], Search()).tolist() == [3, 3]


@pytest.mark.slow
def test_a_value_that_only_test_rows_have_is_wrong(factors):
    """One label: the accuracy is that of guessing it, 1/6."""
    table = Table(factors * 1.0, factors)
    for metric in (downstream_lr, downstream_gbt):
        score = metric(table, KEY, labels=1, test=5000, draws=3)
        assert score.value == pytest.approx(1 / 6, abs=0.02)


@pytest.mark.slow
def test_factors_keep_their_order(pair):
    """Fits begin with the factor of most values: the accuracies must be put back."""
    codes = np.stack([10.0 * pair[:, 1], np.zeros(8)], axis=1)
    table = Table(codes, pair[:, ::-1], names=("v", "u"))
    for metric in (downstream_lr, downstream_gbt):
        parts = metric(table, KEY, labels=100, test=400, draws=1).parts
        assert parts["accuracy/v"] == 1
        assert parts["accuracy/u"] == pytest.approx(1 / 4, abs=0.1)


@pytest.mark.slow
def test_more_labels_are_better(golden):
    table = golden("rot45_B")
    found = [downstream_gbt(table, KEY, labels=n, test=500, draws=1).value for n in (10, 30, 100)]
    assert found[0] < found[1] - 0.1 < found[2] - 0.2


def test_only_few_labels_are_drawn_several_times():
    assert [draws_of(n) for n in (10, 100, 1000, 10_000)] == [5, 5, 1, 1]
    draws = {m.__name__: m.options["draws"] for m in DOWNSTREAM if "draws" in m.options}
    assert draws["downstream_lr_10"] == 5 and draws["downstream_gbt_1000"] == 1


@pytest.mark.slow
def test_efficiency_is_a_ratio_of_the_two_scores(golden):
    """And shares their samples and fits."""
    table = golden("imbalanced_B")
    score = METRICS["downstream_gbt_efficiency"](table, KEY, few=50, many=400, test=300)
    few = downstream_gbt(table, KEY, labels=50, test=300, draws=5)
    many = downstream_gbt(table, KEY, labels=400, test=300, draws=1)
    assert score.parts == {"few": few.value, "many": many.value}
    assert score.value == few.value / many.value
    by_hand = score.value * np.hypot(few.stderr / few.value, many.stderr / many.value)
    assert score.stderr == pytest.approx(by_hand)


@pytest.mark.slow
def test_useless_codes_are_efficient(factors):
    table = Table(np.full((216, 2), 0.3), factors)
    score = METRICS["downstream_lr_efficiency"](table, KEY, few=100, many=500, test=500, **FAST)
    # Accuracies of 1/6 on 500 rows, of three factors: their ratio is off by 0.08.
    error = np.sqrt(1 / 6 * 5 / 6 / (3 * 500))
    assert score.value == pytest.approx(1, abs=4 * np.sqrt(2) * error / (1 / 6))
    assert score.parts["many"] < 1 / 6 + 4 * error


def test_error_by_hand():
    """Of test rows; and, of several training sets, of those too."""
    one = np.array([[[1, 1], [1, 0], [0, 0], [1, 1]]])  # rows right by 1, 1/2, 0, 1
    rows = np.var([1, 0.5, 0, 1], ddof=1) / 4
    assert error(one) == pytest.approx(np.sqrt(rows))
    two = np.concatenate([one, one * 0])
    rows = np.var([0.5, 0.25, 0, 0.5], ddof=1) / 4
    draws = np.var([5 / 8, 0], ddof=1) / 2
    assert error(two) == pytest.approx(np.sqrt(rows + draws))


@pytest.mark.slow
def test_standard_error_against_the_spread_over_keys(golden):
    table = golden("imbalanced_B")
    ratio = spread_over_stderr(downstream_gbt, table, keys=20, labels=100, test=200, draws=3)
    assert 0.5 < ratio < 1.7


@pytest.mark.slow
def test_standard_error_of_logistic_regression(golden):
    table = golden("imbalanced_B")
    table = table._replace(factors=table.factors[:, :2])
    ratio = spread_over_stderr(downstream_lr, table, keys=20, labels=60, test=200, draws=3, **FAST)
    assert 0.5 < ratio < 1.7
