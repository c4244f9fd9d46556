"""The loss of beta-VAE against its formula."""

import jax
import numpy as np
import pytest

from dbench.models import MODELS

from .conftest import KEY, SHAPE, SMALL, initial, near, parts, pictures, sampler, updater


@pytest.mark.slow
def test_loss_by_numpy(known_noise):
    images = pictures(0)
    model = MODELS["beta_vae"](SHAPE, **SMALL)
    state = initial(model)

    @jax.jit
    def step(beta):
        model = MODELS["beta_vae"](SHAPE, beta=beta, **SMALL)
        return model.update(state, sampler(images), KEY)[1]

    known = parts(model, state.params, images)
    kl = known.kl.sum(axis=1).mean()
    for beta in (0.0, 1.0, 4.0):
        logs = step(beta)
        assert logs["loss"] == pytest.approx(
            known.reconstruction + beta * kl, abs=near() * known.size(beta)
        )
        assert logs["elbo"] == pytest.approx(-known.reconstruction - kl, abs=near() * known.size())
    assert logs["reconstruction"] == pytest.approx(known.reconstruction, rel=near())
    assert logs["kl"] == pytest.approx(kl, abs=near() * known.kl_terms.sum())
    off = np.abs(logs["kl_latent"] - known.kl.mean(axis=0))
    assert (off <= near() * known.kl_terms).all()


@pytest.mark.slow
def test_samples_depend_on_the_key_alone():
    model = MODELS["beta_vae"](SHAPE, **SMALL)
    state, update = initial(model), updater(model, pictures(0))
    one, two, other = (update(state, key)[1] for key in (KEY, KEY, jax.random.key(6)))
    assert one["reconstruction"] == two["reconstruction"] != other["reconstruction"]
