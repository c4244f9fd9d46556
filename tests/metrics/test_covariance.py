import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS

from .conftest import spread_over_stderr

tc_all = METRICS["gaussian_tc_all"]
wasserstein_all = METRICS["wasserstein_all"]
normalised_all = METRICS["wasserstein_normalised_all"]
ALL = [tc_all, wasserstein_all, normalised_all]


def codes_alone(codes):
    codes = np.asarray(codes)
    return Table(codes, np.zeros((len(codes), 0), int))


def exactly(cov, n=50):
    """Codes [n, d] whose sample covariance (ddof 1) is `cov`."""
    white = np.random.default_rng(0).normal(size=(n, len(cov)))
    white, _ = np.linalg.qr(white - white.mean(axis=0))
    return codes_alone(np.sqrt(n - 1) * white @ np.linalg.cholesky(np.array(cov, float)).T)


@pytest.mark.parametrize("rho", [0, 0.3, -0.8, 0.999])
def test_total_correlation_of_two_codes(rho):
    found = tc_all(exactly([[4, 2 * rho], [2 * rho, 1]]))
    assert found.value == pytest.approx(-0.5 * np.log(1 - rho**2), abs=1e-9)
    assert found.parts["correlation"] == pytest.approx(np.array([[1, rho], [rho, 1]]))
    assert found.stderr == 0


def test_total_correlation_of_three_codes_is_that_of_the_determinant():
    cov = np.array([[2, 0.5, 0.1], [0.5, 1, -0.4], [0.1, -0.4, 3]])
    expected = 0.5 * (np.log(np.diag(cov)).sum() - np.log(np.linalg.det(cov)))
    assert tc_all(exactly(cov)).value == pytest.approx(expected)


@pytest.mark.parametrize("a, b, c", [(1, 1, 0), (4, 1, 1.5), (4, 1, -1.5), (1, 1, 0.999)])
def test_wasserstein_of_two_codes(a, b, c):
    """The trace of the root of a 2 x 2 matrix M is sqrt(tr M + 2 sqrt(det M))."""
    root = np.sqrt(a**2 + b**2 + 2 * np.sqrt(a * b * (a * b - c**2)))
    table, expected = exactly([[a, c], [c, b]]), 2 * (a + b) - 2 * root
    found = wasserstein_all(table)
    assert found.value == pytest.approx(expected, abs=1e-9)
    assert found.parts["trace"] == pytest.approx(a + b)
    assert found.parts["covariance"] == pytest.approx(np.array([[a, c], [c, b]]), abs=1e-9)
    assert normalised_all(table).value == pytest.approx(expected / (a + b), abs=1e-9)


@pytest.mark.parametrize("d", [2, 9])
def test_wasserstein_of_copies_of_one_code(d):
    copies = np.repeat(exactly([[1, 0], [0, 1]]).mean[:, :1], d, axis=1)
    assert wasserstein_all(codes_alone(copies)).value == pytest.approx(2 * d - 2 * np.sqrt(d))
    assert normalised_all(codes_alone(copies)).value == pytest.approx(2 - 2 / np.sqrt(d))


def test_wasserstein_grows_with_the_square_of_the_scale(golden):
    table = golden("rot45_B")
    wide = table._replace(mean=10 * table.mean)
    assert wasserstein_all(table).value > 0.001
    assert wasserstein_all(wide).value == pytest.approx(100 * wasserstein_all(table).value)


def test_linearly_dependent_codes_are_infinite_and_said():
    """The eigenvalue that rounding leaves, of either sign, counts as 1e-10."""
    x, y = exactly([[1, 0], [0, 1]]).mean.T
    table = codes_alone(np.stack([x, y, x + y], axis=1).astype(np.float32))
    found = tc_all(table)
    assert found.parts["floored"] == 1
    assert any("1 eigenvalue(s)" in sentence for sentence in found.warnings)
    # The correlation has eigenvalues 2, 1 and 0.
    assert found.value == pytest.approx(-0.5 * np.log(2 * 1e-10), abs=1e-6)
    assert tc_all(codes_alone(table.mean[:, :2])).parts["floored"] == 0


@pytest.mark.parametrize("metric", ALL, ids=lambda m: m.__name__)
def test_constant_codes_are_left_out(golden, metric):
    """The mean of 840 times 0.3 is not exactly 0.3: variances of 1e-33 and correlations of 1."""
    table = golden("rot45_B")
    dead = np.column_stack([table.mean, np.tile([0.3, 1.1, 0.7, 2.3], (840, 1))])
    for codes in (dead, dead.astype(np.float32)):
        found = metric(table._replace(mean=codes, logvar=None))
        assert found.value == pytest.approx(metric(table).value, rel=1e-6)
        assert any("constant codes: 4, 5, 6, 7" in sentence for sentence in found.warnings)


def test_constant_codes_depend_on_nothing(golden):
    dead = np.column_stack([golden("rot45_B").mean, np.tile([0.3, 1.1, 0.7, 2.3], (840, 1))])
    parts = tc_all(codes_alone(dead)).parts
    assert parts["floored"] == 0
    assert np.array_equal(parts["correlation"][4:], np.eye(8)[4:])


@pytest.mark.parametrize("metric", ALL, ids=lambda m: m.__name__)
def test_far_means_do_not_matter(golden, metric):
    table = golden("rot45_B")
    far = table._replace(mean=table.mean.astype(float) + 1e6)
    assert metric(far).value == pytest.approx(metric(table).value, abs=1e-7)


def test_bias_of_independent_codes_is_as_documented():
    codes = np.random.default_rng(0).normal(size=(500, 20))
    assert tc_all(codes_alone(codes)).value == pytest.approx(20 * 19 / 4 / 500, rel=0.25)


def test_covers_more_codes_than_rows():
    codes = np.random.default_rng(0).normal(size=(5, 8))
    for metric in ALL:
        assert np.isfinite(metric(codes_alone(codes)).value)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gaussian_tc", "wasserstein", "wasserstein_normalised"])
@pytest.mark.parametrize("problem", ["rot45_B", "imbalanced_B"])
def test_standard_error_against_the_spread_over_keys(golden, problem, name):
    codes = golden(problem).mean[:, :3] @ [[1, 0.5, 0], [0, 1, 0.3], [0, 0, 1]]
    assert 0.6 < spread_over_stderr(METRICS[name], codes_alone(codes), rows=1000) < 1.5
