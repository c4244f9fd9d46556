"""Denoising autoencoder: the loss by NumPy, what the mask hides, codes of the bottleneck."""

import jax
import numpy as np
import pytest

from dbench.models import MODELS, dae

from .conftest import KEY, near, pictures, updater

SHAPE = (16, 16, 1)


@pytest.mark.slow
def test_loss_by_numpy_and_that_it_falls(monkeypatch):
    """Of images whose upper half is hidden: it restores them, and not what it is given."""
    monkeypatch.setattr(dae, "mask", lambda _, images: images.at[:, :8].set(0.0))
    images = pictures(1, b=8, shape=SHAPE)
    model = MODELS["dae"](SHAPE, bottleneck=6, learning_rate=3e-3)
    state, update = model.init(KEY), updater(model, images)
    hidden = images.at[:, :8].set(0.0)
    codes, logvar = model.encode(state.params, hidden)
    assert codes.shape == (8, 6) and logvar is None
    restored = np.asarray(model.decode(state.params, codes), float)
    expected = ((restored - np.asarray(images)) ** 2).sum(axis=(1, 2, 3)).mean()
    moved, first = update(state, KEY)
    assert first["loss"] == first["dae_error"]
    assert first["loss"] == pytest.approx(expected, rel=near())
    same = jax.tree.map(lambda a, b: bool((a != b).any()), state.params, moved.params)
    assert all(jax.tree.leaves(same))
    for step in range(60):
        moved, last = update(moved, jax.random.key(step))
    assert float(last["loss"]) < 0.8 * float(first["loss"])
