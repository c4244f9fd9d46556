"""The field's data sets as TensorFlow Datasets prepares them: the rows are those of their files."""

import hashlib
import math

import numpy as np
import pytest

from dbench.data import DATASETS, dsprites, official
from dbench.data.grid import grid
from dbench.data.official import celeba, mnist, shapes3d, smallnorb
from dbench.errors import InputError
from tests.data.writers import (
    WRITERS,
    digits,
    norb_rows,
    prepare_grid,
    random_images,
    shapes3d_values,
)


def shapes3d_folder(folder, patch):
    sizes = tuple(map(len, shapes3d_values()))
    columns = [f"label_{name}" for name in shapes3d.NAMES]
    images = random_images(math.prod(sizes), 64, 64, 3)
    return prepare_grid(folder, "shapes3d", images, columns, grid(sizes))


def smallnorb_folder(folder, patch):
    rows = norb_rows((5, 2, 3, 2, 1)) // (1, 1, 1, 2, 1)
    images = random_images(60, 2, 96, 96)[:, 0, :, :, None]
    return prepare_grid(folder, "smallnorb", images, smallnorb._COLUMNS, rows)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["shapes3d", "smallnorb"])
def test_rows_are_in_the_order_of_the_official_file(name, tmp_path, monkeypatch, own_cache):
    (tmp_path / "official").mkdir()
    of_file = DATASETS[name](WRITERS[name](tmp_path / "official", monkeypatch))
    folder = globals()[f"{name}_folder"](tmp_path / "tfds", monkeypatch)
    for place in ("--data", "its own"):
        if place == "its own":
            monkeypatch.setenv("TFDS_DATA_DIR", str(folder))
        found = DATASETS[name](folder if place == "--data" else None)
        assert (found.arrays == of_file.arrays).all()
        assert (found.factors == of_file.factors).all()
        assert found.names == of_file.names


@pytest.mark.slow
def test_dsprites_is_drawn_unless_what_is_prepared_is_given(tmp_path, monkeypatch, own_cache):
    sizes = (1, 3, 2, 2, 2, 2)
    monkeypatch.setattr(dsprites, "SIZES", sizes)
    monkeypatch.setattr(dsprites, "VALUES", tuple(np.arange(size) for size in sizes))
    columns = [f"label_{c}" for c in ("shape", "scale", "orientation", "x_position", "y_position")]
    images = random_images(48, 64, 64, 1) // 128
    rows = np.packbits(images.reshape(48, -1), axis=1)
    monkeypatch.setattr(dsprites, "SHA256", hashlib.sha256(rows).hexdigest())
    folder = prepare_grid(tmp_path, "dsprites", images, columns, grid(sizes[1:]))
    found = dsprites.load(folder)
    assert (np.unpackbits(found.arrays, axis=1) == images.reshape(48, -1)).all()
    monkeypatch.setenv("TFDS_DATA_DIR", str(folder))
    assert official.find(None, "dsprites") is None


@pytest.mark.slow
def test_mnist(tmp_path, monkeypatch, own_cache):
    images = np.concatenate([digits()["x_train"], digits()["x_test"]])[..., None]
    labels = np.concatenate([digits()["y_train"], digits()["y_test"]])
    folder = prepare_grid(tmp_path, "mnist", images, ["label"], labels[:, None])
    found = mnist.load(folder)
    label_of = {i.tobytes(): label for i, label in zip(images, labels, strict=True)}
    of_image = [label_of[image.tobytes()] for image in np.asarray(found.arrays)]
    assert of_image == found.factors[:, 0].tolist() and len(set(of_image)) == 10
    other = prepare_grid(tmp_path / "other", "mnist", images, ["label"], labels[:, None] + 1)
    with pytest.raises(InputError, match="none of 0 to 9"):
        mnist.load(other)


@pytest.mark.slow
def test_celeba(tmp_path, monkeypatch, own_cache):
    monkeypatch.setattr(celeba, "SIZE", 5)
    photographs = random_images(5, 218, 178, 3)
    folder = prepare_grid(tmp_path, "celeb_a", photographs, [], np.zeros((5, 0)))
    found = celeba.load(folder)
    expected = {celeba._small(photograph).tobytes() for photograph in photographs}
    assert {image.tobytes() for image in np.asarray(found.arrays)} == expected
    monkeypatch.setattr(celeba, "SIZE", 6)
    with pytest.raises(InputError, match="has 5 examples, not 6"):
        celeba.load(folder)


def test_what_is_prepared_is_another_choice_when_a_file_is_missing(tmp_path, monkeypatch):
    """No sentence waits for the network: TFDS is never asked for a data set by its name."""
    import tensorflow_datasets as tf_sets

    monkeypatch.setattr(tf_sets, "builder", lambda *_, **__: pytest.fail("asked"))
    monkeypatch.setattr(tf_sets, "data_source", lambda *_, **__: pytest.fail("asked"))
    for name in ("shapes3d", "smallnorb", "celeba"):
        with pytest.raises(InputError, match=f"^{name} needs "):
            DATASETS[name](None)
