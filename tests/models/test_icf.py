"""The loss of ICF by NumPy in each form, what reaches the encoder, what is refused."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Model, Sampler, State
from dbench.data import grid_square, views, xy_blobs
from dbench.data.actions import actions, every_step
from dbench.errors import InputError
from dbench.models import icf_continuous, split
from dbench.models.icf import decayed, icf, rewards
from dbench.nets.acting import acting
from dbench.training import programs
from tests.rounding import rounding

from .conftest import quick, same

SQUARE = grid_square.load()
ROWS = np.arange(0, 121, 5, dtype=np.int32)  # 25 of them
FORMS = ("released", "log", "absolute", "paper")
COMPILED = ("released", "log", "continuous")  # log: from the codes
KEY = jax.random.key(5)


def model(**options):
    return icf(SQUARE.shape, **{"net": "mlp", "latents": 3, "units": 4} | options)


class Started(NamedTuple):
    """A model, a compiled update on ROWS, and what one of it makes of the initial state."""

    model: Model
    update: Callable
    state: State
    after: State
    logs: dict


@pytest.fixture(scope="module", params=COMPILED)
def started(request):
    return start(request.param)


def drawn(made):
    """A sampler that always draws ROWS."""
    draw = Sampler(
        121, len(ROWS), lambda _: jnp.asarray(ROWS), lambda rows: SQUARE.gather(SQUARE.arrays, rows)
    )
    return draw._replace(extra=made.extra(SQUARE))


@functools.cache
def start(form):
    made = model(form=form, reconstruct="codes" if form == "log" else "features")
    draw = drawn(made)
    update = quick(lambda state: made.update(state, draw, KEY))
    state = quick(made.init)(jax.random.key(0))
    return Started(made, update, state, *jax.device_get(update(state)))


def reward(change, form):
    """By a loop over images and codes, float64."""
    found = np.zeros_like(change)
    for i, d in enumerate(change):
        size = np.maximum(d, 0) if form in ("released", "log") else abs(d)
        share = (d if form == "released" else size) / (1e-4 + sum(size))
        found[i] = np.log(1 / len(d) + share) if form in ("log", "paper") else share
    return found


@pytest.mark.parametrize("form", FORMS)
def test_rewards_are_the_formula(form):
    change = np.random.default_rng(0).normal(size=(40, 5))
    change[0] = 0  # a move into the border
    near = 4 * rounding(5) * np.abs(reward(change, form)).max()
    np.testing.assert_allclose(rewards(jnp.float32(change), form), reward(change, form), atol=near)


@pytest.mark.slow
def test_by_hand():
    """Of changes .3, -.1, 0: the first alone grows, and has three quarters of what changes."""
    change = jnp.array([[0.3, -0.1, 0.0]])
    assert rewards(change, "released")[0] == pytest.approx([1, -1 / 3, 0], abs=1e-3)
    assert rewards(change, "absolute")[0] == pytest.approx([0.75, 0.25, 0], abs=1e-3)
    assert rewards(change, "log")[0] == pytest.approx(np.log([4 / 3, 1 / 3, 1 / 3]), abs=1e-3)


X, Y = SQUARE.factors.T / 20
TURNS = np.array([0, 1, 1, 0] * 3)  # every other step of a factor up, or down
ALTERNATING = [TURNS[SQUARE.factors[:, j] + shift] for j in (0, 1) for shift in (0, 1)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "codes", "best"),
    [
        ("released", [X, -X, Y, -Y, 0 * X, 0 * X], 4 / 6 * 10 / 11),  # nothing beyond the border
        ("log", [X, -X, Y, -Y], (10 * np.log(5 / 4) - np.log(4)) / 11),
        (
            "log",
            [X, -X, Y, -Y, X, Y],
            10 / 11 * (2 * np.log(7 / 6) + 4 * np.log(2 / 3)) / 6 - np.log(6) / 11,
        ),
        ("absolute", [X, Y, 0 * X, 0 * X, 0 * X, 0 * X], 2 / 6),
        ("absolute", [*ALTERNATING, 0 * X, 0 * X], 4 / 6 * 10 / 11),
    ],
)
def test_what_coordinates_and_others_earn(form, codes, best):
    """Under the best action of each state: why an absolute form does not ask for coordinates."""
    values = np.stack(codes, axis=1)
    after = np.asarray(every_step(actions(SQUARE, "x,y"), np.arange(121)))
    change = jnp.asarray(values[after] - values[:, None], jnp.float32)
    found = np.asarray(rewards(change.reshape(-1, len(codes)), form)).reshape(change.shape)
    # e is 1/500 of the least sum of changes, 1/20; log(1/K + share) has a slope of 1.5 at most.
    assert found.max(axis=1).mean() == pytest.approx(best, abs=1.5 / 500)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["released", "log"])
def test_the_loss_is_the_formula(form):
    """The actions that the update draws are known from its key."""
    made, _, state, _, logs = start(form)
    chosen = np.asarray(jax.random.randint(jax.random.split(KEY, 3)[1], (len(ROWS),), 0, 4))
    after = np.asarray(every_step(actions(SQUARE, "x,y"), ROWS))[np.arange(len(ROWS)), chosen]
    images = [SQUARE.gather(SQUARE.arrays, rows) for rows in (ROWS, after)]
    before, then = (np.asarray(quick(made.encode)(state.params, x)[0], float) for x in images)
    assert made.ends == (-1, 1) and np.abs(before).max() <= 1
    policy = np.asarray(quick(made.act)(state.params, images[0]), float)
    assert policy.shape == (25, 3, 4) and policy.sum(axis=2) == pytest.approx(1, abs=1e-6)
    taken = policy[np.arange(len(ROWS)), :, chosen]
    term = (taken * reward(then - before, form)).mean()
    # Differences of codes are what is rounded: a reward is one over the sum of them.
    near = 0.02 * max(1, abs(term))
    assert logs["reward"] == pytest.approx(4 * term, abs=near)
    assert logs["first_action"] == pytest.approx(policy.max(axis=2).mean(), rel=1e-5)
    assert logs["loss"] == pytest.approx(0.1 * logs["squared_error"] - term, abs=near)
    if form == "log":  # it reconstructs from the codes
        decoded = np.asarray(quick(made.decode)(state.params, jnp.float32(before)), float)
    else:  # from the features of the first state
        own = acting(SQUARE.shape, "mlp", 3, 4, 4)
        features = own.see(state.params, images[0]).features
        decoded = np.asarray(jax.nn.sigmoid(own.beside(state.params, features)), float)
    error = ((decoded - np.asarray(images[0])) ** 2).mean()
    assert logs["squared_error"] == pytest.approx(error, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("reconstruct", ["features", "codes"])
def test_decoders_that_begin_at_the_mean(reconstruct):
    """Of a square of 4 pixels among 144: the offset is that of 1/36, and stays."""
    made = model(selectivity=0.0, begin="mean", reconstruct=reconstruct)
    first, offset = made.init(jax.random.key(0)), np.log(1 / 35)
    update = quick(lambda state: made.update(state, drawn(made), KEY))
    state, logs = update(first)
    for _ in range(2):
        # The logarithm of a mean over 2 x 25 images.
        assert state.params["offset"] == pytest.approx([offset], abs=4 * rounding(50 * 144))
        state, _ = update(state)
    params = first.params | {"offset": jnp.full(1, offset)}
    beside = reconstruct == "features"
    own = acting(SQUARE.shape, "mlp", 3, 4 * beside, 4)
    images = SQUARE.gather(SQUARE.arrays, ROWS)
    seen = own.see(params, images)
    shown = np.asarray(jax.nn.sigmoid(own.logits(params, seen.codes) + offset))
    assert np.asarray(made.decode(params, seen.codes)) == pytest.approx(shown, abs=1e-5)
    if beside:
        shown = np.asarray(jax.nn.sigmoid(own.beside(params, seen.features) + offset))
    error = ((shown - np.asarray(images)) ** 2).mean()
    assert logs["squared_error"] == pytest.approx(error, rel=1e-4)
    assert logs["loss"] == pytest.approx(0.1 * error, rel=1e-4)


@pytest.mark.slow
def test_rewards_of_drawn_factors_are_the_formula():
    rng = np.random.default_rng(0)
    factors, change = rng.dirichlet(np.ones(4), (6, 5)), rng.normal(size=(6, 4))
    size = abs(np.einsum("bmd,bd->bm", factors, change))
    expected = np.log(1e-3 + size / size.mean(axis=1, keepdims=True))
    found = icf_continuous.rewards(jnp.float32(factors), jnp.float32(change))
    # A factor that is nearly orthogonal to a change: a hundredth of the mean, and its log.
    np.testing.assert_allclose(found, expected, atol=100 * rounding(5))
    nothing = icf_continuous.rewards(jnp.float32(factors), jnp.zeros((6, 4)))
    np.testing.assert_allclose(nothing, np.log(1e-3), rtol=1e-5)


@pytest.mark.slow
def test_the_term_of_drawn_factors_is_the_formula(monkeypatch):
    """Policies of the factors, their rewards, and their entropy, whose weight is made large."""
    monkeypatch.setattr(icf_continuous, "ENTROPY", 1.0)
    rng, own = np.random.default_rng(0), icf_continuous.Policies(4, 3)
    codes, change = (jnp.asarray(rng.normal(size=(6, 3)), jnp.float32) for _ in range(2))
    chosen, params = np.array([0, 1, 2, 3, 0, 2]), own.init(KEY)
    noise = jax.random.normal(KEY, (6, icf_continuous.DRAWN, 3))
    factors, logs = map(np.asarray, own.net.apply(params, codes, noise))
    assert (factors > 0).all() and factors.sum(axis=2) == pytest.approx(1, abs=1e-6)
    policy = np.exp(logs).astype(float)
    reward = np.asarray(icf_continuous.rewards(jnp.asarray(factors), change))
    expected = np.mean([policy[i, :, a] * reward[i] for i, a in enumerate(chosen)])
    entropy = -(policy * np.log(policy)).sum(axis=2).mean()
    term, first = own.term(params, KEY, codes, change, jnp.asarray(chosen))
    # As the rewards' own test: a factor may be nearly orthogonal to a change.
    assert float(term) == pytest.approx(expected + entropy / 4, abs=100 * rounding(5))
    assert float(first) == pytest.approx(policy.max(axis=2).mean(), rel=1e-5)


@pytest.mark.slow
def test_continuous_policies_of_codes_are_those_at_the_corners():
    made, _, state, _, logs = start("continuous")
    images = SQUARE.gather(SQUARE.arrays, ROWS)
    policy = np.asarray(quick(made.act)(state.params, images))
    assert policy.shape == (25, 3, 4) and policy.sum(axis=2) == pytest.approx(1, abs=1e-6)
    assert np.ptp(policy, axis=1).max() > 0.01  # they differ by code
    assert 0.25 <= logs["first_action"] <= 1
    own, (codes, _) = icf_continuous.Policies(4, 3), quick(made.encode)(state.params, images)
    first = jnp.broadcast_to(jnp.array([1.0, 0.0, 0.0]), (25, 1, 3))
    found = own.net.apply(state.params["imagined"], codes, first, method="policies")
    assert policy[:, 0] == pytest.approx(np.exp(np.asarray(found))[:, 0], abs=1e-6)


@pytest.mark.slow
def test_an_update_is_finite_counts_and_changes_every_network(started):
    state, after = started.state, started.after
    assert int(after.step) == 1
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves((after, started.logs)))
    assert set(started.logs) == {
        *("loss", "squared_error", "reward", "first_action", "reconstruction")
    }
    assert after.params.keys() == state.params.keys()
    for name, network in after.params.items():
        assert not same(network, state.params[name]), name
    assert same(started.update(state)[0], after)


@pytest.mark.slow
def test_the_decoder_that_shows_codes_does_not_reach_the_encoder():
    """Another one of it: the encoder is trained bit for bit alike."""
    _, update, state, after, _ = start("released")
    other = jax.tree.map(lambda leaf: leaf + 0.1, state.params["decoder"])
    found, _ = update(state._replace(params=state.params | {"decoder": other}))
    assert same(found.params["encoder"], after.params["encoder"])
    assert not same(found.params["decoder"], after.params["decoder"])


@pytest.mark.slow
@pytest.mark.parametrize("reconstruct", ["features", "codes"])
def test_reconstruction_alone_trains_what_is_below_its_decoder(reconstruct):
    """Without selectivity: below the features and not the codes, or below the codes.

    A first step of Adam is about the learning rate, where there is a gradient; the rate falls.
    """
    made = model(selectivity=0.0, reconstruct=reconstruct, learning_rate=1e-3)
    state = made.init(jax.random.key(0))
    update = quick(lambda state: made.update(state, drawn(made), KEY)[0])
    adam, schedule = state.optimizer
    later = state._replace(optimizer=(adam, schedule._replace(count=jnp.int32(50_000))))

    def steps(state):
        layers = (of.params["encoder"]["params"] for of in (update(state), state))
        return jax.tree.map(lambda new, old: np.abs(new - old), *layers)

    step = steps(state)
    assert step["down_0"]["kernel"].max() == pytest.approx(1e-3, rel=0.01)
    assert steps(later)["down_0"]["kernel"].max() == pytest.approx(1e-3 * 0.99**100, rel=0.01)
    trained = step["mean"]["kernel"].max(axis=0) > 0  # by output: codes, features, policies
    if reconstruct == "codes":
        assert trained.tolist() == [True] * 3 + [False] * 12
    else:  # a feature that is 0 in all images has no gradient
        assert trained[3:7].any() and not trained[:3].any() and not trained[7:].any()


def test_the_rate_falls_by_a_hundredth_every_500_steps():
    rate = decayed(2e-3)
    found = [float(rate(jnp.int32(step))) for step in (0, 499, 500, 9_999)]
    expected = [2e-3, 2e-3, 2e-3 * 0.99, 2e-3 * 0.99**19]
    np.testing.assert_allclose(found, expected, rtol=rounding(100))


def test_fewer_than_two_codes_are_refused():
    with pytest.raises(InputError, match="'latents' of 'icf' must be at least 2, not 1"):
        split("icf", {"latents": 1})


@pytest.mark.parametrize(
    ("dataset", "options", "said"),
    [
        (SQUARE, {"actions": " "}, "there is no action in ' '"),
        (SQUARE, {"actions": "x,z"}, "unknown factor of grid_square in the actions 'x,z': 'z'"),
        (xy_blobs.load(), {"actions": "posX"}, "unknown factor of xy_blobs in the actions"),
        (SQUARE._replace(factors=SQUARE.factors[:-1]), {}, "icf moves .* all combinations"),
        (views.view(SQUARE, {"part": [0.5, 0]}), {}, "icf moves .*no view of it"),
    ],
)
def test_what_it_cannot_act_in_is_one_sentence(dataset, options, said):
    with pytest.raises(InputError, match=said) as error:
        made = programs.program(dataset, "icf", {"net": "mlp"} | options)
        programs.construct(made, dataset)
    assert "\n" not in str(error.value)
