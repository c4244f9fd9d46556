"""Code runs only if the user names it: never because a file of a run or of a study says so."""

import json
import sys

import numpy as np
import pytest

from dbench import study
from dbench.study import runner
from dbench.training import checkpoint
from tests.own_code import forget

EVIL = "open('ran', 'w').close()\nFACTORS = {'x': [0, 1]}\ndef draw(f): return [[f['x']]]\n"
CONFIG = {
    **{"version": 1, "dataset": "evil:draw", "model": "beta_vae", "options": {}},
    **{"seed": 0, "steps": 10, "batch_size": 8},
}
MINE = """
import numpy as np
FACTORS = {"x": range(8), "y": range(8)}
def draw(f):
    image = np.zeros((8, 8))
    image[f["x"], f["y"]] = 1
    return image
"""
STUDY = """
Study.datasets = ['DATA']
Study.sweep = {'beta_vae': {}}
Study.options = {'net': 'mlp', 'latents': 2}
Study.metrics = ['mig_histogram']
Study.seeds = 2
Study.steps = 4
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A current folder with the results of somebody else's study, and code beside them."""
    (tmp_path / "evil.py").write_text(EVIL)
    for seed in (0, 1):
        run = tmp_path / "theirs" / "smoke" / "evil_draw" / "beta_vae" / f"seed={seed}"
        run.mkdir(parents=True)
        (run / "config.json").write_text(json.dumps(CONFIG | {"seed": seed}))
        checkpoint.write_parameters(run, {"kernel": np.zeros(3)})
    names = "study,scale,dataset,model,hyperparameter,value,seed,steps,metric,score,stderr,run\n"
    rows = [
        f"theirs,smoke,evil:draw,beta_vae,,,{s},10,mig,.5,0,smoke/evil_draw/beta_vae/seed={s}\n"
        for s in (0, 1)
    ]
    (tmp_path / "theirs" / "scores.csv").write_text(names + "".join(rows))
    settings = {"datasets": ["evil:draw"], "metrics": ["evil:draw"], "sweep": {"evil:draw": {}}}
    told = {"smoke": {"settings": settings, "versions": {}}}
    (tmp_path / "theirs" / "study.json").write_text(json.dumps(told))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("evil", None)
    sys.modules.pop("fair", None)
    forget()


ONE = "theirs/smoke/evil_draw/beta_vae/seed=0"


@pytest.mark.parametrize(
    "command",
    [
        ["evaluate", "--checkpoint", ONE],
        ["evaluate", "--checkpoint", ONE, "--data", "."],
        ["evaluate", "--checkpoint", ONE, "--metrics", "reconstruction"],
        ["traverse", "--checkpoint", ONE],
        ["equivariance", "--checkpoint", ONE],
        ["udr", ONE, ONE.replace("=0", "=1")],
    ],
)
def test_a_checkpoint_runs_no_code(folder, refused, command):
    assert "none is called because a file names it" in refused(*command)
    assert not (folder / "ran").exists() and "evil" not in sys.modules


@pytest.mark.slow
def test_tables_and_reports_run_no_code(folder, dbench):
    code, _, err = dbench("report", "theirs")
    assert code == 0 and "none is called because a file names it" in err
    assert dbench("compare", "theirs", "theirs@seed=0")[0] in (0, 2)
    assert dbench("claims", "--results", ".")[0] == 0
    assert not (folder / "ran").exists() and "evil" not in sys.modules


def test_utilisation_runs_no_code(folder, refused):
    path = folder / ONE / "config.json"
    path.write_text(json.dumps(CONFIG | {"model": "capacity_generator"}))
    assert "none is called because a file names it" in refused("utilisation", ONE)
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("name", ["dataset", "model", "options", "net"])
def test_names_of_code_elsewhere_in_a_config(folder, refused, name):
    own = {"net": "evil:draw"} if name in ("options", "net") else "evil:draw"
    config = CONFIG | {"options" if name == "net" else name: own}
    (folder / ONE / "config.json").write_text(json.dumps(config))
    refused("evaluate", "--checkpoint", ONE)
    assert not (folder / "ran").exists() and "evil" not in sys.modules


def test_claims_draw_no_data_by_a_function(folder, refused):
    (folder / "studies").mkdir()
    text = STUDY.replace("DATA", "evil:draw")
    (folder / "studies" / "higgins2017.gin").write_text(text)
    said = refused("claims", "higgins2017", "--run")
    assert "higgins2017.gin draws its data by the function evil:draw" in said
    assert not (folder / "ran").exists() and "evil" not in sys.modules


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("Study.metrics = ['evil:draw']", "metrics"),
        ("Study.sweep = {'evil:draw': {}}", "sweep"),
        ("Study.during = {'evil:draw': [4]}", "during"),
    ],
)
def test_metrics_and_models_of_a_study_that_nobody_named(
    folder, refused, line, where, tmp_path_factory, monkeypatch
):
    """Nor where the user has named a study of the same name in another folder."""
    (folder / "studies").mkdir()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "studies").mkdir()
    (elsewhere / "studies" / "higgins2017.gin").write_text(STUDY.replace("DATA", "xy_blobs"))
    monkeypatch.chdir(elsewhere)
    study.load("higgins2017", "laptop")
    monkeypatch.chdir(folder)
    lines = [x for x in STUDY.replace("DATA", "xy_blobs").splitlines() if where not in x]
    (folder / "studies" / "higgins2017.gin").write_text("\n".join([*lines, line, ""]))
    for command in (["claims", "higgins2017", "--run"], ["reference", "--scale", "laptop"]):
        assert "higgins2017.gin names evil:draw, code that this command" in refused(*command)
    assert not (folder / "ran").exists() and "evil" not in sys.modules


@pytest.mark.parametrize("command", ["evaluate", "traverse", "equivariance"])
def test_another_model_than_that_of_a_file(folder, refused, command):
    """What the user names is called; what the file names beside it is not."""
    (folder / "fair.py").write_text("def model(shape, *, weight=1.0): raise ValueError('mine')")
    config = CONFIG | {"dataset": "xy_blobs", "model": "evil:draw"}
    (folder / ONE / "config.json").write_text(json.dumps(config))
    said = refused(command, "--checkpoint", ONE, "--model", "fair:model")
    assert "the model 'evil:draw' is a function, and none is called because a file names" in said
    assert not (folder / "ran").exists() and "evil" not in sys.modules
    assert "--model is 'fair'" in refused(command, "--checkpoint", ONE, "--model", "fair")


@pytest.mark.slow
def test_a_function_that_the_user_names(tmp_path, monkeypatch, dbench):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "mine_named.py").write_text(MINE)
    (tmp_path / "mine.gin").write_text(STUDY.replace("DATA", "mine_named:draw"))
    assert not runner.run_study(study.load("mine.gin", "smoke"), tmp_path)
    run = tmp_path / "mine" / "smoke" / "mine_named_draw" / "beta_vae" / "seed=0"
    command = ("evaluate", "--checkpoint", run, "--metrics", "mig_histogram")
    code, out, err = dbench(*command, "--data", "mine_named:draw", "--output", "again.csv")
    assert code == 0, err
    assert (tmp_path / "again.csv").read_text() == (run / "scores.csv").read_text()
    sys.modules.pop("mine_named", None)
