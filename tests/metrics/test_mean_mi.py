import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS

from .conftest import spread_over_stderr

mean_mi, mean_mi_all = METRICS["mean_mi"], METRICS["mean_mi_all"]


def codes_alone(codes):
    codes = np.asarray(codes, float)
    return Table(codes, np.zeros((len(codes), 0), int))


def test_by_hand():
    """v, w and v & w: two pairs of three know of each other."""
    v, w = np.indices((2, 2)).reshape(2, -1)
    known = np.log(2) - 0.75 * (np.log(3) - 2 / 3 * np.log(2))
    score = mean_mi_all(codes_alone(np.stack([v, w, v & w], axis=1)))
    assert score.value == pytest.approx(2 / 3 * known) and score.stderr == 0
    expected = known * np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]])
    assert score.parts["information"] == pytest.approx(expected)


def test_equal_codes_that_fill_their_bins_reach_the_maximum():
    codes = np.arange(100)[:, None] * [1.0, -2.0, 0.3]
    assert mean_mi_all(codes_alone(codes)).value == pytest.approx(np.log(20), abs=0.02)
    assert mean_mi_all(codes_alone(codes), bins=5).value == pytest.approx(np.log(5), abs=0.02)


def test_sees_dependence_that_covariance_does_not():
    x = np.linspace(-1, 1, 2001)
    table = codes_alone(np.stack([x, x**2], axis=1))
    assert METRICS["gaussian_tc_all"](table).value == pytest.approx(0, abs=1e-9)
    assert mean_mi_all(table).value > 1.5


def test_bias_of_independent_codes_is_as_documented():
    codes = np.random.default_rng(0).uniform(size=(200_000, 4))
    assert mean_mi(codes_alone(codes)).value == pytest.approx(0.018, abs=0.002)


def test_dead_codes_know_nothing():
    codes = np.stack([np.arange(50), np.arange(50), np.full(50, 0.3)], axis=1)
    alone = mean_mi_all(codes_alone(codes[:, :2])).value
    assert mean_mi_all(codes_alone(codes)).value == pytest.approx(alone / 3)


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["rot45_B", "imbalanced_B"])
def test_standard_error_against_the_spread_over_keys(golden, problem):
    assert 0.6 < spread_over_stderr(mean_mi, golden(problem)) < 1.7
