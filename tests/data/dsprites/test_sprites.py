import hashlib
import itertools

import numpy as np
import pytest

from dbench.data import dsprites
from dbench.data.dsprites import sprites


def unpack(packed):
    return np.unpackbits(packed, axis=-1).reshape(*packed.shape[:-1], 64, 64)


def inside(u, v, corners):
    """Even-odd rule in whole numbers: edges crossed by the ray from (u, v) to the left."""
    crossed = 0
    for (u0, v0), (u1, v1) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (v0 < v) != (v1 < v):
            side = (u - u0) * (v1 - v0) - (v - v0) * (u1 - u0)  # 0 on the edge
            crossed += side * (1 if v1 > v0 else -1) >= 0
    return crossed % 2


def test_a_centre_on_a_left_or_bottom_edge_is_in_on_a_right_or_top_edge_out():
    low, high = 2 * 256 + 128.0, 5 * 256 + 128.0  # the centres of pixels 2 and 5
    us, vs = np.array([[low, high, high, low]]), np.array([[low, low, high, high]])
    image = unpack(sprites.fill(us, vs))[0, 0]
    expected = np.zeros((64, 64), np.uint8)
    expected[3:6, 2:5] = 1
    assert (image == expected).all()


@pytest.mark.parametrize("step", [1, 128])  # 128: many centres exactly on corners and edges
def test_fill_agrees_with_a_test_of_each_pixel(step):
    rng = np.random.default_rng(step)
    for _ in range(8):
        corners = rng.integers(0, 12 * 256 // step, (7, 2)) * step  # crosses itself
        us = (corners[:, 0] + np.array([[0], [333]])).astype(float)
        vs = (corners[:, 1] + np.array([[0], [256], [777]])).astype(float)
        images = unpack(sprites.fill(us, vs))
        for i, j in np.ndindex(2, 3):
            polygon = [(int(u), int(v)) for u, v in zip(us[i], vs[j], strict=True)]
            for row, column in np.ndindex(17, 17):
                hit = inside(256 * column + 128, 256 * row + 128, polygon)
                assert images[i, j, row, column] == hit
            assert images[i, j].sum() == images[i, j, :17, :17].sum()


@pytest.mark.parametrize("shape", range(3))
def test_the_last_orientation_is_the_first(shape):
    every = np.arange(32)
    for scale in (0, 5):
        first = sprites.draw(shape, scale, 0, every, every)
        assert (first == sprites.draw(shape, scale, 39, every, every)).all()
        assert (first != sprites.draw(shape, scale, 20, every, every)).any()


@pytest.mark.slow
def test_every_pixel_of_dsprites_drawn_now():
    """The file in the cache may be from before a change of the code: this one is not."""
    digest, every = hashlib.sha256(), np.arange(32)
    for sprite in itertools.product(range(3), range(6), range(40)):
        digest.update(sprites.draw(*sprite, every, every))
    assert digest.hexdigest() == dsprites.SHA256
