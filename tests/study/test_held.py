"""Who holds a study's folder: one alone, or many together."""

import fcntl

import pytest

from dbench.errors import InputError
from dbench.study import held


def test_many_hold_it_together_and_one_alone(tmp_path):
    folder = tmp_path / "mine"
    with held.together(folder) as first, held.together(folder) as second:
        assert first and second and not held.busy(folder)
        with pytest.raises(InputError, match="another dbench study is at work"), held.alone(folder):
            pass
    with held.alone(folder):
        assert held.busy(folder)
    assert not held.busy(tmp_path / "none")


def test_a_folder_that_was_made_for_nothing_goes_again(tmp_path):
    folder = tmp_path / "results" / "mine"
    driver = held.one(folder / held.PARTS / held.DRIVER, "")
    with pytest.raises(InputError, match="no"), held.together(folder), driver:
        raise InputError("no")
    assert not (tmp_path / "results").exists()
    folder.mkdir(parents=True)
    with pytest.raises(InputError, match="no"), held.together(folder):
        raise InputError("no")
    assert folder.exists()  # it was there before


def test_where_there_are_no_locks(tmp_path, monkeypatch):
    def none(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", none)
    with held.together(tmp_path) as many, held.one(tmp_path / "lock", "") as one:
        assert many is False and one is False
    with pytest.raises(InputError, match="has no locks"), held.alone(tmp_path):
        pass


def test_one_waits_for_another_that_is_about_to_end(tmp_path, monkeypatch):
    other = held.opened(tmp_path / "lock")
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(InputError, match="busy"), held.one(tmp_path / "lock", "busy"):
        pass
    monkeypatch.setattr(held.time, "sleep", lambda _: other.close())
    with held.one(tmp_path / "lock", "busy", patience=5.0) as got:
        assert got
