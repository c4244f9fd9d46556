"""The loss of beta-VAE against its formula."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.models import MODELS

SHAPE = (8, 8, 1)


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_loss_by_numpy(beta):
    images = jnp.asarray(np.random.default_rng(0).integers(0, 2, (6, *SHAPE)), jnp.float32)
    model = MODELS["beta_vae"](SHAPE, beta=beta, net="mlp", latents=2)
    state, key = jax.jit(model.init)(jax.random.key(0)), jax.random.key(5)
    _, logs = jax.jit(lambda state, key: model.update(state, lambda _: images, key))(state, key)

    mean, logvar = (np.asarray(x, float) for x in model.encode(state.params, images))
    noise = jax.random.normal(jax.random.split(key)[1], mean.shape)
    z = mean + np.exp(logvar / 2) * np.asarray(noise)
    p = np.asarray(model.decode(state.params, jnp.asarray(z, jnp.float32)), float)
    x = np.asarray(images)
    reconstruction = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=(1, 2, 3)).mean()
    kl = 0.5 * (mean**2 + np.exp(logvar) - logvar - 1)
    assert logs["reconstruction"] == pytest.approx(reconstruction, rel=1e-5)
    assert logs["loss"] == pytest.approx(reconstruction + beta * kl.sum(axis=1).mean(), rel=1e-5)
    assert logs["elbo"] == pytest.approx(-reconstruction - kl.sum(axis=1).mean(), rel=1e-5)
    np.testing.assert_allclose(logs["kl_latent"], kl.mean(axis=0), rtol=1e-4)
