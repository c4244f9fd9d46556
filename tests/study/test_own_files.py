"""A run's files that were edited, cut off or replaced: one sentence each, before any work."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from dbench import study
from dbench.study import runner

pytestmark = pytest.mark.slow

STUDY = """
Study.datasets = ['dsprites_tiny']
Study.sweep = {'beta_vae': {'beta': [1]}}
Study.options = {'net': 'compact', 'latents': 3}
Study.metrics = ['mig_histogram', 'udr_spearman']
Study.seeds = 2
Study.steps = 20
Study.chunk = 10
"""
RUN = "mine/smoke/dsprites_tiny/beta_vae/beta=1/seed=0"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    (folder / "mine.gin").write_text(STUDY)
    assert not runner.run_study(study.load(str(folder / "mine.gin"), "smoke"), folder)
    return folder


@pytest.fixture
def home(made, tmp_path, monkeypatch):
    shutil.copytree(made, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    return tmp_path / "home"


def files_of(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != ".lock"}


def more(old="'mig_histogram'", new="'mig_histogram', 'sap_continuous'"):
    """The study with something still to do."""
    path = Path("mine.gin")
    path.write_text(path.read_text().replace(old, new))


DEEP = "[" * 100_000 + "]" * 100_000
UNKNOWN = '{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}'
BIG = "1" + "0" * 30


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (f"{RUN}/failed.json", "{}", "failed.json lacks reason; it was cut off or edited"),
        (f"{RUN}/failed.json", '{"reason": 3}', "failed.json: reason must be text, not 3"),
        (f"{RUN}/failed.json", '{"reason": null}', "failed.json: reason must be text, not None"),
        (f"{RUN}/failed.json", "[]", "failed.json holds no JSON object"),
        (f"{RUN}/failed.json", DEEP, "failed.json is nested too deep"),
        (f"{RUN}/failed.json", b"\xff\xfe", "failed.json is not valid JSON"),
        ("mine/study.json", '{"smoke": 3}', "study.json: smoke must be a dict, not 3"),
        ("mine/study.json", '{"smoke": {"seconds": "3"}}', "smoke['seconds'] must be seconds"),
        ("mine/study.json", '{"smoke": {"seconds": {"all": NaN}}}', "seconds"),
        ("mine/study.json", '{"laptop": {"settings": []}}', "laptop['settings'] must be a dict"),
        ("mine/study.json", '{"smoke": {"a": ' + "[" * 99 + "]" * 99 + "}}", "nested too deep"),
        (f"{RUN}/config.json", DEEP, "config.json is nested too deep"),
        (f"{RUN}/config.json", "{}", "checkpoint version None"),
        (f"{RUN}/scores.csv", b"metric,score\n\xff,1\n", "scores.csv"),
        (f"{RUN}/scores.csv", "a,b\n1,2\n", "scores.csv lacks the columns metric"),
        (f"{RUN}/scores.csv", "metric,score,stderr\nmig,high,0\n", "cannot read"),
        (f"{RUN}/log.csv", b"\x00\xff\xfe", "log.csv"),
        (f"{RUN}/log.csv", "a,b\n1,2\n", "log.csv"),
        (f"{RUN}/log.csv", "step,kl\nten,2\n", "log.csv"),
        (f"{RUN}/log.csv", f"step,kl\n{BIG},2\n", "log.csv"),
        (f"{RUN}/log.csv", "", "log.csv"),
        (f"{RUN}/scores.json", '{"scores": []}', "scores.json: scores must be a dict, not []"),
        (f"{RUN}/scores.npz", b"PK no zip", "scores.npz is damaged"),
        (f"{RUN}/../udr.csv", "run,codes\n", "udr.csv lacks the columns metric"),
        (f"{RUN}/../udr.csv", b"\xff", "udr.csv"),
    ],
)
def test_a_study_says_it_before_the_work(home, refused, name, content, said):
    more()
    (home / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    before = files_of(home)
    sentence = refused("study", "mine.gin", "--scale", "smoke", "--results", ".")
    assert said in sentence and len(sentence) < 600
    assert files_of(home) == before


def test_a_table_of_a_study_that_is_no_text_is_written_anew(home, dbench):
    table = (home / "mine" / "scores.csv").read_bytes()
    (home / "mine" / "scores.csv").write_bytes(b"\xff\xfe")
    code, _, err = dbench("study", "mine.gin", "--scale", "smoke", "--results", ".")
    assert code == 0 and (home / "mine" / "scores.csv").read_bytes() == table, err


def test_a_log_goes_on_as_it_was_written(home, dbench):
    """Read by the same rules as elsewhere, and written as before."""
    log = (home / RUN / "log.csv").read_text()
    for path in (home / RUN).iterdir():
        if path.name not in ("config.json", "log.csv", "training.safetensors"):
            path.unlink()
    code, _, err = dbench("study", "mine.gin", "--scale", "smoke", "--results", ".")
    assert code == 0 and (home / RUN / "log.csv").read_text() == log, err


CHANGES = [
    ({"seed": -1}, "seed must be a whole number from 0 to 2,147,483,647, not -1"),
    ({"seed": 10**30}, "seed must be a whole number from 0"),
    ({"seed": True}, "seed must be a whole number"),
    ({"seed": 1.0}, "seed must be a whole number"),
    ({"steps": -5}, "steps must be a whole number from 1 to 100,000,000, not -5"),
    ({"steps": 10**30}, "steps must be a whole number"),
    ({"batch_size": 0}, "batch_size must be a whole number from 1"),
    ({"batch_size": 10**12}, "batch_size must be a whole number from 1"),
    ({"dataset": 3}, "dataset must be text"),
    ({"dataset": ["dsprites"]}, "dataset must be text"),
    ({"dataset": "a\0b"}, "dataset must be text"),
    ({"dataset": "a" * 300}, "dataset must be text"),
    ({"dataset": "\ud800.npz"}, "dataset must be text"),
    ({"dataset": ""}, "dataset must be text"),
    ({"model": {}}, "model must be text"),
    ({"options": []}, "options must be a dict"),
    ({"options": {"latents": [3]}}, "options['latents'] must be a number or text, not [3]"),
    ({"options": {"latents": 10**30}}, "'latents' of 'beta_vae' must be at most 100,000"),
    ({"options": {"latents": -3}}, "'latents' of 'beta_vae' must be at least 1"),
    ({"options": {"latents": 3.0}}, "'latents' of 'beta_vae' must be int, not 3.0"),
    ({"options": {"beta": float("nan")}}, "'beta' of 'beta_vae' must be finite, not nan"),
    ({"options": {"beta": 10**400}}, "'beta' of 'beta_vae' must be at most"),
    ({"options": {"net": "x\0y"}}, "options['net'] must be a number or text"),
    ({"value": float("inf")}, "value must be a number or null, not inf"),
    ({"value": 7.0}, "'beta' is 7.0 and, in options, 1"),
    ({"data_sha256": 5}, "data_sha256 must be text"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
@pytest.mark.parametrize("command", ["evaluate", "traverse"])
def test_a_config_of_odd_values(home, refused, command, change, said):
    path = home / RUN / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    sentence = refused(command, "--checkpoint", RUN)
    assert f"config.json: {said}" in sentence.replace("option ", "") and len(sentence) < 600


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_parameters_that_are_no_numbers(home, refused, value):
    path = home / RUN / "parameters.safetensors"
    arrays = load_file(path)
    name = max(arrays)
    save_file(arrays | {name: np.full_like(arrays[name], value)}, path)
    for command in (
        ["traverse", "--checkpoint", RUN],
        ["evaluate", "--checkpoint", RUN],
        ["equivariance", "--checkpoint", RUN],
        ["udr", RUN, RUN.replace("=0", "=1")],
    ):
        assert "parameters that are NaN or infinite" in refused(*command)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 20,
        b"\x40" + b"\0" * 7 + f"{UNKNOWN:64}".encode() + b"\0",
    ],
)
def test_parameters_that_are_no_safetensors(home, refused, content):
    (home / RUN / "parameters.safetensors").write_bytes(content)
    sentence = refused("traverse", "--checkpoint", RUN)
    assert "parameters.safetensors" in sentence


def test_what_is_kept_with_scores_is_of_another_run(home, dbench):
    path = home / RUN / "scores.npz"
    with np.load(path) as old:
        np.savez(path, **dict(old) | {"mig/information": np.zeros((7, 9))})
    code, _, err = dbench("traverse", "--checkpoint", RUN)
    assert code == 2 and "scores.npz has no mig of 3 codes: it is of another run" in err


def test_a_table_whose_runs_lie_elsewhere(home, refused):
    path = home / "mine" / "scores.csv"
    path.write_text(path.read_text().replace("smoke/dsprites", "../../smoke/dsprites"))
    assert "is no folder below this one" in refused("report", "mine")


@pytest.mark.parametrize("name", ["config.json", "failed.json", "parameters.safetensors"])
def test_a_pipe_in_place_of_a_file(home, refused, name):
    (home / RUN / name).unlink(missing_ok=True)
    os.mkfifo(home / RUN / name)
    if name == "failed.json":
        more()
        command = ["study", "mine.gin", "--scale", "smoke", "--results", "."]
    else:
        command = ["evaluate", "--checkpoint", RUN]
    assert f"{name} is no file" in refused(*command)


def test_a_report_of_odd_files_says_what_it_lacks(home, dbench):
    (home / "mine" / "study.json").write_text('{"smoke": {"settings": 3}}')
    (home / RUN / "log.csv").write_bytes(b"\xff\xfe")
    (home / RUN / "failed.json").write_text("{}")
    code, _, err = dbench("report", "mine")
    assert code == 0 and "smoke['settings'] must be a dict" in err and "log.csv" in err
    page = (home / "mine" / "report" / "report.html").read_text()
    assert "failed.json lacks reason" in page
