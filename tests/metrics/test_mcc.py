import numpy as np
import pytest
import scipy

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.mcc import assignment, correlations

from .conftest import spread_over_stderr

mcc, mcc_spearman = METRICS["mcc"], METRICS["mcc_spearman"]


def test_value_by_hand(pair):
    """u has variance 5/4, v 1/4: u + v correlates with v by sqrt(1/4 / 3/2)."""
    u, v = pair.T
    found = mcc(np.stack([u + v, u], axis=1), pair, rows=None)
    assert found.parts["correlation"] == pytest.approx(np.sqrt([[5 / 6, 1 / 6], [1, 0]]))
    assert list(found.parts["code"]) == [1, 0] and found.stderr == 0
    assert found.value == pytest.approx((1 + np.sqrt(1 / 6)) / 2)


def test_the_assignment_is_the_best_one_and_not_the_greedy_one():
    assert list(assignment(np.array([[0.9, 0.8], [0.8, 0.1]]))) == [1, 0]
    assert list(assignment(np.array([[0.1, 0.9, 0.2]]))) == [-1, 0, -1]
    assert list(assignment(np.array([[0.1], [0.9], [0.2]]))) == [1]


@pytest.mark.slow
def test_ranks_see_a_monotone_map_as_a_line(factors):
    codes = -np.exp(factors)
    assert mcc_spearman(codes, factors).value == pytest.approx(1)
    assert mcc(codes, factors, rows=None).value < 0.85


def test_correlations_are_those_of_scipy(factors):
    """Ties included: a factor of six values has many."""
    codes = factors + np.random.default_rng(0).integers(0, 5, factors.shape)
    for ranks, reference in ((False, scipy.stats.pearsonr), (True, scipy.stats.spearmanr)):
        found = correlations(codes * 1.0, factors * 1.0, ranks)
        expected = [[abs(reference(z, v).statistic) for v in factors.T] for z in codes.T]
        assert found == pytest.approx(np.array(expected))


def test_factors_that_no_code_is_left_for_count_nothing(factors):
    found = mcc(factors[:, :2] * 1.0, factors, rows=None)
    assert found.value == pytest.approx(2 / 3) and found.parts["code"][2] == -1
    assert found.parts["correlation/factor2"] == 0
    assert any("2 codes for 3 factors" in sentence for sentence in found.warnings)


def test_a_code_of_rounding_alone_correlates_with_nothing(factors):
    """Far from 0 the last digit is all that varies."""
    codes = np.stack([factors[:, 0] * 1e-9 + 1e7, factors[:, 1] + 1e7, factors[:, 2]], axis=1)
    found = mcc(codes, factors, rows=None).parts
    assert found["correlation/factor0"] == 0 and found["correlation/factor1"] == pytest.approx(1)


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["noise_A", "imbalanced_B"])
@pytest.mark.parametrize("metric", [mcc, mcc_spearman])
def test_standard_error_against_the_spread_over_keys(golden, metric, problem):
    table: Table = golden(problem)
    assert 0.6 < spread_over_stderr(metric, table, rows=1000) < 1.5
