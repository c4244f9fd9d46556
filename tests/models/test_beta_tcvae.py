"""beta-TCVAE: the estimators against the exact aggregate posterior, the loss against its formula.

The tiny data set has 5 images and 2 latents; a batch has 3 of them.
"""

from itertools import permutations, product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics import METRICS
from dbench.models import MODELS
from dbench.models.beta_tcvae import log_densities, log_weights
from tests.rounding import rounding

from .conftest import (
    KEY,
    SHAPE,
    SMALL,
    initial,
    near,
    parts,
    pictures,
    sampler,
    updater,
    without_heads,
)

N, B = 5, 3
rng = np.random.default_rng(3)
MEAN = rng.normal(0, 1, (N, 2))
LOGVAR = rng.normal(-1, 0.5, (N, 2))
Z = MEAN + np.exp(LOGVAR / 2) * rng.normal(size=(N, 2))
ESTIMATORS = ("weighted", "stratified")


def density(z, mean, logvar):
    """q(z_i|x_j) of each latent, [n, n, d]."""
    each = [[norm.pdf(a, m, np.exp(v / 2)) for m, v in zip(mean, logvar, strict=True)] for a in z]
    return np.array(each)


# A density is as exact as its logarithm: about 16 roundings of terms as large as the largest.
NEAR = rounding(16) * np.abs(np.log(density(Z, MEAN, LOGVAR))).max()


def estimates(estimator, batches, size=N):
    """Estimates of q(z_i) [batches, b] and of q(z_ij) [batches, b, d] from rows of the data."""
    batches = np.array(batches)
    weights = log_weights(estimator, batches.shape[1], size)
    each = (jnp.asarray(x[batches], jnp.float32) for x in (Z, MEAN, LOGVAR))
    own, joint, marginals = jax.jit(jax.vmap(lambda *x: log_densities(*x, weights)))(*each)
    wanted = norm.logpdf(Z, MEAN, np.exp(LOGVAR / 2)).sum(axis=1)
    np.testing.assert_allclose(own, wanted[batches], rtol=0, atol=NEAR)
    return np.exp(np.asarray(joint, float)), np.exp(np.asarray(marginals, float))


def mean_for_each_image(batches, found):
    """Mean over all places of an image in a batch, [n, ...]; and for each place, [b, n, ...]."""
    batches = np.array(batches)
    places = range(batches.shape[1])
    each = [[found[batches[:, p] == i, p].mean(axis=0) for i in range(N)] for p in places]
    return np.mean(each, axis=0), np.array(each)


def exact():
    """q(z_i|x_i), q(z_i) [n]; q(z_ij|x_i), q(z_ij) [n, d]."""
    each = density(Z, MEAN, LOGVAR)
    joint, rows = each.prod(axis=2), np.arange(N)
    return joint[rows, rows], joint.mean(axis=1), each[rows, rows], each.mean(axis=1)


@pytest.mark.slow
def test_stratified_estimates_of_q_are_unbiased_without_replacement():
    """Over all batches of different images, in all orders, wherever the image itself stands."""
    _, q, _, q_latent = exact()
    for b in (2, 3, N):
        batches = list(permutations(range(N), b))
        joint, marginals = estimates("stratified", batches)
        for place in mean_for_each_image(batches, joint)[1]:
            np.testing.assert_allclose(place, q, rtol=NEAR)
        for place in mean_for_each_image(batches, marginals)[1]:
            np.testing.assert_allclose(place, q_latent, rtol=NEAR)


@pytest.mark.slow
def test_stratified_estimates_with_replacement():
    """As batches are drawn here: 1/n of the images' excess over q(z) is added."""
    own, q, own_latent, q_latent = exact()
    batches = list(product(range(N), repeat=B))
    joint, marginals = estimates("stratified", batches)
    np.testing.assert_allclose(mean_for_each_image(batches, joint)[0], q + (own - q) / N, rtol=NEAR)
    np.testing.assert_allclose(
        mean_for_each_image(batches, marginals)[0],
        q_latent + (own_latent - q_latent) / N,
        rtol=NEAR,
    )


@pytest.mark.slow
def test_expectation_of_weighted_estimates():
    """Own posterior and b - 1 others, over n b; others of all n, or of the n - 1 others."""
    own, q, own_latent, q_latent = exact()
    batches = list(product(range(N), repeat=B))
    joint, marginals = estimates("weighted", batches)
    wanted = (own + (B - 1) * q) / (N * B)
    np.testing.assert_allclose(mean_for_each_image(batches, joint)[0], wanted, rtol=NEAR)
    wanted = (own_latent + (B - 1) * q_latent) / (N * B)
    np.testing.assert_allclose(mean_for_each_image(batches, marginals)[0], wanted, rtol=NEAR)

    batches = list(permutations(range(N), B))
    joint, _ = estimates("weighted", batches)
    wanted = (own + (B - 1) * (N * q - own) / (N - 1)) / (N * B)
    np.testing.assert_allclose(mean_for_each_image(batches, joint)[0], wanted, rtol=NEAR)


@pytest.mark.slow
@pytest.mark.parametrize(("apart", "bias"), [(1000.0, np.log(4)), (0.0, np.log(60))])
def test_weighted_is_too_low_by_log_b_to_log_n(apart, bias):
    """log b where only the own posterior matters, log n where all are alike: b = 4, n = 60."""
    mean = jnp.arange(4.0)[:, None] * apart
    z, logvar = mean + 0.25, jnp.zeros((4, 1))  # a number that is exact
    _, joint, _ = log_densities(z, mean, logvar, log_weights("weighted", 4, 60))
    q = norm.pdf(0.25) / (60 if apart else 1)
    np.testing.assert_allclose(joint, np.log(q) - bias, rtol=rounding(16))


def written_out(estimator, z, mean, logvar, size):
    """MI, TC and dimension-wise KL, one term after another; and the size of the logs in them."""
    b, d = z.shape
    mi = tc = dimension_wise = size_of_logs = 0.0
    for i in range(b):
        weights = np.full(b, 1 / (size * b))
        if estimator == "stratified":
            m = b - 1
            weights = np.full(b, 1 / m)
            weights[i], weights[(i + 1) % b] = 1 / size, (size - m) / (size * m)
            assert weights.sum() == pytest.approx(1)
        given = norm.pdf(z[i], mean, np.exp(logvar / 2))  # [b, d]
        log_q = np.log((weights * given.prod(axis=1)).sum())
        log_q_latent = sum(np.log((weights * given[:, j]).sum()) for j in range(d))
        mi += (np.log(given[i].prod()) - log_q) / b
        tc += (log_q - log_q_latent) / b
        dimension_wise += (log_q_latent - norm.logpdf(z[i]).sum()) / b
        size_of_logs += np.abs(np.log(given)).max() / b
    return mi, tc, dimension_wise, size_of_logs


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_loss_by_numpy(estimator, known_noise):
    images = pictures(0)
    weights = {"alpha": 2.0, "beta": 5.0, "gamma": 0.5}
    model = MODELS["beta_tcvae"](SHAPE, **weights, estimator=estimator, **SMALL)
    state = initial(model)
    _, logs = updater(model, images, size=1234)(state)
    known = parts(model, state.params, images)
    mi, tc, dimension_wise, logs_of = written_out(
        estimator, known.z, known.mean, known.logvar, 1234
    )
    for name, wanted in {"mi": mi, "tc": tc, "dimension_wise_kl": dimension_wise}.items():
        assert logs[name] == pytest.approx(wanted, abs=near() * 3 * logs_of)
    kl = known.kl.sum(axis=1).mean()
    wanted = known.reconstruction + kl + mi + 4 * tc - 0.5 * dimension_wise
    of_loss = near() * (known.size() + (1 + 4 + 0.5) * 3 * logs_of)
    assert logs["loss"] == pytest.approx(wanted, abs=of_loss)
    assert logs["elbo"] == pytest.approx(-known.reconstruction - kl, abs=near() * known.size())


@pytest.mark.slow
@pytest.mark.parametrize(("estimator", "each"), [("weighted", np.log(700)), ("stratified", 0.0)])
def test_posteriors_that_are_all_the_prior(estimator, each):
    """The truth is 0. What is negative stays so: the dimension-wise KL of "weighted"."""
    model = MODELS["beta_tcvae"](SHAPE, estimator=estimator, **SMALL)
    state = initial(model)
    state = state._replace(params=without_heads(state.params))
    _, logs = updater(model, pictures(0), size=700)(state)
    found = [float(logs[name]) for name in ("mi", "tc", "dimension_wise_kl")]
    exact = rounding(16) * 3 * (each + 6)  # logs of three densities, hardly more than 6 nats each
    np.testing.assert_allclose(found, [each, 2 * each, -3 * each], rtol=0, atol=exact)
    wanted = logs["reconstruction"] + 5 * 2 * each
    assert logs["loss"] == pytest.approx(wanted, rel=rounding(4), abs=5 * exact)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_weights_of_one_are_the_vae(estimator):
    """The same loss and the same gradients, by the moments of Adam."""
    images, state = pictures(0), initial(MODELS["beta_vae"](SHAPE, **SMALL))
    ones = {"alpha": 1.0, "beta": 1.0, "gamma": 1.0, "estimator": estimator}
    (one, logs), (two, vae_logs) = (
        updater(model, images)(state)
        for model in (
            MODELS["beta_tcvae"](SHAPE, **ones, **SMALL),
            MODELS["beta_vae"](SHAPE, beta=1.0, **SMALL),
        )
    )
    assert logs["loss"] == pytest.approx(vae_logs["loss"], rel=near())
    for a, b in zip(*map(jax.tree.leaves, (one.optimizer, two.optimizer)), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=2 * near() * np.abs(b).max())


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_loss_has_the_expectation_of_the_papers_three_terms(estimator):
    """Over many draws of z; and it is the less noisy of the two."""
    images = pictures(0)
    strengths = {"alpha": 2.0, "beta": 6.0, "gamma": 0.5}
    model = MODELS["beta_tcvae"](SHAPE, **strengths, estimator=estimator, **SMALL)
    state = initial(model)

    @jax.jit
    @jax.vmap
    def terms(key):
        return model.update(state, sampler(images), key)[1]

    logs = {k: np.asarray(v, float) for k, v in terms(jax.random.split(KEY, 4000)).items()}
    ours = logs["loss"] - logs["reconstruction"]
    papers = 2 * logs["mi"] + 6 * logs["tc"] + 0.5 * logs["dimension_wise_kl"]
    error = (ours - papers).std() / np.sqrt(4000)
    assert ours.std() < papers.std()
    assert error < 0.02 * abs(papers.mean())
    assert ours.mean() == pytest.approx(papers.mean(), abs=4 * error)


def batch_terms(estimator, draws=4000):
    """MI, TC and dimension-wise KL of batches that are the data set in any order: means."""
    weights = log_weights(estimator, N, N)

    def one(key):
        key_rows, key_z = jax.random.split(key)
        rows = jax.random.permutation(key_rows, N)
        mean, logvar = (jnp.asarray(x, jnp.float32)[rows] for x in (MEAN, LOGVAR))
        z = mean + jnp.exp(logvar / 2) * jax.random.normal(key_z, mean.shape)
        own, joint, marginals = log_densities(z, mean, logvar, weights)
        prior = jax.scipy.stats.norm.logpdf(z).sum(axis=1)
        product = marginals.sum(axis=1)
        return jnp.stack([(own - joint), (joint - product), (product - prior)]).mean(axis=1)

    found = np.asarray(jax.jit(jax.vmap(one))(jax.random.split(KEY, draws)), float)
    return found.mean(axis=0), found.std(axis=0) / np.sqrt(draws)


@pytest.mark.slow
def test_against_the_exact_decomposition():
    """With the data set as the batch "weighted" is off by log n exactly for each log q."""
    table = Table(MEAN, np.zeros((N, 0), int), LOGVAR)
    true = np.array(
        [
            METRICS["index_code_mi"](table, KEY, points=20_000).value,
            METRICS["total_correlation"](table, KEY, points=20_000).value,
            METRICS["dimension_wise_kl"](table).value,
        ]
    )
    found, error = batch_terms("weighted")
    off = found - true - np.log(N) * np.array([1, 1, -2])
    assert (np.abs(off) < 4 * error + 0.01).all(), (found, true, error)
    found, error = batch_terms("stratified")
    assert (np.abs(found - true) < 0.2).all(), (found, true, error)
    assert true[0] > 0.8 and true[1] > 0.1


@pytest.mark.parametrize(("b", "n"), [(1, 9), (10, 9)])
def test_batches_that_stratified_cannot_weigh_are_refused(b, n):
    with pytest.raises(InputError, match=f"at least 2 images and at most the {n} .*, not {b}"):
        log_weights("stratified", b, n)
