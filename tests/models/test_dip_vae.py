"""DIP-VAE-I and II against np.cov."""

import jax
import numpy as np
import pytest

from dbench.models import MODELS, losses
from dbench.models.dip_vae import covariance_terms
from tests.rounding import rounding

from .conftest import KEY, SHAPE, SMALL, initial, near, parts, pictures, updater, without_heads

BOTH = ("dip_vae_i", "dip_vae_ii")


def off_and_on(v):
    """The two sums, one entry after another."""
    d = len(v)
    off = sum(v[i, j] ** 2 for i in range(d) for j in range(d) if i != j)
    return off, sum((v[i, i] - 1) ** 2 for i in range(d))


def covariance(name, known):
    v = np.cov(known.mean.T, bias=True)
    return v if name == "dip_vae_i" else v + np.diag(np.exp(known.logvar).mean(axis=0))


@pytest.mark.slow
@pytest.mark.parametrize("name", BOTH)
def test_loss_by_numpy(name, known_noise):
    images = pictures(0, b=5)
    model = MODELS[name](SHAPE, lambda_od=3.0, lambda_d_factor=2.5, **SMALL)
    state = initial(model)
    _, logs = updater(model, images)(state)
    known = parts(model, state.params, images)
    v = covariance(name, known)
    off, on = off_and_on(v)
    # An entry is off by as much of mean squares; its square by that times twice the entry.
    entry = near() * (known.mean**2 + np.exp(known.logvar)).mean(axis=0).max()
    of_off, of_on = (
        2 * entry * np.abs(x).sum() for x in (v - np.diag(v.diagonal()), v - np.eye(3))
    )
    assert off > 100 * of_off and on > 100 * of_on
    assert logs["off_diagonal"] == pytest.approx(off, abs=of_off)
    assert logs["diagonal"] == pytest.approx(on, abs=of_on)
    wanted = known.reconstruction + known.kl.sum(axis=1).mean() + 3 * off + 7.5 * on
    of_loss = near() * known.size() + 3 * of_off + 7.5 * of_on
    assert logs["loss"] == pytest.approx(wanted, abs=of_loss)


@pytest.mark.slow
def test_only_ii_counts_the_variance_of_posteriors():
    """Posteriors equal to the prior: their means do not vary, their samples do, by 1."""
    found = {}
    for name in BOTH:
        model = MODELS[name](SHAPE, **SMALL)
        state = initial(model)
        _, logs = updater(model, pictures(0))(state._replace(params=without_heads(state.params)))
        found[name] = float(logs["off_diagonal"]), float(logs["diagonal"])
    assert found == {"dip_vae_i": (0.0, 3.0), "dip_vae_ii": (0.0, 0.0)}


@pytest.mark.slow
def test_v_of_ii_is_the_covariance_of_samples():
    """Of so many that the terms are known to 4 standard errors of each entry."""
    images = pictures(0)
    model = MODELS["dip_vae_ii"](SHAPE, **SMALL)
    state = initial(model)
    _, logs = updater(model, images)(state)
    draw = jax.vmap(losses.sample, in_axes=(0, None, None))
    z = draw(jax.random.split(KEY, 400_000), *model.encode(state.params, images))
    v = np.cov(np.asarray(z, float).reshape(-1, 3).T)
    off, on = off_and_on(v)
    # A square is off by twice its root times the root's error.
    scale = np.outer(v.diagonal(), v.diagonal())
    near = 2 * np.abs(v - np.eye(3)) * 4 * np.sqrt((scale + v**2) / (400_000 * len(images)))
    of_on = near.trace()
    of_off = near.sum() - of_on
    assert of_off < off / 2 and of_on < on / 2
    assert logs["off_diagonal"] == pytest.approx(off, abs=of_off)
    assert logs["diagonal"] == pytest.approx(on, abs=of_on)


def test_small_covariances_beside_large_variances_are_not_rounded_away():
    v = np.full((3, 3), 1e-4, np.float32) + np.diag(np.float32([30, 40, 50]))
    off, _ = covariance_terms(jax.numpy.asarray(v))
    assert float(off) == pytest.approx(6e-8, rel=rounding(8))
