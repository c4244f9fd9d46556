"""Autoencoder: the loss by NumPy, codes without noise, what is trained."""

import jax
import numpy as np
import pytest

from dbench.models import MODELS
from dbench.training import devices

from .conftest import KEY, SHAPE, SMALL, near, pictures, updater


@pytest.fixture(scope="module")
def trained():
    """A model, its images, states and logs of 100 updates on eight of them."""
    images = pictures(1, 8)
    model = MODELS["autoencoder"](SHAPE, **{**SMALL, "learning_rate": 3e-3})
    states, logs = [devices.once(model.init)(KEY)], []
    update = updater(model, images)
    for step in range(100):
        state, log = update(states[-1], jax.random.key(step))
        states.append(state)
        logs.append(log)
    return model, images, states, logs


@pytest.mark.slow
def test_loss_by_numpy(trained):
    """Codes as they are, with no noise: whatever the key."""
    model, images, states, logs = trained
    codes, logvar = model.encode(states[0].params, images)
    assert logvar is None and codes.shape == (8, 3)
    p, x = np.asarray(model.decode(states[0].params, codes), float), np.asarray(images)
    expected = -np.where(x == 1, np.log(p), np.log(1 - p)).sum(axis=(1, 2, 3)).mean()
    assert logs[0].keys() == {"loss", "reconstruction"}
    assert logs[0]["loss"] == logs[0]["reconstruction"]
    assert logs[0]["loss"] == pytest.approx(expected, rel=near())
    _, again = updater(model, images)(states[0], jax.random.key(99))
    assert again["loss"] == logs[0]["loss"]


@pytest.mark.slow
def test_it_reconstructs_and_all_but_the_head_of_variances_is_trained(trained):
    _, _, states, logs = trained
    assert float(logs[-1]["loss"]) < 0.7 * float(logs[0]["loss"])
    moved = jax.tree.map(lambda a, b: bool((a != b).any()), states[0].params, states[-1].params)
    leaves = jax.tree_util.tree_flatten_with_path(moved)[0]
    still = {jax.tree_util.keystr(path, simple=True, separator="/") for path, m in leaves if not m}
    assert still == {"params/logvar/bias", "params/logvar/kernel"}
