import errno
import os
import subprocess
import sys

import pytest

from dbench import files
from dbench.errors import InputError


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.json"
    files.write_json(path, {"x": 1})
    with pytest.raises(RuntimeError), files.replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert files.read_json(path) == {"x": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_full_disk(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot write .*No space left on device; free some"):
        files.write_bytes(tmp_path / "a", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        files.write_bytes(tmp_path / "file" / "a", b"x")


HALF = """
import os, sys
from pathlib import Path
from dbench import files

with files.replacing(Path(sys.argv[1])) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), 9)
"""


def killed(path):
    """What a command leaves that is killed while it writes a file."""
    subprocess.run([sys.executable, "-c", HALF, str(path)])
    (left,) = path.parent.glob(f".{path.name}.*.part")
    assert left.read_text() == "half" and not path.exists()
    return left


def test_what_a_killed_command_left_goes_with_the_next_file_of_that_folder(tmp_path):
    own = tmp_path / ".download.part"  # of another program
    left = killed(tmp_path / "report.html")
    own.write_text("mine")
    files.write_bytes(tmp_path / "other.csv", b"x")
    assert not left.exists() and own.read_text() == "mine"


def test_what_a_killed_command_left_goes_from_a_folder_of_dbench(tmp_path):
    (tmp_path / "deep").mkdir()
    left = killed(tmp_path / "deep" / "a.csv")
    files.sweep(tmp_path)
    assert not left.exists()


def test_what_is_being_written_stays(tmp_path):
    with files.replacing(tmp_path / "a") as temporary:
        temporary.write_text("a")
        files.write_bytes(tmp_path / "b", b"b")
        files.sweep(tmp_path)
        assert temporary.read_text() == "a"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "a", "b": "b"}


def test_where_there_are_no_locks_a_day_decides(tmp_path, monkeypatch):
    def none(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    left = killed(tmp_path / "a")
    monkeypatch.setattr(files.fcntl, "flock", none)
    files.write_bytes(tmp_path / "b", b"x")
    assert left.exists()
    os.utime(left, (0, 0))
    files.write_bytes(tmp_path / "b", b"x")
    assert not left.exists()
