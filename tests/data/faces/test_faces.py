import hashlib
import itertools

import jax
import numpy as np
import pytest

from dbench.data import faces
from dbench.data.faces import portrait
from tests.rounding import rounding

SOME = [(0, 0, 0, 0), (7, 10, 5, 5), (23, 13, 9, 1), (49, 20, 10, 10), (31, 4, 2, 8)]
PARAMETERS = len(portrait.NAMES)


@pytest.fixture(scope="module")
def grid():
    """The set, from the user's cache if it was drawn before."""
    return faces.load()


@pytest.fixture(scope="module")
def sampled():
    return faces.load_sampled()


def gathered(data, rows):
    return np.asarray(data.gather(data.arrays, np.array(rows, np.int32)))


@pytest.mark.slow
def test_every_view_of_the_kept_set(grid):
    assert grid.arrays.shape == (11_550, 4, 4096) and grid.arrays.dtype == np.uint8
    assert isinstance(grid.arrays, np.memmap) and grid.arrays.nbytes < 200e6
    assert hashlib.sha256(grid.arrays.data).hexdigest() == faces.SHA256


@pytest.mark.slow
def test_every_image_of_the_sampled_set(sampled):
    assert sampled.arrays.shape == (20_000, 4096) and sampled.arrays.nbytes < 100e6
    assert hashlib.sha256(sampled.arrays.data).hexdigest() == faces.SAMPLED_SHA256


@pytest.mark.parametrize("factors", SOME)
def test_an_image_of_the_grid_is_the_drawn_one(grid, factors):
    identity, *angles = factors
    parameters = faces.numbers(faces.sampled_factors(50))[identity, :PARAMETERS]
    degrees = [values[i] for values, i in zip(faces.VALUES[1:], angles, strict=True)]
    drawn = portrait.draw(parameters, *degrees)
    row = np.ravel_multi_index(factors, faces.SIZES)
    image = gathered(grid, [row])[0, :, :, 0]
    assert (np.rint(255 * image) == np.rint(255 * drawn)).all()
    np.testing.assert_allclose(image, drawn, rtol=rounding(3))


@pytest.mark.parametrize("row", [0, 3, 777, 19_999])
def test_a_sampled_image_is_the_drawn_one(sampled, row):
    parameters, angles = np.split(faces.numbers(sampled.factors[row : row + 1])[0], [PARAMETERS])
    image = gathered(sampled, [row])[0, :, :, 0]
    np.testing.assert_allclose(image, portrait.draw(parameters, *angles), rtol=rounding(3))


def test_factors_of_a_row_do_not_depend_on_how_many_there_are(sampled):
    assert (faces.sampled_factors(50) == sampled.factors[:50]).all()


def test_sampled_factors_are_uniform_and_independent(sampled):
    """16 bins, chi-square with 15 degrees of freedom; correlations of 20,000 rows."""
    for column in sampled.factors.T:
        counts = np.bincount(column, minlength=16)
        chi2 = ((counts - 1250) ** 2 / 1250).sum()
        assert 2 < chi2 < 45
    r = np.corrcoef(sampled.factors.T)[np.triu_indices(35, 1)]
    assert np.abs(r).max() < 5 / np.sqrt(20_000) and np.abs(r).max() > 0


def test_values_are_the_middles_of_equal_bins(sampled):
    for values, half in zip(sampled.values, [1] * PARAMETERS + [90, 30, 90], strict=True):
        edges = np.linspace(-half, half, 17)
        np.testing.assert_allclose(values, (edges[1:] + edges[:-1]) / 2, atol=1e-12)


@pytest.mark.slow
def test_identities_are_distinct(grid):
    """Seen from the front, in light from the front, any two differ by 8 levels on average."""
    rows = np.ravel_multi_index((np.arange(50), 10, 5, 5), faces.SIZES)
    images = 255 * gathered(grid, rows)[..., 0]
    apart = [np.abs(a - b)[4:60, 12:52].mean() for a, b in itertools.combinations(images, 2)]
    assert min(apart) > 8


@pytest.mark.slow
@pytest.mark.parametrize("data", ["grid", "sampled"])
def test_gathers_inside_jit_the_same_in_any_batch(data, request):
    data = request.getfixturevalue(data)
    rows = np.arange(70, dtype=np.int32) * 273
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        images = np.asarray(jax.jit(data.gather)(data.arrays, rows))
    assert images.dtype == np.float32 and images.shape == (70, 64, 64, 1)
    for i in (0, 33, 69):
        assert (gathered(data, rows[i : i + 1])[0] == images[i]).all()


def test_the_source_is_ignored(tmp_path, grid):
    assert (faces.load(tmp_path / "no such file").arrays[0] == grid.arrays[0]).all()
