"""Runs of two versions of one data set never meet in one table, whoever made them."""

import importlib
import json
import os
import shutil
import sys

import h5py
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dbench import study
from dbench.data import DATASETS, cache
from dbench.data.official import mnist
from dbench.errors import InputError
from dbench.study import runner
from dbench.tables import results

pytestmark = pytest.mark.slow

TEXT = """
Study.datasets = ['DATA']
Study.sweep = {'ground_truth': {}}
Study.metrics = ['mig_histogram']
Study.seeds = 1
Study.steps = 10
Study.batch_size = 8
"""
GRID = np.indices((6, 6)).reshape(2, -1).T
SAID = "is of other images or factors than"
CHANGED = ["factors", "images", "names"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder of its own with an empty cache but for what is compiled."""
    compiled = cache.folder() / "compiled"
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "compiled").symlink_to(compiled)
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("mine_own", None)


def made(changed=""):
    """Images with a bright pixel where the factors say, their factors and names."""
    factors = GRID[np.random.default_rng(0).permutation(36)] if changed == "factors" else GRID
    images = np.zeros((36, 8, 8), np.uint8)
    images[np.arange(36), GRID[:, 0], GRID[:, 1]] = 200 if changed == "images" else 255
    return images, factors, ["x", "z" if changed == "names" else "y"]


def npz(changed=""):
    images, factors, names = made(changed)
    np.savez("mine.npz", images=images, factors=factors, factor_names=names)
    return "mine.npz"


def h5(changed=""):
    images, factors, names = made(changed)
    with h5py.File("mine.h5", "w") as file:
        file["images"], file["factors"] = images, factors
        file["factor_names"] = np.array(names, h5py.string_dtype())
    return "mine.h5"


def folder(changed=""):
    images, factors, names = made(changed)
    os.makedirs("heads", exist_ok=True)
    for i, image in enumerate(images):
        Image.fromarray(image).save(f"heads/{i}.png")
    pd.DataFrame(factors, columns=names).to_csv("heads/factors.csv", index=False)
    return "./heads"


def parquet(changed=""):
    images, factors, names = made(changed)
    os.makedirs("scratch", exist_ok=True)
    encoded = []
    for image in images:
        Image.fromarray(image).save("scratch/one.png")
        with open("scratch/one.png", "rb") as file:
            encoded.append(file.read())
    frame = pd.DataFrame(factors, columns=[f"factor_{name}" for name in names])
    frame.assign(image=encoded).to_parquet("mine.parquet")
    return "mine.parquet"


def function(changed=""):
    """Here other factors are another place for the same values, as in the arrays."""
    place = "f[X]" if changed != "factors" else "5 - f[X]"
    level, name = (0.8 if changed == "images" else 1.0), ("z" if changed == "names" else "y")
    code = f"""
import numpy as np
FACTORS = {{'x': range(6), '{name}': range(6)}}
def draw(f):
    image = np.zeros((8, 8))
    image[{place.replace("X", "'x'")}, f['{name}']] = {level}
    return image
"""
    with open("mine_own.py", "w") as file:
        file.write(code)
    shutil.rmtree("__pycache__", ignore_errors=True)
    sys.modules.pop("mine_own", None)
    importlib.invalidate_caches()
    return "mine_own:draw"


def load(name, text=TEXT, scale="smoke", path="mine.gin"):
    with open(path, "w") as file:
        file.write(text.replace("DATA", name))
    return study.load(path, scale)


def run(here, *given, **settings):
    return runner.run_study(load(*given, **settings), here / "r")


def refused(here, *given, said=SAID, **settings):
    """The study is refused, and the folder is as it was."""
    before = {p: p.read_bytes() for p in (here / "r").rglob("*") if p.is_file()}
    with pytest.raises(InputError, match=said) as caught:
        run(here, *given, **settings)
    assert {p: p.read_bytes() for p in (here / "r").rglob("*") if p.is_file()} == before
    return str(caught.value)


@pytest.mark.parametrize("changed", CHANGED)
@pytest.mark.parametrize("write", [npz, h5, folder, parquet, function])
def test_other_data_are_refused(tmp_path, write, changed):
    """Of a finished study too; the same data again are no other ones."""
    name = write()
    assert run(tmp_path, name) == {}
    write()
    assert run(tmp_path, name) == {}
    write(changed)
    refused(tmp_path, name)
    refused(tmp_path, name, TEXT.replace("seeds = 1", "seeds = 2"))
    write()
    assert run(tmp_path, name, TEXT.replace("seeds = 1", "seeds = 2")) == {}


MORE = [  # what the study gets in another line: more seeds, strengths, models, a view, a joint
    ("seeds = 1", "seeds = 2"),
    ("{'ground_truth': {}}", "{'ground_truth': {}, 'pca': {}}"),
    ("{'ground_truth': {}}", "{'pca': {}}"),
    (
        "['DATA']",
        "['DATA', 'few']\nStudy.views = {'few': {'of': 'DATA', 'without': [{'x': 0}]}}",
    ),
    ("['DATA']", "['few']\nStudy.views = {'few': {'of': 'DATA', 'joint': {'x,y': 0.5}}}"),
    ("'mig_histogram'", "'mig_histogram', 'sap'"),
]


@pytest.mark.parametrize(("old", "new"), MORE)
def test_whatever_the_study_gets_more_of(tmp_path, old, new):
    assert run(tmp_path, npz()) == {}
    npz("factors")
    refused(tmp_path, "mine.npz", TEXT.replace(old, new))


@pytest.mark.parametrize("view", ["'without': [{'x': 0}]", "'joint': {'x,y': 0.5}"])
def test_views_of_other_data(tmp_path, view):
    text = TEXT.replace("['DATA']", f"['few']\nStudy.views = {{'few': {{'of': 'DATA', {view}}}}}")
    assert run(tmp_path, npz(), text) == {}
    npz("images")
    refused(tmp_path, "mine.npz", text)
    refused(tmp_path, "mine.npz", TEXT)  # the whole data set beside its view


def test_another_scale(tmp_path):
    assert run(tmp_path, npz()) == {}
    npz("factors")
    refused(tmp_path, "mine.npz", scale="laptop")


def test_two_studies_of_one_name(tmp_path):
    """Their folder is the same: the table of the second would have runs of the first's data."""
    os.makedirs("other")
    assert run(tmp_path, npz()) == {}
    npz("factors")
    other = TEXT.replace("{'ground_truth': {}}", "{'pca': {}}")
    refused(tmp_path, "mine.npz", other, path="other/mine.gin")


def test_two_files_of_one_name(tmp_path):
    """The table calls both of them mine."""
    os.makedirs("a")
    assert run(tmp_path, npz()) == {}
    shutil.copy("mine.npz", "a/mine.npz")
    assert run(tmp_path, "a/mine.npz", scale="laptop") == {}  # the same in another place
    npz("images")
    shutil.move("mine.npz", "a/mine.npz")
    refused(tmp_path, "a/mine.npz", scale="laptop")
    refused(tmp_path, "a/mine.npz", scale="paper")


def test_a_finished_table_is_printed_though_the_data_are_gone(tmp_path, dbench):
    assert run(tmp_path, npz()) == {}
    os.remove("mine.npz")
    command = ("study", "mine.gin", "--scale", "smoke", "--results", "r")
    code, out, err = dbench(*command)
    assert code == 0 and "mine ground_truth" in out
    assert "warning: it is not checked that the data of mine are as they were: there is no" in err
    refused(tmp_path, "mine.npz", TEXT.replace("seeds = 1", "seeds = 2"), said="there is no file")


def test_runs_of_two_versions_that_are_there_already(tmp_path):
    """An earlier dbench made them; the data of one of them, or of none, are there."""
    assert run(tmp_path, npz(), TEXT.replace("seeds = 1", "seeds = 2")) == {}
    config = tmp_path / "r/mine/smoke/mine/ground_truth/seed=0/config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"data_sha256": "0" * 64}))
    refused(tmp_path, "mine.npz", TEXT)
    os.remove("mine.npz")
    said = refused(tmp_path, "mine.npz", TEXT, said="are of two versions of the data set mine")
    assert "seed=0 and " in said and "delete the runs of one of them" in said


def test_data_sets_that_are_read_from_files_of_the_users(tmp_path, monkeypatch):
    """Of mnist without a file there are 5,000 digits, with one 70,000."""
    monkeypatch.delenv("DBENCH_DATA", raising=False)
    few, changed = mnist.load(None), mnist.load(None)
    changed = changed._replace(factors=9 - changed.factors)
    monkeypatch.setitem(DATASETS, "mnist", lambda source: changed if source else few)
    text = TEXT.replace("ground_truth", "pca")
    assert run(tmp_path, "mnist", text) == {}
    config = json.loads((tmp_path / "r/mine/smoke/mnist/pca/seed=0/config.json").read_text())
    assert len(config["data_sha256"]) == 64
    study = load("mnist", text.replace("seeds = 1", "seeds = 2"))
    with pytest.raises(InputError, match="seed=0 is of other images or factors than mnist has"):
        runner.run_study(study, tmp_path / "r", tmp_path)
    assert runner.run_study(study, tmp_path / "r") == {}


def test_evaluate_and_udr_of_other_data(tmp_path, refused, capfd):
    assert run(tmp_path, npz(), TEXT.replace("seeds = 1", "seeds = 2")) == {}
    runs = [tmp_path / f"r/mine/smoke/mine/ground_truth/seed={seed}" for seed in (0, 1)]
    capfd.readouterr()
    for changed in CHANGED:
        npz(changed)
        assert SAID in refused("evaluate", "--checkpoint", runs[0])
        assert SAID in refused("udr", *runs)


def test_tables_of_two_versions_are_not_compared(tmp_path, refused, dbench, capfd):
    assert run(tmp_path, npz(), TEXT.replace("seeds = 1", "seeds = 3")) == {}
    shutil.move("r", "old")
    npz("factors")
    assert run(tmp_path, "mine.npz", TEXT.replace("seeds = 1", "seeds = 3")) == {}
    capfd.readouterr()
    said = "data set mine has other images or factors in old/mine than in r/mine"
    assert said in refused("compare", "old/mine", "r/mine")
    assert dbench("compare", "old/mine", "r/mine", "--anyway")[0] == 0
    assert len(results.load("r/mine")) == 3
