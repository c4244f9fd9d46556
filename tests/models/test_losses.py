import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.models import losses
from tests.rounding import rounding

rng = np.random.default_rng(0)
LOGITS = rng.normal(0, 4, (3, 5, 4, 2)).astype(np.float32)
IMAGES = rng.integers(0, 2, LOGITS.shape).astype(np.float32)


@pytest.mark.slow
def test_bernoulli_is_minus_the_log_probability_summed_over_pixels():
    p = 1 / (1 + np.exp(-LOGITS.astype(float)))
    wanted = -np.log(np.where(IMAGES == 1, p, 1 - p)).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(
        losses.bernoulli(LOGITS, IMAGES), wanted, rtol=2 * rounding(LOGITS[0].size)
    )


@pytest.mark.slow
def test_bernoulli_gradient_is_the_probability_minus_the_pixel():
    weights = jnp.array([1.0, -2.0, 0.5])
    grad = jax.grad(lambda x: (weights * losses.bernoulli(x, IMAGES)).sum())(jnp.array(LOGITS))
    wanted = (1 / (1 + np.exp(-LOGITS.astype(float))) - IMAGES) * weights[:, None, None, None]
    # Of products with 2; 4 epsilons, since XLA's exp is a polynomial.
    np.testing.assert_allclose(grad, wanted, rtol=0, atol=2 * rounding(16))


@pytest.mark.slow
def test_bernoulli_of_grey_pixels_and_huge_logits():
    logits = jnp.array([200.0, -200.0, 0.0]).reshape(1, 3, 1, 1)
    images = jnp.array([0.0, 0.0, 0.3]).reshape(1, 3, 1, 1)
    assert losses.bernoulli(logits, images)[0] == pytest.approx(
        200 + 0 + np.log(2), rel=rounding(4)
    )


def test_gaussian_kl_by_hand():
    # N(1, 4) against N(0, 1): (1 + 4 - ln 4 - 1) / 2
    kl = losses.gaussian_kl(jnp.array([[1.0, 0.0]]), jnp.array([[np.log(4.0), 0.0]]))
    np.testing.assert_allclose(kl, [[2 - np.log(2), 0.0]], rtol=0, atol=4 * rounding(4))


@pytest.mark.slow
def test_sample_has_the_mean_and_the_scale():
    mean, logvar = jnp.full((40_000, 1), 3.0), jnp.full((40_000, 1), 2 * np.log(0.5))
    z = np.asarray(losses.sample(jax.random.key(0), mean, logvar), float)
    error = 0.5 / np.sqrt(40_000)  # of the mean; that of the standard deviation is less
    assert z.mean() == pytest.approx(3, abs=4 * error)
    assert z.std() == pytest.approx(0.5, abs=4 * error)
