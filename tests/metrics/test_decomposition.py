"""The parts of the KL, and the density of the aggregate posterior."""

import jax
import numpy as np
import pytest
from scipy.special import logsumexp, ndtri

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.decomposition import controlled_mean
from dbench.metrics.shared.aggregate import BLOCK, log_density, mixture_of, neighbours

from .conftest import spread_over_stderr

index_code_mi, total_correlation, dimension_wise_kl, kl = (
    METRICS[name] for name in ("index_code_mi", "total_correlation", "dimension_wise_kl", "kl")
)
KEY = jax.random.key(0)


def codes_alone(mean, logvar):
    mean = np.asarray(mean, float)
    return Table(mean, np.zeros((len(mean), 0), int), np.broadcast_to(logvar, mean.shape))


def random_posteriors(n=200, d=3, spread=0.5):
    """Codes that depend on each other, with scales of their own."""
    rng = np.random.default_rng(1)
    mean = rng.normal(size=(n, d)) @ (np.eye(d) + 0.5)
    return codes_alone(mean, 2 * np.log(0.3) + spread * rng.normal(size=(n, d)))


def plain(points, mean, logvar):
    """log q(z) as it is written, [s, d] -> [s]."""
    n, d = mean.shape
    out = []
    for z in np.array_split(points, 1 + len(points) * n // 2**21):
        away = (z[:, None] - mean) ** 2 / np.exp(logvar) + logvar
        out.append(logsumexp(-0.5 * away.sum(axis=2), axis=1))
    return np.concatenate(out) - np.log(n) - 0.5 * d * np.log(2 * np.pi)


def draw(table, points, seed=5):
    rng = np.random.default_rng(seed)
    rows = rng.integers(len(table.mean), size=points)
    noise = rng.normal(size=(points, table.mean.shape[1]))
    return table.mean[rows] + np.exp(table.logvar[rows] / 2) * noise


@pytest.mark.slow
def test_parts_against_brute_force():
    """Explicit sums over all rows at 30,000 points; margins too."""
    table = random_posteriors()
    z = draw(table, 30_000)
    joint = plain(z, table.mean, table.logvar)
    margins = sum(plain(z[:, [j]], table.mean[:, [j]], table.logvar[:, [j]]) for j in range(3))
    error = (joint - margins).std() / np.sqrt(len(z))
    found = total_correlation(table, KEY)
    assert found.value == pytest.approx((joint - margins).mean(), abs=4 * error + 4 * found.stderr)
    assert found.value > 0.5 and found.stderr < 0.05
    given = 0.5 * (np.log(2 * np.pi * np.e) + table.logvar).sum(axis=1).mean()
    found = index_code_mi(table, KEY)
    error = joint.std() / np.sqrt(len(z))
    expected = -joint.mean() - given
    assert found.value == pytest.approx(expected, abs=4 * error + 4 * found.stderr)
    prior = -0.5 * (z**2 + np.log(2 * np.pi)).sum(axis=1)
    error = (margins - prior).std() / np.sqrt(len(z))
    expected = (margins - prior).mean()
    assert dimension_wise_kl(table).value == pytest.approx(expected, abs=4 * error)


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0, 0.5, 2])
def test_parts_sum_to_the_kl(spread):
    table = random_posteriors(spread=spread)
    parts = [metric(table, KEY) for metric in (index_code_mi, total_correlation, dimension_wise_kl)]
    found = sum(part.value for part in parts)
    assert found == pytest.approx(kl(table).value, abs=4 * parts[0].stderr)


def test_far_clusters_by_hand():
    """Four corners are independent; two opposite ones tell log 2 nats of each other."""
    corners = np.array([[-1, -1], [1, 1], [-1, 1], [1, -1]]) * 50.0
    for rows, information, dependence in ((4, np.log(4), 0), (2, np.log(2), np.log(2))):
        table = codes_alone(np.repeat(corners[:rows], 3, axis=0), 0.0)
        found = index_code_mi(table, KEY)
        assert found.value == pytest.approx(information, abs=1e-3)
        assert found.stderr < 1e-3
        assert total_correlation(table, KEY).value == pytest.approx(dependence, abs=1e-3)


def test_independent_posteriors_on_a_grid_have_no_total_correlation(factors):
    found = total_correlation(codes_alone(factors, 2 * np.log(0.7)), KEY)
    assert found.value == pytest.approx(0, abs=1e-3) and found.stderr < 1e-3


def test_posteriors_that_are_the_same_know_no_rows():
    table = codes_alone(np.full((50, 2), 0.7), [0.0, -3.0])
    assert index_code_mi(table, KEY).value == pytest.approx(0, abs=1e-3)
    assert dimension_wise_kl(table).value == pytest.approx(kl(table).value, abs=1e-6)


def test_codes_that_are_standard_normal_over_the_data_have_no_dimension_wise_kl():
    """Means of variance 0.64 and posteriors of 0.36, evenly over the quantiles of a normal."""
    mean = 0.8 * ndtri((np.arange(2000) + 0.5) / 2000)
    table = codes_alone(np.stack([mean, mean], axis=1), np.log(0.36))
    assert dimension_wise_kl(table).value == pytest.approx(0, abs=1e-3)
    prior = codes_alone(np.zeros((10, 2)), 0.0)
    assert dimension_wise_kl(prior).value == pytest.approx(0, abs=1e-6) == kl(prior).value


@pytest.mark.slow
def test_scale_of_codes_that_take_their_posteriors_along_does_not_matter():
    table = random_posteriors()
    times = np.array([1e-3, 1, 100])
    scaled = table._replace(mean=times * table.mean, logvar=table.logvar + 2 * np.log(times))
    for metric in (index_code_mi, total_correlation):
        found, expected = metric(scaled, KEY), metric(table, KEY)
        assert found.value == pytest.approx(expected.value, abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("metric", [index_code_mi, total_correlation], ids=lambda m: m.__name__)
@pytest.mark.parametrize("spread", [0.2, 1.0])
def test_standard_error_against_the_spread_over_keys(metric, spread):
    assert 0.6 < spread_over_stderr(metric, random_posteriors(spread=spread), points=200) < 1.6


TABLES = {
    "wide": (3000, 3, 10.0),
    "narrow": (3000, 3, 1e-3),
    "one code": (3000, 1, 0.1),
    "one block": (BLOCK, 4, 0.3),
    "a row more": (BLOCK + 1, 2, 0.3),
    "many codes": (1500, 12, 0.5),
    "one row": (1, 2, 1.0),
}


@pytest.mark.parametrize("kind", TABLES)
def test_log_density_against_the_plain_sum(kind):
    n, d, scale = TABLES[kind]
    rng = np.random.default_rng(0)
    mean = rng.normal(size=(n, d))
    logvar = 2 * np.log(scale) + 0.5 * rng.normal(size=(n, d))
    near = mean[rng.integers(n, size=50)] + scale * rng.normal(size=(50, d))
    points = np.concatenate([near, 3 * rng.normal(size=(20, d)), np.full((1, d), 100.0)])
    found = log_density(points, mixture_of(mean, logvar))
    assert found == pytest.approx(plain(points, mean, logvar), rel=1e-12, abs=1e-9)


def test_log_density_of_repeated_rows_and_unlike_scales():
    """Half of the rows are one, and one row is so wide that it alone reaches far points."""
    rng = np.random.default_rng(0)
    mean, logvar = rng.normal(size=(2000, 2)), np.full((2000, 2), -12.0)
    mean[1000:] = mean[0]
    logvar[7] = 6
    points = np.concatenate([mean[:20], 10 * rng.normal(size=(20, 2))])
    found = log_density(points, mixture_of(mean.astype(np.float32), logvar.astype(np.float32)))
    expected = plain(points, mean.astype(np.float32).astype(float), logvar)
    assert found == pytest.approx(expected, abs=1e-9)


def test_a_block_of_one_narrow_row_and_one_wide_one_is_not_passed_over():
    rng = np.random.default_rng(0)
    mean, logvar = rng.normal(size=(3 * BLOCK, 3)), np.zeros((3 * BLOCK, 3))
    mean[1], logvar[0], logvar[1] = mean[0], -40, 49
    found = log_density(mean[:2], mixture_of(mean, logvar))
    assert found == pytest.approx(plain(mean[:2], mean, logvar), abs=1e-9)


def test_blocks_are_close_rows_each_once():
    mean = np.random.default_rng(0).uniform(size=(16 * BLOCK, 2))
    rows = neighbours(mean)
    assert np.array_equal(np.sort(rows), np.arange(len(mean)))
    extent = np.ptp(mean[rows].reshape(16, BLOCK, 2), axis=1)
    assert extent.max() < 0.35


def test_a_control_that_is_the_value_leaves_no_error():
    rng = np.random.default_rng(0)
    control = rng.normal(size=100)
    mean, error = controlled_mean(3 - 2 * control, control[:, None])
    assert mean == pytest.approx(3) and error < 1e-12


def test_a_control_that_knows_nothing_leaves_the_plain_error():
    rng = np.random.default_rng(0)
    values, control = rng.normal(size=(2, 10_000))
    mean, error = controlled_mean(values, control[:, None])
    assert mean == pytest.approx(values.mean(), abs=1e-3)
    assert error == pytest.approx(values.std() / 100, rel=0.01)


@pytest.mark.parametrize("name", ["index_code_mi", "total_correlation"])
def test_scale_of_codes_does_not_matter_however_large(name):
    """Control variates are squares of codes, which grow with the fourth power in a fit."""
    rng = np.random.default_rng(0)
    factors = rng.integers(3, size=(300, 2))
    codes = factors + 0.3 * rng.standard_normal((300, 2))
    small, large = (
        METRICS[name](Table(s * codes, factors, np.full((300, 2), -2 + 2 * np.log(s))))
        for s in (1, 1e8)
    )
    assert large.value == pytest.approx(small.value, abs=1e-6)
    assert large.stderr == pytest.approx(small.stderr, rel=1e-6)


@pytest.mark.parametrize("name", ["total_correlation", "dimension_wise_kl"])
def test_posteriors_too_narrow_for_the_grid_are_said(name):
    codes = np.random.default_rng(0).standard_normal((5000, 2))
    factors = np.arange(5000)[:, None] % 2
    wide, narrow = (METRICS[name](Table(codes, factors, np.full((5000, 2), v))) for v in (-4, -24))
    assert not wide.warnings
    assert any("narrower than 1/16,000" in sentence for sentence in narrow.warnings)
