import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.snc import quantile_bins

from .conftest import spread_over_stderr

snc = METRICS["snc"]
ALL_ROWS = {"train": None, "test": None}


def test_value_by_hand(pair):
    """One row of u = 0 and one of u = 1 have changed places: 6 of 8 are right."""
    u, v = pair.T
    code = u + 0.01 * v
    code[[1, 2]] = code[[2, 1]]
    found = snc(np.stack([v, code], axis=1), pair, **ALL_ROWS)
    assert found.parts["accuracy/factor0"] == 6 / 8 and found.parts["accuracy/factor1"] == 1
    assert found.value == 7 / 8 and list(found.parts["code"]) == [1, 0] and found.stderr == 0


def test_values_may_come_in_any_order_along_the_code(pair):
    codes = np.stack([np.array([3.0, 0, 1, 2])[pair[:, 0]], pair[:, 1]], axis=1)
    assert snc(codes, pair, **ALL_ROWS).value == 1


def test_a_code_stands_for_one_factor_only(pair):
    """2 u + v tells both, but in two bins only u's upper half; v is left to a dead code."""
    codes = np.stack([2.0 * pair[:, 0] + pair[:, 1], np.zeros(8)], axis=1)
    found = snc(codes, pair, **ALL_ROWS)
    assert found.parts["accuracy/factor0"] == 1 and found.parts["accuracy/factor1"] == 0.5


def test_factors_that_no_code_is_left_for_are_guessed(factors):
    found = snc(factors[:, :2] * 1.0, factors, names=["a", "b", "c"], **ALL_ROWS)
    assert found.parts["accuracy/c"] == pytest.approx(1 / 6) and found.parts["code"][2] == -1
    assert any("no code is matched to c" in sentence for sentence in found.warnings)


def test_drawn_rows_do_not_part_equal_codes(factors):
    """Of 1,000 rows a value has no sixth to the row; bins that part it would mix two values."""
    assert snc(factors * 1.0, factors, train=1000, test=500).value == 1


def test_bins_of_different_codes_are_their_ranks():
    code = np.random.default_rng(0).permutation(60) * 1.0
    assert np.array_equal(quantile_bins(code, np.sort(code), 6), code // 10)
    ends = quantile_bins(np.array([-9.0, 99.0]), np.sort(code), 6)
    assert list(ends) == [0, 5]  # beyond all training rows


def test_values_met_unequally_often_cost_a_code_that_parts_its_rows():
    """Of 3/4 that have 0 the upper third lies in the second of two bins."""
    first = np.repeat([0, 0, 0, 1], 20)
    factors = np.stack([first, np.arange(80) % 2], axis=1)
    # Equal codes stay together, and the middle of those of 0 is in the first bin.
    assert snc(factors * 1.0, factors, **ALL_ROWS).value == 1
    codes = factors + 1e-3 * np.arange(80)[:, None]
    found = snc(codes, factors, **ALL_ROWS)
    assert found.parts["accuracy/factor0"] == 3 / 4 and found.parts["accuracy/factor1"] == 1
    assert any("not equally frequent" in sentence for sentence in found.warnings)


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["noise_A", "rot45_B"])
def test_standard_error_against_the_spread_over_keys(golden, problem):
    table: Table = golden(problem)
    assert 0.5 < spread_over_stderr(snc, table, train=2000, test=1000) < 2
