"""What holds of every data set. A new one: a row in SIZES."""

import math

import numpy as np
import pytest

from dbench.data import DATASETS

SIZES = {
    "dsprites": (1, 3, 6, 40, 32, 32),
    "dsprites_tiny": (1, 3, 3, 5, 8, 8),
}


def test_every_data_set_has_a_row():
    assert set(SIZES) == set(DATASETS)


@pytest.fixture(params=SIZES)
def dataset(request):
    return DATASETS[request.param](None)


def test_is_the_whole_grid_in_order(dataset):
    assert dataset.sizes == SIZES[dataset.name]
    assert len(dataset.names) == len(dataset.sizes) == dataset.factors.shape[1]
    rows = np.ravel_multi_index(tuple(dataset.factors.T), dataset.sizes)
    assert (rows == np.arange(math.prod(dataset.sizes))).all()


def test_images_are_of_the_stated_shape_and_range(dataset):
    images = np.asarray(dataset.gather(dataset.arrays, np.array([0, dataset.size - 1])))
    assert images.shape == (2, *dataset.shape) and images.dtype == np.float32
    assert images.min() == 0 and images.max() == 1


@pytest.mark.parametrize("name", SIZES)
def test_has_one_line_that_says_what_it_is(name):
    line = DATASETS[name].__doc__.splitlines()[0]
    assert line.startswith("dSprites") and line.endswith(".")
