import numpy as np
import pytest

from dbench.data import draws, dsprites
from dbench.data.dsprites import color as color_dsprites


@pytest.fixture(scope="module")
def colors():
    """Colours found in the images: the one pixel value of each sprite, [360, 3]."""
    tiny = dsprites.load_tiny()
    data, rows = color_dsprites.on(tiny), np.arange(0, 2880, 8)
    images = np.asarray(data.gather(data.arrays, rows))
    inside = np.asarray(tiny.gather(tiny.arrays, rows))[..., 0] == 1
    assert (images[~inside] == 0).all()
    found = [np.unique(image[lit], axis=0) for image, lit in zip(images, inside, strict=True)]
    assert all(len(color) == 1 for color in found)
    return np.concatenate(found)


@pytest.mark.slow
def test_colors_are_uniform_from_a_half_to_one(colors):
    assert 0.5 <= colors.min() < 0.51 and 0.99 < colors.max() <= 1
    for channel in colors.T:
        assert channel.mean() == pytest.approx(0.75, abs=0.03)
        assert channel.std() == pytest.approx(0.5 / np.sqrt(12), abs=0.01)
    assert np.abs(np.corrcoef(colors.T) - np.eye(3)).max() < 0.2


@pytest.mark.slow
def test_every_image_has_its_own(colors):
    assert len(np.unique(colors, axis=0)) == 360
    uniform = np.asarray(draws.uniform(np.arange(0, 2880, 8), 3))
    np.testing.assert_array_equal(colors, 0.5 + uniform / 2)
