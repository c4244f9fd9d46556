import numpy as np
import pytest

from dbench.data import shapes3d_drawn
from dbench.data.grid import grid
from dbench.data.official import layout, shapes3d
from dbench.errors import InputError
from tests.data.writers import random_images, shapes3d_values, write_shapes3d

N = 96


@pytest.fixture
def write(tmp_path, monkeypatch, own_cache):
    return lambda **changes: write_shapes3d(tmp_path, monkeypatch, **changes)


def test_images_are_read_in_blocks(write, monkeypatch):
    monkeypatch.setattr(layout, "BLOCK", 11 * 64 * 64 * 3)  # 96 is no multiple of a block
    dataset = shapes3d.load(write())
    assert isinstance(dataset.arrays, np.memmap)
    assert (dataset.arrays == random_images(N, 64, 64, 3)).all()
    assert dataset.names == shapes3d_drawn.NAMES and dataset.sizes == (2, 2, 1, 2, 4, 3)
    assert (dataset.factors == grid(dataset.sizes)).all()


def test_the_whole_grid_is_that_of_the_likeness():
    assert shapes3d.VALUES is shapes3d_drawn.VALUES
    assert np.prod([len(values) for values in shapes3d.VALUES]) == 480_000


def labels(change):
    sizes = tuple(map(len, shapes3d_values()))
    rows = np.stack([v[i] for v, i in zip(shapes3d_values(), grid(sizes).T, strict=True)], axis=1)
    change(rows)
    return rows


def swap(rows):
    rows[[3, 4]] = rows[[4, 3]]


def leave_range(rows):
    rows[7, 4] = 9


def spoil(rows):
    rows[8, 0] = np.nan


WRONG = {
    "no images": ({"images": None}, "cannot read"),
    "no labels": ({"labels": None}, "cannot read"),
    "too few": ({"images": random_images(95, 64, 64, 3)}, r"images in .* \[95, 64, 64, 3\], not"),
    "grey": ({"images": random_images(N, 64, 64)}, r"not uint8 \[96, 64, 64, 3\]"),
    "other type": ({"images": np.zeros((N, 64, 64, 3), np.float32)}, "images in .* is float32"),
    "whole labels": ({"labels": np.zeros((N, 6), np.int64)}, "labels in .* is int64"),
    "other order": ({"labels": labels(swap)}, "factors of image 3 in"),
    "out of range": ({"labels": labels(leave_range)}, "factors of image 7 in"),
    "no number": ({"labels": labels(spoil)}, "factors of image 8 in"),
}


@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG.keys())
def test_another_file_is_refused(write, own_cache, changes, said):
    path = write(**changes)
    with pytest.raises(InputError, match=said) as caught:
        shapes3d.load(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert not list(own_cache.glob("*"))


def test_other_bytes_than_the_published_ones_are_refused(write, own_cache):
    path = write()
    write(known=False, images=255 - random_images(N, 64, 64, 3))
    with pytest.raises(InputError, match=r"is not the official 3dshapes.h5 \(sha256 .*fetch that"):
        shapes3d.load(path)
    assert not list(own_cache.glob("*"))


@pytest.mark.parametrize("part", [0, 0.5, 0.99])
def test_a_truncated_file_is_refused(write, own_cache, part):
    path = write()
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(InputError, match="incomplete, damaged or not the official 3dshapes.h5"):
        shapes3d.load(path)
    assert not list(own_cache.glob("*"))
