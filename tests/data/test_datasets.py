"""What holds of every data set. A new one: a row in SIZES."""

import math
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from dbench.data import DATASETS
from tests.data.writers import WRITERS

SIZES = {
    "dsprites": (1, 3, 6, 40, 32, 32),
    "dsprites_tiny": (1, 3, 3, 5, 8, 8),
    "color_dsprites": (1, 3, 6, 40, 32, 32),
    "noisy_dsprites": (1, 3, 6, 40, 32, 32),
    "scream_dsprites": (1, 3, 6, 40, 32, 32),
    "textured_dsprites": (1, 3, 6, 40, 32, 32),
    "xy_blobs": (3, 16, 16),
    "shapes3d_drawn": (10, 10, 10, 8, 4, 15),
    "faces": (50, 21, 11, 11),
    "faces_sampled": (16,) * 35,
    "rooms": (16, 16, 16, 3, 5, 5, 3),
    "seek_rooms": (2, 4, 5, 5, 4),
    "seek_rooms_tiny": (2, 4, 1, 3, 2),
    "periodic_square": (64, 64),
    "grid_square": (11, 11),
    # Read from small files of the official layouts.
    "shapes3d": (2, 2, 1, 2, 4, 3),
    "mpi3d_toy": (2, 2, 1, 1, 2, 2, 3),
    "mpi3d_realistic": (2, 2, 1, 1, 2, 2, 3),
    "mpi3d_real": (2, 2, 1, 1, 2, 2, 3),
    "smallnorb": (5, 3, 2, 1),
    "cars3d": (2, 3, 3),
    "celeba": (),
    "mnist": (10,),
    "mnist_flipped": (10, 2),
}
NO_GRID = {"faces_sampled", "smallnorb", "celeba", "mnist", "mnist_flipped"}
ROWS = {"faces_sampled": 20_000}  # of those that are drawn


def test_every_data_set_has_a_row():
    assert set(SIZES) == set(DATASETS)


@pytest.fixture(scope="module", params=SIZES)
def dataset(request, tmp_path_factory):
    """Made once for all tests."""
    folder, source = tmp_path_factory.mktemp(request.param), None
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DBENCH_DATA", raising=False)
        if (file := request.param.removesuffix("_flipped")) in WRITERS:
            patch.setenv("DBENCH_CACHE", str(folder / "cache"))
            source = WRITERS[file](folder, patch)
        if request.param == "scream_dsprites":
            source = folder / "scream.png"
            Image.new("RGB", (80, 70), "red").save(source)
        yield DATASETS[request.param](source)


def test_is_the_whole_grid_in_order_or_has_every_value(dataset):
    assert dataset.sizes == SIZES[dataset.name]
    assert len(dataset.names) == len(dataset.sizes) == dataset.factors.shape[1]
    if dataset.name in ROWS:
        assert dataset.size == ROWS[dataset.name] == len(np.unique(dataset.factors, axis=0))
    if dataset.name in NO_GRID:
        assert all(
            (np.unique(column) == np.arange(size)).all()
            for column, size in zip(dataset.factors.T, dataset.sizes, strict=True)
        )
        return
    rows = np.ravel_multi_index(tuple(dataset.factors.T), dataset.sizes)
    assert (rows == np.arange(math.prod(dataset.sizes))).all()


def test_images_are_of_the_stated_shape_and_range(dataset):
    images = np.asarray(dataset.gather(dataset.arrays, np.array([0, dataset.size - 1])))
    assert images.shape == (2, *dataset.shape) and images.dtype == np.float32
    assert 0 <= images.min() < images.max() <= 1


def test_an_image_is_the_same_every_time(dataset):
    once, *again = (
        np.asarray(dataset.gather(dataset.arrays, np.array(rows))) for rows in ([3], [3], [0, 3])
    )
    assert all((images[-1] == once[0]).all() for images in again)


@pytest.mark.parametrize("name", SIZES)
def test_has_one_line_that_says_what_it_is(name):
    line = DATASETS[name].__doc__.splitlines()[0]
    assert ": " in line and line.endswith(".") and len(line) < 100


@pytest.mark.slow
def test_importing_them_does_not_start_jax():
    code = "import dbench.data, jax; assert not jax._src.xla_bridge.backends_are_initialized()"
    subprocess.run([sys.executable, "-c", code], check=True)
