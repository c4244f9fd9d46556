import jax
import numpy as np
import pytest

from dbench.codes import tabled
from dbench.data import load, periodic_square, shapes3d_drawn
from dbench.metrics import METRICS


@pytest.fixture(scope="module")
def data():
    return periodic_square.load()


@pytest.fixture(scope="module")
def images(data):
    """All of them, [x, y, 64, 64]."""
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        found = data.gather(data.arrays, np.arange(4096))
    return np.asarray(found).reshape(64, 64, 64, 64)


@pytest.mark.slow
def test_is_the_rule_of_the_docstring(images):
    for x, y in ((0, 0), (10, 40), (60, 3), (63, 63)):
        r, c = np.indices((64, 64))
        expected = ((c - x) % 64 < 16) & ((r - y) % 64 < 16)
        assert np.array_equal(images[x, y], expected)


@pytest.mark.slow
def test_every_image_is_a_cyclic_shift_of_the_first(images):
    assert (images.sum(axis=(2, 3)) == 256).all()
    for x, y in ((1, 0), (0, 1), (37, 50)):
        assert np.array_equal(images[x, y], np.roll(images[0, 0], (y, x), axis=(0, 1)))


@pytest.mark.slow
def test_the_last_place_is_a_neighbour_of_the_first(images):
    """As far as any two neighbours are: 2 x 16 pixels."""
    ring = images[:, 0]
    apart = abs(ring - np.roll(ring, 1, axis=0)).sum(axis=(1, 2))
    assert (apart == 32).all()


@pytest.mark.slow
def test_a_table_of_it_knows_that_its_factors_are_cyclic(data):
    """The Fourier coefficient of frequency one turns with each shift: D_LSBD 0."""
    waves = np.fft.fft2(np.asarray(data.gather(data.arrays, np.arange(4096)))[..., 0])
    codes = np.stack([f(waves[:, i, j]) for i, j in ((0, 1), (1, 0)) for f in (np.real, np.imag)])
    found = METRICS["d_lsbd"](tabled.table(data, codes.T))
    assert found.value == pytest.approx(0, abs=1e-6)


def test_a_factor_that_lost_a_value_is_cyclic_no_more(data):
    rows = np.flatnonzero(data.factors[:, 0] > 0)
    assert tabled.table(data, np.zeros((len(rows), 2)), rows=rows).cyclic == ("y",)


def test_hues_of_3d_shapes_are_cyclic():
    data = load("shapes3d_drawn")
    assert data.cyclic == shapes3d_drawn.NAMES[:3]
    assert tabled.table(data, np.zeros((data.size, 2), np.float32)).cyclic == data.cyclic
