import colorsys
import hashlib
import itertools

import jax
import numpy as np
import pytest

from dbench.data import shapes3d_drawn
from dbench.data.shapes3d_drawn import room
from tests.rounding import rounding

HUES = np.array([colorsys.hsv_to_rgb(hue / 10, 1, 1) for hue in range(10)])
SOME = [(0, 0, 0, 7, 0, 0), (1, 5, 9, 0, 1, 7), (2, 2, 2, 4, 2, 14), (3, 8, 6, 7, 3, 10)]


@pytest.fixture(scope="module")
def full():
    """The set, from the user's cache if it was drawn before."""
    return shapes3d_drawn.load()


def gathered(full, factors):
    rows = np.ravel_multi_index(np.transpose(factors), full.sizes).astype(np.int32)
    return np.asarray(full.gather(full.arrays, rows))


def direct(factors):
    """Grey levels of an image drawn as a whole: rays in its hues, in floats: [64, 64, 3]."""
    solid, floor, wall, shade, shine = room.trace(*factors[3:])
    colours = np.repeat(np.array(room.SKY)[:, None] / 255, len(shade), axis=1)
    for mask, hue in zip((floor, wall, solid), factors[:3], strict=True):
        lit = HUES[hue][:, None] * (shade[mask] / 816) + shine[mask] / 4080
        colours[:, mask] = np.minimum(1, lit)
    levels = 255 * room.shrink(colours) / 256**2
    # They are whole numbers of 2^-20: half of that keeps floats from falling below a tie.
    return np.clip(np.floor(levels + 0.5 + 2**-21), 0, 255).T.reshape(64, 64, 3)


@pytest.mark.slow
def test_every_layer_of_the_kept_set(full):
    assert full.arrays.shape == (480, 8, 4096) and full.arrays.dtype == np.int32
    assert isinstance(full.arrays, np.memmap) and full.arrays.nbytes < 63e6
    assert hashlib.sha256(full.arrays.data).hexdigest() == shapes3d_drawn.SHA256


@pytest.mark.parametrize("layout", [(0, 0, 0), (3, 1, 4), (5, 2, 9), (7, 3, 14)])
def test_layers_drawn_now_are_the_kept_ones(full, layout):
    row = np.ravel_multi_index(layout, full.sizes[3:])
    assert (room.layers(*layout) == full.arrays[row]).all()


@pytest.mark.parametrize("factors", SOME)
def test_a_composed_image_is_the_directly_drawn_one_exactly(full, factors):
    image = 255 * gathered(full, [factors])[0].astype(float)
    np.testing.assert_allclose(image, np.rint(image), rtol=rounding(3))
    assert (np.rint(image) == direct(factors)).all()


@pytest.mark.slow
def test_so_is_every_image_of_a_layout(full):
    """All 1,000 hues of one, drawn from the rays' whole numbers, which floats hold exactly."""
    layout = (3, 1, 4)
    solid, floor, wall, shade, shine = room.trace(*layout)
    fifths = np.rint(5 * HUES).astype(int)
    parts = [  # by material and fifths of its channel; sky and nothing else beside them
        [room.shrink(mask * np.minimum(4080, w * shade + shine)[None])[0] for w in range(6)]
        for mask in (floor, wall, solid)
    ]
    sky = room.shrink(16.0 * ~(floor | wall | solid)[None])[0]
    start = np.ravel_multi_index((0, 0, 0, *layout), full.sizes)
    for floor_hue, wall_hue in itertools.product(range(10), repeat=2):
        rows = start + 480 * (100 * floor_hue + 10 * wall_hue + np.arange(10))
        images = np.asarray(full.gather(full.arrays, rows.astype(np.int32)))
        for hue, image in enumerate(images):
            for channel in range(3):
                sums = room.SKY[channel] * sky
                for part, own in zip(parts, (floor_hue, wall_hue, hue), strict=True):
                    sums = sums + part[fifths[own, channel]]
                levels = np.clip(np.floor(sums / 2**20 + 0.5), 0, 255)
                assert (np.rint(255 * image[..., channel]).ravel() == levels).all()


def test_sums_of_layers_stay_below_two_to_the_31(full):
    layers = np.abs(full.arrays[::7].astype(np.int64))
    sky, others = layers[:, 0] * max(room.SKY), layers[:, 2:5].sum(axis=1)
    assert (sky + layers[:, 1] + 5 * others + layers[:, 5:].sum(axis=1)).max() < 2**31


def test_weights_of_the_kernel_are_whole_and_sum_to_one():
    weights = room._lanczos()
    assert (weights == np.rint(weights)).all() and (weights.sum(axis=1) == 256).all()
    flat = room.shrink(np.full((1, 192 * 192), 3.0))
    assert (flat == 3 * 256**2).all()


@pytest.mark.slow
def test_gather_composes_inside_jit(full):
    rows = np.array([0, 479_999, 17, 17, 123_456], np.int32)
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        images = jax.jit(full.gather)(full.arrays, rows)
    assert images.dtype == np.float32 and images.shape == (5, 64, 64, 3)


@pytest.mark.slow
def test_an_image_does_not_depend_on_its_batch(full):
    rows = np.arange(70, dtype=np.int32) * 6857
    images = np.asarray(full.gather(full.arrays, rows))
    for i in (0, 34, 35, 69):
        assert (np.asarray(full.gather(full.arrays, rows[i : i + 1]))[0] == images[i]).all()


def test_weights_are_the_colours_of_the_hues():
    np.testing.assert_allclose(shapes3d_drawn.FIFTHS / 5, HUES, atol=1e-12)


@pytest.mark.slow
def test_a_colour_below_one_is_never_cut_off():
    """Or what is cut off would depend on more than whether c is 1."""
    for layout in itertools.product((0, 7), range(4), (0, 7, 14)):
        *_, shade, shine = room.trace(*layout)
        assert (4 * shade + shine).max() <= 4080 and shade.min() >= 0
        assert (shade == np.rint(shade)).all() and (shine == np.rint(shine)).all()


def test_factors_change_what_they_say(full):
    start = (0, 3, 6, 4, 2, 7)
    image = gathered(full, [start])[0]
    places = {0: (60, 32), 1: (25, 4), 2: (40, 32)}  # a pixel of the floor, the wall, the solid
    for factor in places:
        other = gathered(full, [start[:factor] + (9,) + start[factor + 1 :]])[0]
        for material, pixel in places.items():
            assert (image[pixel] != other[pixel]).any() == (material == factor)
    larger = gathered(full, [(0, 3, 6, 7, 2, 7)])[0]
    blue = [(picture[..., 2] > picture[..., 0])[30:].sum() for picture in (image, larger)]
    assert blue[1] > 1.2 * blue[0]


@pytest.mark.slow
def test_images_of_all_layouts_are_distinct(full):
    assert len(np.unique(full.arrays[:, 2:].reshape(480, -1), axis=0)) == 480


def test_the_source_is_ignored(tmp_path, full):
    assert (shapes3d_drawn.load(tmp_path / "no such file").arrays[0] == full.arrays[0]).all()
