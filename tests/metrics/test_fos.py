"""FoS: by hand, against the authors' program, and what it says of independent codes."""

import itertools

import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.fos import farthest

from .conftest import spread_over_stderr

fos, fos_normalised = METRICS["fos"], METRICS["fos_normalised"]
# Of 128 rows of golden tables at even steps: FoS of facebookresearch/disentangling-correlated-
# factors, 3b0d233, with num_pairs -1 and batch_size 128, in float64.
AUTHORS = {
    "perfect_B": 4.252499971389771,
    "dead_B": 4.252499971389771,
    "rot45_B": 6.314999670805628,
    "dropped_B": 0.5634932570572077,
    "monotone_B": 4.821611782717719,
    "gaussian_B": 8.30323569174708,
    "random_A": 166.07346802086758,
}


def alone(codes):
    return Table(np.asarray(codes, float), np.zeros((len(codes), 0), int))


def test_a_diagonal_by_hand():
    """(-1, 2) is farthest, and (0, 0) its nearest: 1 + 4. See tests/models/test_hfs.py."""
    score = fos(alone([[-1, -1], [0, 0], [2, 2]]))
    assert score.value == 5 and score.stderr == 0
    assert score.parts["distance"].tolist() == [[0, 5], [5, 0]]
    # In deviations: the variance is 14 / 9 of both codes.
    assert fos_normalised(alone([[-1, -1], [0, 0], [2, 2]])).value == pytest.approx(5 / (14 / 9))


def test_by_loops():
    codes = np.random.default_rng(0).normal(size=(12, 3))
    found = farthest(codes)
    for i, j in itertools.permutations(range(3), 2):
        distances = [
            min((a - m[i]) ** 2 + (c - m[j]) ** 2 for m in codes)
            for a, c in itertools.product(codes[:, i], codes[:, j])
        ]
        assert found[i, j] == pytest.approx(max(distances))


@pytest.mark.slow
@pytest.mark.parametrize("problem", AUTHORS)
def test_the_authors_values(golden, problem):
    table = golden(problem)
    rows = slice(None, None, max(1, len(table.mean) // 128))
    some = alone(table.mean[rows][:128])
    assert fos(some).value == pytest.approx(AUTHORS[problem], rel=1e-9)


@pytest.mark.slow
def test_a_whole_grid_is_0_and_a_batch_of_it_is_not(factors):
    assert fos(alone(factors), batch=216).value == 0
    assert fos(alone(factors), batch=100).value > 0


def test_correlated_codes_score_above_independent_ones():
    rng = np.random.default_rng(0)
    one, other = rng.uniform(size=(2, 2_000))
    independent = alone(np.stack([one, other], axis=1))
    band = alone(np.stack([one, one + 0.1 * other], axis=1))
    ours, theirs = (fos_normalised(t, batches=5) for t in (independent, band))
    assert theirs.value > 3 * ours.value + 5 * np.hypot(ours.stderr, theirs.stderr)


def test_a_constant_code_is_in_no_pair(factors):
    """It adds nothing to the sum, and the mean leaves it out."""
    more = np.column_stack([factors, np.full(216, 7.0)])
    for metric in (fos, fos_normalised):
        with_it, without = (metric(alone(x), batch=50, batches=3).value for x in (more, factors))
        assert with_it == pytest.approx(without)
    assert fos_normalised(alone(np.ones((50, 2)))).value == 0


@pytest.mark.slow
def test_standard_error_against_the_spread_over_keys():
    codes = alone(np.random.default_rng(0).normal(size=(5_000, 3)))
    assert 0.6 < spread_over_stderr(fos, codes, keys=30, batch=60, batches=10) < 1.5
