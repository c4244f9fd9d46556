"""Where official files are looked for."""

from pathlib import Path

import pytest

from dbench.data import official
from dbench.data.official import cars3d, celeba, dsprites_file, mnist, mpi3d, shapes3d
from dbench.data.official.dsprites_file import HDF5, NPZ
from dbench.errors import InputError


def find(source):
    return official.find(source, "dsprites")


def test_find(tmp_path, monkeypatch):
    assert find(None) is None
    npz, hdf5 = tmp_path / NPZ, tmp_path / HDF5
    hdf5.touch()
    assert find(tmp_path) == hdf5
    npz.touch()
    assert find(tmp_path) == npz
    assert find(hdf5) == hdf5
    monkeypatch.setenv("DBENCH_DATA", str(tmp_path))
    assert find(None) == npz
    assert find(hdf5) == hdf5
    monkeypatch.setenv("DBENCH_DATA", "")
    assert find(None) is None


def test_what_is_not_there_is_not_found(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="--data is .*nowhere, which does not exist"):
        find(tmp_path / "nowhere")
    with pytest.raises(InputError, match=f"which is neither .* give {NPZ}"):
        find(tmp_path)
    (tmp_path / "a.txt").touch()
    with pytest.raises(InputError, match="neither"):
        find(tmp_path / "a.txt")
    monkeypatch.setenv("DBENCH_DATA", str(tmp_path))
    with pytest.raises(InputError, match="DBENCH_DATA is"):
        find(None)


def test_a_folder_with_the_file_of_another_data_set_only(tmp_path, write_npz):
    (tmp_path / "scream.jpg").write_bytes(b"")
    assert find(tmp_path) is None
    path = write_npz()
    assert find(tmp_path) == path


def test_what_is_needed_is_named_with_its_source_and_place(tmp_path, monkeypatch):
    url = official.OFFICIAL["shapes3d"].url
    said = f"shapes3d needs 3dshapes.h5, which does not come with dbench: get it from {url} and"
    with pytest.raises(InputError, match=f"{said} give it, or .* with --data or in DBENCH_DATA"):
        official.require(None, "shapes3d")
    (tmp_path / NPZ).touch()
    with pytest.raises(InputError, match=f"needs 3dshapes.h5, not found in {tmp_path}: get"):
        official.require(tmp_path, "shapes3d")
    monkeypatch.setenv("DBENCH_DATA", str(tmp_path))
    with pytest.raises(InputError, match=f"needs 3dshapes.h5, not found in {tmp_path}: get"):
        official.require(None, "shapes3d")
    (tmp_path / NPZ).unlink()
    with pytest.raises(InputError, match="^DBENCH_DATA is .* neither the official 3D Shapes file"):
        official.require(None, "shapes3d")


def test_one_folder_has_the_files_of_several_data_sets_or_folders_for_each(tmp_path):
    (tmp_path / "shapes3d").mkdir()
    (tmp_path / "shapes3d" / "3dshapes.h5").touch()
    assert find(tmp_path) is None
    assert official.find(tmp_path, "shapes3d") == tmp_path / "shapes3d" / "3dshapes.h5"
    (tmp_path / "3dshapes.h5").touch()
    assert official.find(tmp_path, "shapes3d") == tmp_path / "3dshapes.h5"
    (tmp_path / NPZ).touch()
    assert find(tmp_path) == tmp_path / NPZ


def test_the_page_has_the_addresses_and_checksums_of_the_code():
    page = (Path(__file__).parents[3] / "docs" / "reference" / "datasets.md").read_text()
    for name, known in official.OFFICIAL.items():
        assert f"| {known.url} |" in page, name
    sums = [*dsprites_file.MD5, shapes3d.SHA256, *mpi3d.MD5.values(), *mpi3d.SHA256.values()]
    for known in (*sums, cars3d.MD5, celeba.SHA256, mnist.KERAS_SHA256):
        assert len(known) in (32, 64) and f"`{known[:8]}...`" in page, known
