import numpy as np
import pytest

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics import METRICS

from .conftest import entropy, spread_over_stderr

mig_sup = METRICS["mig_sup"]


def test_by_hand(pair):
    """Codes: u; whether u = 3; whether u >= 2 and v = 1, which knows as many nats of u as of v."""
    u, v = pair.T
    codes = np.stack([u, u == 3, (u >= 2) & (v == 1)], axis=1) * 1.0
    shared = entropy(1 / 4, 3 / 4) - np.log(2) / 2
    gap = [1, entropy(1 / 4, 3 / 4) / np.log(4), shared / np.log(2) - shared / np.log(4)]
    score = mig_sup(Table(codes, pair), None)
    assert score.parts["gap"] == pytest.approx(gap)
    assert score.value == pytest.approx(np.mean(gap)) and score.stderr == 0
    assert score.parts["information"][1:] == pytest.approx(
        np.array([[entropy(1 / 4, 3 / 4), 0], [shared, shared]])
    )


def test_gap_is_to_the_second_of_three_factors():
    """Codes of two factors: none of the third, and no gap."""
    factors = np.indices((2, 2, 2)).reshape(3, -1).T
    codes = np.stack([factors[:, :2].sum(axis=1), factors[:, 2]], axis=1) * 1.0
    assert mig_sup(Table(codes, factors), None).parts["gap"] == pytest.approx([0, 1], abs=1e-12)


def test_by_the_entropy_of_the_code_on_request(pair):
    """Then a code that tells u = 3 alone has the full gap, and one that knows equally of both 0."""
    u, v = pair.T
    codes = np.stack([u, u == 3, (u >= 2) & (v == 1)], axis=1) * 1.0
    score = mig_sup(Table(codes, pair), None, normaliser="code")
    assert score.parts["gap"] == pytest.approx([1, 1, 0])
    with pytest.raises(InputError, match="did you mean 'factor'"):
        mig_sup(Table(codes, pair), None, normaliser="facto")


def test_noise_of_a_code_counts_only_where_its_entropy_divides(pair):
    """A code with a second digit that is neither factor: I / H(v) stays 1."""
    factors = np.repeat(pair, 5, axis=0)
    codes = factors + np.tile([0, 0.1, 0.2, 0.3, 0.4], 8)[:, None]
    table = Table(codes, factors)
    assert mig_sup(table, None, bins=40).value == pytest.approx(1)
    by_code = [np.log(4) / np.log(20), np.log(2) / np.log(10)]
    found = mig_sup(table, None, bins=40, normaliser="code").parts["gap"]
    assert found == pytest.approx(by_code)


def test_entropy_of_unequal_factors_is_that_of_their_frequencies():
    factors = np.indices((10, 2)).reshape(2, -1).T
    factors[:, 0] = factors[:, 0] == 9
    assert mig_sup(Table(factors * 1.0, factors), None).value == pytest.approx(1)


@pytest.mark.parametrize("normaliser", ["factor", "code"])
def test_dead_codes_count_zero(golden, normaliser):
    """Four codes of seven are used; 0 / 0 elsewhere is NaN."""
    perfect, dead = golden("perfect_B"), golden("dead_B")
    expected = 4 / 7 * mig_sup(perfect, None, normaliser=normaliser).value
    score = mig_sup(dead, None, normaliser=normaliser)
    assert score.value == pytest.approx(expected)
    assert score.parts["gap"][4:].tolist() == [0, 0, 0]


def test_a_near_dead_code_counts_like_any_other_and_is_said(golden):
    score = mig_sup(golden("dropped_B"), None)
    assert any("below 0.05: 3" in sentence for sentence in score.warnings)


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["rot45_B", "imbalanced_B"])
def test_standard_error_against_the_spread_over_keys(golden, problem):
    assert 0.5 < spread_over_stderr(mig_sup, golden(problem), rows=10_000) < 1.7
