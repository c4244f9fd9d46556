"""Scores of Jacobians by hand, and of a decoder that is a matrix."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Model
from dbench.data import xy_blobs
from dbench.errors import InputError
from dbench.models import MODELS
from dbench.scoring.jacobian import (
    Squares,
    _squares,
    chance,
    coherence,
    decodes,
    distance,
    distance_to_orthogonality,
    jacobian_coherence,
    nearest,
    of_active,
)
from dbench.scoring.trained_model import TrainedModel
from dbench.training import devices, programs
from tests.rounding import rounding

TURN = np.array([[1, 1], [-1, 1]]) / np.sqrt(2)


def given(*matrices):
    """Squares of Jacobians."""
    grams = np.array([np.asarray(j, float).T @ np.asarray(j, float) for j in matrices])
    return Squares(grams, np.arange(grams.shape[1]), [])


def test_orthogonal_columns_of_different_length_are_the_best():
    j = np.diag([3.0, 2, 1])
    assert coherence(given(j, -j)).value == 0
    assert distance(given(j, j[:, [2, 0, 1]])).value == pytest.approx(0, abs=1e-7)


def test_coherence_by_hand():
    """Columns at 60 degrees and at 90; a column of zeros has no direction."""
    j = np.array([[1, 1], [0, np.sqrt(3)]])
    found = coherence(given(j, np.eye(2)))
    assert found.value == pytest.approx(0.25) and found.parts["cosine"][0, 1] == pytest.approx(0.25)
    assert found.stderr == pytest.approx(0.25)  # of 1/2 and 0
    assert coherence(given([[1, 0], [1, 0]], np.eye(2))).value == 0


def test_distance_by_hand():
    """Turned by 45 degrees |V - P|^2 = 4 - 2 sqrt 2."""
    assert nearest(TURN) == pytest.approx(np.sqrt(4 - 2 * np.sqrt(2)))
    assert nearest(-np.eye(4)[[2, 0, 3, 1]]) == 0
    found = distance(given(np.diag([3, 1]) @ TURN, np.diag([3, 1])))
    assert found.parts["distance"] == pytest.approx(nearest(TURN) / 2)
    assert found.value == pytest.approx(nearest(TURN) / 2 / chance(2))
    assert found.parts["gap"] == pytest.approx(2 / 3) and not found.warnings


@pytest.mark.parametrize(("size", "expected"), [(2, 0.55), (5, 1.65), (10, 2.83)])
def test_distance_of_random_directions_grows_with_their_number(size, expected):
    """In two dimensions the mean of 2 sqrt 2 sin(t / 2) over angles up to 45 degrees, by hand."""
    if size == 2:
        t = np.pi / 4
        assert chance(2) == pytest.approx(2 * np.sqrt(2) * (1 - np.cos(t / 2)) * 2 / t, abs=0.02)
    assert chance(size) == pytest.approx(expected, abs=0.02)


def test_equal_singular_values_are_said():
    """Orthogonal columns of equal length: V is chance, and the coherence is not."""
    turned = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    found = given(turned, turned)
    assert any("about equal" in sentence for sentence in distance(found).warnings)
    assert coherence(found).value == pytest.approx(0, abs=1e-12)


def test_active_codes_alone_count():
    mean = np.random.default_rng(0).normal(size=(500, 4)) * [1, 0.1, 2, 0.2]
    gram = np.arange(16.0).reshape(1, 4, 4).repeat(500, 0)
    found = of_active(mean, gram)
    assert list(found.active) == [0, 2] and found.gram[7].tolist() == [[0, 2], [8, 10]]
    few = of_active(mean * [0.1, 1, 1, 1], gram)
    assert list(few.active) == [2, 3] and "1 codes are active" in few.said[0]


@pytest.fixture
def linear(monkeypatch):
    """A model whose codes are three projections of an image, and its decoder a matrix."""
    rng = np.random.default_rng(0)
    into, out = (rng.normal(size=s).astype(np.float32) for s in ((1024, 3), (3, 1024)))

    def model(shape, **_):
        def encode(params, images):
            return images.reshape(len(images), -1) @ into, None

        return Model(None, None, encode, lambda params, z: (z @ out).reshape(-1, *shape))

    monkeypatch.setitem(MODELS, "fake", model)
    _squares.clear_cache()  # another model of this name
    return out


@pytest.mark.slow
def test_of_a_linear_decoder(linear, mesh):
    data = xy_blobs.load()
    program = programs.Program("fake", (), data.shape, data.gather, None, data.size, 8)
    run = TrainedModel(data, program, {}, (), mesh, jax.random.key(0))
    expected = given(*[linear.T] * 2)
    found = jacobian_coherence(run, rows=150)
    near = 10 * rounding(1024)  # sums of products of both signs, over lengths
    assert found.value == pytest.approx(coherence(expected).value, abs=near)
    assert found.parts["active"] == 3 and found.stderr == pytest.approx(0, abs=near)
    found = distance_to_orthogonality(run, rows=150)
    # Directions turn by an error over the gap of eigenvalues.
    values = np.linalg.eigvalsh(linear @ linear.T.astype(float))
    turned = near * values[-1] / np.diff(values).min()
    assert found.value == pytest.approx(distance(expected).value, abs=turned)


def test_a_model_without_a_decoder_is_one_sentence(monkeypatch):
    data = xy_blobs.load()
    model = Model(None, None, lambda params, images: (jnp.zeros((1, 2)), None), None)
    monkeypatch.setitem(MODELS, "fake", lambda shape, **_: model)
    program = programs.Program("fake", (), data.shape, data.gather, None, data.size, 8)
    with pytest.raises(InputError, match="need a decoder with .*, which fake has not") as error:
        decodes(program, data)
    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_of_a_convolutional_net_by_backward_passes():
    """Its convolutions have no forward derivative: a pass for each of 1,024 pixels instead."""
    data = xy_blobs.load()
    program = programs.program(data, "beta_vae", {"net": "small"})
    model = program.build()
    params = devices.once(model.init)(jax.random.key(0)).params
    mean, gram = _squares(program, data.gather, {}, data.arrays, params, np.arange(1, 700, 699))
    j = jax.jacrev(lambda z: model.decode(params, z[None]).ravel())(mean[0])
    expected = np.asarray(j, float).T @ np.asarray(j, float)
    # 100: sums through five layers of up to 1,024 products, each to some roundings.
    near = 100 * rounding(1024) * expected.max()
    np.testing.assert_allclose(gram[0], expected, atol=near)
