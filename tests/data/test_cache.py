import errno
import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dbench.data import cache
from dbench.errors import InputError

ROWS = np.arange(200, dtype=np.uint8).reshape(20, 10)


def make():
    yield ROWS[:13]
    yield ROWS[13:]


def keep(make=make, sha256=None):
    return cache.keep("rows", (20, 10), make, "making", sha256)


def test_made_once_then_opened(own_cache):
    assert (keep() == ROWS).all()
    again = keep(lambda: pytest.fail("made twice"))
    assert (again == ROWS).all()
    assert [path.name for path in own_cache.iterdir()] == ["rows.npy"]


def test_for_shapes_alone_nothing_that_is_drawn_here_is_made(own_cache):
    known = hashlib.sha256(ROWS.tobytes()).hexdigest()
    with cache.shapes_alone():
        stands = keep(lambda: pytest.fail("it was made"), known)
        assert stands.shape == ROWS.shape and not stands.any()
        assert not own_cache.exists()
        assert (keep() == ROWS).all()  # what a user gave is read: only so is it known
    assert (keep(sha256=known) == ROWS).all()
    with cache.shapes_alone():
        assert (keep(sha256=known) == ROWS).all()  # what is there is taken


def test_what_another_rule_made_is_not_taken_for_the_known_bytes(own_cache):
    """It was: a file drawn by the rule of the day before, in a cache that outlived it."""
    before = keep(lambda: [255 - ROWS], hashlib.sha256((255 - ROWS).tobytes()).hexdigest())
    now = keep(sha256=hashlib.sha256(ROWS.tobytes()).hexdigest())
    assert (now == ROWS).all() and (before == 255 - ROWS).all()


def test_is_a_read_only_map_whose_data_are_aligned(own_cache):
    array = keep()
    assert isinstance(array, np.memmap) and not array.flags.writeable
    assert array.ctypes.data % 64 == 0


@pytest.mark.parametrize("failure", [KeyboardInterrupt, InputError, MemoryError])
def test_nothing_stays_of_a_making_that_fails(own_cache, failure):
    def fail():
        yield ROWS[:13]
        raise failure

    with pytest.raises(failure):
        keep(fail)
    assert not list(own_cache.iterdir())


def test_other_bytes_than_the_known_ones_are_not_kept(own_cache):
    with pytest.raises(InputError, match="another rows_00000000.npy .sha256 .*--data"):
        keep(sha256="0" * 64)
    assert not list(own_cache.iterdir())


def test_a_truncated_file_is_named_with_its_size(own_cache):
    keep()
    path = own_cache / "rows.npy"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match="rows.npy has 327 bytes, not 328: delete it"):
        keep()


def test_a_file_of_another_type_is_refused(own_cache):
    keep()
    np.save(own_cache / "rows.npy", ROWS.astype(np.int8))
    with pytest.raises(InputError, match="rows.npy has a bad header: delete it"):
        keep()


def test_a_folder_that_cannot_be_made(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(InputError, match="set DBENCH_CACHE"):
        keep()


def test_a_full_disk(own_cache):
    def fail():
        yield ROWS[:13]
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(InputError, match="No space left on device.*set DBENCH_CACHE"):
        keep(fail)
    assert not list(own_cache.iterdir())


def test_too_little_room_is_said_before_anything_is_made(own_cache, monkeypatch):
    def fail():
        yield pytest.fail("made")

    free = SimpleNamespace(free=199)
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda path: free)
    with pytest.raises(InputError, match="rows.npy takes 0.0 GB and .*free: set DBENCH_CACHE"):
        keep(fail)
    assert not list(own_cache.iterdir())
    free.free = 200
    assert (keep() == ROWS).all()


def test_where_the_folder_is(monkeypatch):
    monkeypatch.delenv("DBENCH_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache.folder() == Path.home() / ".cache" / "dbench"
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache.folder() == Path("/x/dbench")
    monkeypatch.setenv("DBENCH_CACHE", "/d")
    assert cache.folder() == Path("/d")


@pytest.mark.slow
def test_two_commands_at_once_make_a_file_once(own_cache):
    """The second waits for the first, and takes what it made."""
    began, made = threading.Event(), []

    def rows():
        made.append(None)
        began.set()
        time.sleep(0.3)
        yield np.ones((2, 3), np.uint8)

    def keep():
        return cache.keep("once", (2, 3), rows, "drawing")

    with ThreadPoolExecutor() as pool:
        first = pool.submit(keep)
        began.wait()
        assert (keep() == first.result()).all()
    assert len(made) == 1
    assert [path.name for path in own_cache.iterdir()] == ["once.npy"]
