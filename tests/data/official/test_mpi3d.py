import io
import zipfile

import numpy as np
import pytest

from dbench.data import DATASETS
from dbench.data.official import layout, mpi3d
from dbench.errors import InputError
from tests.data.writers import random_images, write_mpi3d

KINDS = ("mpi3d_toy", "mpi3d_realistic", "mpi3d_real")


@pytest.fixture
def write(tmp_path, monkeypatch, own_cache):
    return lambda **changes: write_mpi3d("mpi3d_real", tmp_path, monkeypatch, **changes)


def test_the_grid_is_the_published_one():
    assert np.prod(mpi3d.SIZES) == 1_036_800
    assert len(mpi3d.NAMES) == len(mpi3d.SIZES)


@pytest.mark.parametrize("kind", KINDS)
def test_images_are_read_in_blocks(kind, tmp_path, monkeypatch, own_cache):
    monkeypatch.setattr(layout, "BLOCK", 11 * 64 * 64 * 3)  # 48 is no multiple of a block
    for other in KINDS:
        write_mpi3d(other, tmp_path, monkeypatch, images=np.zeros((48, 64, 64, 3), np.uint8))
    write_mpi3d(kind, tmp_path, monkeypatch)
    dataset = DATASETS[kind](tmp_path)
    assert dataset.name == kind and isinstance(dataset.arrays, np.memmap)
    assert (dataset.arrays == random_images(48, 64, 64, 3)).all()


WRONG = {
    "no images": ({"images": None}, "cannot read"),
    "too few": ({"images": random_images(40, 64, 64, 3)}, r"\[40, 64, 64, 3\], not uint8 \[48,"),
    "grey": ({"images": random_images(48, 64, 64)}, r"images in .* is uint8 \[48, 64, 64\]"),
    "other type": ({"images": np.zeros((48, 64, 64, 3), np.float32)}, "images in .* is float32"),
    "a pickle": ({"images": np.array([{}] * 48, object)}, r"images in .* is object \[48\]"),
}


@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG.keys())
def test_another_file_is_refused(write, own_cache, changes, said):
    path = write(**changes)
    with pytest.raises(InputError, match=said) as caught:
        mpi3d.load_real(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert not list(own_cache.glob("*"))


@pytest.mark.parametrize("part", [0, 0.5, 0.99])
def test_a_truncated_file_is_refused(write, own_cache, part):
    path = write()
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(InputError, match="incomplete, damaged or not the official mpi3d_real.npz"):
        mpi3d.load_real(path)
    assert not list(own_cache.glob("*"))


@pytest.mark.parametrize("change", [-24 * 4096, -1, 1])
def test_a_member_of_another_length_than_its_header_says(write, own_cache, change):
    path, file = write(), io.BytesIO()
    np.save(file, random_images(48, 64, 64, 3))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", (file.getvalue() + b"\0")[: len(file.getvalue()) + change])
    with pytest.raises(InputError, match="incomplete, damaged"):
        mpi3d.load_real(path)
    assert not list(own_cache.glob("*"))


@pytest.mark.parametrize("old", [b"64, 3)", b"'shape'"])
def test_a_spoilt_header(write, own_cache, old):
    path, file = write(), io.BytesIO()
    np.save(file, random_images(48, 64, 64, 3))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", file.getvalue().replace(old, b"(" * len(old), 1))
    with pytest.raises(InputError, match="incomplete, damaged"):
        mpi3d.load_real(path)
    assert not list(own_cache.glob("*"))


def test_the_file_of_another_kind_is_not_taken(write):
    folder = write().parent
    with pytest.raises(InputError, match="mpi3d_toy needs mpi3d_toy.npz, not found in"):
        mpi3d.load_toy(folder)
