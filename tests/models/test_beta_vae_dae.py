"""beta-VAE_DAE: two stages, the mask, and errors in features by NumPy."""

from importlib import import_module

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.models import MODELS, losses
from dbench.models.beta_vae_dae import mask
from dbench.nets.denoising import DenoisingNet
from tests.rounding import chain, rounding

from .conftest import KEY, SMALL, initial, near, parts, pictures, same, sample, sampler, updater

SHAPE = (16, 16, 1)
X = pictures(0, b=4, shape=SHAPE)
SWITCH = 3
# As `near`, of the DAE: four convolutions down, the bottleneck, four up, pixels.
OF_DAE = 4 * chain(16, 512, 512, 1024, 64, 100, 256, 256, 128, 128, 256)


def upper_half(_key, images):
    return images.at[:, :8].set(0.0)


def model_with(**options):
    options = {"beta": 2.0, "dae_steps": SWITCH} | SMALL | options
    return MODELS["beta_vae_dae"](SHAPE, **options)


def at(state, step):
    return state._replace(step=jnp.asarray(step, jnp.int32))


@pytest.fixture(scope="module")
def known():
    """Noise and mask that a test can know."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(losses, "sample", sample)
        patch.setattr(import_module("dbench.models.beta_vae_dae"), "mask", upper_half)
        yield


@pytest.fixture(scope="module")
def state():
    return initial(model_with())


@pytest.fixture(scope="module")
def update(known):
    """state, beta -> state, logs."""

    def step(state, beta):
        return model_with(beta=beta).update(state, sampler(X), KEY)

    step = jax.jit(step)
    return lambda state, beta=2.0: jax.device_get(step(state, beta))


def moved(before, after):
    return jax.tree.all(jax.tree.map(lambda a, b: bool((a != b).any()), before, after))


@pytest.mark.slow
def test_the_dae_first_then_the_vae_and_exactly_from_dae_steps_on(state, update):
    before = state
    for step in (0, SWITCH - 1, SWITCH, SWITCH + 1, 1000):
        after, logs = update(at(state, step))
        trained, still = ("dae", "vae") if step < SWITCH else ("vae", "dae")
        assert moved(before.params[trained], after.params[trained])
        assert same(before.params[still], after.params[still])
        assert same(before.optimizer[still], after.optimizer[still])
        assert not same(before.optimizer[trained], after.optimizer[trained])
        assert int(after.step) == step + 1
        assert (logs["dae_error"] > 0) == (step < SWITCH)
        assert (logs["feature_error"] > 0) == (step >= SWITCH)


@pytest.mark.slow
def test_training_through_the_switch(state, update):
    """Each network makes its own number of steps; a frozen DAE is the one that was trained."""
    seen = []
    for _ in range(SWITCH + 2):
        state, _ = update(state)
        seen.append(state)
    counts = {name: int(adam[0].count) for name, adam in state.optimizer.items()}
    assert counts == {"dae": SWITCH, "vae": 2}
    assert same(seen[SWITCH - 1].params["dae"], seen[-1].params["dae"])


@pytest.mark.slow
def test_dae_error_by_numpy(state, update):
    """Of whole images, restored from masked ones."""
    _, logs = update(state)
    masked = np.array(X)
    masked[:, :8] = 0
    logits = DenoisingNet(SHAPE).apply(state.params["dae"], jnp.asarray(masked))
    restored = 1 / (1 + np.exp(-np.asarray(logits, float)))
    wanted = sum(((restored[i] - np.asarray(X[i])) ** 2).sum() for i in range(len(X))) / len(X)
    # A sigmoid moves by a quarter of its logit, its square by that times twice the difference.
    moved = OF_DAE * np.abs(np.asarray(logits)).max() / 4
    off = moved * 2 * np.abs(restored - X).sum() / len(X) + rounding(16 * 16) * wanted
    assert logs["dae_error"] == logs["loss"] == pytest.approx(wanted, abs=off)


@pytest.mark.slow
@pytest.mark.parametrize("features", ["output", "bottleneck"])
def test_loss_by_numpy(features, state, update):
    if features == "bottleneck":
        update = updater(model_with(features=features), X)
    _, logs = update(at(state, SWITCH))
    known = parts(model_with(), state.params, X)
    method = {"output": "__call__", "bottleneck": "encode"}[features]
    look = jax.jit(
        lambda images: DenoisingNet(SHAPE).apply(state.params["dae"], images, method=method)
    )
    seen, wanted = (np.asarray(look(jnp.float32(x)), float) for x in (known.decoded, X))
    error = sum(((seen[i] - wanted[i]) ** 2).sum() / 2 for i in range(len(X))) / len(X)
    kl, exact = known.kl.sum(axis=1).mean(), near(SHAPE)
    # A difference is as exact as its terms, a square by that times twice the difference.
    terms = np.maximum(np.abs(seen), np.abs(wanted)).max()
    of_error = (exact + OF_DAE) * terms * np.abs(seen - wanted).sum() / len(X)
    of_kl = exact * known.kl_terms.sum()
    assert error > 10 * of_error
    assert logs["feature_error"] == pytest.approx(error, abs=of_error)
    assert logs["loss"] == pytest.approx(error + 2 * kl, abs=of_error + 2 * of_kl)
    assert logs["reconstruction"] == pytest.approx(known.reconstruction, rel=exact)
    assert logs["elbo"] == pytest.approx(-known.reconstruction - kl, abs=exact * known.size())


@pytest.mark.slow
def test_the_vae_learns_what_the_dae_sees(state, update):
    """beta 0: the gradient of the error in features reaches the VAE through the DAE.

    Image, mask and noise are the same in each step: it goes down, of 8 seeds with each, by 1.5 %
    or more.
    """
    state, errors = at(state, SWITCH), []
    for _ in range(6):
        state, logs = update(state, 0.0)
        errors.append(logs["feature_error"])
    assert (np.diff(errors) < 0).all(), errors


@pytest.fixture(scope="module")
def hidden():
    """Where 3,000 images of 32 x 48 are hidden, [b, h, w]."""
    ones = jnp.ones((3000, 32, 48, 2))
    masked = np.asarray(jax.jit(mask)(KEY, ones))
    assert (masked[..., 0] == masked[..., 1]).all() and set(np.unique(masked)) == {0, 1}
    return masked[..., 0] == 0


@pytest.mark.slow
def test_the_mask_is_one_rectangle_of_zeros(hidden):
    rows, columns = hidden.any(axis=2), hidden.any(axis=1)
    assert (hidden == rows[:, :, None] & columns[:, None, :]).all()
    for side in (rows, columns):  # in one piece: it starts at most once
        starts = (np.diff(side.astype(int), axis=1, prepend=0) == 1).sum(axis=1)
        assert starts.max() == 1


@pytest.mark.slow
def test_the_mask_leaves_other_pixels_as_they_are():
    images = np.random.default_rng(0).random((20, 8, 8, 3), np.float32)
    masked = np.asarray(mask(jax.random.key(6), images))
    assert ((masked == 0) | (masked == images)).all() and (masked == 0).any()


@pytest.mark.slow
def test_the_mask_differs_between_images_and_keys(hidden):
    assert len(np.unique(hidden.reshape(3000, -1), axis=0)) > 2000
    other = np.asarray(mask(jax.random.key(9), jnp.ones((8, 32, 48, 1))))[..., 0] == 0
    assert not (other == hidden[:8]).all()


@pytest.mark.slow
def test_corners_of_the_mask_are_uniform(hidden):
    """A point at t of a side is between two uniform ones with probability 2 t (1 - t), and the
    length of a side |u - v| has mean 1/3 and P(< 1/2) = 3/4; the area has mean 1/9.

    A rectangle between two pixels in one direction, 1 in h or in w, is not seen in the other.
    """
    error = 1 / np.sqrt(3000)  # of a mean, for a variance of 1
    # The variance of an area is 1/36 - 1/81, of a side 1/6 - 1/9, of what is or is not 1/4 at most;
    # a whole pixel of 32 or 48 is lost or won at the rim: of an area a fifth of that.
    assert hidden.mean() == pytest.approx(1 / 9, abs=4 * error * np.sqrt(1 / 36 - 1 / 81))
    for axis, length, other in ((2, 32, 48), (1, 48, 32)):
        side = hidden.any(axis=axis)
        t = (np.arange(length) + 0.5) / length
        np.testing.assert_allclose(
            side.mean(axis=0), 2 * t * (1 - t) * (1 - 1 / other), atol=4 * error / 2
        )
        assert side.mean() == pytest.approx((1 - 1 / other) / 3, abs=4 * error * np.sqrt(1 / 18))
        assert (side.mean(axis=1) < 0.5).mean() == pytest.approx(0.75, abs=4 * error / 2)
    seen = hidden[hidden.any(axis=(1, 2))]
    height, width = seen.any(axis=2).mean(axis=1), seen.any(axis=1).mean(axis=1)
    assert abs(np.corrcoef(height, width)[0, 1]) < 4 * error
