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
from dbench.training import devices, programs
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


@functools.cache
def start(form):
    made = model(form=form, reconstruct="codes" if form == "log" else "features")
    draw = Sampler(
        121, len(ROWS), lambda _: jnp.asarray(ROWS), lambda rows: SQUARE.gather(SQUARE.arrays, rows)
    )
    draw = draw._replace(extra=made.extra(SQUARE))
    update = quick(lambda state: made.update(state, draw, KEY))
    state = devices.once(made.init)(jax.random.key(0))
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


def test_by_hand():
    """Of changes .3, -.1, 0: the first alone grows, and has three quarters of what changes."""
    change = jnp.array([[0.3, -0.1, 0.0]])
    assert rewards(change, "released")[0] == pytest.approx([1, -1 / 3, 0], abs=1e-3)
    assert rewards(change, "absolute")[0] == pytest.approx([0.75, 0.25, 0], abs=1e-3)
    assert rewards(change, "log")[0] == pytest.approx(np.log([4 / 3, 1 / 3, 1 / 3]), abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["released", "log"])
def test_the_loss_is_the_formula(form):
    """The actions that the update draws are known from its key."""
    made, _, state, _, logs = start(form)
    chosen = np.asarray(jax.random.randint(jax.random.split(KEY, 3)[1], (len(ROWS),), 0, 4))
    after = np.asarray(every_step(actions(SQUARE, "x,y"), ROWS))[np.arange(len(ROWS)), chosen]
    images = [SQUARE.gather(SQUARE.arrays, rows) for rows in (ROWS, after)]
    before, then = (np.asarray(quick(made.encode)(state.params, x)[0], float) for x in images)
    assert np.abs(before).max() <= made.reach == 1
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
        error = ((decoded - np.asarray(images[0])) ** 2).mean()
        assert logs["squared_error"] == pytest.approx(error, rel=1e-5)


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
def test_continuous_policies_of_codes_are_those_at_the_corners():
    made, _, state, _, logs = start("continuous")
    images = SQUARE.gather(SQUARE.arrays, ROWS)
    policy = np.asarray(quick(made.act)(state.params, images))
    assert policy.shape == (25, 3, 4) and policy.sum(axis=2) == pytest.approx(1, abs=1e-6)
    assert np.ptp(policy, axis=1).max() > 0.01  # they differ by code
    assert 0.25 <= logs["first_action"] <= 1


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


def test_the_decoder_that_shows_codes_does_not_reach_the_encoder():
    """Another one of it: the encoder is trained bit for bit alike."""
    _, update, state, after, _ = start("released")
    other = jax.tree.map(lambda leaf: leaf + 0.1, state.params["decoder"])
    found, _ = update(state._replace(params=state.params | {"decoder": other}))
    assert same(found.params["encoder"], after.params["encoder"])
    assert not same(found.params["decoder"], after.params["decoder"])


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
        (SQUARE, {"actions": "x,z"}, "unknown factor of grid_square 'z'"),
        (xy_blobs.load(), {"actions": "posX"}, "unknown factor of xy_blobs 'posX'"),
        (SQUARE._replace(factors=SQUARE.factors[:-1]), {}, "icf moves .* all combinations"),
        (views.view(SQUARE, {"part": [0.5, 0]}), {}, "icf moves .*no view of it"),
    ],
)
def test_what_it_cannot_act_in_is_one_sentence(dataset, options, said):
    with pytest.raises(InputError, match=said) as error:
        made = programs.program(dataset, "icf", {"net": "mlp"} | options)
        programs.construct(made, dataset)
    assert "\n" not in str(error.value)
