import numpy as np
import pytest

from dbench.data.rooms import lit_room

WALL, FLOOR, OBJECT, TRIM = range(4)


@pytest.fixture(scope="module", params=range(3), ids=("hat", "ice lolly", "suitcase"))
def rays(request):
    """Surfaces and shades of a room with the object in the middle: [256, 256] each."""
    return [x.reshape(256, 256) for x in lit_room.trace(request.param, 0.0, 0.0, 0.0)]


def test_every_surface_is_where_it_should_be(rays):
    surface, _ = rays
    assert (surface[0] == WALL).all() and (surface[-1] == FLOOR).all()
    rows, columns = np.nonzero(surface >= OBJECT)
    assert rows.min() > 40 and rows.max() < 240 and columns.min() > 40 and columns.max() < 216
    assert abs(columns.mean() - 127.5) < 2
    assert (surface == OBJECT).sum() > 3 * (surface == TRIM).sum() > 300


@pytest.mark.slow
@pytest.mark.parametrize("kind", range(3))
def test_the_object_throws_a_soft_shadow_to_the_right(kind):
    (left, dark), (right, light) = (lit_room.trace(kind, 0.0, 0.0, x) for x in (-0.18, 0.18))
    floor = (left == FLOOR) & (right == FLOOR)
    ratio = np.where(floor, dark / light, 1.0).reshape(256, 256)
    assert 0.55 < ratio.min() < 0.8 and ratio.max() > 1.25  # full shadow, of one and of the other
    shadow = ratio < 0.98
    assert (ratio[shadow] > ratio.min() + 0.05).mean() > 0.2  # the lamp is partly seen
    shadow_at, object_at = (
        np.nonzero(x)[1].mean() for x in (ratio < 0.85, (left >= OBJECT).reshape(256, 256))
    )
    assert kind == 2 or shadow_at > object_at  # the other suitcase covers much of the shadow


def test_shades_are_whole_and_never_above_one(rays):
    _, shade = rays
    assert shade.dtype == np.int64 and shade.min() > 0 and shade.max() <= lit_room.ONE
    assert shade.max() > 0.9 * lit_room.ONE


@pytest.mark.slow
def test_layers_are_sums_of_the_rays_of_each_pixel():
    surface, shade = (x.reshape(64, 4, 64, 4) for x in lit_room.trace(2, 12.0, -20.0, 0.18))
    layers = lit_room.layers(2, 12.0, -20.0, 0.18).reshape(4, 64, 64)
    for index, layer in enumerate(layers):
        assert (layer == (shade * (surface == index)).sum(axis=(1, 3))).all()


@pytest.mark.slow
def test_the_camera_turns_the_room_and_the_object():
    """To the right of the room the camera sees the left of the object and of the room."""
    corners = []
    for camera in (-24.0, 24.0):
        surface, shade = (x.reshape(256, 256) for x in lit_room.trace(0, camera, 0.0, 0.0))
        steps = np.abs(np.diff(shade[0])) * (surface[0, 1:] == WALL)
        corners.append(steps.argmax())
    assert corners[0] > 140 and corners[1] < 116
