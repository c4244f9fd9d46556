"""What README.md and docs/metrics.md say of the scores is there, and the examples run."""

import re
import shlex
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from dbench import data
from dbench.cli import commands as cli
from dbench.data import DATASETS, cache
from dbench.data.official import OFFICIAL
from dbench.metrics import GROUPS, METRICS
from dbench.metrics.udr import SET_METRICS
from dbench.models import MODELS
from dbench.scoring.reconstruction import MODEL_METRICS
from dbench.study import studies

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_numpy_example_runs_and_its_file_is_scored(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    scope = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for example in EXAMPLES:
            if "mig_histogram(" in example or '"codes.npz"' in example:
                exec(compile(example, "README.md", "exec"), scope)  # our own file
    assert 0 < float(scope["score"]) < 1
    assert capsys.readouterr().out.count("\n") == 2
    with np.load("codes.npz") as archive:
        assert set(archive.files) == {"mean", "logvar", "factors", "factor_names"}


def test_the_pytorch_example_is_a_function_of_images():
    (example,) = [e for e in EXAMPLES if "import torch" in e]
    compile(example, "README.md", "exec")
    assert "def encode(images)" in example and "--encoder mymodel:encode" in README


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Runs a command in an empty folder; returns what it prints."""
    monkeypatch.chdir(tmp_path)
    compiled = cache.folder() / "compiled"
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "compiled").symlink_to(compiled)  # what is compiled is not drawn
    monkeypatch.setenv("DBENCH_CACHE", str(tmp_path / "cache"))

    def run(command):
        monkeypatch.setattr(sys, "argv", shlex.split(command, comments=True))
        try:
            cli.main()
        except SystemExit as end:
            assert not end.code, capfd.readouterr().err
        return capfd.readouterr().out

    return run


@pytest.mark.slow
def test_the_example_of_own_data_runs(run, tmp_path):
    (example,) = [e for e in EXAMPLES if '"squares.npz"' in e]
    (study,) = re.findall(r"```\n(# squares.gin.*?)```", README, re.DOTALL)
    (commands,) = re.findall(r"```\n(dbench data show squares.npz.*?)```", README, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})  # our own file
    (tmp_path / "squares.gin").write_text(study)
    show, work = commands.strip().splitlines()
    assert run(show) == "wrote squares.png\n"
    table = run(work)
    assert re.search(r"^smoke squares beta_vae beta=4 +2 +0\.\d+ ± .* 0\.\d+", table, re.MULTILINE)
    assert Path(work.split("# ")[1].removesuffix(", ...")).is_dir()


def test_the_example_of_a_function_draws(run, tmp_path, monkeypatch):
    (example,) = [e for e in EXAMPLES if "def draw(" in e]
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "mymodule.py").write_text(example)
    dataset = data.load("mymodule:draw")
    sys.modules.pop("mymodule")
    assert dataset.sizes == (3, 24, 24) and dataset.shape == (32, 32, 1)
    assert (
        np.asarray(dataset.arrays).sum((1, 2, 3))
        == 255 * dataset.values[0][dataset.factors[:, 0]] ** 2
    ).all()


@pytest.mark.parametrize("page", ["README.md", "docs/metrics.md"])
def test_every_score_a_page_names_is_there(page):
    table = "\n".join(
        line for line in (ROOT / page).read_text().splitlines() if line.startswith("| `")
    )
    known = {*METRICS, *SET_METRICS, *MODEL_METRICS, *GROUPS, *MODELS, *DATASETS, *studies()}
    for cell in re.findall(r"^\| ((?:`[a-z0-9_]+`(?:, )?)+)", table, re.MULTILINE):
        for name in re.findall(r"`([a-z0-9_]+)`", cell):
            assert name in known, f"{page} names {name}"


def test_the_page_of_metrics_has_every_score():
    page = (ROOT / "docs" / "metrics.md").read_text()
    every = [*METRICS, *SET_METRICS, *MODEL_METRICS]
    assert not [name for name in every if f"`{name}`" not in page]


def test_the_readme_has_every_model_data_set_and_study():
    rows = "\n".join(line for line in README.splitlines() if line.startswith("| `"))
    assert not [name for name in (*MODELS, *DATASETS, *studies()) if f"`{name}`" not in rows]


def test_the_readme_says_where_every_official_file_is_from():
    urls = {name: official.url for name, official in OFFICIAL.items() if "mpi3d" not in name}
    urls["mpi3d_toy"] = OFFICIAL["mpi3d_toy"].url  # the other two are beside it
    for name, url in urls.items():
        assert re.search(rf"^\| `{name}`.*\| {re.escape(url)}", README, re.MULTILINE), name
    assert all(f"mpi3d_{kind}.npz" in README for kind in ("toy", "realistic", "real"))
