"""No output costs a file: an input, one of the data, one that a study keeps, another output."""

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dbench import files, kept, study
from dbench.errors import InputError
from dbench.report import write
from dbench.study import runner
from tests.study.test_runner import SET, SETS
from tests.study.test_versions import TEXT as OWN_DATA

R, S = f"r/mine/{SET}/seed=0", f"r/mine/{SET}"
OWN = [  # of a run, of a set, of a study
    *(f"{R}/{name}" for name in sorted(kept.OF_RUN)),
    f"{S}/udr.csv",
    *(f"r/mine/{name}" for name in sorted(kept.OF_STUDY)),
]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    (folder / "mine.gin").write_text(SETS)
    assert runner.run_study(study.load(str(folder / "mine.gin"), "smoke"), folder / "r") == {}
    return folder


@pytest.fixture
def here(results, tmp_path, monkeypatch):
    """A copy of them in the current folder, with two tables and a file of codes."""
    shutil.copytree(results, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DBENCH_DATA", raising=False)
    for i, name in enumerate("ab"):
        scores = np.random.default_rng(i).random(6)
        frame = {"dataset": "d", "model": name, "seed": range(6), "metric": "mig", "score": scores}
        pd.DataFrame(frame).to_csv(f"{name}.csv", index=False)
    factors = np.indices((4, 5)).reshape(2, -1).T
    np.savez("codes.npz", mean=factors * [1.0, 0.5], factors=factors)
    return tmp_path


def contents(folder="."):
    """Every file with its bytes; None of a link to nothing."""
    paths = [os.path.join(path, name) for path, _, names in os.walk(folder) for name in names]
    return {path: Path(path).read_bytes() if os.path.exists(path) else None for path in paths}


@pytest.fixture
def costs_nothing(here, refused):
    """Runs a command that must be refused with a sentence, nothing written."""

    def run(said, *command):
        before = contents()
        assert said in refused(*command)
        assert contents() == before

    return run


KEPT = "a file that a study keeps with its results"
FORMATS = ("--csv", "--json", "--markdown", "--latex")
RUNS = (R, f"{S}/seed=1")


@pytest.mark.slow
@pytest.mark.parametrize("path", OWN)
def test_files_of_results_are_no_output(costs_nothing, path):
    """Whether they are there or not: a failed.json would give up a run."""
    for option in FORMATS:
        costs_nothing(KEPT, "compare", "a.csv", "b.csv", option, path)
    for option in ("--csv", "--markdown"):
        costs_nothing(KEPT, "claims", "--results", "r", option, path)
    costs_nothing(KEPT, "udr", *RUNS, "--output", path)
    stem = os.path.splitext(path)[0]
    costly = {os.path.basename(stem + end) for end in (".csv", ".npz", ".json")}
    if costly & (kept.OF_RUN | kept.OF_SET | kept.OF_STUDY):
        for source in (("--checkpoint", R), ("--representation", "codes.npz")):
            costs_nothing(KEPT, "evaluate", *source, "--output", f"{stem}.csv")
    if path.endswith(".csv") and "equivariance" not in path:
        costs_nothing(KEPT, "equivariance", "--checkpoint", R, "--output", f"{stem}.png")


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        f"{R}/CONFIG.JSON",
        f"{R}/../seed=0/config.json",
        f"./{R}//config.json",
        f"{S}/seed=1/../../beta=1/seed=0/config.json",
        "link/config.json",
        "config",
        "copy/config.json",
        "r/mine/tensorboard/smoke/events.out.tfevents.1",
    ],
)
def test_by_another_name(here, costs_nothing, path):
    os.symlink(R, "link")
    os.symlink(f"{R}/config.json", "config")
    shutil.copytree(R, "copy")
    costs_nothing(KEPT, "compare", "a.csv", "b.csv", "--json", path)
    costs_nothing(KEPT, "udr", *RUNS, "--output", path)


def test_links_at_the_places_of_fixed_names(here, costs_nothing):
    """A folder for pictures in which one of them is a link to a file of a run."""
    os.makedirs("out")
    os.symlink(os.path.abspath(f"{R}/config.json"), "out/traversal.gif")
    costs_nothing(KEPT, "traverse", "--checkpoint", R, "--output", "out")
    costs_nothing(KEPT, "report", "r/mine", "--output", "out")
    costs_nothing(KEPT, "evaluate", "--checkpoint", R, "--plots", "out")
    os.symlink(os.path.abspath(f"{R}/config.json"), "x.json")
    costs_nothing(KEPT, "evaluate", "--checkpoint", R, "--output", "x.csv")
    os.link("codes.npz", "y.json")
    codes = ("evaluate", "--representation", "codes.npz")
    costs_nothing("would replace codes.npz", *codes, "--output", "y.csv")
    for end in ("csv", "npz"):
        os.symlink("z.json", f"z.{end}")
    costs_nothing("two are links to one", *codes, "--output", "z.csv")


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["r/mine", R, S, f"{S}/seed=7", "r/mine/laptop", "copy"])
def test_folders_of_results_are_no_output(here, costs_nothing, folder):
    shutil.copytree(R, "copy")
    said = f"{folder} is a folder that a study keeps its results in"
    costs_nothing(said, "report", "r/mine", "--output", folder)
    costs_nothing(said, "traverse", "--checkpoint", R, "--output", folder)
    costs_nothing(said, "evaluate", "--checkpoint", R, "--plots", folder)
    with pytest.raises(InputError, match="is a folder that a study keeps"):
        write([here / "r/mine"], here / folder)


@pytest.mark.slow
def test_a_new_name_in_a_folder_of_results(here, dbench):
    """It costs nothing, and the study is as it was."""
    before = contents("r")
    metrics = ("--metrics", "mig_histogram")
    for _ in range(2):
        out = ("--output", f"{R}/again.csv")
        assert dbench("evaluate", "--checkpoint", R, *metrics, *out)[0] == 0
    assert dbench("compare", "a.csv", "b.csv", "--json", "r/mine/compared.json")[0] == 0
    after = contents("r")
    assert {path: after[path] for path in before} == before
    table = ("study", "mine.gin", "--scale", "smoke", "--results", "r")
    assert dbench(*table)[0] == 0
    assert contents("r")["r/mine/scores.csv"] == before["r/mine/scores.csv"]


@pytest.mark.slow
def test_inputs_are_no_output(here, costs_nothing):
    for option, path in (("--csv", "a.csv"), ("--json", "./b.csv"), ("--latex", "a.json")):
        costs_nothing("would replace", "compare", "a.csv", "b.csv@seed=1", option, path)
    shutil.copy("codes.npz", "other.npz")
    costs_nothing("one of the runs", "udr", "codes.npz", "other.npz", "--output", "./other.npz")
    os.symlink("codes.npz", "link.npz")
    costs_nothing("one of the runs", "udr", "codes.npz", "other.npz", "--output", "link.npz")
    codes = ("evaluate", "--representation", "codes.npz")
    costs_nothing("would replace codes.npz", *codes, "--output", "codes")
    costs_nothing("would replace codes.npz", *codes, "--output", "./x/../codes.csv")
    costs_nothing("would replace codes.npz", *codes, "--output", "link.csv")


def own_data():
    """A user's own data in a file and in a folder; scores.json beside the file tempts."""
    index = np.indices((6, 6)).reshape(2, -1).T
    images = np.zeros((36, 8, 8), np.uint8)
    images[np.arange(36), index[:, 0], index[:, 1]] = 255
    np.savez("own.npz", images=images, factors=index)
    files.write_json(Path("own.json"), {})
    os.makedirs("heads")
    for i, image in enumerate(images):
        Image.fromarray(image).save(f"heads/{i}.png")
    pd.DataFrame(index, columns=["x", "y"]).to_csv("heads/factors.csv", index=False)


@pytest.mark.slow
def test_own_data_are_no_output(here, costs_nothing):
    own_data()
    with open("mine_enc.py", "w") as file:
        file.write("def encode(x): return x[:, :2, 0, 0]\n")
    os.symlink("mine_enc.py", "enc.csv")
    encoder = ("evaluate", "--encoder", "mine_enc:encode", "--dataset")
    costs_nothing("would replace own.npz", *encoder, "own.npz", "--output", "own.csv")
    costs_nothing("would replace mine_enc.py", *encoder, "own.npz", "--output", "enc.csv")
    costs_nothing("heads/factors.csv", *encoder, "heads", "--output", "heads/factors.csv")
    costs_nothing("a folder of images of the data", *encoder, "heads", "--plots", "./heads")
    costs_nothing("one of the images", "data", "show", "heads", "--output", "heads/36.png")
    costs_nothing("file of the data", "data", "show", "xy_blobs", "--data", "heads/0.png",
                  "--output", "heads/0.png")  # fmt: skip


@pytest.mark.slow
def test_the_data_of_a_run_are_no_output(here, costs_nothing, capfd):
    own_data()
    text = OWN_DATA.replace("seeds = 1", "seeds = 2")
    for name, path in (("file", "own.npz"), ("folder", "./heads")):
        (here / f"{name}.gin").write_text(text.replace("DATA", path))
        assert runner.run_study(study.load(f"{name}.gin", "smoke"), here / "r") == {}
    capfd.readouterr()
    one, two = "r/file/smoke/own/ground_truth/seed=0", "r/folder/smoke/heads/ground_truth/seed=0"
    costs_nothing("own.npz", "evaluate", "--checkpoint", one, "--output", "own.csv")
    costs_nothing("factors.csv", "evaluate", "--checkpoint", two, "--output", "heads/factors.csv")
    costs_nothing("own.npz", "udr", one, one.replace("=0", "=1"), "--output", "own.npz")
    for command in (("traverse", "--checkpoint", two), ("report", "r/folder")):
        costs_nothing("a folder of images", *command, "--output", "heads")
    for command in (("equivariance", "--checkpoint", two), ("utilisation", two)):
        costs_nothing("one of the images", *command, "--output", "heads/a.png")


def test_files_in_the_folder_of_the_data(here, costs_nothing):
    """Given with --data or in DBENCH_DATA; a new file there is none of the data."""
    os.makedirs("official")
    np.savez("official/mpi3d_toy.npz", images=np.zeros(3))
    said, data = "would replace", ("--data", "official")
    costs_nothing(said, "udr", *RUNS, *data, "--output", "official/mpi3d_toy.npz")
    costs_nothing(said, "evaluate", "--checkpoint", R, *data, "--output", "official/mpi3d_toy.csv")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("q", "./q"),
        ("q", "x/../q"),
        ("q", "link"),
        ("q.csv", "Q.CSV"),
        ("x/q", "folder/q"),
        ("there", "hard"),
        ("new/q", "new/./q"),
        ("-", "-"),
    ],
)
def test_two_outputs_that_are_one_file(here, costs_nothing, one, two):
    os.makedirs("x")
    os.symlink("q", "link")
    os.symlink("x", "folder")
    (here / "there").write_text("")
    os.link("there", "hard")
    said = "two formats would go to the same place"
    costs_nothing(said, "compare", "a.csv", "b.csv", "--csv", one, "--json", two)
    costs_nothing(said, "claims", "--csv", one, "--markdown", two)


@pytest.mark.slow
def test_pictures_and_scores_that_are_one(here, costs_nothing):
    codes = ("evaluate", "--representation", "codes.npz", "--output", "s.csv", "--plots")
    for path in ("s.csv", "./s.npz", "S.JSON"):
        costs_nothing("is what --output would write", *codes, path)


@pytest.mark.slow
def test_no_path_is_not_the_current_folder(here, costs_nothing):
    codes = ("evaluate", "--representation", "codes.npz")
    for command in (
        ("report", "r/mine", "--output", ""),
        ("report", ""),
        ("study", "mine.gin", "--results", ""),
        ("study", "mine.gin", "--data", ""),
        ("claims", "--results", " "),
        ("traverse", "--checkpoint", R, "--output", ""),
        ("traverse", "--checkpoint", ""),
        ("equivariance", "--checkpoint", R, "--output", ""),
        ("utilisation", R, "--output", ""),
        ("utilisation", ""),
        ("udr", R, ""),
        ("udr", *RUNS, "--output", ""),
        ("evaluate", "--checkpoint", ""),
        ("evaluate", "--representation", ""),
        (*codes, "--output", ""),
        (*codes, "--plots", ""),
        ("data", "show", "xy_blobs", "--output", ""),
    ):
        costs_nothing("it is empty: name a file or a folder", *command)
    costs_nothing("is given no name", "compare", "a.csv", "")
    costs_nothing("is given no name", "compare", "a.csv", "b.csv", "--csv", "")
    costs_nothing("is given no name", "data", "show", "")
    (here / "none.gin").write_text(SETS.replace("dsprites_tiny", ""))
    costs_nothing("datasets[0] must be text", "study", "none.gin", "--scale", "smoke")


@pytest.mark.parametrize("name", ["...gin", "..gin.gin", "...", "x/...gin", ".. .gin", " .gin"])
def test_a_study_whose_folder_would_be_another(here, refused, name):
    os.makedirs("x")
    (here / name).write_text(SETS) if name != "..." else None
    before = contents()
    if name == "..gin.gin":  # a fine name
        assert runner.named(study.load(name, "smoke")) == "..gin"
        return
    refused("study", name, "--scale", "smoke", "--results", "new/r")
    assert contents() == before and not os.path.exists("new")


@pytest.mark.slow
def test_user_code_that_changes_the_folder(here, dbench, monkeypatch):
    """While it is imported and while it works; every path is from where the command began."""
    monkeypatch.syspath_prepend(here)
    monkeypatch.setenv("DBENCH_CACHE", str(here / "cache"))
    os.makedirs("away")
    (here / "mine_away.py").write_text(
        "import os\nimport numpy as np\nos.chdir('away')\n"
        "FACTORS = {'x': range(5), 'y': range(5)}\n"
        "def encode(x):\n"
        "    os.path.isdir('away') and os.chdir('away')\n"
        "    return np.stack([x[..., 0].argmax(i).max(1) for i in (1, 2)], 1)\n"
        "def draw(f):\n"
        "    os.path.isdir('away') and os.chdir('away')\n"
        "    return np.eye(8)[f['x']][:, None] * np.eye(8)[f['y']]\n"
    )
    out = ("--metrics", "mig_sup", "--output", "s.csv", "--plots", "p")
    encoder = ("--encoder", "mine_away:encode", "--dataset", "mine_away:draw")
    code, _, err = dbench("evaluate", *encoder, *out)
    sys.modules.pop("mine_away")
    assert code == 0, err
    assert os.getcwd() == str(here) and os.listdir("away") == []
    assert pd.read_csv("s.csv")["score"][0] == pytest.approx(1) and os.listdir("p")
    assert dbench("data", "show", "mine_away:draw")[0] == 0
    sys.modules.pop("mine_away")
    assert os.path.exists("mine_away_draw.png")


def test_files_that_nobody_named_are_not_replaced(here, costs_nothing):
    """Beside the .csv that is named: a .json of something else, an .npz without scores."""
    (here / "package.json").write_text('{"name": "mine"}')
    (here / "broken.json").write_text("{")
    codes = ("evaluate", "--representation", "codes.npz")
    for name in ("package", "broken"):
        costs_nothing(f"would replace {name}.json", *codes, "--output", f"{name}.csv")
    costs_nothing("replace a.csv too", "equivariance", "--checkpoint", R, "--output", "a.png")


def test_a_study_takes_no_folder_of_something_else(here, costs_nothing):
    own_data()
    os.makedirs("mine")
    shutil.copy("a.csv", "mine/scores.csv")
    again = ("--scale", "smoke", "--results", ".")
    costs_nothing("has a table that no study made there", "study", "mine.gin", *again)
    (here / "heads.gin").write_text(OWN_DATA.replace("DATA", "./heads"))
    costs_nothing("is the folder of images", "study", "heads.gin", *again)


EVALUATE = ("evaluate", "--representation", "codes.npz", "--metrics", "mig_histogram")


@pytest.mark.parametrize(
    ("name", "said"),
    [("/dev/null", "is a device: name a .csv file"), ("-", "- is none: name a file or a folder")],
)
def test_an_output_that_is_no_file(costs_nothing, name, said):
    """/dev/null is not /dev/null.csv, and a file called -.csv is not what was meant."""
    costs_nothing(said, *EVALUATE, "--output", name)
    assert not Path("/dev/null.csv").exists()


@pytest.mark.slow
def test_the_home_folder_is_known_where_the_shell_leaves_its_sign(here, dbench, monkeypatch):
    monkeypatch.setenv("HOME", str(here / "home"))
    assert dbench(*EVALUATE, "--output=~/a.csv")[0] == 0
    assert dbench("compare", "a.csv", "b.csv", "--csv=~/b.csv")[0] == 0
    assert sorted(path.name for path in (here / "home").iterdir())[:3] == [
        "a.csv",
        "a.json",
        "a.npz",
    ]
    assert (here / "home/b.csv").exists() and not (here / "~").exists()
