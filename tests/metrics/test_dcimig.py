import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS

from .conftest import entropy, spread_over_stderr

dcimig = METRICS["dcimig"]


def test_by_hand(pair):
    """Codes u, and whether v = 1 and u is not 3: the second knows more of v than of u."""
    u, v = pair.T
    codes = np.stack([u, (v == 1) & (u != 3)], axis=1) * 1.0
    of_v = entropy(3 / 8, 5 / 8) - entropy(1 / 4, 3 / 4) / 2
    of_u = entropy(3 / 8, 5 / 8) - 3 / 4 * np.log(2)
    score = dcimig(Table(codes, pair, names=("u", "v")), None)
    assert score.value == pytest.approx((np.log(4) + of_v - of_u) / (np.log(4) + np.log(2)))
    assert score.parts["gap/u"] == pytest.approx(1)
    assert score.parts["gap/v"] == pytest.approx((of_v - of_u) / np.log(2))
    assert score.stderr == 0


def test_a_factor_that_is_no_codes_first_counts_zero(pair):
    """The second code knows something of v, but more of u. Factors count by their entropy."""
    u, v = pair.T
    codes = np.stack([u, (v == 1) & (u == 3)], axis=1) * 1.0
    score = dcimig(Table(codes, pair), None)
    assert score.parts["information"][1, 1] > 0.09 and score.parts["gap/factor1"] == 0
    assert score.value == pytest.approx(np.log(4) / (np.log(4) + np.log(2)))


def test_the_best_code_of_a_factor_counts_alone(pair):
    """Copies and worse codes change nothing."""
    u, v = pair.T
    codes = np.stack([u, v, u, u == 3, np.zeros(8)], axis=1) * 1.0
    assert dcimig(Table(codes, pair), None).value == pytest.approx(1)


def test_entropy_of_unequal_factors_is_that_of_their_frequencies():
    factors = np.indices((10, 2)).reshape(2, -1).T
    factors[:, 0] = factors[:, 0] == 9
    assert dcimig(Table(factors * 1.0, factors), None).value == pytest.approx(1)


def test_codes_that_mix_factors_evenly_have_no_gap(pair):
    factors = np.indices((3, 3)).reshape(2, -1).T
    codes = factors @ [[1, 1], [1, -1]] * 1.0
    assert dcimig(Table(codes, factors), None).value == pytest.approx(0, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["dropped_B", "imbalanced_B"])
def test_standard_error_against_the_spread_over_keys(golden, problem):
    assert 0.5 < spread_over_stderr(dcimig, golden(problem), rows=3000) < 1.7
