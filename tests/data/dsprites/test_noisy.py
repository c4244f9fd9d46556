import numpy as np
import pytest

from dbench.data import dsprites
from dbench.data.dsprites import noisy as noisy_dsprites

ROWS = np.arange(0, 2880, 36)


@pytest.fixture(scope="module")
def noise():
    """Pixels that no sprite covers, [80 images, pixels near the border, 3]."""
    tiny = dsprites.load_tiny()
    data = noisy_dsprites.on(tiny)
    images = np.asarray(data.gather(data.arrays, ROWS))
    inside = np.asarray(tiny.gather(tiny.arrays, ROWS))[..., 0] == 1
    assert (images[inside] == 1).all() and inside.any(axis=(1, 2)).all()
    assert (images[~inside] < 1).all()
    return np.concatenate([images[:, :2], images[:, -2:]], axis=1).astype(np.float64)


@pytest.mark.slow
def test_noise_is_uniform(noise):
    assert noise.min() < 1e-3 and noise.max() > 1 - 1e-3
    assert noise.mean() == pytest.approx(0.5, abs=0.01)
    assert noise.std() == pytest.approx(1 / np.sqrt(12), abs=0.005)


@pytest.mark.slow
def test_neighbours_channels_and_images_are_independent(noise):
    pairs = {
        "right": (noise[:, :, 1:], noise[:, :, :-1]),
        "below": (noise[:, 1], noise[:, 0]),
        "channel": (noise[..., 0], noise[..., 1]),
        "image": (noise[1:], noise[:-1]),
    }
    for name, (one, two) in pairs.items():
        r = np.corrcoef(one.ravel(), two.ravel())[0, 1]
        assert abs(r) < 5 / np.sqrt(one.size), name
