"""The public names: each from one obvious place, all of them there, nothing else handed on."""

import importlib
import pkgutil

import pytest

import dbench

MODULES = {name: importlib.import_module(f"dbench.{name}") for name in dbench.__all__}
ROOMS = [name for name, module in MODULES.items() if hasattr(module, "__path__")]


def test_the_rooms_are_loaded_when_they_are_used():
    assert set(dbench.__all__) <= set(dir(dbench))
    for name, module in MODULES.items():
        assert getattr(dbench, name) is module
    with pytest.raises(AttributeError, match="no attribute 'results'"):
        dbench.results  # noqa: B018


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_hands_on_its_public_names_and_no_others(name):
    room = MODULES[name]
    files = {each.name for each in pkgutil.iter_modules(room.__path__)}
    there = {each for each in vars(room) if not each.startswith("__")}
    assert all(hasattr(room, each) and not each.startswith("_") for each in room.__all__)
    assert there - files <= set(room.__all__)
