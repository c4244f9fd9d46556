import numpy as np
import pytest
from PIL import Image

from dbench import files
from dbench.data import dsprites
from dbench.data.dsprites import scream as scream_dsprites
from dbench.data.official.dsprites_file import NPZ
from dbench.errors import InputError
from dbench.training import checkpoint

RNG = np.random.default_rng(0)
PICTURE = RNG.integers(0, 256, (80, 70, 3), np.uint8)


def write(path, pixels=PICTURE):
    Image.fromarray(pixels).save(path)
    return path


@pytest.mark.slow
def test_background_and_inverted_sprite():
    tiny, rows = dsprites.load_tiny(), np.arange(0, 2880, 90)
    data = scream_dsprites.on(tiny, PICTURE, "scream")
    levels = np.rint(np.asarray(data.gather(data.arrays, rows)) * 510).astype(int)
    inside = np.asarray(tiny.gather(tiny.arrays, rows)) == 1
    levels = np.where(inside, 510 - levels, levels)
    corners, shades = [], []
    for image in levels:
        for top, left in np.ndindex(17, 7):
            shade = image - PICTURE[top : top + 64, left : left + 64].astype(int)
            if (shade == shade[:1, :1]).all():
                corners.append((top, left))
                shades.append(shade[0, 0])
    assert len(corners) == len(rows)  # each background is one patch in one shade
    assert len(set(corners)) > 20 and len(np.unique(shades, axis=0)) == len(rows)
    assert np.min(shades) >= 0 and np.max(shades) <= 255 and np.std(shades) > 50


@pytest.mark.slow
def test_every_corner_and_level_can_be_drawn():
    data = scream_dsprites.on(dsprites.load_tiny(), PICTURE[:65, :64], "scream")
    images = np.asarray(data.gather(data.arrays, np.arange(0, 2880, 4)))[:, :2, :2]
    first = np.rint(images * 510)[:, 0, 0] - PICTURE[0, 0]
    second = np.rint(images * 510)[:, 0, 0] - PICTURE[1, 0]
    shades = np.concatenate([first, second])
    assert (shades == 0).any() and (shades == 255).any()


def test_a_picture_is_read_as_it_is(tmp_path):
    assert (scream_dsprites.read(write(tmp_path / "a.png")) == PICTURE).all()
    with_alpha = np.dstack([PICTURE, np.full((80, 70), 9, np.uint8)])
    assert (scream_dsprites.read(write(tmp_path / "b.png", with_alpha)) == PICTURE).all()
    grey = scream_dsprites.read(write(tmp_path / "c.png", PICTURE[..., 0]))
    assert (grey == PICTURE[..., :1]).all() and grey.shape == PICTURE.shape


@pytest.mark.slow
def test_a_large_picture_is_reduced_in_proportion(tmp_path):
    pixels = np.full((2500, 2000, 3), (90, 60, 30), np.uint8)
    reduced = scream_dsprites.read(write(tmp_path / "large.png", pixels))
    assert reduced.shape == (274, 219, 3) and (reduced == (90, 60, 30)).all()


def test_finds_the_picture_and_the_official_file(tmp_path, monkeypatch):
    picture = write(tmp_path / "scream.jpg")
    assert scream_dsprites.find(picture) == (picture, None)
    assert scream_dsprites.find(tmp_path) == (picture, None)
    (tmp_path / NPZ).write_bytes(b"")
    assert scream_dsprites.find(tmp_path) == (picture, tmp_path / NPZ)
    monkeypatch.setenv("DBENCH_DATA", str(picture))
    assert scream_dsprites.find(None) == (picture, None)
    assert scream_dsprites.load().name == "scream_dsprites"


def test_a_run_on_another_picture_is_another_run(tmp_path):
    write(tmp_path / "same.png", np.dstack([PICTURE, np.full((80, 70), 9, np.uint8)]))
    write(tmp_path / "turned.png", PICTURE.swapaxes(0, 1))
    paths = write(tmp_path / "a.png"), tmp_path / "same.png", tmp_path / "turned.png"
    first, same, other = map(scream_dsprites.load, paths)
    config = {"dataset": "scream_dsprites"}
    checkpoint.write_config(tmp_path / "run", config, first.sha256)
    config = files.read_json(tmp_path / "run" / "config.json")
    assert len(config["data_sha256"]) == 64
    checkpoint.same_data(tmp_path / "run", config, same)
    with pytest.raises(InputError, match="run is of other images .* than scream_dsprites has now"):
        checkpoint.same_data(tmp_path / "run", config, other)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.jpg", "--data is .*none.jpg, which does not exist: give a picture"),
        ("folder", "--data is .*folder, which has no scream.jpg: give a picture"),
        ("text.jpg", r"cannot read .*text.jpg as a picture \(cannot identify"),
        ("cut.png", "cannot read .*cut.png as a picture"),
        ("small.png", "small.png is 70 x 60 pixels .* too small for patches of 64 x 64"),
        ("flat.png", "flat.png is 350 x 2 pixels .* too small"),
        ("moving.png", "as a picture .it is an animation of 2 pictures"),
        (NPZ, "which is no picture"),
    ],
)
def test_bad_pictures(tmp_path, name, said):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "cut.png").write_bytes(write(tmp_path / "whole.png").read_bytes()[:5000])
    write(tmp_path / "small.png", PICTURE[:60])
    write(tmp_path / "flat.png", np.zeros((10, 1750, 3), np.uint8))
    (tmp_path / NPZ).write_bytes(b"")
    first, second = (Image.fromarray(p) for p in (PICTURE, PICTURE[::-1].copy()))
    first.save(tmp_path / "moving.png", save_all=True, append_images=[second])
    with pytest.raises(InputError, match=said) as caught:
        scream_dsprites.load(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_no_picture_is_said_before_any_work(own_cache, monkeypatch, tmp_path):
    with pytest.raises(InputError, match="scream_dsprites needs The Scream.*--data or in DBENCH"):
        scream_dsprites.load()
    monkeypatch.setenv("DBENCH_DATA", str(tmp_path / "none.jpg"))
    with pytest.raises(InputError, match="^DBENCH_DATA is .*none.jpg, which does not exist"):
        scream_dsprites.load()
    assert not own_cache.exists()
