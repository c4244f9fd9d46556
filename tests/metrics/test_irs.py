import jax
import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.irs import robustness

from .conftest import spread_over_stderr

irs, irs_all = METRICS["irs"], METRICS["irs_all"]


@pytest.fixture
def outlier():
    """200 rows: v twice 100, code v with one row at 10; w alternates, code w."""
    factors = np.stack([np.arange(200) // 100, np.arange(200) % 2], axis=1)
    codes = factors * 1.0
    codes[0, 0] = 10
    return Table(codes, factors)


@pytest.mark.parametrize("quantile", [1.0, 0.99])
def test_one_outlier_by_hand(outlier, quantile):
    """Given v = 0 the mean is 0.1: one row is 9.9 from it, 99 are 0.1. The mean of all is 0.55."""
    apart = {1.0: 9.9, 0.99: 0.1 + 0.01 * 9.8}[quantile]  # 0.01 of the way from row 98 to row 99
    given_w = {1.0: 9.4, 0.99: np.quantile([0.6] * 50 + [0.4] * 49 + [9.4], 0.99)}[quantile]
    score = irs_all(outlier, quantile=quantile)
    robust = [[1 - apart / 2 / 9.45, 1 - (given_w + 0.5) / 2 / 9.45], [0, 1]]
    assert score.parts["robustness"] == pytest.approx(np.array(robust))
    assert score.parts["weight"] == pytest.approx([9.45, 0.5])
    expected = (9.45 * max(robust[0]) + 0.5 * 1) / 9.95
    assert score.value == pytest.approx(expected) and score.stderr == 0


def test_constant_codes_are_left_out(golden):
    perfect, dead = irs_all(golden("perfect_B")), irs_all(golden("dead_B"))
    assert dead.value == perfect.value == 1
    assert not dead.parts["weight"][4:].any() and not dead.parts["robustness"][4:].any()


def test_large_codes_count_more(pair):
    """The code of weight 10 is perfect, that of weight 1 mixes u and v."""
    mixed = (pair[:, 0] % 2) + pair[:, 1]
    score = irs_all(Table(np.stack([20 * pair[:, 1], mixed], axis=1) * 1.0, pair))
    assert score.value == pytest.approx((10 * 1 + 1 * 0.5) / 11)


def test_forty_values_are_told_apart(pair):
    """Others put them in 20 bins, and the code then varies within a bin."""
    factors = np.indices((40, 3)).reshape(2, -1).T
    assert irs_all(Table(factors * 1.0, factors)).value == pytest.approx(1)


def test_values_that_no_row_has_do_not_count():
    """Of drawn rows, since labels number the values of the whole table."""
    codes, labels = np.array([[0.0], [1], [0], [1]]), np.array([[0], [3], [0], [3]])
    assert robustness(codes, labels, 1.0)[0] == pytest.approx(1)


@pytest.mark.slow
def test_noise_is_as_documented():
    rng = np.random.default_rng(0)
    factors = np.indices((3, 6, 8, 8, 8)).reshape(5, -1).T
    found = irs(Table(rng.normal(size=(9216, 5)), factors), jax.random.key(0))
    assert found.value == pytest.approx(0.37, abs=0.08)


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["rot45_B", "imbalanced_B"])
def test_standard_error_against_the_spread_over_keys(golden, problem):
    assert 0.4 < spread_over_stderr(irs, golden(problem), keys=20, rows=2000) < 2
