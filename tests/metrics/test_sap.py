import jax
import numpy as np
import pytest
from sklearn.svm import LinearSVC

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.sap import accuracy
from dbench.metrics.shared.samples import Sample

from .conftest import spread_over_stderr

sap = METRICS["sap"]
ALL_ROWS = {"train": None, "test": None}


def drawn(code, label):
    code = np.asarray(code, float)[:, None]
    return Sample(code, np.asarray(label)[:, None], np.asarray(label, float)[:, None])


def test_perfect_codes_of_two_values_have_half():
    """The other code is right half of the time: 1 - 1/v is the ceiling."""
    factors = np.indices((2, 2)).reshape(2, -1).T
    score = sap(Table(10.0 * factors, factors), None, **ALL_ROWS)
    assert score.parts["accuracy"] == pytest.approx(np.array([[1, 0.5], [0.5, 1]]))
    assert score.value == pytest.approx(0.5) and score.stderr == 0


def test_a_middle_value_is_out_of_reach_of_linear_functions(factors):
    """The documented limit: perfect codes of six values are far below 1 - 1/6."""
    score = sap(Table(10.0 * factors, factors), None, **ALL_ROWS)
    assert score.value < 0.6 and score.parts["accuracy"].max() < 0.7


def test_gap_is_between_codes_not_factors(pair):
    """A copy of the best code leaves none; a third code that knows nothing changes nothing."""
    codes = 10.0 * pair
    alone = sap(Table(codes, pair), None, **ALL_ROWS)
    copied = sap(Table(codes[:, [0, 1, 0]], pair), None, **ALL_ROWS)
    assert copied.parts["gap/factor0"] == 0
    assert copied.parts["accuracy"] == pytest.approx(alone.parts["accuracy"][[0, 1, 0]])
    assert copied.parts["gap/factor1"] == pytest.approx(alone.parts["gap/factor1"])


def test_accuracy_is_that_of_test_rows_by_balanced_classes():
    """Nine rows of ten have value 0, the code knows nothing: guessing 0 would have 0.9."""
    rng = np.random.default_rng(0)
    label = (np.arange(1000) % 10 == 0).astype(int)
    train, test = drawn(rng.normal(size=1000), label), drawn(rng.normal(size=1000), label)
    model = LinearSVC(C=0.01, class_weight="balanced", dual=False)
    model.fit(train.codes, label)
    expected = model.score(test.codes, label)
    assert accuracy(train, test, 0, 0, 0.01) == pytest.approx(expected) and expected < 0.7


def test_values_that_training_rows_lack_are_wrong():
    train, test = drawn([0, 1, 10, 11], [0, 0, 1, 1]), drawn([0, 10, 20, 20], [0, 1, 2, 2])
    assert accuracy(train, test, 0, 0, 1.0) == 0.5
    same = drawn([0, 1, 2, 3], [1, 1, 1, 1])
    assert accuracy(same, test, 0, 0, 1.0) == 0.25


@pytest.mark.slow
def test_small_codes_score_less_and_are_said(golden):
    """The penalty holds slopes back: a score that is not scale-free must warn."""
    table = golden("perfect_B")
    small = table._replace(mean=1e-3 * table.mean)
    large, little = (sap(t, None, **ALL_ROWS) for t in (table, small))
    assert little.value < large.value - 0.1
    assert any("depends on the scale" in sentence for sentence in little.warnings)
    assert not any("scale" in sentence for sentence in large.warnings)


def test_constant_codes_have_no_gap(pair):
    score = sap(Table(np.full((8, 3), 0.3, np.float32), pair), None, **ALL_ROWS)
    assert score.value == 0 and np.isfinite(score.parts["accuracy"]).all()


@pytest.mark.slow
def test_fits_are_without_chance(golden):
    """A dual solver depends on its seed. Other keys choose other rows, with all rows nothing."""
    scores = [sap(golden("rot45_B"), jax.random.key(i), **ALL_ROWS) for i in (0, 1)]
    assert scores[0].value == scores[1].value
    assert np.array_equal(scores[0].parts["accuracy"], scores[1].parts["accuracy"])


@pytest.mark.slow
def test_standard_error_against_the_spread_over_keys(golden):
    """Five groups know it to 35 %; that of accuracies may fall faster than 1 / rows."""
    assert 0.3 < spread_over_stderr(sap, golden("rot45_B"), keys=20, train=500, test=300) < 2.5
