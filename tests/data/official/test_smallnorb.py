import gzip

import numpy as np
import pytest
from PIL import Image

from dbench.data.official import smallnorb
from dbench.errors import InputError
from tests.data.writers import norb_matrix, norb_rows, random_images, write_smallnorb

SIZES = (5, 2, 3, 2, 1)
ROWS = norb_rows(SIZES)
NAME = "smallnorb-5x46789x9x18x6x2x96x96-training"


@pytest.fixture
def write(tmp_path, monkeypatch, own_cache):
    return lambda **changes: write_smallnorb(tmp_path, monkeypatch, **changes)


def test_there_are_48600():
    assert np.prod(smallnorb.SIZES) == 48_600


@pytest.mark.parametrize("packed", [True, False])
def test_the_left_images_reduced_in_the_order_of_their_factors(write, packed):
    dataset = smallnorb.load(write(packed=packed))
    given = random_images(60, 2, 96, 96)
    for i in (0, 17, 59):
        category, instance, elevation, azimuth, lighting = ROWS[i]
        row = np.ravel_multi_index((category, instance, elevation, azimuth // 2, lighting), SIZES)
        left = Image.fromarray(given[i, 0]).resize((64, 64), Image.Resampling.LANCZOS)
        assert (dataset.arrays[row, :, :, 0] == np.asarray(left)).all()
        assert dataset.factors[row].tolist() == [category, elevation, azimuth // 2, lighting]


def test_the_instance_is_no_factor_but_has_rows(write):
    dataset = smallnorb.load(write())
    assert dataset.names == ("category", "elevation", "azimuth", "lighting")
    assert dataset.sizes == (5, 3, 2, 1) and dataset.shape == (64, 64, 1)
    _, counts = np.unique(dataset.factors, axis=0, return_counts=True)
    assert (counts == SIZES[1]).all()


def test_any_of_the_files_stands_for_all(write):
    path = write() / f"{NAME}-info.mat.gz"
    assert smallnorb.load(path).size == 60


def info(row, column, value):
    """The training part's info with another number in one place."""
    rows = ROWS[:30, 1:].copy()
    rows[row, column] = value
    return rows


def twice():
    rows = ROWS[:30].copy()
    rows[4] = rows[3]
    return {"training_cat": rows[:, 0], "training_info": rows[:, 1:]}


WRONG = {
    "instance": ({"training_info": info(3, 0, 2)}, "factors of image 3 .* out of their range"),
    "azimuth": ({"training_info": info(5, 2, 4)}, "factors of image 5 .* out of their range"),
    "odd azimuth": ({"training_info": info(6, 2, 1)}, "factors of image 6 .* out of their range"),
    "negative": ({"training_info": info(7, 3, -1)}, "factors of image 7 .* out of their range"),
    "category": ({"training_cat": np.full(30, 5, np.int32)}, "image 0 .* out of their range"),
    "twice": (twice(), "two images of the same factors"),
    "info of another shape": ({"testing_info": ROWS[30:]}, r"int32 \[30, 5\], not int32 \[30, 4\]"),
    "cat of bytes": ({"training_cat": np.zeros(30, np.uint8)}, "is uint8 .*, not int32"),
    "one camera": ({"testing_dat": random_images(30, 96, 96)}, r"uint8 \[30, 96, 96\], not uint8"),
    "too few": ({"training_dat": random_images(29, 2, 96, 96)}, r"\[29, 2, 96, 96\], not uint8"),
    "dat of numbers": ({"testing_dat": np.zeros((30, 2, 96, 96), np.int32)}, "int32 .* not uint8"),
    "no matrix": ({"training_dat": b"no matrix at all"}, "cannot read .* no such matrix"),
    "empty": ({"training_cat": b""}, "cannot read"),
    "longer": ({"testing_cat": norb_matrix(ROWS[30:, 0]) + b"\0"}, "longer than its header says"),
    "dat longer": ({"testing_dat": norb_matrix(random_images(30, 2, 96, 96)) + b"\0"}, "longer"),
    "cut": ({"testing_dat": norb_matrix(random_images(30, 2, 96, 96))[:-1]}, "cannot read"),
}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG.keys())
def test_other_files_are_refused(write, own_cache, changes, said, packed):
    folder = write(packed=packed, **changes)
    with pytest.raises(InputError, match=said) as caught:
        smallnorb.load(folder)
    assert str(folder) in str(caught.value) and "\n" not in str(caught.value)
    assert not list(own_cache.glob("*"))


@pytest.mark.parametrize("file", ["dat", "cat", "info"])
def test_a_missing_file_is_named(write, own_cache, file):
    folder = write()
    (folder / f"{NAME}-{file}.mat.gz").unlink()
    with pytest.raises(InputError, match=rf"smallnorb needs {NAME}-{file}.mat \(or .gz\), which"):
        smallnorb.load(folder)
    assert not list(own_cache.glob("*"))


@pytest.mark.parametrize("part", [0.5, 0.999])
def test_a_truncated_file_is_refused(write, own_cache, part):
    folder = write()
    path = folder / f"{NAME}-dat.mat.gz"
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    smallnorb.SHA256["training-dat"] = "0" * 64  # restored by monkeypatch
    with pytest.raises(InputError, match=f"{NAME}-dat.mat.gz is not the official .*sha256"):
        smallnorb.load(folder)
    path.with_suffix("").write_bytes(gzip.decompress(data)[: int(part * 552_984)])
    with pytest.raises(InputError, match="cannot read .*training-dat.mat .*incomplete"):
        smallnorb.load(folder)
    assert not list(own_cache.glob("*"))


def test_other_bytes_than_the_published_ones_are_refused(write, own_cache):
    write()
    folder = write(known=False, training_dat=255 - random_images(30, 2, 96, 96))
    with pytest.raises(InputError, match="training-dat.mat.gz is not the official .*sha256"):
        smallnorb.load(folder)
    assert not list(own_cache.glob("*"))
