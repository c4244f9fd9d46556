import jax
import numpy as np
import pytest

from dbench.base import Table, numpy_rng
from dbench.metrics import METRICS
from dbench.metrics.shared.groups import groups
from dbench.metrics.unfairness import distance, places_of

from .conftest import spread_over_stderr

unfairness = METRICS["unfairness"]
KEY = jax.random.key(0)


def test_distance_by_hand():
    """Predictions given two values: (1/2, 1/2, 0) and (0, 1/2, 1/2); their mean (1/4, 1/2, 1/4)."""
    labels = np.array([[0, 1], [1, 2]])
    assert distance(labels, 3) == pytest.approx(0.25)
    assert distance(np.array([[0, 1], [0, 1]]), 2) == pytest.approx(0.5)
    assert distance(np.array([[0, 0], [1, 1]]), 2) == 0
    # Four values, of which one is told from the rest: TV of 3/4 and three of 1/4.
    assert distance(np.array([[1, 0, 0, 0]]), 2) == pytest.approx((3 / 4 + 3 / 4) / 4)


def test_a_predictor_that_reads_the_sensitive_factor():
    """A code of v and s: trees say v = 1 where both are, which half of the points reach."""
    factors = np.indices((2, 2)).reshape(2, -1).T
    both = factors.prod(axis=1)
    table = Table(np.stack([both, np.zeros(4)], axis=1) * 1.0, factors)
    score = unfairness(table, KEY, train=1000, points=5000)
    # p(1 | s) is 0 and 1/2, each 1/4 from their mean.
    assert score.parts["unfairness"] == pytest.approx(np.array([[0, 0.25], [0.25, 0]]), abs=0.02)
    assert score.value == pytest.approx(0.25, abs=4 * score.stderr)
    assert score.parts["max"] == score.parts["unfairness"].max()


def test_target_is_the_row_and_sensitive_the_column(pair):
    """The code tells whether u = 0, and then v: what is said of v turns with u, not the reverse.

    p(v = 1 | u) is 1/2 for u = 0 and 0 or 1 for the three others, 3/8 and 1/8 from their mean.
    """
    u, v = pair.T
    table = Table(np.stack([(u == 0) * (1 + v), 0 * u], axis=1) * 1.0, pair)
    score = unfairness(table, KEY, train=1000, points=2000)
    found = score.parts["unfairness"]
    assert found[0, 1] == 0 and found[1, 0] == pytest.approx(3 / 16, abs=0.02)
    assert score.value == pytest.approx(found.sum() / 2)


@pytest.mark.slow
def test_perfect_codes_are_fair_on_a_grid_and_by_chance_alone_off_it(factors):
    fair = unfairness(Table(factors * 1.0, factors), KEY, train=1000)
    assert fair[:2] == (0.0, 0.0)
    off = unfairness(Table(factors[1:] * 1.0, factors[1:]), KEY, train=1000)
    # Of 100 points, p of each of six values by sqrt(5/36 / 100) = 0.037 off.
    assert 0.03 < off.value < 0.15


def test_off_a_grid_it_sees_what_factors_know_of_each_other():
    """v = s in nine rows of ten: p(v = 1 | s) is 0.1 and 0.9."""
    s = np.arange(1000) % 2
    v = np.where(np.arange(1000) % 20 < 2, 1 - s, s)
    factors = np.stack([v, s], axis=1)
    score = unfairness(Table(factors * 1.0, factors), KEY, train=1000, points=2000)
    assert score.value == pytest.approx(0.4, abs=0.02)


def test_points_differ_in_the_sensitive_factor_alone(pair):
    """On a grid, whatever the order of its rows and however often it is repeated."""
    factors = np.random.default_rng(0).permutation(np.tile(pair, (3, 1)))
    for s in (0, 1):
        rows = places_of(groups(factors), s, 50, True, numpy_rng(KEY))
        values = np.arange(factors[:, s].max() + 1)
        assert (factors[rows, s] == values).all()
        assert (np.ptp(factors[rows, 1 - s], axis=1) == 0).all()
        assert len(np.unique(factors[rows, 1 - s])) == factors[:, 1 - s].max() + 1


def test_each_row_of_a_cell_is_met(pair):
    """Of a grid met 20 times, whose codes differ by noise."""
    rows = places_of(groups(np.tile(pair, (20, 1))), 0, 2000, True, numpy_rng(KEY))
    assert len(np.unique(rows)) == 160


def test_points_off_a_grid_have_each_value(golden):
    known = groups(golden("imbalanced_B").factors)
    rows = places_of(known, 2, 40, False, numpy_rng(KEY))
    assert (known[2].labels[rows] == np.arange(len(known[2].counts))).all()
    assert len(np.unique(rows)) > 100


def test_is_not_scaled_by_what_the_trees_know(factors):
    """A useless predictor is as fair as a perfect one."""
    assert unfairness(Table(np.full((216, 2), 0.3), factors), KEY, train=300).value == 0


@pytest.mark.slow
def test_standard_error_against_the_spread_over_keys():
    """All rows train: the error takes the trees as they are."""
    factors = np.tile(np.indices((3, 4)).reshape(2, -1).T, (50, 1))
    rng = np.random.default_rng(0)
    codes = factors @ [[1, 0.5], [0.5, -1]] + 0.5 * rng.normal(size=(600, 2))
    ratio = spread_over_stderr(unfairness, Table(codes, factors), keys=20, train=None, points=50)
    assert 0.5 < ratio < 2
