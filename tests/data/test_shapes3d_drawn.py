import colorsys
import hashlib
import itertools

import jax
import numpy as np
import pytest

from dbench.data import room, shapes3d_drawn

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
    """Grey levels of an image drawn as a whole, in its hues, before rounding: [64, 64, 3]."""
    with np.errstate(divide="ignore", invalid="ignore"):
        solid, floor, wall, shade, shine = room.trace(*factors[3:])
    colours = np.repeat(room.SKY[:, None], len(shade), axis=1)
    for mask, hue in zip((floor, wall, solid), factors[:3], strict=True):
        colours[:, mask] = np.minimum(1, HUES[hue][:, None] * shade[mask] + shine[mask])
    return 255 * np.clip(room.shrink(colours), 0, 1).T.reshape(64, 64, 3)


def test_every_layer_of_the_kept_set(full):
    assert full.arrays.shape == (480, 9, 4096) and full.arrays.dtype == np.int16
    assert isinstance(full.arrays, np.memmap) and full.arrays.nbytes < 36e6
    assert hashlib.sha256(full.arrays.data).hexdigest() == shapes3d_drawn.SHA256


@pytest.mark.parametrize("layout", [(0, 0, 0), (3, 1, 4), (5, 2, 9), (7, 3, 14)])
def test_layers_drawn_now_are_the_kept_ones(full, layout):
    row = np.ravel_multi_index(layout, full.sizes[3:])
    assert (room.layers(*layout) == full.arrays[row]).all()


@pytest.mark.parametrize("factors", SOME)
def test_a_composed_image_is_the_directly_drawn_one(full, factors):
    """Except that rounded layers move a sum by 4 x 5 / 512 levels at most before it is rounded."""
    image, levels = np.rint(255 * gathered(full, [factors])[0]), direct(factors)
    assert np.abs(image - levels).max() <= 0.5 + 4 * 5 / 512
    assert (image == np.rint(levels)).mean() > 0.98


@pytest.mark.parametrize("factors", SOME)
def test_composition_in_whole_numbers_is_exact(full, factors):
    base, materials = np.split(room.layers(*factors[3:]).astype(int), [3])
    sums = 5 * base
    for (low, high), hue in zip(materials.reshape(3, 2, -1), factors[:3], strict=True):
        for channel, fifths in enumerate(np.rint(5 * HUES[hue]).astype(int)):
            sums[channel] += 5 * high if fifths == 5 else fifths * low
    levels = np.clip((sums + 128) // 256, 0, 255).T.reshape(64, 64, 3)
    image = gathered(full, [factors])[0]
    assert (np.rint(255 * image) == levels).all()
    np.testing.assert_allclose(image, levels / 255, rtol=2e-7)


def test_gather_composes_inside_jit(full):
    rows = np.array([0, 479_999, 17, 17, 123_456], np.int32)
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        images = jax.jit(full.gather)(full.arrays, rows)
    assert images.dtype == np.float32 and images.shape == (5, 64, 64, 3)


def test_an_image_does_not_depend_on_its_batch(full):
    rows = np.arange(70, dtype=np.int32) * 6857  # two blocks and a part of one
    images = np.asarray(full.gather(full.arrays, rows))
    for i in (0, 33, 69):
        assert (np.asarray(full.gather(full.arrays, rows[i : i + 1]))[0] == images[i]).all()


def test_weights_are_the_colours_of_the_hues():
    np.testing.assert_allclose(shapes3d_drawn.FIFTHS / 5, HUES, atol=1e-12)


def test_a_colour_below_one_is_never_cut_off():
    """Or the smaller weights could not share a layer."""
    for layout in itertools.product((0, 7), range(4), (0, 7, 14)):
        with np.errstate(divide="ignore", invalid="ignore"):
            *_, shade, shine = room.trace(*layout)
        assert (0.8 * shade + shine).max() <= 1 and shade.min() >= 0


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


def test_images_of_all_layouts_are_distinct(full):
    assert len(np.unique(full.arrays[:, 3:].reshape(480, -1), axis=0)) == 480


def test_the_source_is_ignored(tmp_path, full):
    assert (shapes3d_drawn.load(tmp_path / "no such file").arrays[0] == full.arrays[0]).all()
