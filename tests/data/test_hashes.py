import hashlib
import os

import numpy as np
import pytest

from dbench import data
from dbench.data import hashes

BYTES = b"large enough"


@pytest.fixture
def file(own_cache, tmp_path, monkeypatch):
    monkeypatch.setattr(hashes, "LARGE", len(BYTES))
    (tmp_path / "file").write_bytes(BYTES)
    return tmp_path / "file"


@pytest.fixture
def read(monkeypatch):
    """The names of the files that are read from here on."""
    names, real = [], hashes.sha256
    monkeypatch.setattr(hashes, "sha256", lambda path: names.append(path.name) or real(path))
    return names


def digest(content):
    return hashlib.sha256(content).hexdigest()


def test_a_large_file_is_read_once(file, read):
    assert hashes.known(file) == hashes.known(file) == digest(BYTES)
    assert read == ["file"]


@pytest.mark.parametrize("exchanged", [False, True])
def test_one_that_was_changed_is_read_again(file, read, exchanged):
    """Also where its size and the time of its contents are what they were."""
    assert hashes.known(file) == digest(BYTES)
    times = file.stat()
    new = file.with_name("new") if exchanged else file
    new.write_bytes(BYTES[::-1])
    os.utime(new, ns=(times.st_atime_ns, times.st_mtime_ns))
    new.replace(file)
    assert hashes.known(file) == digest(BYTES[::-1]) and len(read) == 2


def test_another_file_of_the_same_name_is_another(file, tmp_path):
    (tmp_path / "below").mkdir()
    other = tmp_path / "below" / "file"
    other.write_bytes(BYTES[::-1])
    assert (hashes.known(file), hashes.known(other)) == (digest(BYTES), digest(BYTES[::-1]))


def test_what_is_written_while_it_is_read_is_not_kept(file, monkeypatch):
    def late(path):
        path.write_bytes(BYTES + b"!")
        return digest(BYTES)

    with monkeypatch.context() as patched:
        patched.setattr(hashes, "sha256", late)
        assert hashes.known(file) == digest(BYTES)
    assert hashes.known(file) == digest(BYTES + b"!")


def test_a_small_file_is_read_each_time(file, read, own_cache):
    file.write_bytes(BYTES[:-1])
    assert hashes.known(file) == hashes.known(file) == digest(BYTES[:-1])
    assert len(read) == 2 and not own_cache.exists()


def test_a_damaged_or_missing_memory_is_no_matter(file, own_cache, monkeypatch):
    hashes.known(file)
    (kept,) = (own_cache / "sha256").iterdir()
    kept.write_bytes(b"\xff" * 64)
    assert hashes.known(file) == digest(BYTES) == kept.read_text()
    monkeypatch.setenv("DBENCH_CACHE", str(file))  # no folder
    assert hashes.known(file) == digest(BYTES)


def test_own_data_are_hashed_at_their_first_start_alone(file, read, tmp_path, monkeypatch):
    path, made = tmp_path / "mine.npz", []
    np.savez(path, images=np.arange(192, dtype=np.uint8).reshape(3, 8, 8))
    real = hashes.once

    def once(path, of, make):
        return real(path, of, lambda: made.append(path.suffix) or make())

    monkeypatch.setattr(hashes, "once", once)
    first, again = (data.load(str(path)).sha256 for _ in range(2))
    assert first == again and made == [".npz", ".npy"] and read == ["mine.npz"]
    np.savez(path, images=np.arange(192, dtype=np.uint8)[::-1].reshape(3, 8, 8))
    assert data.load(str(path)).sha256 != first and len(made) == 4
