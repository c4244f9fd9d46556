import numpy as np
import pytest

from dbench.data.grid import grid
from dbench.data.official import check, likeness, stored
from dbench.errors import InputError
from tests.data.writers import random_images, write_shapes3d

SIZES = (2, 2, 1, 2, 4, 3)
FACTORS = grid(SIZES)


def compare(given, drawn):
    def draw(rows):
        return drawn[rows].astype(np.float32) / 255

    return likeness.compare("file", [given[:50], given[50:]], draw, FACTORS)


def test_what_is_off_is_counted_by_shape_with_and_without_the_ring(monkeypatch):
    monkeypatch.setattr(likeness, "_ROWS", 32)
    given = random_images(96, 64, 64, 3) // 2
    drawn = given.copy()
    drawn[:, 0] += 10  # in the ring alone: 64 of 4096 pixels
    drawn[95, 5, 5, 1] += 100
    found = compare(given, drawn)
    whole, inner = found.psnr.values()
    assert np.allclose(whole[:95], 10 * np.log10(255**2 / (100 / 64)))
    assert np.allclose(inner[:95], 10 * np.log10(255**2 * 62 * 62 * 3))
    assert np.allclose(inner[95], 10 * np.log10(255**2 * 62 * 62 * 3 / 100**2))
    assert np.allclose(found.levels["whole images"][:95], 10 / 64)
    text = found.text()
    assert "96 official images" in text and "0.16 grey levels of 255 off" in text
    worst = "image 95 (floor_hue 1, wall_hue 1, object_hue 0, scale 1, shape 3, orientation 2)"
    assert f"worst, whole images: {worst}" in text
    assert "cube 46.2, cylinder 46.2, sphere 46.2, capsule 46.1" in text


@pytest.mark.slow
def test_the_official_file_is_compared_without_a_copy(tmp_path, monkeypatch, own_cache):
    path = write_shapes3d(tmp_path, monkeypatch)
    values = tuple(np.arange(size) for size in SIZES)
    drawn = stored.dataset("drawn", random_images(96, 64, 64, 3), tuple("abcdef"), values)
    monkeypatch.setattr(likeness.shapes3d_drawn, "load", lambda: drawn)
    found = check.CHECKS["shapes3d"](path)
    assert not found.differs and len(found.psnr["whole images"]) == 96
    assert np.allclose(found.psnr["whole images"], 10 * np.log10(255**2 * 64 * 64 * 3))
    assert not own_cache.exists()


def test_without_a_file_there_is_nothing_to_compare():
    with pytest.raises(InputError, match="no official 3D Shapes file to check: give 3dshapes.h5"):
        check.check_shapes3d()
