"""Scores of actions by hand, and of models whose codes and policies are functions of factors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Model, Table
from dbench.data import grid_square, xy_blobs
from dbench.errors import InputError
from dbench.models import MODELS
from dbench.scoring.control import action_selectivity, agreement, policy_agreement, selective
from dbench.scoring.controlled import (
    controlled_infomec_m,
    controlled_modularity,
    known,
    some_left,
    two_moved,
    uncontrolled,
)
from dbench.scoring.moves import Moves, acts, movable
from dbench.scoring.trained_model import TrainedModel
from dbench.training import programs

SQUARE, BLOBS = grid_square.load(), xy_blobs.load()
KEY = jax.random.key(0)


def pairs(factors):
    """x, -x, y, -y of standardised factors, and a code that never changes."""
    x, y = factors[:, -2], factors[:, -1]
    return jnp.stack([x, -x, y, -y, 0 * x], axis=1)


def alone(factors):
    return factors[:, -2:]


def turned(factors):
    """Both codes answer to every action alike."""
    x, y = factors[:, -2], factors[:, -1]
    return jnp.stack([x + 2 * y, x - 2 * y], axis=1)


def with_size(factors):
    return jnp.concatenate([pairs(factors), factors[:, :1] ** 2], axis=1)


def sure(*first):
    """Policies whose first actions are these, with probability .7, of four; .1 for the others."""

    def act(_, factors):
        policy = 0.1 + 0.6 * jnp.eye(4)[jnp.array(first)]
        return jnp.broadcast_to(policy, (len(factors), *policy.shape))

    return act


@pytest.fixture
def run(monkeypatch, mesh):
    """encode, dataset, act, actions -> what scores of a model take."""

    def make(encode, dataset=SQUARE, act=None, actions=""):
        def model(shape, **_):
            def own(params, factors):
                return encode(factors), None

            return Model(None, None, own, None, act=act, actions=actions, sees_factors=True)

        monkeypatch.setitem(MODELS, "made_up", model)
        gather, size = dataset.gather, dataset.size
        program = programs.Program(
            "made_up", (("of", f"{encode} {act} {actions}"),), dataset.shape, gather, None, size, 8
        )
        return TrainedModel(dataset, program, {}, {"none": np.zeros(1)}, mesh, KEY)

    return make


def given(change, moved=None, names=("x+1", "x-1")):
    """Moves of changes [n, a, d]."""
    change = np.asarray(change, float)
    moved = np.ones(change.shape[:2], bool) if moved is None else np.asarray(moved)
    before = np.arange(len(change) * change.shape[2], dtype=float).reshape(len(change), -1)
    after = before[:, None] + change
    return Moves(list(names), np.arange(len(change)), before, after, moved, 0.5)


def test_selectivity_by_hand():
    """By x+1 code 0 has 3/4, then all of the growth; by x-1 it alone grows, where that moves."""
    change = [[[3, 1, -9], [2, -1, 0]], [[1, 0, 0], [5, 5, 5]]]
    found = selective(given(change, [[True, True], [True, False]]))
    assert found.parts["by_action"] == pytest.approx(np.array([[0.875, 1], [0.125, 0], [0, 0]]))
    assert found.parts["falls"] == pytest.approx(np.array([[0, 0], [0, 1], [0.5, 0]]))
    assert found.value == pytest.approx((0.875 + 1) / 2)
    # Shares .75 and 1 of one action of two, off their mean by .125: half of it in the score.
    spread = np.std([-0.0625, 0.0625], ddof=1) / np.sqrt(2)
    assert found.stderr == pytest.approx(spread * np.sqrt(0.5))


def test_agreement_by_hand():
    """Code 0 grows by x+1, code 1 by x-1; their policies give these .7 and .2."""
    found = given([[[1, -1], [-1, 1]]] * 3)
    policy = np.array([[[0.7, 0.3], [0.8, 0.2]]] * 3)
    score = agreement(found, policy)
    assert score.value == pytest.approx(0.45) and score.stderr == pytest.approx(0)
    assert score.parts["factor"] == pytest.approx(1)  # both actions are of x
    assert score.parts["first"] == pytest.approx(0.75)
    assert score.parts["growth"].tolist() == [[1, -1], [-1, 1]]


@pytest.mark.slow
def test_codes_in_pairs_and_codes_alone_are_selective(run):
    """A pair's growth is one code's; a lone code's growth and its fall are."""
    for encode, absolute in ((pairs, 0.5), (alone, 1.0)):
        found = action_selectivity(run(encode))
        assert found.value == pytest.approx(1) and found.stderr == 0  # all 121 states
        assert found.parts["absolute"] == pytest.approx(absolute)
        assert found.parts["by_action"].shape == (5 if encode is pairs else 2, 4)


@pytest.mark.slow
def test_codes_that_mix_are_not(run):
    """By x both codes grow alike; by y one grows, the other falls: as good as a pair."""
    found = action_selectivity(run(turned))
    assert found.value == pytest.approx((0.5 + 1) / 2) and found.parts["absolute"] < 0.51


@pytest.mark.slow
def test_some_states_stand_for_all_within_the_error(run):
    model = run(lambda f: f**3, act=None)
    given = model.dataset, model.program, model.numbers, model.params, model.mesh
    whole = action_selectivity(model)
    some = [action_selectivity(TrainedModel(*given, jax.random.key(i)), rows=60) for i in range(30)]
    values = np.array([score.value for score in some])
    error = np.mean([score.stderr for score in some])
    assert abs(values.mean() - whole.value) < 4 * max(error, 1e-9) and whole.stderr == 0


@pytest.mark.slow
def test_policies_that_choose_their_codes_action_agree(run):
    """x+1, x-1, y+1, y-1 for the codes x, -x, y, -y; the dead fifth code does not count."""
    right = policy_agreement(run(pairs, act=sure(0, 1, 2, 3, 0), actions="x,y"))
    assert right.value == pytest.approx(0.7) and right.stderr == 0 and right.parts["active"] == 4
    turned_round = policy_agreement(run(pairs, act=sure(1, 0, 3, 2, 0), actions="x,y"))
    assert turned_round.value == pytest.approx(0.1)
    assert turned_round.parts["factor"] == pytest.approx(0.8)
    assert turned_round.parts["first"] == pytest.approx(0.7)


@pytest.mark.slow
def test_controlled_factors_alone_count_for_modularity(run):
    """Codes of x, of y, and of the size that no action moves."""
    options = {"act": sure(0, 1, 2, 3, 0, 0), "actions": "x,y"}
    given = run(with_size, BLOBS, **options)
    assert controlled_modularity(given).value == pytest.approx(4 / 6, abs=0.02)  # two say nothing
    assert controlled_infomec_m(given).parts["information"].shape == (6, 2)


@pytest.mark.slow
def test_what_is_left_of_others(run):
    """The size of a blob takes three values; its square tells the middle one from the others.

    Sizes of one place are told from those of other places: so of codes that are the place alone
    one size is as near as another.
    """
    options = {"act": sure(0, 1, 2, 3, 0, 0), "actions": "x,y"}
    nothing = uncontrolled(run(pairs, BLOBS, **options))
    assert abs(nothing.value) < 4 * max(nothing.stderr, 0.03)
    half = uncontrolled(run(lambda f: 9 * f[:, :1] ** 2, BLOBS, **options))
    assert half.value == pytest.approx(0.5, abs=0.02) and half.parts.keys() == {"share/size"}
    whole = uncontrolled(run(lambda f: f[:, :2] * jnp.array([[5.0, 1.0]]), BLOBS, **options))
    assert whole.value > 0.9


@pytest.mark.slow
def test_dead_codes_know_nothing(run):
    options = {"act": sure(0, 1), "actions": "x,y"}
    model = run(lambda f: 0 * f[:, :2], BLOBS, **options)
    assert uncontrolled(model).value == 0
    found = policy_agreement(model)
    assert "no code changes" in found.warnings[0]


def test_all_is_known_of_labels_and_nothing_of_noise():
    rng = np.random.default_rng(0)
    labels, train = rng.integers(0, 4, 4_000), np.arange(4_000) % 2 == 0
    codes = labels + 10 * (rng.random(4_000) < 0.5)  # each label at two places

    def table(codes):
        return Table(codes[:, None].astype(float), labels[:, None], names=("shape",))

    assert known(table(codes), train).value == pytest.approx(1)
    noise = known(table(rng.normal(size=4_000)), train)
    assert abs(noise.value) < 4 * noise.stderr + 0.02  # chance is the most frequent of the test


@pytest.mark.parametrize(
    ("need", "options", "said"),
    [
        (acts, {}, "is of policies, which made_up has not"),
        (two_moved, {"act": sure(0), "actions": "x"}, "needs two of them, and made_up moves x"),
        (some_left, {"act": sure(0), "actions": "x,y"}, "move every factor of grid_square"),
    ],
)
def test_what_a_model_cannot_have_is_one_sentence(run, need, options, said):
    with pytest.raises(InputError, match=said) as error:
        need(run(alone, **options).program, SQUARE)
    assert "\n" not in str(error.value)


def test_a_set_without_a_grid_is_one_sentence(run):
    with pytest.raises(InputError, match="a score of actions moves .* all combinations"):
        movable(run(alone).program, SQUARE._replace(factors=SQUARE.factors[:-1]))
