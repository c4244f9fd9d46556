"""Small files of the official layout, written by the tests themselves."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from dbench.data.grid import grid
from dbench.data.official import dsprites_file

SIZES = (1, 3, 2, 2, 2, 2)


@pytest.fixture(autouse=True)
def no_data(monkeypatch, tmp_path):
    """The tests do not see an official file that the user has."""
    monkeypatch.delenv("DBENCH_DATA", raising=False)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "nothing prepared"))


@pytest.fixture
def own_cache(monkeypatch, tmp_path) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def sizes() -> tuple[int, ...]:
    return SIZES


@pytest.fixture
def images() -> np.ndarray:
    """[48, 64, 64] uint8 of 0 and 1."""
    return np.random.default_rng(0).integers(0, 2, (48, 64, 64), np.uint8)


@pytest.fixture
def write_npz(tmp_path, images):
    def write(**changes) -> Path:
        """A file like the official one; an array given as None is left out."""
        arrays = {"imgs": images, "latents_classes": grid(SIZES).astype(np.int64)} | changes
        path = tmp_path / dsprites_file.NPZ
        np.savez_compressed(path, **{k: v for k, v in arrays.items() if v is not None})
        return path

    return write


@pytest.fixture
def write_hdf5(tmp_path, images):
    def write(**changes) -> Path:
        arrays = {"imgs": images, "latents_classes": grid(SIZES).astype(np.int64)} | changes
        path = tmp_path / dsprites_file.HDF5
        with h5py.File(path, "w") as file:
            for name, array in arrays.items():
                if array is not None:
                    where = name.replace("_", "/")
                    chunks = (5, *array.shape[1:])
                    file.create_dataset(where, data=array, chunks=chunks, compression="gzip")
        return path

    return write
