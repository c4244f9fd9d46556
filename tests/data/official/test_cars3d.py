import tarfile

import numpy as np
import pytest
import scipy.io
from PIL import Image

from dbench.data.official import cars3d
from dbench.errors import InputError
from tests.data.writers import random_images, write_cars3d


@pytest.fixture
def write(tmp_path, monkeypatch, own_cache):
    return lambda **changes: write_cars3d(tmp_path, monkeypatch, **changes)


def test_there_are_17568():
    assert np.prod(cars3d.SIZES) == 17_568


@pytest.mark.slow
@pytest.mark.parametrize("packed", [True, False])
def test_images_are_reduced_in_the_order_of_the_grid(write, packed):
    dataset = cars3d.load(write(packed=packed))
    car002, _, car001 = random_images(3, 128, 128, 3, 3, 2)
    for row, expected in ((0, car001[..., 0, 0]), (13, car002[..., 1, 1])):
        small = Image.fromarray(np.ascontiguousarray(expected)).resize(
            (64, 64), Image.Resampling.LANCZOS
        )
        assert (dataset.arrays[row] == np.asarray(small)).all()
    assert dataset.factors[13].tolist() == [1, 1, 1] and dataset.size == 18


def test_what_stands_for_the_folder(write, tmp_path):
    cars = write(packed=False)
    for source in (cars, cars.parent, tmp_path, cars / "car_010_mesh.mat"):
        assert cars3d.load(source).size == 18


CAR = random_images(128, 128, 3, 3, 2)
WRONG = {
    "one too few": ({"car_001_mesh": None}, "has 2 files car_.* not 3"),
    "one too many": ({"car_004_mesh": CAR}, "has 4 files car_.* not 3"),
    "another shape": ({"car_001_mesh": CAR[:64]}, r"im in .*car_001_mesh.mat is uint8 \[64, 128,"),
    "another type": ({"car_001_mesh": CAR.astype(np.float32)}, "is float32 .*, not uint8"),
}


@pytest.mark.slow
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG.keys())
def test_other_files_are_refused(write, own_cache, changes, said, packed):
    path = write(packed=packed, **changes)
    with pytest.raises(InputError, match=said) as caught:
        cars3d.load(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert not list(own_cache.glob("*"))


@pytest.mark.slow
@pytest.mark.parametrize("part", [0, 0.5, 0.99])
def test_a_truncated_archive_is_refused(write, own_cache, part):
    path = write()
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(InputError, match="incomplete, damaged or not the official nips2015"):
        cars3d.load(path)
    assert not list(own_cache.glob("*"))


def test_a_file_without_images_or_cut_is_refused(write, own_cache):
    cars = write(packed=False)
    path = cars / "car_001_mesh.mat"
    whole = path.read_bytes()
    scipy.io.savemat(path, {"mask": CAR})
    with pytest.raises(InputError, match="cannot read .*car_001_mesh.mat"):
        cars3d.load(cars)
    path.write_bytes(whole[:-100])
    with pytest.raises(InputError, match="cannot read .*car_001_mesh.mat"):
        cars3d.load(cars)
    path.write_bytes(b"no mat file")
    with pytest.raises(InputError, match="cannot read .*car_001_mesh.mat"):
        cars3d.load(cars)
    assert not list(own_cache.glob("*"))


@pytest.mark.slow
def test_another_archive_is_refused(write, own_cache, tmp_path):
    path = write()
    (tmp_path / "other.txt").write_text("no car")
    with tarfile.open(path, "w:gz") as archive:
        archive.add(tmp_path / "other.txt", "other.txt")
    with pytest.raises(InputError, match="has 0 files car_"):
        cars3d.load(path)
    assert not list(own_cache.glob("*"))


@pytest.mark.slow
def test_another_archive_of_the_same_layout_is_refused(write, own_cache):
    path = write(known=False)
    with pytest.raises(InputError, match="is not the official nips2015.* .md5 .*, not 4e866a79"):
        cars3d.load(path)
    assert not list(own_cache.glob("*"))
