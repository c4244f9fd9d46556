import numpy as np
import pytest

from dbench.metrics import METRICS
from dbench.metrics.dci_es_explicitness import DRAWS, explicitness_of, probe_inputs

from .conftest import spread_over_stderr

dci_es_explicitness = METRICS["dci_es_explicitness"]
FEW = {"train": 600, "test": 300, "features": 64}
CAPACITY = 2.0 ** np.arange(5)  # even steps of the logarithm


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ([0, 0, 0, 0, 0], 1),
        ([0.7, 0.7, 0.7, 0.7, 0.7], 1),  # no capacity helps
        ([1, 0.75, 0.5, 0.25, 0], 0),
        ([1, 1, 1, 1, 0], -0.75),  # trapezoids: 3.5 of 4 steps
        ([1, 0, 0, 0, 0], 0.75),
        ([1, 0.5, 0.8, 0.9, 0.5], 0.875),  # a weaker probe that does better stands
        ([1, 0, 3, 3, 3], 0.75),
    ],
)
def test_value_of_given_losses_by_hand(loss, expected):
    assert explicitness_of(CAPACITY, np.array([loss, loss]).T * 1.0) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [([0.9, 0.5, 0.2, 0.15], 0.28092396845144396), ([0.9, 0.2, 0.5, 0.15], 0.5135811294745378)],
)
def test_value_of_given_losses_by_the_authors_code(loss, expected):
    """DCI-ES at 9329dae, metrics/explitcitness.py: a curve over log c, its baseline loss 1."""
    found = explicitness_of(np.array([4, 20, 36, 68.0]), np.array(loss)[:, None])
    assert found == pytest.approx(expected)


def test_a_rotation_costs_nothing_and_a_fold_does(factors):
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))
    assert dci_es_explicitness((factors - 2.5) @ turn, factors, **FEW).value > 0.999
    angle = 2 * np.pi * factors / 7
    circles = np.concatenate([np.cos(angle), np.sin(angle)], axis=1)
    assert dci_es_explicitness(circles, factors, **FEW).value < 0.95


def test_codes_that_tell_nothing_are_near_one_and_it_is_said(factors):
    rng = np.random.default_rng(0)
    rows = np.tile(factors, (100, 1))
    found = dci_es_explicitness(rng.normal(size=rows.shape), rows, names=["a", "b", "c"], **FEW)
    assert found.value > 0.95
    assert "no probe tells a, b, c" in found.warnings[0]


def test_parts(factors):
    found = dci_es_explicitness(factors * 1.0, factors, **FEW | {"features": 40})
    assert list(found.parts["capacity"]) == [4, 20, 36, 44]  # 3 codes, a constant, features
    assert found.parts["loss"].shape == (4, 3)


def test_features_are_pairs_of_cos_and_sin():
    found = probe_inputs(np.array([[0.25, 0.0]]), np.array([[1.0, 2.0], [5.0, 5.0]]))
    assert found == pytest.approx(np.array([[0.25, 0, 0, 1, -1, 0]]))


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["noise_A", "monotone_B"])
def test_standard_error_against_the_spread_over_keys(golden, problem):
    """Of 5 draws it is known to 35 %; of their mean over 40 keys to 6 %."""
    assert DRAWS == 5
    options = {"train": 1000, "test": 500, "features": 128}
    ratio = spread_over_stderr(dci_es_explicitness, golden(problem), keys=40, **options)
    assert 0.6 < ratio < 1.6
