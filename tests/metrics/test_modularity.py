import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS

from .conftest import entropy, spread_over_stderr

modularity, modularity_all = METRICS["modularity"], METRICS["modularity_all"]


def test_by_hand(pair):
    """Codes: u; one that knows as much of u as of v; one that knows more of v; a dead one."""
    u, v = pair.T
    codes = np.stack([u, (u >= 2) & (v == 1), (v == 1) & (u != 3), 0 * u], axis=1) * 1.0
    of_v = entropy(3 / 8, 5 / 8) - entropy(1 / 4, 3 / 4) / 2
    of_u = entropy(3 / 8, 5 / 8) - 3 / 4 * np.log(2)
    score = modularity_all(Table(codes, pair))
    assert score.parts["modularity"] == pytest.approx([1, 0, 1 - (of_u / of_v) ** 2, 0])
    assert score.value == pytest.approx((2 - (of_u / of_v) ** 2) / 4) and score.stderr == 0


def test_the_rest_is_over_the_number_of_other_factors():
    """One code of three equally known factors has 0, of two of three factors 1/2."""
    factors = np.indices((2, 2, 2)).reshape(3, -1).T
    codes = np.stack([factors.sum(axis=1), factors[:, :2].sum(axis=1)], axis=1) * 1.0
    found = modularity_all(Table(codes, factors)).parts["modularity"]
    assert found == pytest.approx([0, 0.5], abs=1e-12)


def test_dead_codes_count_in_the_mean(golden):
    """Four codes of seven are used; others report the mean of those, or NaN."""
    assert modularity_all(golden("dead_B")).value == pytest.approx(4 / 7)


def test_says_nothing_of_whether_factors_are_encoded(pair):
    assert modularity_all(Table(pair[:, [0, 0]] * 1.0, pair)).value == pytest.approx(1)


def test_noise_scores_far_from_zero():
    """The documented limit: a ratio of biases, all about 19 (v - 1) / 2n."""
    rng = np.random.default_rng(0)
    factors = np.tile(np.indices((4, 4, 4)).reshape(3, -1).T, (20, 1))
    found = modularity_all(Table(rng.uniform(size=(1280, 40)), factors))
    assert 0.25 < found.value < 0.6


def test_rows_of_the_variant(golden):
    drawn = modularity(golden("rot45_B"), None, rows=None)
    assert drawn.value == modularity_all(golden("rot45_B")).value


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["dropped_B", "imbalanced_B"])
def test_standard_error_against_the_spread_over_keys(golden, problem):
    assert 0.5 < spread_over_stderr(modularity, golden(problem), rows=3000) < 1.7
