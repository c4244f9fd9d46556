"""Tripod: values of codes, both penalties by NumPy and by hand, the whole loss, training."""

import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from dbench.errors import InputError
from dbench.models import MODELS, split
from dbench.models.tripod import mixed_share, multi_information, quantise
from dbench.training import devices

from .conftest import KEY, SHAPE, SMALL, pictures, updater

OPTIONS = {**SMALL, "latents": 3, "levels": 4, "learning_rate": 3e-3}
STRONG = {"multiinformation": 0.01, "hessian": 0.01}  # terms that a sum shows


@pytest.mark.slow
def test_values_are_even_and_pass_the_gradient_on():
    codes = jnp.array([[-0.99, -0.4, 0.1], [0.7, 0.3, 1.0]])
    known = np.array([[-3, -1, 1], [3, 1, 3]]) / 3
    np.testing.assert_allclose(quantise(codes, 4), known, rtol=1e-6)
    assert quantise(codes, 2).tolist() == [[-1, -1, 1], [1, 1, 1]]
    assert (jax.grad(lambda c: (3 * quantise(c, 4)).sum())(codes) == 3).all()


def told(codes, spread):
    """M by loops over SciPy's densities."""
    n, d = codes.shape
    narrow = (4 / (d + 2)) ** (1 / (d + 4)) * n ** (-1 / (d + 4))
    total = 0.0
    for z in codes:
        kernels = stats.norm.pdf(z, codes, narrow * spread).prod(axis=1)
        total += np.log(kernels.mean())
        total -= np.log(stats.norm.pdf(z, codes, spread).mean(axis=0)).sum()
    return total / n


def test_multi_information_by_scipy():
    codes = np.random.default_rng(0).normal(size=(7, 3))
    spread = np.array([0.5, 1.0, 2.0])
    found = jax.jit(multi_information)(jnp.float32(codes), jnp.float32(spread))
    assert float(found) == pytest.approx(told(codes, spread), rel=1e-5)


def test_multi_information_is_less_of_codes_that_are_apart():
    grid = np.array(list(itertools.product(np.linspace(-1, 1, 5), repeat=2)))
    diagonal = np.repeat(grid[::6], 5, axis=0)  # both codes the same
    apart, alike = (
        float(jax.jit(multi_information)(jnp.float32(x), jnp.float32(x.std(axis=0))))
        for x in (grid, diagonal)
    )
    assert alike > apart + 0.3  # ln 5 at most, of kernels that are wide less


@functools.partial(jax.jit, static_argnames="draws")
def share(matrix, codes, spread, draws):
    """H of the layer that gives z' M z for each M."""

    def layers(z):
        return [jnp.einsum("mi,oij,mj->mo", z, matrix, z)]

    return mixed_share(layers, codes, spread, KEY, draws, 0.5)


@pytest.mark.slow
def test_second_differences_by_numpy():
    """Of z' M z they are 2 v' M v, wherever z is."""
    rng = np.random.default_rng(0)
    matrix, codes = rng.normal(size=(5, 3, 3)), rng.normal(size=(4, 3))
    spread = np.array([0.5, 1.0, 2.0])
    one, two = jax.random.split(KEY)
    variances = [
        (2 * np.einsum("kni,oij,knj->kno", v, matrix, v)).var(axis=0).mean()
        for draw, own in ((jax.random.rademacher, one), (jax.random.normal, two))
        for v in [spread * np.asarray(draw(own, (3, 4, 3), jnp.float32), float)]
    ]
    known = variances[0] / variances[1]
    given = (jnp.float32(x) for x in (matrix, codes, spread))
    assert float(share(*given, draws=3)) == pytest.approx(known, rel=1e-3)


@pytest.mark.slow
def test_codes_that_act_apart_have_no_mixed_derivatives():
    """Of squares of single codes H is 0, of products of two it is about 1."""
    codes, spread = jnp.ones((50, 2)), jnp.ones(2)
    alone, both = jnp.eye(2)[None], jnp.array([[[0.0, 1.0], [1.0, 0.0]]])
    assert float(share(alone, codes, spread, draws=100)) < 1e-6
    assert float(share(both, codes, spread, draws=100)) == pytest.approx(1, abs=0.2)


@pytest.fixture(scope="module")
def trained():
    """A model, states and logs of 200 updates on eight images."""
    images, model = pictures(1, 8), MODELS["tripod"](SHAPE, **OPTIONS, **STRONG)
    states, logs = [devices.once(model.init)(KEY)], []
    update = updater(model, images)
    for step in range(200):
        state, log = update(states[-1], jax.random.key(step))
        states.append(state)
        logs.append(log)
    return model, images, states, logs


@pytest.mark.slow
def test_loss_by_numpy(trained):
    """M by SciPy of the values; the deviations are those of the codes before them."""
    model, images, states, logs = trained
    shades = np.asarray(images, float).mean()
    params = states[0].params | {"offset": jnp.float32([np.log(shades / (1 - shades))])}
    np.testing.assert_allclose(states[-1].params["offset"], params["offset"], rtol=1e-5)
    values, logvar = jax.jit(model.encode)(params, images)
    fine = MODELS["tripod"](SHAPE, **{**OPTIONS, "levels": 100_000})
    codes, values = (np.asarray(x, float) for x in (fine.encode(params, images)[0], values))
    assert logvar is None and abs(codes - values).max() <= 1 / 3 + 1e-5
    p, x = np.asarray(model.decode(params, jnp.float32(values)), float), np.asarray(images)
    bce = -np.where(x == 1, np.log(p), np.log(1 - p)).sum(axis=(1, 2, 3)).mean()
    m, h = logs[0]["multiinformation"], logs[0]["hessian"]
    assert logs[0]["reconstruction"] == pytest.approx(bce, rel=1e-4)
    assert m == pytest.approx(told(values, codes.std(axis=0) + 1e-6), rel=1e-3)
    decoder = params["ae"]["params"]
    one, two = (decoder[f"expand_{i}"] for i in range(2))

    def hidden(z):  # between the first layer and the image this net has one
        first = jnp.maximum(z @ one["kernel"] + one["bias"][None], 0)
        return [first @ two["kernel"] + two["bias"][None]]

    key = jax.random.split(jax.random.key(0))[1]  # the update's, for what is not images
    spread = jnp.float32(codes.std(axis=0) + 1e-6)
    known = jax.jit(lambda z: mixed_share(hidden, z, spread, key, 2, 0.1))(jnp.float32(values))
    assert h == pytest.approx(float(known), rel=1e-2)  # of differences, in float32
    assert logs[0]["loss"] == pytest.approx(bce / 64 + 0.01 * m + 0.01 * h, rel=1e-4)
    used = [len(set(values[:, j].round(4))) / 4 for j in range(3)]
    np.testing.assert_allclose(logs[0]["used"], used, rtol=1e-6)


@pytest.mark.slow
def test_codes_take_their_values_and_all_parameters_are_trained(trained):
    model, images, states, logs = trained
    mean, _ = jax.jit(model.encode)(states[-1].params, images)
    assert set(np.asarray(3 * mean).round(4).ravel()) <= {-3, -1, 1, 3}
    moved = jax.tree.map(lambda a, b: bool((a != b).any()), states[0].params, states[-1].params)
    leaves = jax.tree_util.tree_flatten_with_path(moved)[0]
    still = [jax.tree_util.keystr(path) for path, there in leaves if not there]
    assert all("logvar" in name for name in still), still  # of a head that it has no use for
    first, last = (
        np.mean([log["reconstruction"] for log in some]) for some in (logs[:5], logs[-5:])
    )
    assert last < 0.8 * first  # .39 +- .21 of it over 6 seeds
    assert all(np.isfinite(log["loss"]) for log in logs)


def test_bad_options():
    for option, value, said in (
        ("levels", 1, "must be at least 2, not 1"),
        ("perturbations", 1, "must be at least 2, not 1"),
        ("epsilon", 0.0, "must be above 0, not 0.0"),
    ):
        with pytest.raises(InputError, match=f"'{option}' of 'tripod' {said}"):
            split("tripod", {option: value})
