"""The table of a data set: every image once, in order, whatever the number of devices."""

import jax
import numpy as np
import pytest

from dbench.codes.encode import _encode, encode
from dbench.data import DATASETS
from dbench.training import devices, programs
from tests.rounding import chain

# The encoder's sums, one after another: a patch, the patches' channels, 128 units. Times 4: both
# sides round, and products of both signs cancel, to a half.
NEAR = 4 * chain(64, 64 * 32, 128)
NUMBERS = {"beta": 1.0, "learning_rate": 1e-3}


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=NEAR * np.abs(expected).max())


@pytest.fixture(scope="module")
def data():
    whole = DATASETS["dsprites_tiny"](None)
    # Not a multiple of a block, nor of a block for each device.
    return whole._replace(arrays=whole.arrays[:1000], factors=whole.factors[:1000])


def initial(program, seed):
    """Parameters of an untrained model."""
    return devices.once(program.build(NUMBERS).init)(jax.random.key(seed)).params


@pytest.fixture(scope="module")
def model(data):
    program = programs.program(data, "beta_vae", {"net": "small", "latents": 3})
    return program, initial(program, 0)


@pytest.mark.slow
def test_rows_are_the_images_in_order(data, model, mesh, capfd):
    program, params = model
    (table,) = encode(data, program, [NUMBERS], [params], mesh)
    rows = np.array([0, 1, 63, 64, 500, 999])
    images = data.gather(data.arrays, rows)
    mean, logvar = devices.once(program.build(NUMBERS).encode)(params, images)
    assert table.mean.shape == table.logvar.shape == (1000, 3)
    close(table.mean[rows], mean)
    close(table.logvar[rows], logvar)
    assert "1,000 images" in capfd.readouterr().err


@pytest.mark.slow
def test_the_number_of_devices_does_not_matter(data, model, mesh):
    meshes = devices.mesh(1), mesh
    (one,), (two,) = (encode(data, model[0], [NUMBERS], [model[1]], m) for m in meshes)
    assert (one.mean == two.mean).all() and (one.logvar == two.logvar).all()


def test_factors_with_one_value_are_left_out(data, model, mesh):
    (table,) = encode(data, model[0], [NUMBERS], [model[1]], mesh)
    assert table.names == ("shape", "scale", "orientation", "posX", "posY")
    assert (table.factors == data.factors[:, 1:]).all()


def test_some_rows_only(data, model, mesh, capfd):
    (whole,) = encode(data, model[0], [NUMBERS], [model[1]], mesh)
    rows = np.array([7, 999, 0, 500, 7])
    (some,) = encode(data, model[0], [NUMBERS], [model[1]], mesh, rows=rows)
    close(some.mean, whole.mean[rows])
    close(some.logvar, whole.logvar[rows])
    assert (some.factors == whole.factors[rows]).all() and some.names == whole.names
    assert "encode: 5 images" in capfd.readouterr().err


@pytest.mark.slow
def test_models_encoded_together_are_what_they_are_alone(data, model, mesh):
    program, params = model
    others = [initial(program, seed) for seed in (1, 2)]
    together = encode(data, program, [NUMBERS] * 3, [params, *others], mesh)
    for one, table in zip([params, *others], together, strict=True):
        (alone,) = encode(data, program, [NUMBERS], [one], mesh)
        assert (alone.mean == table.mean).all() and (alone.logvar == table.logvar).all()
        assert (alone.factors == table.factors).all() and alone.names == table.names
    assert not (together[0].mean == together[1].mean).any()


@pytest.mark.slow
def test_vmapped_as_on_an_accelerator_only_rounding_differs(data, model, mesh, monkeypatch):
    program, params = model
    other = initial(program, 1)
    both = data, program, [NUMBERS] * 2, [params, other], mesh
    turns = encode(*both)
    with monkeypatch.context() as patch:
        patch.setattr(jax, "default_backend", lambda: "gpu")
        _encode.clear_cache()  # it does not know of the patch
        at_once = encode(*both)
    _encode.clear_cache()
    for one, two in zip(turns, at_once, strict=True):
        close(one.mean, two.mean)
        close(one.logvar, two.logvar)
