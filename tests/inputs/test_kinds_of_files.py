"""What is no file (a pipe, a device) or has no possible name: refused, never waited for."""

import os
import socket

import numpy as np
import pytest

from dbench import data, files
from dbench.codes import from_file
from dbench.data import official
from dbench.data.official import layout
from dbench.errors import InputError
from dbench.inputs import functions
from dbench.scoring import score_files
from dbench.tables import reading, results

READERS = {
    "a.npz": from_file.read,
    "a.csv": from_file.read,
    "a.parquet": from_file.read,
    "scores.csv": lambda path: reading.read(str(path)),
    "scores.parquet": lambda path: reading.read(str(path)),
    "own.npz": lambda path: data.load(str(path)),
    "own.h5": lambda path: data.load(str(path)),
    "own.parquet": lambda path: data.load(str(path)),
    "log.csv": results.log,
    "table.csv": lambda path: results.read(path, results.DTYPES),
    "parts.npz": score_files.read_arrays,
    "official.npz": lambda path: official.find(path, "dsprites"),
    "official.h5": lambda path: official.find(path, "shapes3d"),
    "train-images-idx3-ubyte": layout.opened,
}


@pytest.fixture(autouse=True)
def no_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", READERS)
def test_a_pipe_a_socket_or_a_device_is_no_file(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    os.mkfifo(name)
    with pytest.raises(InputError, match=f"{name}.* is a pipe, not a file"):
        READERS[name](tmp_path / name)
    os.unlink(name)
    os.symlink("/dev/zero", name)
    with pytest.raises(InputError, match=f"{name}.* is a device, not a file"):
        READERS[name](tmp_path / name)
    os.unlink(name)
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(name)
        with pytest.raises(InputError, match=f"{name}.* is a socket, not a file"):
            READERS[name](tmp_path / name)


@pytest.mark.parametrize("name", ["a1.png", "factors.csv", "factors.parquet"])
def test_a_pipe_in_a_folder_of_images(name, tmp_path):
    from PIL import Image

    (tmp_path / "f").mkdir()
    Image.fromarray(np.full((8, 8), 99, np.uint8)).save(tmp_path / "f" / "a0.png")
    os.mkfifo(tmp_path / "f" / name)
    with pytest.raises(InputError, match=f"{name}: it is a pipe, not a file"):
        data.load(str(tmp_path / "f"))


@pytest.mark.parametrize("name", ["dsprites", "shapes3d", "mpi3d_toy", "mnist", "celeba"])
def test_a_pipe_with_the_name_of_an_official_file(name, tmp_path):
    pattern = official.OFFICIAL[name].files[0].replace("*", "-")
    os.mkfifo(tmp_path / pattern)
    with pytest.raises(InputError, match="it is a pipe, not a file"):
        data.load(name, tmp_path)


NAMES = {
    "a\0b{}": "has a NUL in it",
    "caf\udce9{}": "is not UTF-8",
    "x" * 300 + "{}": "File name too long",
    "loop{}": "symbolic links",
    "d/" * 3000 + "a{}": "File name too long",
}


@pytest.mark.parametrize("form", NAMES, ids=lambda form: ascii(form)[:12])
def test_names_that_no_file_has(form, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for reader, read in READERS.items():
        name = form.format(os.path.splitext(reader)[1])
        if form.startswith("loop"):
            os.path.lexists(name) or os.symlink(name, name)
        said = f"{NAMES[form]}|its name must be text that can name a file"
        with pytest.raises(InputError, match=said) as caught:
            read(tmp_path / name)
        said = str(caught.value)
        assert "\n" not in said and len(said) < 700
        said.encode()


@pytest.mark.parametrize("name", ["piped.py", "piped/__init__.py"])
def test_a_module_that_is_a_pipe(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    os.mkfifo(name)
    with pytest.raises(InputError, match=f"{name}: it is a pipe, not a file"):
        functions.find("piped:encode")


def test_what_is_there(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    assert files.kind(tmp_path) == "a folder"
    assert files.kind(tmp_path / "file") == files.kind(tmp_path / "link") == "a file"
    assert files.kind(tmp_path / "none") is None and files.kind(tmp_path / "file" / "a") is None
    with pytest.raises(InputError, match="there is no file .*none"):
        files.regular(tmp_path / "none")
    with pytest.raises(InputError, match="it is a folder, not a file"):
        files.regular(tmp_path)
