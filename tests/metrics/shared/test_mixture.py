"""Binned integration against the sum over all components at every point of a fine grid."""

import numpy as np
import pytest
from scipy.special import logsumexp

from dbench.metrics.shared import mixture
from dbench.metrics.shared.groups import groups


def brute(mean, scale, labels):
    """Entropies of the mixtures given each label, without bins, [n] float, [n] int -> [v]."""
    rows, inverse = np.unique(np.stack([mean, scale], axis=1), axis=0, return_inverse=True)
    weight = np.zeros((labels.max() + 1, len(rows)))
    np.add.at(weight, (labels, inverse), 1)
    weight /= weight.sum(axis=1, keepdims=True)
    step, total = scale.min() / 8, np.zeros(len(weight))
    grid = np.arange((mean - 9 * scale).min(), (mean + 9 * scale).max(), step)
    for z in np.array_split(grid, 1 + len(grid) * len(rows) // 2**21):
        away = (z - rows[:, :1]) / rows[:, 1:]
        p = weight @ (np.exp(-(away**2) / 2) / rows[:, 1:]) / np.sqrt(2 * np.pi)
        total -= (p * np.log(np.maximum(p, 1e-300))).sum(axis=1) * step
    return total


def table(kind):
    """Means [n], scales [n] and factors [n, 3] of a kind of code that might go wrong."""
    rng = np.random.default_rng(1)
    a, b, c = factors = np.stack([rng.integers(k, size=600) for k in (3, 5, 12)])
    noise, same = rng.normal(size=(2, 600)), np.ones(600)
    mean, scale = {
        "random": (noise[0], 0.1 * np.exp(0.5 * noise[1])),
        "lattice": (0.25 * c, 0.1 * same),
        "two lattices": (0.25 * c + 0.05 * b, np.array([0.1, 0.1048, 0.11])[a]),
        "scale by the same factor": (0.3 * b, 0.1 * np.exp(0.05 * c)),
        "scale by another factor": (0.17 * b, 0.1 * np.exp(0.049 * a)),
        "scale alone": (0 * same, 0.1 * np.exp(0.1 * c)),
        "two scales": (noise[0], np.where(a == 0, 0.02, 1)),
        "a power of two between scales": (0.3 * c, np.where(a == 0, 0.25, 1)),
        "narrow": (0.1 * b + 1e-3 * noise[0], 1e-3 * np.exp(0.2 * noise[1])),
        "inactive": (0.01 * noise[0], 1 + 0.005 * noise[1]),
        "constant": (3 * same, 0.9 * same),
    }[kind]
    return mean, scale, factors.T


KINDS = ["random", "lattice", "two lattices", "scale by the same factor", "scale by another factor"]
KINDS += ["scale alone", "two scales", "a power of two between scales", "narrow", "inactive"]
KINDS += ["constant"]


def errors(mean, scale, factors, **accuracy):
    """Largest error of an entropy, and of an information, in nats."""
    by_factor = groups(factors)
    got = mixture.entropies(mean, 2 * np.log(scale), by_factor, **accuracy)
    whole = brute(mean, scale, np.zeros(len(mean), int))[0]
    of_entropy, of_information = [abs(got.whole - whole)], []
    for g, given in zip(by_factor, got.given, strict=True):
        exact = brute(mean, scale, g.labels)
        of_entropy.append(np.abs(given - exact).max())
        share = g.counts / len(mean)
        of_information.append(abs((got.whole - share @ given) - (whole - share @ exact)))
    return max(of_entropy), max(of_information)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_against_unbinned_integration(kind):
    of_entropy, of_information = errors(*table(kind))
    assert of_entropy < 5e-5
    assert of_information < 1e-5


@pytest.mark.slow
def test_finer_cells_and_bins_are_more_exact():
    coarse, fine = errors(*table("random")), errors(*table("random"), cells=8, width=0.02)
    assert fine[0] < coarse[0] / 10
    assert fine[1] < 1e-7


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["rot45_B", "gaussian_B", "imbalanced_B"])
def test_golden_tables_against_unbinned_integration(golden, problem):
    t = golden(problem)
    rows = slice(0, 1000)
    for j in range(t.mean.shape[1]):
        scale = np.exp(0.5 * t.logvar[rows, j].astype(float))
        assert errors(t.mean[rows, j].astype(float), scale, t.factors[rows])[1] < 5e-6


@pytest.mark.parametrize("scale", [1e-9, 1, 1e6])
def test_one_gaussian_has_its_closed_form(scale):
    same = np.ones(10)
    got = mixture.entropies(7 * same, 2 * np.log(scale * same), groups(np.arange(10)[:, None] % 2))
    assert got.whole == pytest.approx(0.5 * np.log(2 * np.pi * np.e * scale**2), abs=1e-7)
    assert got.given[0] == pytest.approx([got.whole] * 2)


def test_far_clusters_are_exact_and_cost_no_cells():
    """An outlier a million scales away has entropy as if it were just out of reach."""
    mean, scale, factors = table("two lattices")
    near, far = mean.copy(), mean.copy()
    near[0], far[0] = 20, 1e5
    a, b = (mixture.entropies(m, 2 * np.log(scale), groups(factors)) for m in (near, far))
    assert b.floored == 0
    assert b.whole == pytest.approx(a.whole, abs=1e-5)
    assert mixture.lay_out(far, scale, 4).size < 2000


def test_scales_too_narrow_for_the_grid_are_raised_and_counted():
    mean = np.linspace(0, 1, 1000)
    scale = np.where(np.arange(1000) < 10, 1e-9, 0.1)
    by_factor = groups(np.arange(1000)[:, None] % 2)
    got = mixture.entropies(mean, 2 * np.log(scale), by_factor)
    assert got.floored == 0.01
    least = 4 * (1 + 12 * 0.1) / mixture.LIMIT
    raised = mixture.entropies(mean, 2 * np.log(np.maximum(scale, least)), by_factor)
    assert got.whole == pytest.approx(raised.whole, abs=1e-9)


def test_masses_have_the_moments_of_the_rows():
    rng = np.random.default_rng(0)
    offset, variance = rng.uniform(-0.5, 0.5, 50), rng.uniform(-1, 1, 50)
    at = 7 + 20 * (np.arange(50) % 2)
    mass = mixture.masses(at, mixture.moments(offset, variance), (2, 20))
    x = np.arange(20) - 7
    for i in range(2):
        m, v = offset[i::2], variance[i::2]
        moments = [1 + 0 * m, m, m**2 + v, m**3 + 3 * m * v, m**4 + 6 * m**2 * v + 3 * v**2]
        assert [(mass[i] * x**j).sum() for j in range(5)] == pytest.approx(
            [m.sum() for m in moments]
        )


@pytest.mark.parametrize("kind", KINDS)
def test_surprise_is_minus_the_log_density(kind):
    mean, scale, _ = table(kind)
    rng = np.random.default_rng(0)
    rows, noise = rng.integers(len(mean), size=500), rng.normal(size=500)
    whole, found = mixture.surprise(mean, 2 * np.log(scale), rows, noise)
    z = mean[rows] + scale[rows] * noise
    terms = -(((z[:, None] - mean) / scale) ** 2) / 2 - np.log(scale)
    expected = np.log(len(mean)) + 0.5 * np.log(2 * np.pi) - logsumexp(terms, axis=1)
    assert np.abs(found - expected).mean() < 5e-3
    assert np.quantile(np.abs(found - expected), 0.9) < 2e-3
    assert whole == pytest.approx(brute(mean, scale, np.zeros(len(mean), int))[0], abs=5e-5)


def test_mean_surprise_is_the_entropy():
    mean, scale, _ = table("random")
    rng = np.random.default_rng(0)
    rows, noise = rng.integers(len(mean), size=200_000), rng.normal(size=200_000)
    whole, found = mixture.surprise(mean, 2 * np.log(scale), rows, noise)
    assert found.mean() == pytest.approx(whole, abs=1e-3 + 4 * found.std() / np.sqrt(200_000))


def test_surprise_next_to_a_far_cluster():
    """Two clusters that a grid brings together, and a draw ten scales out of reach."""
    mean = np.repeat([0.0, 1e6], 50)
    whole, found = mixture.surprise(mean, np.zeros(100), np.array([0, 99, 0]), np.array([0, 1, 4]))
    one = 0.5 * np.log(2 * np.pi) + np.log(2)
    assert found == pytest.approx([one, one + 0.5, one + 8], abs=2e-3)
    assert whole == pytest.approx(one + 0.5, abs=1e-5)
