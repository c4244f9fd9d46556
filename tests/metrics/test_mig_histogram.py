import jax
import numpy as np
import pytest

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics import METRICS

from .conftest import spread_over_stderr

mig_histogram = METRICS["mig_histogram"]
KEYS = [jax.random.key(i) for i in range(20)]


def test_by_hand_on_all_rows():
    v = np.array([0, 0, 1, 1])
    codes = np.array([[0.0, 0], [0, 0], [1, 0], [1, 1]])
    known = np.log(2) - 0.75 * (np.log(3) - 2 / 3 * np.log(2))
    score = mig_histogram(Table(codes, v[:, None]), None, rows=None)
    assert score.value == pytest.approx(1 - known / np.log(2))
    assert score.stderr == 0


def test_unequal_frequencies_of_a_perfect_code():
    v = (np.arange(100) < 10).astype(int)
    codes = np.stack([v, np.zeros(100)], axis=1)
    assert mig_histogram(Table(codes, v[:, None]), None, rows=None).value == pytest.approx(1)


@pytest.mark.slow
def test_samples_more_rows_than_there_are(factors):
    score = mig_histogram(Table(factors * 1.0, factors), KEYS[0], rows=50_000)
    assert score.value == pytest.approx(1, abs=1e-3)


def test_more_than_twenty_values_do_not_fit_into_twenty_bins():
    """Documented: 40 values, two to a bin, lose log 2 of log 40."""
    v = np.arange(4000) % 40
    codes = np.stack([v, np.zeros(4000)], axis=1)
    value = mig_histogram(Table(codes, v[:, None]), None, rows=None).value
    assert value == pytest.approx(1 - np.log(2) / np.log(40), abs=0.005)


def test_one_outlier_squeezes_the_others_into_one_bin(golden):
    """Documented: the exact form does not mind, see test_mig.py."""
    t = golden("perfect_B")
    mean = t.mean.copy()
    mean[0] = 1000
    assert mig_histogram(t._replace(mean=mean), None, rows=None).value < 0.01


@pytest.mark.slow
def test_standard_error_knows_that_bins_move():
    """Codes with tails: the extremes of the sample, and so all bins, are others at each draw."""
    rng = np.random.default_rng(0)
    factors = rng.integers(8, size=(50_000, 2))
    t = Table(factors + 0.3 * rng.standard_normal((50_000, 2)) ** 3, factors)
    assert 0.5 < spread_over_stderr(mig_histogram, t, rows=2000) < 1.6


@pytest.mark.slow
@pytest.mark.parametrize(
    "problem", ["perfect_B", "noise_A", "rot45_B", "dropped_B", "random_A", "imbalanced_B"]
)
def test_standard_error_against_the_spread_over_keys(golden, problem):
    t = golden(problem)
    scores = [mig_histogram(t, key) for key in KEYS]
    spread = np.std([score.value for score in scores], ddof=1)
    reported = np.mean([score.stderr for score in scores])
    # 20 keys know the spread to 16 %; where information is near 0 the error is on the safe side.
    assert spread < 1.6 * reported
    assert reported < 3 * spread + 5e-4


def test_a_factor_that_the_sample_sees_as_constant():
    v = (np.arange(10_000) == 0).astype(int)[:, None]
    codes = np.random.default_rng(0).normal(size=(10_000, 2))
    with pytest.raises(InputError, match="'factor0' has the same value in all 5 rows drawn"):
        mig_histogram(Table(codes, v), KEYS[0], rows=5)
