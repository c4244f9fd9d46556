"""Each sentence exactly when it should be said."""

import jax
import numpy as np
import pytest
from scipy.stats import chi2

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.shared import caution
from dbench.metrics.shared.groups import groups
from dbench.metrics.shared.metric import Work


def work(codes, factors, names=None, continuous=()):
    return Work(Table(codes, factors, None, names, None, continuous), jax.random.key(0))


def of_factors(factors, names=None):
    return work(np.zeros((len(factors), 2)), factors, names)


def test_more_rows_drawn_than_there_are(factors):
    here = of_factors(factors)
    assert caution.few_rows(here, 216) == [] == caution.few_rows(here, None)
    said = caution.few_rows(here, 217)
    assert len(said) == 1 and said[0].startswith("217 rows are drawn") and " of 216" in said[0]


def test_test_rows_that_are_training_rows(factors):
    """1 - exp(-train / rows) of them, drawn with replacement."""
    here = of_factors(np.tile(factors, (100, 1)))
    assert caution.overlap(here, 1000, 500) == []
    assert caution.overlap(here, 10_000, 500)[0].startswith("about 37% of the test rows")
    assert caution.overlap(here, None, None)[0].startswith("about 100% of the test rows")


def test_a_full_grid_is_even(factors):
    assert caution.uneven(of_factors(factors)) == []
    assert caution.uneven(of_factors(np.tile(factors, (3, 1))[::-1])) == []
    assert caution.uneven(of_factors(factors[:, :1])) == []


def test_unequal_frequencies_are_said_of_the_factors_that_have_them(factors):
    rare = factors[(factors[:, :2] > 0).all(axis=1) | (factors[:, 2] == 0)][:, :2]
    (sentence,) = caution.uneven(of_factors(rare, ("shape", "x")))
    assert sentence.startswith("values of shape, x are not equally frequent")
    one = np.column_stack([np.arange(120) % 2, np.repeat([0, 1, 2], [60, 40, 20])])
    (sentence,) = caution.uneven(of_factors(one, ("shape", "x")))
    assert sentence.startswith("values of x are not equally frequent")


@pytest.mark.slow
def test_frequencies_as_chance_makes_them_are_even():
    """Values drawn alike are unequal by sqrt(n); of many rows a tenth more is no chance."""
    rng = np.random.default_rng(0)
    uneven = [not caution.by_chance(np.bincount(rng.integers(7, size=900))) for _ in range(2000)]
    share = chi2.sf(6 + 4 * np.sqrt(12), 6)  # 0.003: 4 standard deviations of chi-square
    assert np.mean(uneven) < share + 4 * np.sqrt(share / 2000)
    assert caution.by_chance(np.array([110, 90])) and caution.by_chance(np.array([5]))
    assert not caution.by_chance(np.array([1100, 900]))
    assert not caution.by_chance(np.array([100, 100, 100, 40]))


def test_even_values_of_no_full_grid():
    """Equal factors: each value as frequent as any, but not each pair."""
    same = np.repeat(np.arange(4)[:, None], 2, axis=1)
    for factors in (same, np.repeat(same, 4, axis=0)):  # 4 rows for 16 cells, and 16
        (sentence,) = caution.uneven(of_factors(factors))
        assert sentence.startswith("the rows are no full grid")


def test_a_grid_of_too_many_cells_to_count_is_none():
    factors = np.repeat(np.arange(1000)[:, None], 10, axis=1)
    assert not caution.is_grid(groups(factors))


def test_dead_and_near_dead_codes(factors):
    rng = np.random.default_rng(0)
    unit = rng.normal(size=216)
    unit /= unit.std()
    alive, faint = 0.0501 * unit, 0.0499 * unit
    still = np.full(216, 0.3)
    assert caution.dead(work(np.stack([alive, unit], 1), factors)) == []
    (sentence,) = caution.dead(work(np.stack([still, unit, still], 1), factors))
    assert sentence == "constant codes: 0, 2"
    (sentence,) = caution.dead(work(np.stack([unit, faint], 1), factors))
    assert sentence.startswith("codes whose standard deviation is below 0.05: 1;")
    (sentence,) = caution.dead(work(np.stack([still, faint, unit], 1), factors))
    assert "constant codes: 0; codes" in sentence and "0.05: 1;" in sentence


def test_spread_of_a_constant_of_float32_is_zero(factors):
    codes = np.full((216, 2), 0.3, np.float32) * [1, 1e6]
    assert caution.spreads(work(codes.astype(np.float32), factors)).tolist() == [0, 0]


def test_spread_of_float32_codes_is_that_of_float64(factors):
    codes = (1e4 + np.random.default_rng(0).normal(size=(216, 2))).astype(np.float32)
    expected = codes.astype(float).std(axis=0)
    assert caution.spreads(work(codes, factors)) == pytest.approx(expected, rel=1e-12)


def test_factors_with_more_or_fewer_values_than_bins():
    sizes = np.indices((5, 20, 24)).reshape(3, -1).T
    here = of_factors(sizes, ("a", "b", "c"))
    (sentence,) = caution.bins(here, 20)
    assert sentence.startswith("codes have 20 bins: no code can reach 1")
    assert "more values (c 24); " in sentence and sentence.endswith("vary at no cost (a 5)")
    (sentence,) = caution.bins(of_factors(sizes[:, :2], ("a", "b")), 20)
    assert sentence.endswith("vary at no cost (a 5)") and "reach" not in sentence
    (sentence,) = caution.bins(of_factors(sizes[:, 2:]), 20)
    assert sentence.endswith("more values (factor0 24)")
    assert caution.bins(of_factors(sizes[:, 1:2]), 20) == []
    assert caution.bins(of_factors(sizes[:, 2:]), 24) == []


def test_small_scale(factors):
    codes = factors / factors.std(axis=0)
    assert caution.small_scale(work(codes * [0.1, 1.01, 0.1], factors), 1.0) == []
    (sentence,) = caution.small_scale(work(0.99 * codes, factors), 1.0)
    assert sentence.startswith("no code has a standard deviation of 1.0 (the largest is 0.99)")


def test_saturated():
    assert caution.saturated(0.9999) == []
    assert caution.saturated(1.0)[0].startswith("all predictions are right")


def test_continuous_factors_are_binned(factors):
    codes = np.zeros((216, 2))
    assert caution.binned_factors(work(codes, factors)) == []
    (sentence,) = caution.binned_factors(work(codes, factors, ("a", "b", "c"), ("c",)))
    assert sentence == "continuous factors are taken by 20 equal-width bins: c"


BINNED = ["mig_histogram_all", "mig_sup", "jemmig", "dcimig", "modularity_all"]


@pytest.mark.parametrize("name", [*BINNED, "irs_all", "infomec_m", "factor_vae_all", "mig"])
def test_scores_of_labels_say_that_they_bin(name):
    rng = np.random.default_rng(0)
    value = rng.uniform(size=(300, 2))
    codes = value + 0.1 * rng.normal(size=(300, 2))
    logvar = np.full((300, 2), -4.0)
    said = METRICS[name](codes, value, logvar, continuous=[0, 1]).warnings
    assert any("20 equal-width bins: factor0, factor1" in sentence for sentence in said)
    assert not any(
        "equal-width" in sentence
        for sentence in METRICS["sap_continuous_all"](codes, value, continuous=[0, 1]).warnings
    )


@pytest.mark.parametrize("name", BINNED)
def test_scores_of_bins_say_all_that_misleads(name, factors):
    """Few rows, no grid, a dead code, more bins than values."""
    codes = np.column_stack([factors, np.zeros(216)])[1:]
    options = {} if name.endswith("_all") else {"rows": 300}
    said = METRICS[name](Table(codes, factors[1:]), jax.random.key(0), **options).warnings
    said = " | ".join(said)
    assert ("300 rows are drawn" in said) == bool(options)
    for start in ("codes have 20 bins", "constant codes: 3", "the rows are no full grid"):
        assert start in said
    quiet = Table(
        np.indices((20, 20)).reshape(2, -1).T * 1.0, np.indices((20, 20)).reshape(2, -1).T
    )
    assert METRICS[name](quiet, jax.random.key(0)).warnings == ()
