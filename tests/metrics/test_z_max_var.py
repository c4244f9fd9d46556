import numpy as np
import pytest

from dbench.metrics import METRICS

from .conftest import spread_over_stderr

z_max_var = METRICS["z_max_var"]
FEW = {"train": 1000, "test": 1000}


def test_one_code_for_two_factors_tells_one_of_them(pair):
    """u + v gets every vote, and stands for the factor that was free more often."""
    codes = np.stack([pair.sum(axis=1), np.zeros(8)], axis=1)
    found = z_max_var(codes, pair, **FEW)
    assert found.parts["votes"][0] == pytest.approx([0.5, 0.5], abs=4 * 0.5 / np.sqrt(1000))
    assert found.value == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(1000))
    assert found.stderr == pytest.approx(0.5 / np.sqrt(1000), rel=0.05)


def test_blind_to_a_mixture_in_which_each_factor_moves_another_code_most(pair):
    """With u free u moves by all its variance, u + v by 5/6 of it; with v free, 0 and 1/6."""
    u, v = pair.T
    assert z_max_var(np.stack([u, u + v], axis=1), pair, **FEW).value == 1


def test_a_code_of_noise_ties_with_those_of_the_factors(factors):
    """Noise moves by all of its variance whichever factor is free, as does the right code."""
    rng = np.random.default_rng(0)
    rows = np.tile(factors, (40, 1))
    codes = np.column_stack([rows, rng.normal(size=(len(rows), 1))])
    assert z_max_var(codes, rows, **FEW).value < 0.9
    codes[:, 3] *= 0.04  # below the threshold it has no vote
    assert z_max_var(codes, rows, **FEW).value == 1
    assert z_max_var(codes, rows, threshold=0.01, **FEW).value < 0.9


def test_copies_of_a_row_start_no_vote(pair):
    """They vary in no factor, so that all variances would be 0."""
    rows = np.repeat(pair, 3, axis=0)[:20]  # (3, 0) has no neighbour in v
    assert z_max_var(rows * 1.0, rows, **FEW).value == 1


def test_no_two_rows_that_differ_in_one_factor_alone():
    rows = np.repeat(np.arange(4)[:, None], 2, axis=1)
    found = z_max_var(rows * 1.0, rows, **FEW)
    assert found.value == 0 and found.stderr == 0
    assert "no two rows differ in one factor alone" in found.warnings[0]


def test_a_factor_that_never_varies_alone_is_left_out(pair):
    """The third is the second again."""
    rows = np.column_stack([pair, pair[:, 1]])
    found = z_max_var(rows * 1.0, rows, names=["u", "v", "w"], **FEW)
    said = " ".join(found.warnings)
    assert "differ in v alone: it is left out" in said and "differ in w alone" in said
    assert found.value == 1 and not found.parts["votes"][:, 1:].any()


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["rot45_B", "dropped_B"])
def test_standard_error_against_the_spread_over_keys(golden, problem):
    assert 0.6 < spread_over_stderr(z_max_var, golden(problem), **FEW) < 1.5
