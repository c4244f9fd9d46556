"""The reconstruction error against NumPy, and as part of a study and of `dbench evaluate`."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Model
from dbench.data import DATASETS
from dbench.models import MODELS
from dbench.scoring.reconstruction import _errors, reconstruction
from dbench.scoring.trained_model import TrainedModel
from dbench.training import devices, programs
from tests.rounding import chain

NEAR = 2 * chain(64 * 64, 150)  # sums over pixels and images; logs before them

NUMBERS = {"learning_rate": 1e-3}


@pytest.fixture(scope="module")
def data():
    whole = DATASETS["dsprites_tiny"](None)
    return whole._replace(arrays=whole.arrays[:150], factors=whole.factors[:150])


def score(data, monkeypatch, decode, mesh, logvar=-30.0, **options):
    """The score of a model whose code is the mean of an image's pixels."""

    def model(shape, **_):
        def encode(params, images):
            mean = images.mean(axis=(1, 2, 3))[:, None]
            return mean, jnp.full_like(mean, logvar)

        return Model(None, None, encode, decode)

    monkeypatch.setitem(MODELS, "fake", model)
    _errors.clear_cache()  # another model of this name
    program = programs.Program("fake", (), data.shape, data.gather, None, data.size, 8)
    return reconstruction(TrainedModel(data, program, {}, (), mesh, jax.random.key(0)), **options)


def constant(params, codes):
    return jnp.full((len(codes), 64, 64, 1), 0.25)


def of_code(params, codes):
    return jnp.broadcast_to(codes[:, :, None, None], (len(codes), 64, 64, 1))


@pytest.mark.slow
@pytest.mark.parametrize("decode", [constant, of_code])
def test_by_numpy(data, monkeypatch, mesh, decode):
    x = np.asarray(data.gather(data.arrays, np.arange(data.size)), float)
    p = (
        np.full_like(x, 0.25)
        if decode is constant
        else np.ones_like(x) * x.mean((1, 2, 3), keepdims=True)
    )
    nats = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=(1, 2, 3))
    found = score(data, monkeypatch, decode, mesh)
    assert float(found) == pytest.approx(nats.mean(), rel=NEAR)
    assert found.stderr == pytest.approx(
        nats.std(ddof=1) / np.sqrt(data.size), abs=NEAR * nats.max() / np.sqrt(data.size)
    )
    squared = ((x - p) ** 2).sum(axis=(1, 2, 3)).mean()
    assert found.parts["squared_error"] == pytest.approx(squared, rel=NEAR)


@pytest.mark.slow
def test_of_some_rows_alone(data, monkeypatch, mesh):
    few = np.arange(5, 60)
    x = np.asarray(data.gather(data.arrays, few), float)
    nats = -(x * np.log(0.25) + (1 - x) * np.log(0.75)).sum(axis=(1, 2, 3))
    found = score(data, monkeypatch, constant, mesh, among=few)
    assert float(found) == pytest.approx(nats.mean(), rel=NEAR)
    assert float(score(data, monkeypatch, constant, mesh)) != pytest.approx(nats.mean(), rel=1e-4)


def test_a_sure_and_wrong_pixel_costs_a_finite_price(data, monkeypatch, mesh):
    found = score(data, monkeypatch, lambda params, codes: 0 * constant(params, codes), mesh)
    white = np.asarray(data.gather(data.arrays, np.arange(data.size))).sum(axis=(1, 2, 3)).mean()
    assert float(found) == pytest.approx(white * 24 * np.log(2), rel=NEAR)


@pytest.mark.slow
def test_codes_are_sampled_and_the_key_decides(data, monkeypatch, mesh):
    given = data, monkeypatch, lambda params, codes: jax.nn.sigmoid(of_code(params, codes))
    still, noisy, again = (float(score(*given, mesh, logvar=v)) for v in (-30.0, 0.0, 0.0))
    assert noisy == again and noisy > still + 10


@pytest.mark.slow
def test_the_number_of_devices_does_not_matter(data, monkeypatch, mesh):
    one, two = (score(data, monkeypatch, of_code, m, rows=100) for m in (devices.mesh(1), mesh))
    assert float(one) == float(two)
    assert float(one) != float(score(data, monkeypatch, of_code, mesh))
