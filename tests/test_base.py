"""The nouns: what a data set gives to those who train elsewhere."""

import jax.numpy as jnp
import numpy as np
import pytest

from dbench.data import load


def test_images_of_rows_are_what_training_sees_and_the_callers_own():
    dataset, rows = load("xy_blobs"), [5, 0, 767]
    images = dataset.images(rows)
    np.testing.assert_array_equal(images, dataset.gather(dataset.arrays, jnp.array(rows)))
    assert images.dtype == np.float32 and images.shape == (3, *dataset.shape)
    images[:] = 0.0  # as torch.from_numpy wants it
    assert dataset.images(rows).any()


@pytest.mark.parametrize("row", [-1, 768])
def test_a_row_that_is_not_there(row):
    with pytest.raises(IndexError, match="rows of xy_blobs go from 0 to 767"):
        load("xy_blobs").images([0, row])
