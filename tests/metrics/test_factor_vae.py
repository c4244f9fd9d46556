import jax
import numpy as np
import pytest

from dbench.base import Table, numpy_rng
from dbench.metrics import METRICS
from dbench.metrics.factor_vae import votes
from dbench.metrics.groups import groups

factor_vae = METRICS["factor_vae"]
KEYS = [jax.random.key(i) for i in range(20)]


def test_a_missing_factor_is_seen(golden):
    """Kim & Mnih's criticism of the BetaVAE score, which is 1 here."""
    score = factor_vae(golden("dropped_B"), KEYS[0])
    assert score.value == pytest.approx(0.75, abs=4 * score.stderr)
    assert score.parts["active"] == 3


def test_threshold_decides_on_a_near_dead_code(golden):
    """Without it the code of std 0.01 gets the votes of the factor that is not encoded."""
    unpruned = factor_vae(golden("dropped_B"), KEYS[0], threshold=0)
    assert unpruned.value == pytest.approx(0.84, abs=0.03)
    assert unpruned.parts["active"] == 4


@pytest.mark.parametrize("threshold", [0.0, 0.05])
def test_constant_codes_never_vote(golden, threshold):
    """0/0 = NaN and argmin picks NaN: 0.25 elsewhere for perfect codes and three dead ones."""
    score = factor_vae(golden("dead_B"), KEYS[0], threshold=threshold)
    assert score.value == 1
    assert score.parts["active"] == 4


def test_no_active_code_scores_zero(golden):
    t = golden("perfect_B")
    score = factor_vae(Table(0.01 * t.mean, t.factors), KEYS[0])
    assert score[:2] == (0.0, 0.0) and score.parts["active"] == 0
    assert any("none votes" in sentence for sentence in score.warnings)


def test_active_counts_codes_at_the_threshold_or_above(factors):
    codes = factors / factors.std(axis=0) * [0.049, 0.0515, 1]
    assert factor_vae(Table(codes, factors), KEYS[0], train=500).parts["active"] == 2


def test_all_rows_of_a_vote_share_one_value(factors):
    """Rows that share the factor only pair by pair would not have zero variance."""
    codes = factors / factors.std(axis=0)
    vote, fixed = votes(codes, groups(factors), numpy_rng(KEYS[0]), 600, 64)
    assert (vote == fixed).all()
    assert len(np.unique(fixed)) == 3


def test_variance_is_relative_to_that_of_the_code(factors):
    """Noise of std 0.1 on a code of std 1.7 against an unrelated code of std 0.06."""
    rng = np.random.default_rng(0)
    codes = np.column_stack(
        [factors + 0.1 * rng.normal(size=(216, 3)), 0.06 * rng.normal(size=216)]
    )
    assert factor_vae(Table(codes, factors), KEYS[0], train=2000).value == 1


def test_an_integer_table_of_codes_is_a_table(factors):
    assert factor_vae(Table(factors, factors), KEYS[0], train=500, test=500).value == 1


@pytest.mark.parametrize("problem", ["rot45_B", "dropped_B", "random_A"])
def test_standard_error_against_the_spread_over_keys(golden, problem):
    scores = [factor_vae(golden(problem), key, train=2000, test=1000) for key in KEYS]
    spread = np.std([score.value for score in scores], ddof=1)
    reported = np.mean([score.stderr for score in scores])
    assert 0.6 < spread / reported < 1.5
