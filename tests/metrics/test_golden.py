"""Scores of fixed tables against those of other packages, run on the same tables.

scores.json: mean and std of each package's score over its seeds. Where a package samples, the two
scores may differ by three times the error of their difference: the package's spread of one run,
that of its mean, and our own standard error.
"""

import json

import jax
import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS

from .conftest import GOLDEN

SCORES = json.loads((GOLDEN / "scores.json").read_text())
KEY = jax.random.key(0)


def problems(metric):
    return [problem for problem, scores in SCORES.items() if metric in scores]


def full_grid(problem):
    """The table a package saw: imbalanced_B as a grid, since it has no frequencies of rows."""
    with np.load(GOLDEN / f"{problem}.npz") as z:
        if "sizes" not in z:
            return Table(z["mean"], z["factors"].astype(int), z["logvar"])
        factors = np.indices(z["sizes"]).reshape(len(z["sizes"]), -1).T
        return Table(z["grid_mean"], factors, z["grid_logvar"])


def error(expected, stderr):
    return 3 * np.sqrt(expected["std"] ** 2 * (1 + 1 / expected["seeds"]) + stderr**2)


@pytest.mark.parametrize("metric", ["higgins", "factor_vae", "mig_histogram"])
@pytest.mark.parametrize("problem", SCORES)
def test_sampled_scores(golden, metric, problem):
    expected = SCORES[problem][metric]
    score = METRICS[metric](golden(problem), KEY)
    assert score.value == pytest.approx(expected["mean"], abs=error(expected, score.stderr))


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
