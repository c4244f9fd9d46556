import hashlib
import io
import zipfile

import numpy as np
import pytest

from dbench.data import dsprites
from dbench.data.grid import grid
from dbench.data.official import dsprites_file, layout
from dbench.errors import InputError
from tests.data.writers import md5

unpickled = []


def spring():
    unpickled.append(True)


class Trap:
    """Tells if it was ever unpickled."""

    def __reduce__(self):
        return spring, ()


def pack(images):
    return np.packbits(images.reshape(len(images), -1), axis=1)


@pytest.fixture(params=["write_npz", "write_hdf5"])
def write(request, own_cache):
    """Either of the two formats."""
    return request.getfixturevalue(request.param)


def test_images_are_read_in_blocks(write, images, sizes, monkeypatch):
    monkeypatch.setattr(layout, "BLOCK", 11 * 64 * 64)  # 48 is no multiple of a block or a chunk
    found = dsprites_file.packed(write(), sizes)
    assert isinstance(found, np.memmap)
    assert (found == pack(images)).all()


def test_a_file_is_read_once_and_a_changed_file_again(write, images, sizes, own_cache):
    path = write()
    dsprites_file.packed(path, sizes)
    (kept,) = own_cache.iterdir()
    made = kept.stat().st_mtime_ns
    dsprites_file.packed(path, sizes)
    assert kept.stat().st_mtime_ns == made
    other = dsprites_file.packed(write(imgs=1 - images), sizes)
    assert (other == pack(1 - images)).all()
    assert len(list(own_cache.iterdir())) == 2


def test_a_pickle_in_the_file_is_never_opened(write_npz, images, sizes, own_cache):
    path = write_npz(metadata=np.array(Trap(), object))
    assert (dsprites_file.packed(path, sizes) == pack(images)).all()
    assert not unpickled
    np.load(path, allow_pickle=True)["metadata"]  # the trap works
    assert unpickled.pop()


def test_images_that_are_a_pickle_are_refused(write_npz, sizes, own_cache):
    path = write_npz(imgs=np.array([Trap()] * 48, object))
    with pytest.raises(InputError, match=r"imgs in .* is object \[48\], not uint8 \[48, 64, 64\]"):
        dsprites_file.packed(path, sizes)
    assert not unpickled


def swapped(sizes):
    rows = grid(sizes)
    rows[[3, 4]] = rows[[4, 3]]
    return rows


WRONG = {
    "no images": ({"imgs": None}, "cannot read"),
    "too few images": ({"imgs": np.zeros((47, 64, 64), np.uint8)}, r"\[47, 64, 64\]"),
    "other type": ({"imgs": np.zeros((48, 64, 64), np.int8)}, "int8"),
    "grey": ({"imgs": np.full((48, 64, 64), 255, np.uint8)}, "the value 255"),
    "no factors": ({"latents_classes": None}, "cannot read"),
    "real factors": ({"latents_classes": np.zeros((48, 6))}, "float64"),
    "other order": ({"latents_classes": swapped((1, 3, 2, 2, 2, 2))}, "factors of image 3 in"),
}


@pytest.mark.parametrize(("changes", "message"), WRONG.values(), ids=WRONG.keys())
def test_another_file_is_refused(write, sizes, own_cache, changes, message):
    path = write(**changes)
    with pytest.raises(InputError, match=message) as error:
        dsprites_file.packed(path, sizes)
    assert str(path) in str(error.value) and dsprites_file.NPZ in str(error.value)
    assert not list(own_cache.glob("*"))


@pytest.mark.parametrize("part", [0, 0.5, 0.99])
def test_a_truncated_file_is_refused(write, sizes, own_cache, part):
    path = write()
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(InputError, match="incomplete, damaged"):
        dsprites_file.packed(path, sizes)
    assert not list(own_cache.glob("*"))


def test_changed_bytes_are_noticed(write_npz, sizes, own_cache):
    path = write_npz()
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("imgs.npy").header_offset + 5000
    data = bytearray(path.read_bytes())
    data[at : at + 4] = bytes(byte ^ 255 for byte in data[at : at + 4])
    path.write_bytes(data)
    with pytest.raises(InputError, match="incomplete, damaged"):
        dsprites_file.packed(path, sizes)
    assert not list(own_cache.glob("*"))


@pytest.mark.parametrize("change", [-24 * 4096, -1, 1])
def test_a_member_of_another_length_than_its_header_says(
    tmp_path, images, sizes, own_cache, change
):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for name, array in (("imgs", images), ("latents_classes", grid(sizes))):
            file = io.BytesIO()
            np.save(file, array)
            data = file.getvalue()
            if name == "imgs":
                data = (data + b"\0")[: len(data) + change]
            archive.writestr(f"{name}.npy", data)
    with pytest.raises(InputError, match="incomplete, damaged"):
        dsprites_file.packed(tmp_path / "a.npz", sizes)


def test_images_of_a_published_file_or_the_drawn_ones_in_any_file(
    write, sizes, images, own_cache, monkeypatch
):
    path = write()
    found = dsprites_file.packed(path, sizes)
    dsprites_file.check(path, found, hashlib.sha256(pack(images)).hexdigest())
    with pytest.raises(InputError, match="images in .* are not those of dSprites: .*corrupted"):
        dsprites_file.check(path, found, "0" * 64)
    monkeypatch.setattr(dsprites_file, "MD5", (md5(path),))
    dsprites_file.check(path, found, "0" * 64)


def test_the_data_set_is_not_made_of_other_images(write, sizes, images, own_cache, monkeypatch):
    values = tuple(np.arange(float(size)) for size in sizes)
    monkeypatch.setattr(dsprites, "SIZES", sizes)
    monkeypatch.setattr(dsprites, "VALUES", values)
    monkeypatch.setattr(dsprites, "SHA256", hashlib.sha256(pack(images)).hexdigest())
    assert dsprites.load(write()).size == 48
    images[7, 30, 30] ^= 1
    with pytest.raises(InputError, match="are not those of dSprites"):
        dsprites.load(write(imgs=images))
