import hashlib

import numpy as np
import pytest

from dbench.data.official import mnist
from dbench.errors import InputError
from tests.data.writers import digits, idx, write_mnist


@pytest.fixture
def write(tmp_path, monkeypatch, own_cache):
    return lambda **changes: write_mnist(tmp_path, monkeypatch, **changes)


@pytest.mark.parametrize("form", ["gz", "idx", "npz"])
def test_training_set_first_in_any_format(write, form):
    dataset = mnist.load(write(form=form))
    found = digits()
    assert (dataset.arrays[:20, :, :, 0] == found["x_train"]).all()
    assert (dataset.arrays[20:, :, :, 0] == found["x_test"]).all()
    assert dataset.factors[:, 0].tolist() == [*found["y_train"], *found["y_test"]]
    assert dataset.names == ("digit",) and dataset.sizes == (10,)


@pytest.mark.slow
def test_without_a_file_there_are_5000_real_digits(own_cache):
    dataset = mnist.load()
    assert dataset.shape == (28, 28, 1) and dataset.size == 5_000
    assert (np.bincount(dataset.factors[:, 0]) == 500).all()
    assert hashlib.sha256(dataset.arrays.tobytes()).hexdigest() == mnist._SHIPPED_SHA256
    ones = np.asarray(dataset.arrays[dataset.factors[:, 0] == 1], np.float32)
    zeros = np.asarray(dataset.arrays[dataset.factors[:, 0] == 0], np.float32)
    middle = np.s_[:, 12:16, 12:16]
    assert ones[middle].mean() > 3 * zeros[middle].mean()  # a one has ink where a nought has none


def test_the_files_of_another_data_set_leave_the_shipped_digits(tmp_path, monkeypatch, own_cache):
    (tmp_path / "3dshapes.h5").touch()
    monkeypatch.setattr(mnist, "_shipped", lambda: pytest.fail("read"))
    with pytest.raises(pytest.fail.Exception, match="read"):
        mnist.load(tmp_path)


WRONG = {
    "too few": ({"x_train": digits()["x_train"][1:]}, r"uint8 \[19, 28, 28\], not uint8 \[20, 28"),
    "labels of images": ({"y_test": digits()["x_test"]}, r"\[12, 28, 28\], not uint8 \[12\]"),
    "other type": ({"y_train": np.zeros(20, np.int32)}, r"not uint8 \[20\]"),
    "no digit": ({"y_test": np.full(12, 10, np.uint8)}, "a label of MNIST is 10, not 0 to 9"),
    "missing": ({"y_test": None}, "mnist needs t10k-labels-idx1-ubyte|cannot read .*y_test"),
}


@pytest.mark.parametrize("form", ["gz", "idx", "npz"])
@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG.keys())
def test_other_files_are_refused(write, own_cache, changes, said, form):
    source = write(form=form, **changes)
    with pytest.raises(InputError, match=said) as caught:
        mnist.load(source)
    assert "\n" not in str(caught.value)
    assert not list(own_cache.glob("*"))


@pytest.mark.parametrize("form", ["gz", "idx"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot read"),
        (b"<html>not found</html>", "does not begin as an idx file"),
        (idx(digits()["x_train"])[:-1], "cannot read"),
        (idx(digits()["x_train"]) + b"\0", "longer than its header says"),
    ],
)
def test_a_file_that_is_cut_or_something_else_is_refused(write, own_cache, content, said, form):
    with pytest.raises(InputError, match=said) as caught:
        mnist.load(write(form=form, x_train=content))
    assert "train-images-idx3-ubyte" in str(caught.value)
    assert not list(own_cache.glob("*"))


def test_a_packed_file_that_is_cut_is_refused(write, own_cache):
    path = write() / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError, match="incomplete, damaged"):
        mnist.load(path)
    assert not list(own_cache.glob("*"))


def test_fashion_under_the_same_names_is_refused(write, own_cache):
    write()
    folder = write(known=False, x_train=255 - digits()["x_train"])
    with pytest.raises(InputError, match="train-images-idx3-ubyte.gz is not the official .*sha256"):
        mnist.load(folder)
    assert not list(own_cache.glob("*"))


def test_fashion_in_an_npz_is_refused(write, own_cache):
    path = write(form="npz", known=False, x_train=255 - digits()["x_train"])
    with pytest.raises(InputError, match="mnist.npz is not the official .*sha256 .*, not 731c5ac6"):
        mnist.load(path)
    assert not list(own_cache.glob("*"))


def test_unpacked_files_are_known_by_their_mean(write, own_cache):
    write()
    folder = write(form="idx", known=False, x_train=255 - digits()["x_train"])
    for packed in folder.glob("*.gz"):
        packed.unlink()
    with pytest.raises(InputError, match="train-images-idx3-ubyte is not .*its pixels are 0.4993"):
        mnist.load(folder)
    assert not list(own_cache.glob("*"))


def test_labels_are_known_by_their_counts(write, own_cache, monkeypatch):
    """Fashion-MNIST has as many of each."""
    assert sum(mnist.COUNTS) == 70_000
    monkeypatch.setattr(mnist, "COUNTS", (5, 3, 3, 3, 3, 3, 3, 3, 3, 3))
    with pytest.raises(
        InputError, match=r"labels have \[4, 3, 3, 3, 3, 3, 3, 4.* those of MNIST \[5, 3"
    ):
        mnist.load(write())
    assert not list(own_cache.glob("*"))
