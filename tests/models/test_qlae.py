"""QLAE: nearest values, the loss by NumPy, gradients straight through, codes of few values."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.models import MODELS
from dbench.models.qlae import quantise
from dbench.training import devices

from .conftest import KEY, SHAPE, SMALL, pictures, updater

OPTIONS = {**SMALL, "latents": 3, "levels": 4, "learning_rate": 3e-3}


@pytest.mark.slow
def test_nearest_values():
    values = jnp.array([[-1.0, 0.0, 1.0], [0.0, 0.5, 10.0]])
    codes = jnp.array([[-0.6, 0.2], [0.4, 6.0], [7.0, 0.3]])
    assert quantise(codes, values).tolist() == [[-1, 0], [0, 10], [1, 0.5]]


@pytest.fixture(scope="module")
def trained():
    """A model, states and logs of 100 updates on eight images."""
    images, model = pictures(1, 8), MODELS["qlae"](SHAPE, **OPTIONS)
    states, logs = [devices.once(model.init)(KEY)], []
    update = updater(model, images)
    for step in range(100):
        state, log = update(states[-1], jax.random.key(step))
        states.append(state)
        logs.append(log)
    return model, images, states, logs


@pytest.mark.slow
def test_loss_by_numpy(trained):
    model, images, states, logs = trained
    params = states[0].params
    values, _ = (np.asarray(x, float) if x is not None else x for x in model.encode(params, images))
    p = np.asarray(model.decode(params, jnp.float32(values)), float)
    x = np.asarray(images)
    bce = -np.where(x == 1, np.log(p), np.log(1 - p)).sum(axis=(1, 2, 3)).mean()
    assert logs[0]["reconstruction"] == pytest.approx(bce, rel=1e-4)
    apart = logs[0]["quantisation"]
    assert logs[0]["loss"] == pytest.approx(bce / 64 + 0.02 * apart, rel=1e-4)
    share = [len(set(values[:, j])) / 4 for j in range(3)]
    np.testing.assert_allclose(logs[0]["used"], share, rtol=1e-6)


@pytest.mark.slow
def test_codes_take_their_values_and_all_parameters_are_trained(trained):
    model, images, states, logs = trained
    mean, logvar = model.encode(states[-1].params, images)
    values = np.asarray(states[-1].params["values"])
    assert logvar is None
    assert all(set(np.asarray(mean)[:, j]) <= set(values[j]) for j in range(3))
    moved = jax.tree.map(lambda a, b: bool((a != b).any()), states[0].params, states[-1].params)
    leaves = jax.tree_util.tree_flatten_with_path(moved)[0]
    still = [jax.tree_util.keystr(path) for path, there in leaves if not there]
    assert all("logvar" in name for name in still), still  # of a head that it has no use for
    before, after = (float(logs[i]["reconstruction"]) for i in (0, -1))
    assert after < 0.7 * before  # .32 +- .08 of it over 8 seeds
    assert any("mean" in jax.tree_util.keystr(path) for path, there in leaves if there)


@pytest.mark.slow
def test_weights_decay_and_nothing_else():
    """A first step of Adam is the learning rate either way; decay takes its share of what was."""
    images, rate = pictures(1, 8), OPTIONS["learning_rate"]
    after = []
    for decay in (0.0, 20.0):
        model = MODELS["qlae"](SHAPE, **OPTIONS, decay=decay)
        state = devices.once(model.init)(KEY)
        state = state._replace(params=jax.tree.map(lambda x: x + 0.1, state.params))
        after.append(updater(model, images)(state)[0].params)
    flat = [jax.tree_util.tree_flatten_with_path(tree)[0] for tree in (*after, state.params)]
    for (path, kept), (_, less), (_, old) in zip(*flat, strict=True):
        name = jax.tree_util.keystr(path)
        known = 20 * rate * old if name.endswith("['kernel']") else 0 * old
        np.testing.assert_allclose(kept - less, known, rtol=1e-4, atol=1e-6, err_msg=name)
