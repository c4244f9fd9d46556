"""Full covariance VAE: the posterior by hand, its KL by NumPy, the loss, what is reported."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.models import MODELS, losses
from dbench.models.full_covariance_vae import full_kl, marginal_logvar, posterior
from dbench.nets import vaes
from tests.rounding import rounding

from .conftest import KEY, SHAPE, SMALL, initial, near, pictures, updater


@pytest.mark.slow
def test_posterior_by_hand():
    """Of three codes: three means, then L_10, L_20, L_21; of variances the first three."""
    means = jnp.array([[1.0, 2, 3, 4, 5, 6]])
    logvars = 2 * jnp.log(jnp.array([[7.0, 8, 9, 1, 1, 1]]))
    mean, factor = posterior((means, logvars), 3)
    assert mean.tolist() == [[1, 2, 3]]
    np.testing.assert_allclose(factor[0], [[7, 0, 0], [4, 8, 0], [5, 6, 9]], rtol=1e-5)
    np.testing.assert_allclose(
        marginal_logvar(factor)[0], np.log([49, 16 + 64, 25 + 36 + 81]), rtol=1e-5
    )


def drawn(b=5, d=4):
    """Means, and factors with a positive diagonal."""
    rng = np.random.default_rng(3)
    lower = np.tril(rng.normal(size=(b, d, d)), -1)
    return rng.normal(size=(b, d)), lower + np.eye(d) * rng.uniform(0.2, 2, (b, 1, d))


@pytest.mark.slow
def test_kl_is_that_of_two_normals():
    """(tr S + m'm - d - log det S) / 2, by determinants."""
    mean, factor = drawn()
    s = factor @ factor.transpose(0, 2, 1)
    trace = np.trace(s, axis1=1, axis2=2)
    expected = (trace + (mean**2).sum(axis=1) - 4 - np.linalg.slogdet(s)[1]) / 2
    found = full_kl(jnp.float32(mean), jnp.float32(factor))
    np.testing.assert_allclose(found, expected, rtol=10 * rounding(16))


@pytest.mark.slow
def test_without_correlation_it_is_the_kl_of_a_vae():
    mean, factor = (jnp.float32(x) for x in drawn())
    factor = factor * jnp.eye(4)[None]
    each = losses.gaussian_kl(mean, marginal_logvar(factor)).sum(axis=1)
    np.testing.assert_allclose(full_kl(mean, factor), each, rtol=1e-5)


@pytest.fixture(scope="module")
def step():
    """A model, its images, a state, the noise and the logs of an update."""
    images, model = pictures(1, 8), MODELS["full_covariance_vae"](SHAPE, **SMALL, beta=3.0)
    state = initial(model)
    noise = np.asarray(jax.random.normal(jax.random.split(KEY)[1], (8, 3)), float)
    return model, images, state, noise, updater(model, images)(state)[1]


def outputs(model, images, state):
    """m and L in float64, of the encoder's heads."""
    net = vaes.build("small", SHAPE, 6)
    found = posterior(net.apply(state.params["encoder"], images, method="encode"), 3)
    return (np.asarray(x, float) for x in found)


@pytest.mark.slow
def test_loss_by_numpy(step):
    model, images, state, noise, logs = step
    mean, factor = outputs(model, images, state)
    z = mean + np.einsum("bij,bj->bi", factor, noise)
    p, x = np.asarray(model.decode(state.params, jnp.float32(z)), float), np.asarray(images)
    error = -np.where(x == 1, np.log(p), np.log(1 - p)).sum(axis=(1, 2, 3)).mean()
    s = factor @ factor.transpose(0, 2, 1)
    trace, logdet = np.trace(s, axis1=1, axis2=2), np.linalg.slogdet(s)[1]
    kl = ((trace + (mean**2).sum(axis=1) - 3 - logdet) / 2).mean()
    assert logs["reconstruction"] == pytest.approx(error, rel=near())
    assert logs["kl"] == pytest.approx(kl, rel=near())
    assert logs["loss"] == pytest.approx(error + 3 * kl, rel=near())
    assert logs["elbo"] == pytest.approx(-error - kl, rel=near())
    variances = np.diagonal(s, axis1=1, axis2=2)
    correlation = (np.log(variances).sum(axis=1) - logdet).mean() / 2
    assert correlation > 0.01  # there is one to report
    assert logs["posterior_tc"] == pytest.approx(correlation, abs=near() * kl)
    each = (mean**2 + variances - np.log(variances) - 1).mean(axis=0) / 2
    np.testing.assert_allclose(logs["kl_latent"], each, rtol=near())


@pytest.mark.slow
def test_what_is_reported_is_the_marginal_variance(step):
    model, images, state, _, _ = step
    mean, factor = outputs(model, images, state)
    reported, logvar = model.encode(state.params, images)
    s = factor @ factor.transpose(0, 2, 1)
    np.testing.assert_allclose(reported, mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.exp(logvar), np.diagonal(s, axis1=1, axis2=2), rtol=1e-4)


@pytest.mark.slow
def test_it_learns_a_correlated_posterior_where_the_loss_asks_for_one():
    """If pixels tell only the sum of two codes, the posterior of the two is correlated.

    With p(x|z) = N(z_1 + z_2, 1) the posterior's precision is I + 11', its correlation -1/2.
    """
    means, logvars = jnp.zeros((1, 3)), jnp.zeros((1, 3))

    def loss(given):
        _, factor = posterior(given, 2)
        of_sum = factor.sum(axis=1)  # variance of z_1 + z_2 is |L'1|^2
        return (full_kl(given[0][:, :2], factor) + (of_sum**2).sum(axis=1) / 2).sum()

    def step(_, given):
        return jax.tree.map(lambda x, g: x - 0.3 * g, given, jax.grad(loss)(given))

    given = jax.lax.fori_loop(0, 300, step, (means, logvars))
    factor = np.asarray(posterior(given, 2)[1][0], float)
    expected = np.linalg.inv(np.eye(2) + np.ones((2, 2)))
    np.testing.assert_allclose(factor @ factor.T, expected, atol=1e-3)
