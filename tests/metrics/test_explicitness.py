import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import scale

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.explicitness import mean_auc
from dbench.metrics.shared.samples import Sample

from .conftest import spread_over_stderr

explicitness = METRICS["explicitness"]
ALL_ROWS = {"train": None, "test": None}


def drawn(codes, label):
    codes, label = np.asarray(codes, float).reshape(len(label), -1), np.asarray(label)[:, None]
    return Sample(codes, label, label.astype(float))


@pytest.mark.slow
def test_is_the_macro_average_of_one_against_the_rest(golden):
    table = golden("imbalanced_B")
    codes = table.mean + np.random.default_rng(0).normal(size=table.mean.shape)
    score = explicitness(table._replace(mean=codes), None, **ALL_ROWS)
    x = scale(codes)
    for k, label in enumerate(table.factors.T):
        guess = LogisticRegression().fit(x, label).predict_proba(x)
        expected = roc_auc_score(label, guess, multi_class="ovr", average="macro")
        assert score.parts[f"auc/factor{k}"] == pytest.approx(expected, abs=1e-6)
    assert score.value == pytest.approx(np.mean(list(score.parts.values()))) and score.stderr == 0


def test_two_values_by_hand():
    """Test rows 0.1, 0.4 against 0.3, 0.9: three of four pairs are in order."""
    train = drawn([0, 1, 2, 3], [0, 0, 1, 1])
    assert mean_auc(train, drawn([0.1, 0.4, 0.3, 0.9], [0, 0, 1, 1]), 0) == 0.75


@pytest.mark.slow
def test_says_nothing_of_disentanglement(golden):
    """A rotation of perfect codes reads as well."""
    rotated, perfect = (
        explicitness(golden(f"{p}_B"), None, **ALL_ROWS).value for p in ("rot45", "perfect")
    )
    assert rotated == pytest.approx(perfect, abs=0.01)


def test_what_is_not_linear_is_not_explicit():
    codes = np.indices((2, 2)).reshape(2, -1).T * 1.0
    factor = (codes[:, 0] != codes[:, 1]).astype(int)[:, None]
    assert explicitness(Table(codes, factor), None, **ALL_ROWS).value == pytest.approx(0.5)


def test_a_value_that_training_rows_lack_is_chance():
    train = drawn([0, 1, 10, 11], [0, 0, 1, 1])
    test = drawn([0, 10, 20], [0, 1, 2])
    # Of 0 and 1 against the rest: value 1 is 10, of which 0 and 20 are the rest.
    assert mean_auc(train, test, 0) == pytest.approx((1 + 0.5 + 0.5) / 3)


def test_a_value_that_no_test_row_or_each_has_is_left_out():
    train = drawn([0, 1, 10, 11, 20, 21], [0, 0, 1, 1, 2, 2])
    assert mean_auc(train, drawn([0, 20], [0, 2]), 0) == 1
    assert mean_auc(train, drawn([0, 1], [0, 0]), 0) == 0.5


def test_training_rows_of_one_value_are_chance():
    assert mean_auc(drawn([0, 1], [1, 1]), drawn([0, 1, 2], [0, 1, 2]), 0) == 0.5


@pytest.mark.slow
def test_codes_are_scaled_by_the_training_rows(golden):
    """scikit-learn's penalty would hold back the slope of codes of 1e-6."""
    table = golden("perfect_B")
    tiny = table._replace(mean=table.mean.astype(float) * 1e-6 + 3)
    here, there = (explicitness(t, None, **ALL_ROWS).value for t in (table, tiny))
    assert there == pytest.approx(here, abs=1e-6)
    shifted = drawn([100.0, 101, 110, 111], [0, 0, 1, 1])
    assert mean_auc(shifted, drawn([100, 110, 105, 111], [0, 1, 0, 1]), 0) == 1


@pytest.mark.slow
def test_standard_error_against_the_spread_over_keys(golden):
    table = golden("imbalanced_B")
    noise = np.random.default_rng(0).normal(size=table.mean.shape)
    noisy = table._replace(mean=table.mean + noise, factors=table.factors[:, :2])
    assert 0.3 < spread_over_stderr(explicitness, noisy, keys=20, train=300, test=200) < 2.5
