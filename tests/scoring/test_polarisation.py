"""Polarisation by hand, its parts, its error, and of models."""

import jax
import numpy as np
import pytest

from dbench.data import xy_blobs
from dbench.errors import InputError
from dbench.metrics.kl import kl_per_code
from dbench.scoring.polarisation import polarisation, share
from dbench.scoring.trained_model import TrainedModel
from dbench.training import devices, programs


def posteriors(seed=0, n=4_000):
    """Two active codes, one between, one at the prior."""
    rng = np.random.default_rng(seed)
    mean = rng.normal(size=(n, 4)) * [1, 0.8, 0.3, 0]
    logvar = np.log([0.01, 0.05, 0.9, 1.0]) + 0.1 * rng.normal(size=(n, 4)) * [1, 1, 1, 0]
    return mean, logvar


def test_by_hand():
    """Means -1 and 1, so a spread of 1; a variance v: (1 - log v - 1) / (1 + v - log v - 1)."""
    mean, v = np.array([[-1.0, 0], [1, 0]]), 0.1
    found = share(mean, np.log([[v, 1], [v, 1]]))
    assert found.value == pytest.approx(-np.log(v) / (v - np.log(v)))
    assert found.parts["kl_error"] == pytest.approx(v / (v - np.log(v)))
    assert found.parts["kl"] == pytest.approx((v - np.log(v)) / 2)
    assert found.parts["active"] == 1 and found.parts["passive"] == 0
    assert found.stderr == pytest.approx(0, abs=1e-12)  # both images are alike


def test_it_is_the_formula_and_its_kl_that_of_the_table():
    mean, logvar = posteriors()
    found = share(mean, logvar)
    polarised = (mean[:, :2] ** 2 - logvar[:, :2] - 1).sum(axis=1).mean() / 2
    assert found.value == pytest.approx(polarised / kl_per_code(mean, logvar).sum())
    assert found.parts["kl"] == pytest.approx(kl_per_code(mean, logvar).sum())
    assert found.parts["active"] == 2 and not found.warnings
    assert found.parts["passive"] == pytest.approx(
        kl_per_code(mean, logvar)[2:].sum() / found.parts["kl"]
    )
    assert found.parts["noise"] + found.parts["passive"] == pytest.approx(found.parts["kl_error"])
    assert found.parts["kl_error"] == pytest.approx(1 - found.value)


def test_surer_codes_and_more_codes_at_the_prior_are_more_polarised():
    mean, logvar = posteriors()
    before = share(mean, logvar).value
    surer = share(mean, logvar - [3, 3, 0, 0])
    dropped = share(mean * [1, 1, 0, 1], logvar * [1, 1, 0, 1])
    assert surer.value > before and dropped.value > before
    assert dropped.parts["passive"] == pytest.approx(0)


def test_it_is_below_0_where_active_codes_are_unsure():
    """Spread .6 and variance 1: (.36 - 1) / .36."""
    found = share(np.array([[-0.6], [0.6]]), np.zeros((2, 1)))
    assert found.value == pytest.approx(-0.64 / 0.36)


def test_its_error_is_that_over_draws_of_images():
    """Of 200 tables of 400 images: their spread is known to a twentieth."""
    found = [share(*posteriors(seed, 400)) for seed in range(200)]
    spread = np.std([score.value for score in found], ddof=1)
    assert np.mean([score.stderr for score in found]) == pytest.approx(spread, rel=0.2)


def test_nothing_active_and_no_kl_are_said():
    mean, logvar = np.zeros((10, 2)), np.full((10, 2), -2.0)
    found = share(mean, logvar)
    assert found.value == pytest.approx(0) and "no code is active" in found.warnings[0]
    found = share(mean, 0 * logvar)
    assert found.value == 0 and found.parts["kl"] == 0
    assert found.warnings == (
        "the posterior is the prior for every image: there is no KL to share",
    )


@pytest.mark.slow
def test_of_an_untrained_vae(mesh):
    """Its means hardly vary: nothing is polarised. The same images again by the same key."""
    data = xy_blobs.load()
    program = programs.program(data, "untrained_vae", {"net": "mlp"})
    params = devices.once(program.build().init)(jax.random.key(0)).params
    run = TrainedModel(data, program, {}, params, mesh, jax.random.key(0))
    found = polarisation(run, rows=200)
    assert found.value == pytest.approx(0) and found.parts["kl"] > 0
    assert polarisation(run, rows=200).parts == found.parts


@pytest.mark.parametrize("model", ["autoencoder", "raw_pixels"])
def test_a_model_without_variances_is_one_sentence(mesh, model):
    data = xy_blobs.load()
    program = programs.program(data, model, {"net": "small"} if model == "autoencoder" else {})
    said = f"needs the log variances of a posterior, which {model} has not"
    with pytest.raises(InputError, match=said) as error:
        polarisation(TrainedModel(data, program, {}, {}, mesh, jax.random.key(0)))
    assert "\n" not in str(error.value)
