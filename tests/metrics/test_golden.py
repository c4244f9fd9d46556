"""Scores of fixed tables against those of other packages, run on the same tables.

scores.json: mean and std of each package's score over its seeds. Where a package samples, the two
scores may differ by three times the error of their difference: the package's spread of one run,
that of its mean, and our own standard error.
"""

import json

import jax
import numpy as np
import pytest
from sklearn.preprocessing import minmax_scale

from dbench.metrics import METRICS
from dbench.metrics.dci import per_code
from dbench.metrics.shared.information import Binned, tabulate

from . import peers
from .conftest import GOLDEN
from .peers import full_grid

SCORES = json.loads((GOLDEN / "scores.json").read_text())
KEY = jax.random.key(0)


def problems(metric):
    return [problem for problem, scores in SCORES.items() if metric in scores]


def error(expected, stderr):
    return 3 * np.sqrt(expected["std"] ** 2 * (1 + 1 / expected["seeds"]) + stderr**2)


def slow_if_fitted(comparison):
    """What fits is slow, but on two of the problems."""
    fitted = comparison.metric.startswith(("infomec", "explicitness", "sap", "dci"))
    slow = fitted and comparison.problem not in ("perfect_B", "rot45_B")
    return pytest.param(comparison, marks=pytest.mark.slow if slow else (), id=str(comparison))


@pytest.mark.parametrize("comparison", [slow_if_fitted(c) for c in peers.comparisons("fixed")])
def test_fixed_scores(comparison):
    expected = peers.ROWS[comparison.row]["scores"][comparison.problem][0]
    near, _why = peers.tolerance(comparison)
    assert peers.ours(comparison).value == pytest.approx(expected, abs=near)


def slow_if_large(comparison):
    """Fits to 10,000 rows, and trees but for two problems."""
    kinds = ("dci", "downstream", "explicitness", "sap", "total_correlation", "unfairness", "irs")
    large = comparison.metric.startswith(kinds) and not peers.ROWS[comparison.row]["options"]
    large = large or comparison.metric == "unfairness"
    trees = comparison.metric.startswith("dci")
    large = large or (trees and comparison.problem not in ("perfect_B", "rot45_B"))
    return pytest.param(comparison, marks=pytest.mark.slow if large else (), id=str(comparison))


@pytest.mark.parametrize("comparison", [slow_if_large(c) for c in peers.comparisons("sampled")])
def test_sampled_scores_of_peers(comparison):
    mean, std, seeds = peers.ROWS[comparison.row]["scores"][comparison.problem]
    found = peers.ours(comparison)
    spread = std if seeds > 1 else found.stderr  # of one seed nothing is known
    near = 3 * np.sqrt(spread**2 * (1 + 1 / seeds) + found.stderr**2)
    near += peers.WIDER["irs", None][0] if comparison.metric == "irs" else 1e-6
    assert found.value == pytest.approx(mean, abs=near)


@pytest.mark.parametrize("comparison", [slow_if_fitted(c) for c in peers.comparisons("matrix")])
def test_matrices(comparison):
    row = peers.ROWS[comparison.row]
    found = peers.ours(comparison).parts[row["part"]]
    expected = np.array(row["scores"][comparison.problem], float)
    if row["package"].startswith("latent_quantization"):
        expected = expected.T  # factors by codes
    if comparison.metric == "irs_all":  # the package drops constant codes
        found = found[np.ptp(peers.load(comparison.problem).mean, axis=0) > 0]
    near = {"importance": 0.01, "information": 0.01 if "infomec" in comparison.metric else 1e-6}
    if row["part"] == "importance" and comparison.problem in ("rot45_B", "gaussian_B"):
        near["importance"] = 0.1  # two codes share a factor evenly, split by split: peers.TIES
    rest, _why = peers.WIDER["irs_all", None]
    assert found == pytest.approx(expected, abs=near.get(row["part"], rest))


@pytest.mark.parametrize("name", json.loads((GOLDEN / "matrices.json").read_text()))
def test_aggregates_of_given_matrices(name):
    """Rows and columns of zeros, copies, random ones: [codes, factors]."""
    expected = json.loads((GOLDEN / "matrices.json").read_text())[name]
    matrix = np.array(expected["matrix"])
    codes, factors = per_code(matrix), per_code(matrix.T)
    # The package adds 1e-11 to every entry.
    assert codes == pytest.approx(expected["dci_per_code"], abs=1e-8)
    assert factors == pytest.approx(expected["dci_per_factor"], abs=1e-8)
    total = max(matrix.sum(), 1e-300)
    value = matrix.sum(axis=1) @ codes / total
    assert value == pytest.approx(expected["dci_disentanglement"], abs=1e-8)
    value = matrix.sum(axis=0) @ factors / total
    assert value == pytest.approx(expected["dci_completeness"], abs=1e-8)


@pytest.mark.parametrize("bins", [10, 20])
def test_edges_of_bins_in_float32(bins):
    """Where a package differs on a rotated lattice: it scales codes to [0, 1] in float32."""
    table, problem = peers.load("rot45_B"), "rot45_B"
    scaled = minmax_scale(table.mean)
    assert scaled.dtype == np.float32
    binned = np.digitize(scaled, np.linspace(0, 1, bins + 1)[:-1]) - 1
    found: Binned = tabulate(binned, table.factors)
    known = np.sort(found.information / found.code_entropy[:, None], axis=1)
    theirs = next(
        row["scores"][problem][0]
        for row in peers.ROWS
        if row["metric"] == "mig_sup" and row["options"]["bins"] == bins
    )
    assert (known[:, -1] - known[:, -2]).mean() == pytest.approx(theirs, abs=1e-6)


def test_codes_that_are_the_same_have_no_finite_total_correlation():
    found = METRICS["gaussian_tc_all"](peers.load("gaussian_B"))
    assert found.parts["floored"] == 1 and found.value > 11
    assert any("linear functions" in sentence for sentence in found.warnings)


@pytest.mark.parametrize("name", ["gaussian_tc_all", "mig_sup", "modularity_all"])
def test_constant_codes_where_packages_give_nan(name):
    assert np.isfinite(METRICS[name](peers.load("dead_B")).value)


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["higgins", "factor_vae", "mig_histogram"])
@pytest.mark.parametrize("problem", SCORES)
def test_sampled_scores(golden, metric, problem):
    expected = SCORES[problem][metric]
    score = METRICS[metric](golden(problem), KEY)
    assert score.value == pytest.approx(expected["mean"], abs=error(expected, score.stderr))


@pytest.mark.slow
@pytest.mark.parametrize("problem", problems("factor_vae_unpruned"))
def test_factor_vae_without_threshold(golden, problem):
    """On dead_B the package lets constant codes vote, and is wrong."""
    expected = SCORES[problem]["factor_vae_unpruned"]
    score = METRICS["factor_vae"](golden(problem), KEY, threshold=0)
    agrees = abs(score.value - expected["mean"]) < error(expected, score.stderr)
    assert agrees == (problem != "dead_B")


@pytest.mark.parametrize("problem", SCORES)
def test_mig_histogram_of_all_rows(golden, problem):
    expected = SCORES[problem]["mig_histogram_all_rows"]["mean"]
    score = METRICS["mig_histogram"](golden(problem), KEY, rows=None)
    assert score.value == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("problem", problems("mig"))
def test_mig(problem):
    """The package draws 840 samples from 840 posteriors: its std is of that draw."""
    expected = SCORES[problem]["mig"]
    score = METRICS["mig"](full_grid(problem))
    assert score.value == pytest.approx(expected["mean"], abs=error(expected, 0))


def test_mig_is_not_that_of_scrambled_samples():
    """A package that reshapes where it should transpose has 0.06 for perfect codes."""
    scrambled = SCORES["perfect_B"]["mig_transposed"]["mean"]
    assert METRICS["mig"](full_grid("perfect_B")).value > 0.99 > 10 * scrambled
