import hashlib

import jax
import numpy as np
import pytest

from dbench.data import xy_blobs
from dbench.training import steps
from tests.rounding import rounding


@pytest.fixture(scope="module")
def data():
    return xy_blobs.load()


@pytest.fixture(scope="module")
def images(data):
    """All of them, [size, x, y, 32, 32]."""
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        found = data.gather(data.arrays, np.arange(768))
    return np.asarray(found).reshape(3, 16, 16, 32, 32)


def test_every_image_is_what_it_was(images):
    assert hashlib.sha256(np.rint(images * 1000).astype(np.int16).tobytes()).hexdigest() == (
        "230217bfbd6863f032f61d335c454970ff55aa1353bde707b066dc06d96457aa"
    )


def test_is_the_rule_of_the_docstring(data, images):
    row = np.ravel_multi_index((1, 4, 9), data.sizes)
    size, x, y = (v[i] for v, i in zip(data.values, data.factors[row], strict=True))
    assert (size, x, y) == (2.0, 12.5, 17.5)
    c, r = np.meshgrid(np.arange(32) + 0.5, np.arange(32) + 0.5)
    expected = np.exp(-((c - x) ** 2 + (r - y) ** 2) / (2 * size**2))
    np.testing.assert_allclose(images[1, 4, 9], expected, rtol=rounding(4))


def test_blobs_are_where_they_should_be_and_whole(data, images):
    at = np.arange(32) + 0.5
    mass = images.sum(axis=(3, 4))
    x = (images.sum(axis=3) @ at) / mass
    y = (images.sum(axis=4) @ at) / mass
    np.testing.assert_allclose(x, np.broadcast_to(data.values[1][:, None], x.shape), atol=0.1)
    np.testing.assert_allclose(y, np.broadcast_to(data.values[2], y.shape), atol=0.1)
    np.testing.assert_allclose(mass[:, 8, 8], 2 * np.pi * data.values[0] ** 2, rtol=1e-2)
    border = np.concatenate([images[..., 0, :], images[..., -1, :], images[..., :, 0]], axis=-1)
    assert border.max() < 0.05 and (images.max(axis=(3, 4)) == 1).all()


@pytest.mark.slow
@pytest.mark.parametrize("net", ["small", "mlp", "fc"])
def test_nets_take_it(data, mesh, net):
    seeds, options = list(range(mesh.size)), [{"net": net}] * mesh.size
    cohort = steps.cohort(data, "beta_vae", options, seeds, mesh, batch_size=8)
    _, logs = steps.advance(cohort, steps.start(cohort), 3)
    assert np.isfinite(logs["elbo"]).all()
