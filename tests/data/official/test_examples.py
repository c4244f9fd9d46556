"""What is no grid, or has other features or images, is refused before any image is taken for it."""

import pytest

from dbench.data.grid import grid
from dbench.data.official import examples, prepared
from dbench.errors import InputError
from tests.data.writers import prepare_grid, random_images

WRONG = {
    "no grid": (grid((3, 2)), (2, 3), "the 6 images in .* are not the grid 2 x 3"),
    "twice": (grid((2, 3))[[0, 1, 2, 3, 4, 4]], (2, 3), "are not the grid"),
    "too few": (grid((2, 3))[:5], (2, 3), "the 5 images in .* are not the grid"),
    "negative": (grid((2, 3)) - 1, (2, 3), "are not the grid"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "sizes", "said"), WRONG.values(), ids=WRONG.keys())
def test_examples_that_are_no_grid(tmp_path, rows, sizes, said):
    images = random_images(len(rows), 4, 4, 1)
    folder = prepare_grid(tmp_path, "mine", images, ["a", "b"], rows)
    data = prepared.open_(prepared.find("mine", folder))
    with pytest.raises(InputError, match=said):
        list(examples.in_grid_order(data, "image", (4, 4, 1), ["a", "b"], sizes))


@pytest.mark.slow
def test_other_features_and_other_images(tmp_path):
    folder = prepare_grid(tmp_path, "mine", random_images(6, 4, 4, 1), ["a", "b"], grid((2, 3)))
    data = prepared.open_(prepared.find("mine", folder))
    with pytest.raises(InputError, match="has no feature c: it is another data set"):
        list(examples.in_grid_order(data, "image", (4, 4, 1), ["a", "c"], (2, 3)))
    with pytest.raises(InputError, match=r"an image that is uint8 \[4, 4, 1\], not uint8 \[5, 4"):
        list(examples.in_grid_order(data, "image", (5, 4, 1), ["a", "b"], (2, 3)))
