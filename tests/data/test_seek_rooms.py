"""Rooms for agents: their images are those of the rule of `rooms`, from other places."""

import hashlib

import numpy as np
import pytest

from dbench.data import rooms, seek_rooms
from dbench.data.rooms import lit_room, objects
from dbench.data.views import view
from tests.rounding import rounding


@pytest.fixture(scope="module")
def tiny():
    return seek_rooms.load_tiny()


def levels(data, rows):
    """Grey levels of images of some rows, which are whole: [b, 64, 64, 3] int."""
    images = 255 * np.asarray(data.gather(data.arrays, np.asarray(rows, np.int32))).astype(float)
    np.testing.assert_allclose(images, np.rint(images), rtol=0, atol=255 * rounding(3))
    return np.rint(images).astype(int)


def direct(data, row):
    """Grey levels of an image drawn as a whole."""
    room, kind, camera, bearing, distance = data.factors[row]
    view = lit_room.View(data.values[2][camera], data.values[4][distance], data.values[3][bearing])
    at = objects.NAMES.index(seek_rooms.KINDS[kind])
    surface, shade = lit_room.trace(at, view, 0.0, 0.0)
    surfaces = [rooms.COLORS[color] for color in seek_rooms.ROOMS[room]]
    colors = np.array([*surfaces, seek_rooms.COLOR[kind], objects.TRIMS[at]])
    rays = colors[surface] * (shade / lit_room.ONE)[:, None]
    return np.floor(rays.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3)) + 0.5).astype(int)


def test_every_layer_of_the_kept_set(tiny):
    assert tiny.arrays.shape == (24, 4, 4096) and tiny.arrays.dtype == np.int16
    assert hashlib.sha256(tiny.arrays.data).hexdigest() == seek_rooms.SHA256_TINY


@pytest.mark.slow
def test_a_composed_image_is_the_directly_drawn_one_exactly(tiny):
    rows = [0, 17, 40, 47]
    for image, row in zip(levels(tiny, rows), rows, strict=True):
        assert (image == direct(tiny, row)).all()


@pytest.mark.slow
def test_an_object_is_seen_where_its_factors_say(tiny):
    """Further right by its bearing, larger by its distance; in the middle in the middle."""
    red, green, blue = np.moveaxis(levels(tiny, range(tiny.size)), 3, 0)
    pink = (red - green > 150) & (blue > 80)
    for room in (0, 1):
        seen = []
        for bearing in range(3):
            for distance in range(2):
                row = np.ravel_multi_index((room, 3, 0, bearing, distance), tiny.sizes)
                _, columns = np.nonzero(pink[row])
                seen.append((columns.mean(), len(columns)))
        where, size = np.array(seen).reshape(3, 2, 2).transpose(2, 0, 1)
        assert (np.diff(where, axis=0) > 10).all() and abs(where[1] - 31.5).max() < 1
        assert (size[:, 1] > 1.5 * size[:, 0]).all()


@pytest.mark.slow
def test_the_room_changes_walls_and_floor_alone(tiny):
    one, two = levels(tiny, [0, 24])
    surface, _ = lit_room.trace(0, lit_room.View(0.0, 1.2, -14.0), 0.0, 0.0)
    whole = surface.reshape(64, 4, 64, 4).transpose(0, 2, 1, 3).reshape(64, 64, 16)
    own = (whole >= 2).all(axis=2)
    assert own.sum() > 100 and (one[own] == two[own]).all()
    assert (one != two).any(axis=2)[(whole < 2).all(axis=2)].all()


def test_held_out_is_the_conjunction_of_the_target(tiny):
    held = seek_rooms.held_out(tiny.factors)
    assert held.sum() == tiny.size / 4
    assert set(map(tuple, tiny.factors[held][:, :2])) == {(1, 0), (1, 1)}
    drawing = view(tiny, {"without": ["held_out"]}).drawing
    assert drawing.size == 36 and not held[drawing.arrays].any()


def test_what_is_held_out_is_what_agents_are_moved_to(tiny):
    from dbench.agents.environments.seek_avoid import seek_avoid

    for data in (tiny, seek_rooms.load()):
        target = seek_avoid(data).rows["target"]
        assert (np.flatnonzero(seek_rooms.held_out(data.factors)) == target).all()
