import hashlib
import itertools

import jax
import numpy as np
import pytest

from dbench.data import rooms
from dbench.data.rooms import lit_room, objects
from tests.rounding import rounding


@pytest.fixture(scope="module")
def full():
    """The set, from the user's cache if it was drawn before."""
    return rooms.load()


def levels(full, rows):
    """Grey levels of images of some rows, which are whole: [b, 64, 64, 3] int."""
    images = 255 * np.asarray(full.gather(full.arrays, np.asarray(rows, np.int32))).astype(float)
    np.testing.assert_allclose(images, np.rint(images), rtol=0, atol=255 * rounding(3))
    return np.rint(images).astype(int)


def direct(factors):
    """Grey levels of an image drawn as a whole: each ray in its colour, pixels their rays' mean."""
    wall, floor, color, kind, *place = factors
    camera, turn, position = (float(rooms.VALUES[4 + i][index]) for i, index in enumerate(place))
    surface, shade = lit_room.trace(kind, camera, turn, position)
    palette = np.array(list(rooms.COLORS.values()))
    colors = np.array([*palette[[wall, floor, color]], objects.TRIMS[kind]])
    rays = colors[surface] * (shade / lit_room.ONE)[:, None]  # exact: whole numbers of 1/256
    return np.floor(rays.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3)) + 0.5).astype(int)


def test_every_layer_of_the_kept_set(full):
    assert full.arrays.shape == (225, 4, 4096) and full.arrays.dtype == np.int16
    assert isinstance(full.arrays, np.memmap) and full.arrays.nbytes < 8e6
    assert hashlib.sha256(full.arrays.data).hexdigest() == rooms.SHA256


@pytest.mark.slow
def test_a_composed_image_is_the_directly_drawn_one_exactly(full):
    rows = np.random.default_rng(0).choice(full.size, 6, replace=False)
    for image, row in zip(levels(full, rows), rows, strict=True):
        assert (image == direct(full.factors[row])).all()


@pytest.mark.slow
def test_gather_composes_inside_jit(full):
    rows = np.array([0, 921_599, 17, 17, 123_456], np.int32)
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        images = jax.jit(full.gather)(full.arrays, rows)
    assert images.dtype == np.float32 and images.shape == (5, 64, 64, 3)
    assert (np.rint(255 * np.asarray(images)) == levels(full, rows)).all()


@pytest.mark.slow
def test_images_of_all_layouts_are_distinct_at_a_glance(full):
    """Each differs from each other one of its object by 5 grey levels in some tens of pixels."""
    rows = np.arange(225) + 225 * (16 * (16 * 13 + 4) + 0)  # red on green before white
    images = levels(full, rows)[..., 2].astype(np.int16).reshape(3, 75, 4096)
    for kind in images:
        for one, other in itertools.combinations(kind, 2):
            assert (np.abs(one - other) > 5).sum() > 50


@pytest.mark.slow
def test_objects_have_their_colour(full):
    """Somewhere each colour is seen nearly as it is, and the trim keeps its own."""
    for kind, color in itertools.product(range(3), (0, 4, 8, 13)):
        index = np.ravel_multi_index((15, 15, color, kind, 2, 2, 1), full.sizes)
        image = levels(full, [index])[0].reshape(-1, 3)
        wanted = np.array(list(rooms.COLORS.values()))[color]
        assert np.abs(image - 0.9 * wanted).max(axis=1).min() < 20
        trim = np.array(objects.TRIMS[kind])
        assert np.abs(image - 0.8 * trim).max(axis=1).min() < 25


@pytest.mark.slow
def test_factors_change_what_they_say(full):
    start = (0, 3, 6, 2, 2, 2, 1)
    image = levels(full, [np.ravel_multi_index(start, full.sizes)])[0]
    places = {0: (4, 32), 1: (61, 4), 2: (38, 32)}  # a pixel of the wall, the floor, the object
    for factor in places:
        row = np.ravel_multi_index(start[:factor] + (9,) + start[factor + 1 :], full.sizes)
        other = levels(full, [row])[0]
        for material, pixel in places.items():
            assert (image[pixel] != other[pixel]).any() == (material == factor)
    left, right = (np.ravel_multi_index((*start[:6], at), full.sizes) for at in (0, 2))
    cyan = [
        np.nonzero((x[..., 2] > 200) & (x[..., 0] < 120))[1].mean()
        for x in levels(full, [left, right])
    ]
    assert cyan[1] - cyan[0] > 15


def test_symbols_name_the_four_factors(full):
    assert [len(names) for names in rooms.SYMBOLS] == [16, 16, 16, 3]
    names = np.array(list(itertools.chain(*rooms.SYMBOLS)))
    assert len(set(names)) == 51 and names[0] == "red wall" and names[-1] == "suitcase"
    vectors = rooms.symbols(full.factors[::1009])
    assert vectors.shape == (914, 51) and vectors.dtype == np.float32
    assert set(np.unique(vectors)) == {0, 1} and (vectors.sum(axis=1) == 4).all()
    one = rooms.symbols(np.array([[8, 2, 13, 1, 4, 0, 2]]))[0]
    assert list(names[one > 0]) == ["blue wall", "yellow floor", "white object", "ice lolly"]


def test_what_is_held_out_is_new_as_a_whole_only(full):
    held = rooms.held_out(full.factors).reshape(16, 16, 16, 3, 75)
    assert (held == held[..., :1]).all()  # whatever the nuisance
    seen = ~held[..., 0]
    assert (~seen).sum() == 768
    for axis in range(4):  # every three names are met with some fourth
        assert seen.any(axis=axis).all()
    for pair in itertools.combinations(range(4), 2):
        others = tuple(set(range(4)) - set(pair))
        counts = seen.sum(axis=others)
        assert (counts == counts.flat[0]).all()  # so that factors are independent, two by two


def test_the_source_is_ignored(tmp_path, full):
    assert (rooms.load(tmp_path / "no such file").arrays[0] == full.arrays[0]).all()
