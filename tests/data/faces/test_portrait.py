"""Faces: symmetric, smooth in every parameter, each of which is seen; lit from the right side."""

import numpy as np
import pytest

from dbench.data.faces import head, head_shape, head_tones, portrait
from dbench.errors import InputError
from tests.rounding import rounding

MEAN = np.zeros(len(portrait.NAMES))
BACKGROUND = 76  # 0.298 of 255


def identity(**parameters):
    """The mean, but for some parameters by name."""
    found = MEAN.copy()
    for name, value in parameters.items():
        found[portrait.NAMES.index(name)] = value
    return found


def some(seed):
    return np.random.default_rng(seed).uniform(-1, 1, len(portrait.NAMES))


def levels(*arguments):
    return np.rint(255 * portrait.draw(*arguments)).astype(int)


def centre(mask):
    """Mean column and row of what is true."""
    rows, columns = np.nonzero(mask)
    return columns.mean(), rows.mean()


@pytest.mark.slow
def test_an_image_is_in_grey_levels():
    image = portrait.draw(some(0), 20, 10, 40)
    assert image.shape == (64, 64) and image.dtype == np.float32
    np.testing.assert_allclose(255 * image, np.rint(255 * image), rtol=0, atol=255 * rounding(3))
    assert image.min() >= 0 and 0.6 < image.max() <= 1
    assert (image == portrait.draw(some(0), 20, 10, 40)).all()


def test_names_are_those_of_the_modes():
    assert tuple(head_shape.modes()) == head_shape.NAMES
    assert len(set(portrait.NAMES)) == len(portrait.NAMES) == 32


@pytest.mark.parametrize("seed", range(3))
def test_turned_left_is_the_mirror_of_turned_right(seed):
    """But for samples that lie on an edge, and the mid-point 128 of a plane that is rounded."""
    for azimuth, elevation, lamp in ((0, 0, 0), (40, -20, 70), (90, 30, 20)):
        one = levels(some(seed), azimuth, elevation, lamp)
        other = levels(some(seed), -azimuth, elevation, -lamp)[:, ::-1]
        assert np.abs(one - other).max() <= 1


@pytest.mark.parametrize("name", portrait.NAMES)
def test_every_parameter_can_be_seen(name):
    """From the front or from the side."""
    low, high = identity(**{name: -1}), identity(**{name: 1})
    views = [np.abs(levels(low, a, 0, 30) - levels(high, a, 0, 30)) for a in (0, 60)]
    assert max((view > 20).sum() for view in views) >= 10
    assert max(view.max() for view in views) >= 50


@pytest.mark.parametrize("name", [*head_shape.NAMES, *head_tones.NAMES])
def test_near_parameters_give_near_images(name):
    """A thirty-second of the range changes less than the whole of it, and little."""
    steps = np.linspace(-1, 1, 33)
    images = [levels(identity(**{name: s}), 30, 5, 30) for s in (*steps[15:18], -1, 1)]
    whole = np.abs(images[4] - images[3]).mean()
    for one, next_one in ((images[0], images[1]), (images[1], images[2])):
        assert np.abs(one - next_one).mean() < 0.15 * whole + 0.05


def test_near_angles_give_near_images():
    def change(step, *start):
        others = [levels(some(1), *(np.array(start) + step * axis)) for axis in np.eye(3)]
        return [np.abs(levels(some(1), *start) - other).mean() for other in others]

    near, far = change(3.0, 20.0, 0.0, 10.0), change(30.0, 20.0, 0.0, 10.0)
    assert all(0.2 < small < 0.4 * large for small, large in zip(near, far, strict=True))
    assert max(near) < 5


def test_turns_to_the_right_of_the_picture():
    """The nose, which is the farthest point of the face from the axis, leads."""
    skull = head.split(head.mean())[0]
    row, column = np.unravel_index(skull[..., 2].argmax(), skull.shape[:2])
    assert abs(skull[row, column, 0]) < 0.03 and -0.45 < skull[row, column, 1] < -0.25
    dark = identity(hair_tone=-1, skin_tone=1)
    hair = [centre(levels(dark, a, 0, 0) < 50) for a in (-60, 0, 60)]
    assert hair[0][0] > hair[1][0] + 4 > hair[2][0] + 8  # it stays behind


def test_a_camera_from_above_sees_more_hair():
    dark = identity(hair_tone=-1, skin_tone=1)
    counts = [(levels(dark, 0, e, 0)[:40] < 50).sum() for e in (-30, 0, 30)]
    assert counts[0] < 0.8 * counts[1] < 0.7 * counts[2]


def test_the_lamp_makes_its_side_bright():
    right, front, left = (levels(MEAN, 0, 0, lamp).astype(float) for lamp in (80, 0, -80))
    middle = slice(24, 56)
    assert right[middle, 34:48].mean() > 1.5 * right[middle, 16:30].mean()
    assert left[middle, 16:30].mean() > 1.5 * left[middle, 34:48].mean()
    assert front[middle, 16:48].mean() > right[middle, 16:48].mean()


def test_the_lamp_goes_with_the_camera():
    """The side of the picture that is bright does not turn with the head."""
    for azimuth in (-60, 0, 60):
        image = levels(MEAN, azimuth, 0, 80).astype(float)
        face = levels(MEAN, azimuth, 0, 0) != BACKGROUND
        middle = int(centre(face)[0])
        assert (
            image[:, middle:][face[:, middle:]].mean() > image[:, :middle][face[:, :middle]].mean()
        )


def test_planes_lit_in_whole_numbers_are_the_formula():
    """Ambient is off by half a level at most, a normal by half a step of each plane."""
    (surfaces,) = portrait.heads(some(2)[None])
    ambient, x, y, z = portrait.planes(surfaces, 30, 10).reshape(4, 64, 64).astype(float)
    normal = np.stack([(x - 128) / 140, (y - 128) / 140, z / 280])
    for lamp in (-90.0, 13.0, 72.0):
        a, up = np.radians(lamp), np.radians(25)
        direction = np.array([np.sin(a) * np.cos(up), np.sin(up), np.cos(a) * np.cos(up)])
        exact = ambient + 255 * 0.9 * np.maximum(0, np.tensordot(direction, normal, 1))
        found = levels(some(2), 30, 10, lamp)
        assert np.abs(found - np.minimum(exact, 255)).max() < 0.5 + 0.1


def test_the_outline_is_smooth():
    """Between background and a bright head there are grey levels, in every row of the head."""
    image = levels(identity(hair_tone=1, skin_tone=1, hair_length=-1), 90, 0, 90)
    background = image[0, 0]
    assert background == BACKGROUND
    assert len(np.unique(image[10:30, 34:])) > 60
    right = [np.nonzero(row != background)[0].max() for row in image[6:60]]
    edge = np.array([image[6 + i, c] for i, c in enumerate(right)])
    inside = np.array([image[6 + i, c - 2] for i, c in enumerate(right)])
    between = (edge > background) & (edge < inside)
    assert between.mean() > 0.7


def test_nothing_of_a_head_is_cut_off_but_the_neck():
    for p in (identity(head_width=1, cranium_height=1, hair_volume=1), some(3), some(4)):
        for azimuth in (-90, 0, 90):
            for elevation in (-30, 30):
                image = levels(p, azimuth, elevation, 0)
                border = np.concatenate([image[0], image[:50, 0], image[:50, -1]])
                assert (border == BACKGROUND).all()


def test_albedo_is_a_share():
    for seed in range(20):
        tones = np.sign(some(seed))[-len(head_tones.NAMES) :]
        found = head_tones.albedo(tones)
        assert found.min() >= 0 and found.max() <= 0.9


@pytest.mark.parametrize("bad", [np.zeros(31), np.full(32, 1.01), np.full(32, np.nan), 0.0])
def test_what_is_no_identity_is_said(bad):
    with pytest.raises(InputError, match="32 numbers from -1 to 1"):
        portrait.draw(bad, 0, 0, 0)


def test_angles_are_finite():
    with pytest.raises(InputError, match="finite"):
        portrait.draw(MEAN, 0, np.inf, 0)
