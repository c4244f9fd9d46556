"""Agents learn on codes that tell what they must know, and cannot on codes that do not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from dbench.agents import a2c, dqn, networks
from dbench.agents.environments.seek_avoid import seek_avoid
from dbench.agents.episode import episode
from dbench.agents.episodic_control import episodic_control
from dbench.agents.policies import greedy, pick
from dbench.agents.registry import AGENTS
from dbench.agents.train import PARTS, scaled, train

from .drawn import drawn, one_hot

KEY = jax.random.key(0)
DATA = drawn()
TASK = seek_avoid(DATA)
UPDATES = {"a2c": 600, "dqn": 1_500, "episodic_control": 40}


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("a2c", "dqn")]  # to compile


@pytest.fixture(scope="module", params=[*SLOW, "episodic_control"])
def learned(request):
    """Agents of two seeds on codes that tell all, and on codes that tell nothing."""
    codes = one_hot(DATA)
    how = {"seeds": 2, "updates": UPDATES[request.param], "episodes": 64}
    return [train(TASK, request.param, c, KEY, **how) for c in (codes, np.zeros_like(codes))]


@pytest.mark.slow
def test_agents_learn_what_their_codes_tell(learned):
    """Codes that are zeros have what a random policy has at most."""
    assert AGENTS.keys() == UPDATES.keys()
    seeing, blind = learned
    returns = seeing.played.returns.mean(axis=2)  # [m, domains]
    assert (returns[:, 0] > 3.5).all(), returns
    assert (np.abs(blind.played.returns.mean(axis=2)) < 1).all()
    assert seeing.curve.shape == (2, PARTS, 2)
    assert (seeing.curve[:, -1] == returns).all()


@pytest.mark.slow
def test_agents_of_a_key_are_the_same_agents(learned):
    seeing, _ = learned
    assert seeing.policy.shape == (2, DATA.size, 3)
    np.testing.assert_allclose(seeing.policy.sum(axis=2), 1, rtol=1e-5)
    assert (seeing.policy[0] != seeing.policy[1]).any()


@pytest.mark.slow
def test_an_episode_of_a_policy_is_whole():
    best = np.eye(3, dtype=np.float32)[TASK.ideal]
    found = episode(TASK, KEY, best, "target")
    assert found.rewards.sum() == TASK.best and len(found.rows) < TASK.steps
    assert (found.actions == TASK.ideal[found.rows]).all()
    assert set(found.rows) <= set(TASK.rows["target"])


@pytest.mark.slow
def test_pixels_are_the_same_bits_whatever_the_threads_of_blas():
    pixels, found = np.random.default_rng(0).normal(size=(300, 4000)).astype(np.float32), []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(scaled(pixels, np.arange(300)))
    np.testing.assert_array_equal(*found)


def test_codes_are_scaled_as_one():
    codes = one_hot(DATA) * 7 + 3
    codes[:, 0] /= 1000
    rows = TASK.rows["source"]
    found = scaled(codes, rows)
    np.testing.assert_allclose(found[rows].mean(axis=0), 0, atol=1e-6)
    assert (found[rows] ** 2).mean() == pytest.approx(1, rel=1e-5)
    assert found[:, 0].std() < 0.01 < found[:, 1].std()  # what hardly varies still does not
    assert (scaled(np.ones((48, 2)), rows) == 0).all()


def test_many_codes_become_as_many_as_rows_with_the_same_distances():
    pixels = np.random.default_rng(0).normal(size=(48, 200))
    found, rows = scaled(pixels, TASK.rows["source"]), TASK.rows["source"]
    assert found.shape == (48, 48)

    def apart(x):
        far = np.linalg.norm(x[:, None] - x[None], axis=2)
        return far / far[0, 1]

    np.testing.assert_allclose(apart(found), apart(pixels), rtol=1e-4)
    assert (found[rows] ** 2).mean() == pytest.approx(1, rel=1e-5)


@pytest.mark.slow
def test_actions_are_picked_by_their_chances():
    chances = jnp.tile(jnp.array([[0.2, 0.0, 0.8]]), (1000, 1))
    chosen = np.asarray(pick(jnp.linspace(0, 1, 1000, endpoint=False), chances))
    assert [(chosen == a).mean() for a in range(3)] == pytest.approx([0.2, 0, 0.8], abs=0.002)
    policy = np.asarray(greedy(jnp.array([[1.0, 3.0, 2.0]]), 0.3))
    np.testing.assert_allclose(policy, [[0.1, 0.8, 0.1]], rtol=1e-6)


@pytest.mark.slow
def test_networks_are_what_numpy_makes_of_them():
    layers = networks.init(KEY, (5, 4, 2))
    x = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    (w, b), (v, c) = jax.device_get(layers)
    wanted = np.maximum(x @ w + b, 0) @ v + c
    np.testing.assert_allclose(networks.run(layers, jnp.asarray(x)), wanted, atol=1e-6)


@pytest.mark.slow
def test_episodic_control_asks_the_nearest_codes():
    """Of what it met it has the best return, of anything else the mean of the nearest."""
    learner = episodic_control(TASK, neighbours=2, epsilon=0.0)
    codes = jnp.array([[0.0], [1.0], [10.0], [11.0]])
    state = learner.init(KEY, codes)
    none = -np.inf
    memory = [[1.0, none, none], [none, 2.0, none], [none, none, 5.0], [none, 1.0, 0.0]]
    policy = np.asarray(learner.policy(state | {"memory": jnp.array(memory)}, codes))
    # Of code 0: Q 1 of what it met, 1.5 by rows 1 and 3, 2.5 by rows 2 and 3. Of code 11: 1 by
    # row 0 alone, what it met of the others.
    assert policy.argmax(axis=1).tolist() == [2, 2, 2, 0]


@pytest.mark.slow
def test_episodic_control_knows_codes_and_no_rows():
    learner = episodic_control(TASK)
    codes = jnp.array([[0.5, 0.0], [1.0, 2.0], [0.5, -0.0], [1.0, 2.0]])
    assert learner.init(KEY, codes)["first"].tolist() == [0, 1, 0, 1]


@pytest.mark.slow
def test_policies_explore_as_stated_and_are_nan_of_a_net_that_diverged():
    codes, row = jnp.eye(2), jnp.array([0.0, 2.0, 1.0])
    layers = [(jnp.zeros((2, 3)), row)]
    by_dqn, by_a2c = (AGENTS[name](TASK).policy for name in ("dqn", "a2c"))
    wanted = [[0.05 / 3, 1 - 0.1 / 3, 0.05 / 3]] * 2  # epsilon 0.05, as in Mnih et al. 2015
    np.testing.assert_allclose(by_dqn({"params": layers}, codes), wanted, rtol=1e-5)
    chances = np.exp([0, 2, 1]) / np.exp([0, 2, 1]).sum()
    given = {"params": {"policy": layers}}
    np.testing.assert_allclose(by_a2c(given, codes), [chances] * 2, rtol=1e-5)
    lost = [(jnp.full((2, 3), jnp.nan), row)]
    assert np.isnan(by_dqn({"params": lost}, codes)).all()
    assert np.isnan(by_a2c({"params": {"policy": lost}}, codes)).all()


@pytest.mark.slow
def test_returns_of_a2c_by_hand():
    """Of two environments: one whose episode ends at the second step, one that goes on."""
    reward = jnp.array([[1.0, 0.0], [3.0, 1.0], [2.0, 0.0]])
    done = jnp.array([[False, False], [True, False], [False, False]])
    found = a2c.discounted(reward, done, jnp.array([10.0, 8.0]), 0.5)
    np.testing.assert_allclose(found, [[1 + 3 / 2, 1.5], [3.0, 1 + 2.0], [2 + 5, 4.0]])


@pytest.mark.slow
def test_what_double_dqn_aims_at_by_hand():
    """The net chooses, its copy values; after an end there is the reward alone."""
    own, copy = jnp.array([[1.0, 3.0], [5.0, 2.0]]), jnp.array([[9.0, 4.0], [8.0, 7.0]])
    found = dqn.aimed(jnp.array([1.0, -1.0]), jnp.array([0.0, 1.0]), own, copy, 0.5)
    np.testing.assert_allclose(found, [1 + 4 / 2, -1.0])
