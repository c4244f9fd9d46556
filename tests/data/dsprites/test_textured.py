import hashlib

import numpy as np

from dbench.data import dsprites
from dbench.data.dsprites import scream as scream_dsprites
from dbench.data.dsprites import textured as textured_dsprites


def test_every_pixel_of_the_texture():
    picture = textured_dsprites.texture()
    assert picture.shape == (274, 220, 3) and picture.dtype == np.uint8
    assert (
        hashlib.sha256(picture.tobytes()).hexdigest()
        == "88374d63d087e5ca4f9973cd253fa983205bce77bcf315f0ca1e764877fee6db"
    )


def test_reds_above_blues_below_and_smooth():
    picture = textured_dsprites.texture().astype(int)
    red, _, blue = picture.mean(axis=1).T
    assert (red[:90] > blue[:90] + 40).all() and blue[-40:].mean() > blue[:40].mean()
    assert (
        np.abs(np.diff(picture, axis=0)).max() < 40 and np.abs(np.diff(picture, axis=1)).max() < 40
    )
    assert (picture.std(axis=(0, 1)) > 20).all()


def test_is_the_scream_set_on_another_picture():
    tiny = dsprites.load_tiny()
    data = textured_dsprites.on(tiny)
    same = scream_dsprites.on(tiny, textured_dsprites.texture(), "textured")
    assert data.gather is same.gather and data.name == same.name == "textured_dsprites_tiny"
    assert (data.arrays["picture"] == same.arrays["picture"]).all()
