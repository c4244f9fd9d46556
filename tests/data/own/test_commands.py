"""A user's own data through the commands: studies, checkpoints, encoders, pictures."""

import json
import os
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from dbench import study
from dbench.errors import InputError
from dbench.study import runner
from tests.study.test_runner import TEXT

OWN = TEXT.replace("'dsprites_tiny'", "'squares.npz'").replace("[1, 8]", "[1]")


def write(path, sizes=(6, 6, 3), side=16, keep=slice(None), factors=True):
    """Squares by place and size; rows of `keep` only."""
    index = np.indices(sizes).reshape(3, -1).T[keep]
    images = np.zeros((len(index), side, side), bool)
    for image, (x, y, size) in zip(images, index, strict=True):
        image[y : y + 4 + 2 * size, x : x + 4 + 2 * size] = True
    arrays = {"factors": index, "factor_names": ["x", "y", "size"]} if factors else {}
    np.savez(path, images=images, **arrays)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with an incomplete grid, on which a study of two seeds has been run."""
    folder = tmp_path_factory.mktemp("own")
    kept = np.random.default_rng(0).choice(108, 90, replace=False)
    write(folder / "squares.npz", keep=kept)
    (folder / "mine.gin").write_text(OWN.replace("seeds = 1", "seeds = 2"))
    before = os.getcwd()
    os.chdir(folder)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DBENCH_CACHE", str(folder / "cache"))
            runner.run_study(study.load("mine.gin", "smoke"), folder)
    finally:
        os.chdir(before)
    return folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "cache"


RUN = "mine/smoke/squares/beta_vae/beta=1/seed={}"


@pytest.mark.slow
def test_a_study_of_a_file(home):
    frame = pd.read_csv(home / "mine" / "scores.csv")
    assert set(frame["dataset"]) == {"squares"} and len(frame) == 2
    config = json.loads((home / RUN.format(0) / "config.json").read_text())
    assert config["dataset"] == str((home / "squares.npz").resolve())


@pytest.mark.slow
def test_its_checkpoints_from_another_folder(home, dbench):
    run = home / RUN.format(1)
    code, _, err = dbench(
        "evaluate", "--checkpoint", run, "--metrics", "mig_histogram", "--output", "a.csv"
    )
    assert code == 0, err
    assert "warning: the grid of squares is incomplete (90 of 108 combinations)" in err
    expected = pd.read_csv(home / "mine" / "scores.csv")["score"][1]
    assert pd.read_csv("a.csv")["score"][0] == expected
    code, out, err = dbench("udr", home / RUN.format(0), run, "--method", "spearman")
    assert code == 0 and "seed=1" in out, err


@pytest.mark.slow
def test_a_file_that_moved(home, dbench, refused, tmp_path):
    (home / "squares.npz").rename(tmp_path / "squares.npz")
    command = ("evaluate", "--checkpoint", home / RUN.format(0), "--metrics", "mig_histogram")
    try:
        assert "squares.npz: give its new place with --data" in refused(*command)
        assert dbench(*command, "--data", tmp_path)[0] == 0
    finally:
        (tmp_path / "squares.npz").rename(home / "squares.npz")


@pytest.mark.slow
def test_data_that_changed_are_not_mixed(home, refused, tmp_path, monkeypatch):
    """Factors count too: they may be in a table beside the images."""
    shutil.copytree(home, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("config.json"):
        path.write_text(path.read_text().replace(str(home), str(tmp_path / "copy")))
    with np.load("squares.npz") as old:
        np.savez("squares.npz", **dict(old) | {"factors": old["factors"][::-1]})
    run = RUN.format(0)
    said = "seed=0 is of other images or factors than squares has now (/"
    assert said in refused("evaluate", "--checkpoint", run, "--metrics", "mig_sup")
    assert said in refused("udr", run, RUN.format(1))
    (tmp_path / "copy" / "mine.gin").write_text(OWN.replace("metrics = [", "metrics = ['mig', "))
    assert said in refused("study", "mine.gin", "--scale", "smoke", "--results", ".")


def test_an_encoder_over_a_function(dbench, tmp_path, monkeypatch):
    (tmp_path / "mine_own.py").write_text(
        "import numpy as np\n"
        "FACTORS = {'x': range(6), 'y': range(6)}\n"
        "def draw(f): return np.eye(8)[f['x']][:, None] * np.eye(8)[f['y']]\n"
        "def encode(x): return np.stack([x[..., 0].argmax(i).max(1) for i in (1, 2)], 1)\n"
    )
    command = ("--encoder", "mine_own:encode", "--dataset", "mine_own:draw", "--metrics", "mig_sup")
    code, out, err = dbench("evaluate", *command)
    sys.modules.pop("mine_own")
    assert code == 0 and "mig_sup  1.0000" in out and "incomplete" not in err, err


@pytest.mark.slow
def test_a_continuous_factor(dbench, refused, tmp_path):
    """Its values all differ, as places that are drawn at random do."""
    (tmp_path / "centre.py").write_text(
        "import numpy as np\n"
        "def encode(x): return x[:, 0, :, 0].argmax(1)[:, None] % np.array([512.0, 3.0])\n"
    )
    places = np.random.default_rng(0).permutation(500)[:200]
    images = np.zeros((200, 8, 512), bool)
    images[np.arange(200), :, places] = True
    given = {"images": images, "factors": np.stack([places / 7, places % 3], axis=1)}
    np.savez("labels.npz", **given, factor_names=["x", "y"])
    np.savez("numbers.npz", **given, factor_names=["continuous_x", "y"])
    command = ("evaluate", "--encoder", "centre:encode", "--metrics", "mig_sup,sap_continuous")
    said = "'x' has 200 different values in 200 rows, so it numbers the rows: remove it, or declare"
    assert said in refused(*command, "--dataset", "labels.npz")
    code, out, err = dbench(*command, "--dataset", "numbers.npz", "--output", "a.csv")
    assert code == 0, err
    assert "continuous factors are taken by 20 equal-width bins: x (mig_sup" in err
    scores = pd.read_csv("a.csv").set_index("metric")["score"]
    assert scores["sap_continuous"] > 0.95
    assert json.loads((tmp_path / "a.json").read_text())["continuous"] == ["x"]


def test_a_picture_is_never_written_among_the_images(refused, dbench, tmp_path):
    from PIL import Image

    (tmp_path / "heads").mkdir()
    for i in range(3):
        Image.new("L", (8, 8), 80 * i).save(tmp_path / "heads" / f"{i}.png")
    assert "would be one of the images" in refused(
        "data", "show", "heads", "--output", "heads/a.png"
    )
    code, out, err = dbench("data", "show", "heads/")
    assert (code, out) == (0, "wrote heads.png\n")
    assert "warning: heads has no factors" in err
    os.chdir("heads")
    assert "would be one of the images" in refused("data", "show", ".")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("squares.npz", "circles.npz", "there is no file or folder .*circles.npz"),
        ("squares.npz", "blank.npz", "the data set blank: mig_histogram needs the factors"),
        ("squares.npz", "ids.npz", "the data set ids: factor 'x' has 90 different values in 90"),
        (
            "'small'",
            "'conv'",
            "takes images of 64 x 64, not 16 x 16: try 'compact', 'fc', 'mlp', 'shallow'",
        ),
        ("'squares.npz'", "'squares.npz', 'a/squares.npz'", "would both be called 'squares'"),
        ("'squares.npz'", "'squares.npz', './squares.npz'", "in a list twice"),
        ("squares.npz", "squares", "unknown data set 'squares'"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_written(refused, tmp_path, old, new, said):
    write(tmp_path / "squares.npz")
    write(tmp_path / "blank.npz", factors=False)
    write(tmp_path / "ids.npz", sizes=(90, 1, 1), side=100)
    (tmp_path / "mine.gin").write_text(OWN.replace(old, new))
    sentence = refused("study", "mine.gin", "--scale", "smoke", "--results", tmp_path / "r")
    with pytest.raises(InputError, match=said):
        raise InputError(sentence)
    assert not (tmp_path / "r").exists()
