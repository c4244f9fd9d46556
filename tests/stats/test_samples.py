"""Against SciPy, numbers by hand and published tables of power."""

import itertools
import math

import jax
import numpy as np
import pytest
from scipy import stats as scipy_stats

from dbench import stats
from dbench.errors import InputError

KEY = jax.random.key(0)
A, B = np.array([1.0, 4.0, 2.0, 7.0, 5.0]), np.array([3.0, 2.0, 1.0, 2.5, 0.0])


def test_differences_by_hand():
    assert stats.difference(A, B) == pytest.approx(3.8 - 1.7)
    assert stats.difference(A, B, np.median) == 4.0 - 2.0


def test_probability_of_improvement_is_mann_whitney():
    u = scipy_stats.mannwhitneyu(A, B).statistic
    assert stats.probability_of_improvement(A, B) == pytest.approx(u / 25)
    assert stats.probability_of_improvement([1, 2], [0, 1]) == 3.5 / 4  # one tie
    assert stats.probability_of_improvement(A, A) == 0.5


def test_exact_permutation_test_is_scipys():
    def gap(x, y, axis):
        return np.abs(x.mean(axis) - y.mean(axis))

    p, smallest = stats.permutation_test(A, B, KEY)
    found = scipy_stats.permutation_test((A, B), gap, alternative="greater", n_resamples=np.inf)
    assert p == pytest.approx(found.pvalue) and smallest == 2 / 252
    p, smallest = stats.permutation_test(A, B, KEY, paired=True)
    found = scipy_stats.permutation_test(
        (A, B), gap, permutation_type="samples", alternative="greater", n_resamples=np.inf
    )
    assert p == pytest.approx(found.pvalue) and smallest == 2 / 32


@pytest.mark.slow
def test_samples_of_unequal_size_are_tested_by_welchs_t():
    a, b = A, np.array([2.0, 2.5, 3.0, 0.5])
    pooled, seen = np.concatenate([a, b]), []
    for chosen in itertools.combinations(range(9), 5):
        rest = [i for i in range(9) if i not in chosen]
        seen.append(
            abs(scipy_stats.ttest_ind(pooled[list(chosen)], pooled[rest], equal_var=False)[0])
        )
    p, smallest = stats.permutation_test(a, b, KEY)
    assert p == np.mean(np.array(seen) >= seen[0] - 1e-9) and smallest == 1 / 126


def test_the_smallest_p_is_that_of_separated_samples():
    low, high = np.arange(5.0), np.arange(5.0) + 10
    for paired in (False, True):
        p, smallest = stats.permutation_test(high, low, KEY, paired=paired)
        assert p == smallest
    assert stats.permutation_test(np.arange(7.0) + 10, low, KEY) == (1 / 792, 1 / 792)
    p, smallest = stats.permutation_test(A[:2], B[:2], KEY)
    assert math.isnan(p) and smallest == 2 / 6


@pytest.mark.parametrize("paired", [False, True])
def test_random_permutations_come_near_the_exact_p(paired):
    a = A[:4].tolist() * 2
    b = B.tolist() + [1.5, 4.0, 2.0]
    exact, _ = stats.permutation_test(a, b, KEY, paired=paired)
    near, smallest = stats.permutation_test(a, b, KEY, paired=paired, most=200)
    again, _ = stats.permutation_test(a, b, KEY, paired=paired, most=200)
    assert near == again and near != exact and near == pytest.approx(exact, abs=0.07)
    assert smallest == max(1 / 201, 2 / 256 if paired else 0)


def test_no_difference_and_no_spread():
    assert stats.permutation_test([1.0] * 4, [1.0] * 4, KEY)[0] == 1
    assert stats.permutation_test([1.0] * 4, [2.0] * 4, KEY)[0] == 2 / 70
    assert stats.permutation_test(A, A, KEY, paired=True)[0] == 1
    assert stats.interval([1.0] * 4, [2.0] * 4, KEY) == (-1, -1)


def test_the_test_is_level_under_unequal_spreads_and_sizes():
    rng, below = np.random.default_rng(0), 0
    for _ in range(400):
        p, _ = stats.permutation_test(rng.normal(0, 3, 5), rng.normal(0, 1, 15), KEY, most=400)
        below += p <= 0.05
    assert 0.02 < below / 400 < 0.11  # by the plain difference of means: 0.23


def test_interval_is_scipys_at_the_level_of_t():
    a, b = np.random.default_rng(1).normal([[0.0], [1.0]], 1.0, (2, 8))
    low, high = stats.interval(a, b, KEY)
    t = scipy_stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert (low, high) == pytest.approx(tuple(t), abs=0.25 * (t[1] - t[0]) / 2)
    plain = scipy_stats.bootstrap(
        (a, b), lambda x, y, axis: x.mean(axis) - y.mean(axis), method="percentile", rng=0
    ).confidence_interval
    assert high - low > plain.high - plain.low
    assert stats.interval(a, b, KEY) == (low, high) != stats.interval(a, b, jax.random.key(1))


@pytest.mark.slow
def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng, held = np.random.default_rng(0), 0
    for trial in range(200):
        a, b = rng.normal(0, 1, (2, 8))
        low, high = stats.interval(a, b, jax.random.key(trial), resamples=400)
        held += low <= 0 <= high
    assert 0.91 <= held / 200 <= 0.985  # plain percentiles: 0.89


def test_paired_intervals_take_the_common_part_away():
    common = np.random.default_rng(0).normal(size=10)
    a, b = common + 0.1, common + np.linspace(-0.01, 0.01, 10)
    for statistic in (np.mean, np.median):
        low, high = stats.interval(a, b, KEY, statistic=statistic, paired=True)
        wide = stats.interval(a, b, KEY, statistic=statistic)
        assert low <= 0.1 <= high and wide[0] < low - 0.1
    low, high = stats.interval(a, b, KEY, paired=True)
    assert high - low < 0.02
    assert np.isnan(stats.interval([1.0], [2.0], KEY)).all()


def test_holm_by_hand():
    # Sorted .01, .02, .03, .2 times 4, 3, 2, 1, never falling.
    p = stats.holm([0.03, 0.01, np.nan, 0.2, 0.02])
    np.testing.assert_allclose(p, [0.06, 0.04, np.nan, 0.2, 0.06])
    np.testing.assert_allclose(stats.holm([0.5, 0.9]), [1.0, 1.0])


def test_welch_of_summaries_is_scipys():
    found = stats.welch(3.8, 2.4, 5, 1.7, 1.2, 9)
    other = scipy_stats.ttest_ind_from_stats(3.8, 2.4, 5, 1.7, 1.2, 9, equal_var=False)
    assert found[0] == pytest.approx(other.pvalue)
    raw = scipy_stats.ttest_ind(A, B, equal_var=False)
    low, high = raw.confidence_interval(0.9)
    found = stats.welch(A.mean(), A.std(ddof=1), 5, B.mean(), B.std(ddof=1), 5, level=0.9)
    assert found == pytest.approx((raw.pvalue, low, high))
    assert np.isnan(stats.welch(1.0, 0.0, 5, 2.0, 0.0, 5)).all()


@pytest.mark.parametrize("effect, seeds", [(0.2, 394), (0.5, 64), (0.8, 26), (1.0, 17), (1.2, 12)])
def test_seeds_needed_are_those_of_cohens_table(effect, seeds):
    """Cohen 1988, table 2.4.1, two-sided 5%, power 80%."""
    assert stats.seeds_needed(effect * 0.3, 0.3) == seeds
    assert stats.power(effect, 1.0, seeds) >= 0.8 > stats.power(effect, 1.0, seeds - 1)


def test_more_about_seeds():
    assert stats.seeds_needed(0.5, 1.0, paired=True) == 34  # one sample
    assert stats.seeds_needed(-0.5, 1.0) == 64
    assert stats.seeds_needed(0.5, 1.0, level=0.05 / 20) > 100
    assert stats.seeds_needed(100.0, 1.0) == stats.LEAST


def test_a_joint_test_of_rows_of_the_same_seeds():
    """One row: the test of pairs. Of two by hand: three seeds, 8 swaps."""
    row = np.array([0.1, 0.3, 0.2, 0.4, 0.35, -0.1])
    p, smallest = stats.joint_sign_test([row], KEY)
    assert (p[0], smallest) == stats.permutation_test(row, np.zeros(6), KEY, paired=True)
    both, _ = stats.joint_sign_test([row, row], KEY)
    assert both.tolist() == [p[0], p[0]]  # the same row twice is one question
    sure = np.linspace(1, 1.1, 6)
    found, smallest = stats.joint_sign_test([row, sure, -sure, np.zeros(6)], KEY)
    assert smallest == 2 / 64 and found[1] == found[2] == smallest
    assert found[0] >= p[0] and found[3] == 1
    assert np.isnan(stats.joint_sign_test([[1.0, 2.0]], KEY)[0]).all()


@pytest.mark.slow
@pytest.mark.parametrize("common", [0.0, 0.9])
def test_a_joint_test_errs_no_more_than_its_level(common):
    """30 rows of noise, apart or nearly the same: in 200 trials of 5% as many as chance allows."""
    rng, wrong = np.random.default_rng(0), 0
    for _ in range(200):
        noise = rng.normal(size=(30, 8)) * (1 - common) + rng.normal(size=8) * common
        wrong += stats.joint_sign_test(noise, KEY)[0].min() <= 0.05
    assert wrong <= scipy_stats.binom.ppf(0.999, 200, 0.05)
    rows = rng.normal(size=(30, 8)) * 0.1
    rows[:3] += 1.0  # and true differences do not hide beside others that are none
    found = stats.joint_sign_test(rows, KEY)[0]
    assert (found[:3] <= 0.05).all() and found[3:].min() > 0.05


def test_the_fewest_seeds_that_can_give_a_verdict():
    """Scores wholly apart get one with so many, and with one less they do not."""
    for comparisons, paired in ((1, False), (1, True), (10, False), (60, False), (12, True)):
        seeds = stats.least_seeds(comparisons, paired=paired)
        for n, enough in ((seeds, True), (seeds - 1, False)):
            if n >= stats.LEAST:
                low, high = np.linspace(0, 0.1, n), np.linspace(1, 1.2, n)
                p, smallest = stats.permutation_test(low, high, KEY, paired=paired)
                assert p == pytest.approx(smallest) and (p * comparisons <= 0.05) == enough
    assert [stats.least_seeds(k) for k in (1, 3, 10, 60)] == [4, 5, 6, 7]
    with pytest.raises(InputError):
        stats.least_seeds(0)
    assert stats.detectable(1.0, 64) == pytest.approx(0.4992, abs=1e-3)
    assert math.isnan(stats.detectable(1.0, 2))
    for bad in ((0.0, 1.0), (math.nan, 1.0), (1.0, 0.0)):
        with pytest.raises(InputError, match="need no count of seeds"):
            stats.seeds_needed(*bad)
    with pytest.raises(InputError, match="between 0 and 1"):
        stats.seeds_needed(1.0, 1.0, level=5)
    with pytest.raises(InputError, match="too small"):
        stats.seeds_needed(1e-9, 1.0)


def test_power_by_simulation_and_of_nonsense():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.0, 1.0, (2000, 5)), rng.normal(1.8, 1.0, (2000, 5))
    shown = (scipy_stats.ttest_ind(a, b, axis=1).pvalue <= 0.05).mean()
    assert stats.power(1.8, 1.0, 5) == pytest.approx(shown, abs=0.03)
    for bad in ((1.0, 0.0, 5), (1.0, math.nan, 5), (math.inf, 1.0, 5), (1.0, 1.0, 1)):
        with pytest.raises(InputError, match="have no power: give a finite difference"):
            stats.power(*bad)


def test_samples_that_cannot_be_compared():
    with pytest.raises(InputError, match="one or more"):
        stats.difference([], A)
    with pytest.raises(InputError, match="NaN or infinite"):
        stats.permutation_test(A, [1.0, np.nan, 2.0], KEY)
    with pytest.raises(InputError, match="5 and 4 scores cannot be paired"):
        stats.interval(A, B[:4], KEY, paired=True)
