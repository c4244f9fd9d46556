import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS

from .conftest import spread_over_stderr

jemmig, mig = METRICS["jemmig"], METRICS["mig_histogram_all"]


def test_by_hand():
    """The best code is the factor; the next agrees on 3 rows of 4."""
    v = np.array([0, 0, 1, 1])
    codes = np.array([[0, 0], [0, 0], [1, 0], [1, 1]]) * 1.0
    known = np.log(2) - 0.75 * (np.log(3) - 2 / 3 * np.log(2))
    score = jemmig(Table(codes, v[:, None], names=("v",)), None, bins=10)
    assert score.value == pytest.approx(1 - known / (np.log(2) + np.log(10)))
    assert score.parts["gap/v"] == score.value and score.stderr == 0


def test_a_code_that_holds_more_than_its_factor_loses_what_more_it_holds(pair):
    """u tells v' = u // 2: H(b, v') - I = log 4 - log 2. The gap of MIG does not see it."""
    factors = pair[:, :1] // 2
    codes = np.stack([pair[:, 0], np.zeros(8)], axis=1)
    for bins in (4, 20):
        expected = 1 - np.log(2) / (np.log(2) + np.log(bins))
        assert jemmig(Table(codes, factors), None, bins=bins).value == pytest.approx(expected)
    assert mig(Table(codes, factors)).value == pytest.approx(1)


def test_a_copied_code_loses_the_whole_information(pair):
    codes = pair[:, [0, 0]] * 1.0
    expected = 1 - np.log(4) / (np.log(4) + np.log(20))
    assert jemmig(Table(codes, pair[:, :1]), None).value == pytest.approx(expected)


def test_independent_codes_that_fill_their_bins_score_zero():
    rows = np.indices((3, 20)).reshape(2, -1).T
    assert jemmig(Table(rows[:, [1, 1]] * 1.0, rows[:, :1]), None).value == pytest.approx(0)


def test_entropy_of_an_unequal_factor_is_that_of_its_frequencies():
    v = (np.arange(100) < 10).astype(int)
    codes = np.stack([2 * v, np.arange(100) % 20 // 10], axis=1) * 1.0
    assert jemmig(Table(codes, v[:, None]), None).value == pytest.approx(1, abs=0.03)
    constant = jemmig(Table(0 * codes, v[:, None]), None).value
    h = -0.9 * np.log(0.9) - 0.1 * np.log(0.1)
    assert constant == pytest.approx(1 - h / (h + np.log(20)))


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["dropped_B", "imbalanced_B"])
def test_standard_error_against_the_spread_over_keys(golden, problem):
    assert 0.5 < spread_over_stderr(jemmig, golden(problem), rows=3000) < 1.7


def test_of_codes_that_know_as_much_the_one_with_less_besides():
    """Whichever comes first: one code is the factor, the other both factors."""
    grid = np.tile(np.indices((2, 2)).reshape(2, -1).T, (5, 1))
    codes = np.stack([grid[:, 0], 2 * grid[:, 0] + grid[:, 1]], axis=1) * 1.0
    there, back = (METRICS["jemmig"](c, grid).value for c in (codes, codes[:, ::-1]))
    assert there == back
