import numpy as np
import pytest

from dbench.data.official import check
from dbench.errors import InputError


def pack(images):
    return np.packbits(images.reshape(len(images), -1), axis=1)


def test_the_same_images_agree(write_npz, images, sizes, own_cache):
    found = check.compare(write_npz(), pack(images), sizes)
    assert len(found.rows) == 0
    assert "all 48 images are the drawn ones" in found.text()


def test_each_differing_image_is_found(write_npz, images, sizes, own_cache, monkeypatch):
    monkeypatch.setattr(check, "_ROWS", 7)
    drawn = images.copy()
    drawn[0, 0, 0] ^= 1
    drawn[6, 5, :3] ^= 1
    drawn[47, 60:, 63] ^= 1
    found = check.compare(write_npz(), pack(drawn), sizes)
    assert found.rows.tolist() == [0, 6, 47] and found.pixels.tolist() == [1, 3, 4]
    assert "3 of 48 images differ from the drawn ones, by at most 4 pixels" in found.text()
    where = "image 47 (color 0, shape 2, scale 1, orientation 1, posX 1, posY 1): 4 pixels"
    assert where in found.text()


def test_without_a_file_there_is_nothing_to_check():
    with pytest.raises(InputError, match="no official dSprites file to check"):
        check.check_dsprites()
