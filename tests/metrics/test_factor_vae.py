import jax
import numpy as np
import pytest

from dbench.base import Table, numpy_rng
from dbench.metrics import METRICS
from dbench.metrics.factor_vae import votes
from dbench.metrics.shared.groups import groups

factor_vae, factor_vae_all = METRICS["factor_vae"], METRICS["factor_vae_all"]
KEYS = [jax.random.key(i) for i in range(60)]


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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["rot45_B", "dropped_B", "random_A"])
def test_standard_error_against_the_spread_over_keys(golden, problem):
    scores = [factor_vae(golden(problem), key, train=2000, test=1000) for key in KEYS]
    spread = np.std([score.value for score in scores], ddof=1)
    reported = np.mean([score.stderr for score in scores])
    assert 0.6 < spread / reported < 1.5


def test_whole_groups_by_hand(pair):
    """Codes v and u + 3v: u fixed, the first never varies, the second by v alone.

    Given u, code 1 has variance 9 var(v) of 9 var(v) + var(u); given v, code 0 has none.
    """
    u, v = pair.T
    score = factor_vae_all(Table(np.stack([v, u + 3 * v], axis=1) * 1.0, pair))
    # Given u: code 0 varies fully, code 1 by 9/4 of 9/4 + 5/4: it wins. Given v code 0 wins.
    assert score.parts["votes"] == pytest.approx(np.array([[0, 0.5], [0.5, 0]]))
    assert score.value == 1 and score.stderr == 0


def test_a_missing_factor_is_seen_by_whole_groups(golden):
    """Its votes go to a code that another factor has more of. No code below the threshold votes."""
    score = factor_vae_all(golden("dropped_B"))
    assert score.value == pytest.approx(0.75) and score.parts["active"] == 3
    assert any("1 of 4 codes have no vote" in sentence for sentence in score.warnings)
    assert factor_vae_all(golden("dropped_B"), threshold=0).parts["active"] == 4


def test_threshold_of_whole_groups_divides_by_one_less(pair):
    """Standard deviations of eight rows: 0.048 by n is 0.0513 by n - 1, and 0.0463 is 0.0495."""
    codes = np.stack([0.096 * pair[:, 1], 0.0926 * pair[:, 1], pair[:, 0]], axis=1)
    score = factor_vae_all(Table(codes, pair))
    assert score.parts["active"] == 2 and not score.parts["votes"][1].any()


def test_whole_groups_weigh_values_by_their_rows():
    """Given w = 0 (six rows of eight) code 0 stands still, given w = 1 code 1 does."""
    w = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    v = np.array([0, 1, 0, 1, 0, 1, 0, 1])
    codes = np.stack([np.where(w, v, 0), np.where(w, 0, v)], axis=1) * 1.0
    score = factor_vae_all(Table(codes, np.stack([w, v], axis=1)))
    assert score.parts["votes"][:, 0] == pytest.approx([6 / 16, 2 / 16])


def test_groups_of_one_row_have_no_vote():
    factors = np.stack([np.arange(8) % 4, np.array([0, 0, 0, 0, 1, 1, 1, 2])], axis=1)
    votes = factor_vae_all(Table(factors * 1.0, factors)).parts["votes"]
    assert votes.sum(axis=0) == pytest.approx([8 / 15, 7 / 15])


@pytest.mark.slow
def test_large_batches_tend_to_whole_groups(golden):
    table = golden("rot45_B")
    large = factor_vae(table, KEYS[0], train=1500, test=1500, batch=2000)
    small = factor_vae(table, KEYS[0], train=1500, test=1500, batch=8)
    limit = factor_vae_all(table).value
    assert large.value == pytest.approx(limit, abs=0.05) and small.value < limit


def test_groups_of_one_row_alone_score_zero():
    rows = np.arange(4)
    table = Table(np.stack([rows, rows[::-1]], 1) * 1.0, np.stack([rows, rows[::-1]], 1))
    score = METRICS["factor_vae_all"](table)
    assert score.value == 0 and not score.parts["votes"].any()
