import hashlib
import io
import zipfile

import numpy as np
import pytest

from dbench.data import DATASETS
from dbench.data.official import layout, mpi3d
from dbench.errors import InputError
from tests.data.writers import md5, random_images, write_mpi3d

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
def test_a_member_of_another_length_than_its_header_says(write, own_cache, monkeypatch, change):
    path, file = write(), io.BytesIO()
    np.save(file, random_images(48, 64, 64, 3))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", (file.getvalue() + b"\0")[: len(file.getvalue()) + change])
    monkeypatch.setitem(mpi3d.MD5, "mpi3d_real", md5(path))
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


def scene(colors, positions=20):
    """A dark floor with a coloured arc behind a bright arm that turns: [colour, arm, 64, 64, 3]."""
    y, x = np.mgrid[:64, :64] / 64
    arc = np.abs(np.hypot(x - 0.5, y - 0.9) - 0.5) < 0.06
    images = np.zeros((len(colors), positions, 64, 64, 3), np.uint8)
    images[:] = (30 + 30 * y[..., None]).astype(np.uint8)
    for background, color in zip(images, colors, strict=True):
        for arm, image in enumerate(background):
            image[arc] = color
            image[np.hypot(x - 0.2 - 0.6 * arm / positions, y - 0.3) < 0.1] = (200, 40, 40)
    return images


PURPLE, SEA_GREEN, SALMON = (105, 95, 160), (80, 150, 130), (160, 110, 100)
GOOD = scene((PURPLE, SEA_GREEN, SALMON))
UNLIKE = {
    "noise": (random_images(3, 20, 64, 64, 3), "neighbouring pixels differ by 85 of 255 levels"),
    "shifted by a byte": (np.roll(GOOD.reshape(-1), 1).reshape(GOOD.shape), "its backgrounds"),
    "channels first": (np.ascontiguousarray(GOOD.transpose(0, 1, 4, 2, 3)), "its backgrounds"),
    "blue first": (GOOD[..., ::-1], "its backgrounds are not purple, sea green and salmon"),
    "another order": (GOOD[::-1], "its backgrounds"),
    "black": (np.zeros_like(GOOD), "its backgrounds"),
}


def test_images_as_they_are_published_are_taken():
    assert mpi3d.unlike(GOOD) == ""


@pytest.mark.parametrize(("images", "said"), UNLIKE.values(), ids=UNLIKE.keys())
def test_images_of_another_look_are_not(images, said):
    assert said in mpi3d.unlike(images.reshape(GOOD.shape))


@pytest.fixture
def write_unknown(write, monkeypatch):
    """A file without a published checksum, of images [3, 20, ...] and as many that follow."""

    def made(images):
        path = write(known=False, images=np.concatenate([images, images]).reshape(-1, 64, 64, 3))
        monkeypatch.setattr(mpi3d, "SIZES", (2, 1, 1, 1, 3, 4, 5))
        return path

    return made


def test_a_corrupted_file_is_refused_by_its_content(write_unknown, own_cache):
    path = write_unknown(GOOD[..., ::-1])
    with pytest.raises(InputError, match="is not the official mpi3d_real.npz .its backg") as caught:
        mpi3d.load_real(path)
    assert "corrupted or another version" in str(caught.value) and "\n" not in str(caught.value)
    assert "https://huggingface.co/datasets/waleedgondal/mpi3d" in str(caught.value)
    assert not list(own_cache.glob("*"))


def test_a_file_that_looks_right_needs_no_checksum(write_unknown):
    assert (mpi3d.load_real(write_unknown(GOOD)).arrays[:60] == GOOD.reshape(-1, 64, 64, 3)).all()


def test_a_published_file_is_taken_whatever_it_looks_like(write_unknown, monkeypatch):
    path = write_unknown(GOOD[::-1])
    monkeypatch.setitem(mpi3d.MD5, "mpi3d_real", md5(path))
    assert mpi3d.load_real(path).size == 120


def test_the_checksum_is_that_of_the_member_as_it_is_unpacked(
    write_unknown, own_cache, monkeypatch
):
    """Realistic: packed again the file has another checksum, its images.npy has not."""
    path = write_unknown(GOOD).rename(own_cache.parent / "mpi3d_realistic.npz")
    with pytest.raises(
        InputError, match="realistic.npz .sha256 of images.npy [0-9a-f]{64}, not f6"
    ):
        mpi3d.load_realistic(path)
    assert not list(own_cache.glob("*"))
    with zipfile.ZipFile(path) as archive:
        found = hashlib.sha256(archive.read("images.npy")).hexdigest()
    monkeypatch.setitem(mpi3d.SHA256, "mpi3d_realistic", found)
    assert mpi3d.load_realistic(path).size == 120


def test_what_was_kept_before_it_was_checked_is_refused_too(write_unknown, monkeypatch):
    path = write_unknown(GOOD[::-1])
    with monkeypatch.context() as before:
        before.setattr(mpi3d, "unlike", lambda images: "")
        mpi3d.load_real(path)
    with pytest.raises(InputError, match="its backgrounds are not"):
        mpi3d.load_real(path)
