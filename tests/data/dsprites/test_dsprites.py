import hashlib

import jax
import numpy as np
import pytest

from dbench.data import dsprites
from dbench.errors import InputError


@pytest.fixture(scope="module")
def full():
    """The full set, from the user's cache if it was drawn before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DBENCH_DATA", raising=False)
        return dsprites.load()


@pytest.fixture(scope="module")
def tiny():
    return dsprites.load_tiny()


def unpack(packed):
    return np.unpackbits(packed, axis=1).reshape(-1, 64, 64, 1)


@pytest.mark.slow
def test_every_pixel_of_the_kept_set(full):
    assert full.arrays.shape == (737_280, 512)
    assert hashlib.sha256(full.arrays.data).hexdigest() == (
        "3a228f4037ef3d42a42588e0e01f1078aa2df13cfa17584e88c95ed9fb5672da"
    )


@pytest.mark.slow
def test_mean_of_lit_pixels(full):
    lit = sum(
        int(np.bitwise_count(full.arrays[i : i + 8192]).sum()) for i in range(0, 737_280, 8192)
    )
    assert lit / 737_280 == pytest.approx(174.06, abs=0.005)


@pytest.mark.slow
def test_nothing_is_lit_near_the_border(full):
    ever = unpack(np.bitwise_or.reduce(full.arrays, axis=0)[None])[0, :, :, 0]
    rows, columns = np.nonzero(ever)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 61, 2, 61)


def test_factors_move_the_sprite_as_they_say(full):
    def centre_and_area(*factors):
        row = np.ravel_multi_index(factors, full.sizes)
        assert full.factors[row].tolist() == list(factors)
        image = np.asarray(full.gather(full.arrays, np.array([row])))[0, :, :, 0]
        return np.nonzero(image)[1].mean(), np.nonzero(image)[0].mean(), image.sum()

    x, y, area = centre_and_area(0, 1, 2, 7, 10, 10)
    right, same_y, _ = centre_and_area(0, 1, 2, 7, 30, 10)
    same_x, down, _ = centre_and_area(0, 1, 2, 7, 10, 30)
    assert right - x == pytest.approx(20 * 32 / 31, abs=0.2)
    assert down - y == pytest.approx(20 * 32 / 31, abs=0.2)
    assert (same_x, same_y) == (pytest.approx(x, abs=0.2), pytest.approx(y, abs=0.2))
    assert centre_and_area(0, 1, 5, 7, 10, 10)[2] / area == pytest.approx(
        (1.0 / 0.7) ** 2, rel=0.05
    )


def test_values_are_the_originals(full):
    assert full.sizes == (1, 3, 6, 40, 32, 32)
    assert full.names == ("color", "shape", "scale", "orientation", "posX", "posY")
    np.testing.assert_allclose(full.values[2], [0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert full.values[3][39] == 2 * np.pi
    assert full.values[4][0] == 0 and full.values[4][31] == 1


def test_tiny_is_a_part_of_the_full_set(full, tiny):
    index = [
        [int(np.argmin(np.abs(of_all - value))) for value in values]
        for of_all, values in zip(full.values, tiny.values, strict=True)
    ]
    chosen = [np.array(index[j])[tiny.factors[:, j]] for j in range(6)]
    rows = np.ravel_multi_index(chosen, full.sizes)
    for j, values in enumerate(tiny.values):
        assert (full.values[j][index[j]] == values).all()
    assert (tiny.arrays == full.arrays[rows]).all()


@pytest.mark.slow
def test_images_of_tiny_are_distinct(tiny):
    assert len(np.unique(tiny.arrays, axis=0)) == tiny.size == 2880


def test_tiny_needs_neither_the_source_nor_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))
    dsprites.load_tiny(tmp_path / "no such file")
    assert not list(tmp_path.iterdir())


def test_gather_unpacks_inside_jit(tiny):
    rows = np.array([0, 2879, 17, 17, 1234])
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        images = jax.jit(tiny.gather)(tiny.arrays, rows)
    assert images.dtype == np.float32
    assert (np.asarray(images) == unpack(tiny.arrays[rows])).all()


def test_the_official_file_is_read_if_it_is_given(write_npz, own_cache, monkeypatch):
    path = write_npz()
    with pytest.raises(InputError, match=r"not integer \[737280, 6\]"):
        dsprites.load(path)
    monkeypatch.setenv("DBENCH_DATA", str(path.parent))
    with pytest.raises(InputError, match=r"not integer \[737280, 6\]"):
        dsprites.load()
