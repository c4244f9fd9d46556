"""`dbench evaluate` of models of one's own: rows, codes that are kept, and what is said before."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dbench import study, tables
from dbench.cli import process
from tests.own_code import forget

CODE = """
import numpy as np

calls = []

def make(seed):
    weights = np.random.default_rng(seed).normal(size=(64 * 64, 3)) / 64
    def encode(images):
        calls.append(len(images))
        return images.reshape(len(images), -1) @ weights
    return encode

one, two, three = map(make, range(3))

def flat(images):
    calls.append(len(images))
    return one(images)[:, :1]
"""
FEW = ("--metrics", "mig_histogram,sap_continuous")
TINY = ("--dataset", "dsprites_tiny")


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A module of encoders in the current folder, of a name of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    name = f"mine_{abs(hash(str(tmp_path)))}"
    (tmp_path / f"{name}.py").write_text(CODE)
    return name


def calls(name):
    return sys.modules[name].calls


@pytest.mark.slow
def test_models_become_a_table_that_compare_and_report_and_load_take(dbench, mine, tmp_path):
    for name in ("a", "b"):
        for seed, encoder in enumerate(("one", "two", "three")):
            words = ("--model-name", name, "--seed-of-model", seed, "--setting", "beta=4")
            code, _, err = dbench(
                "evaluate", "--encoder", f"{mine}:{encoder}", *TINY, *FEW, "--rows", 500,
                "--output", "all.csv", "--append", *words,
            )  # fmt: skip
            assert code == 0, err
    frame = tables.load("all.csv")
    assert len(frame) == 12 and set(frame["model"]) == {"a", "b"}
    assert set(frame["dataset"]) == {"dsprites_tiny"} and set(frame["value"]) == {4.0}
    code, out, err = dbench("compare", "all.csv@model=a", "all.csv@model=b")
    assert code == 0 and "A = all.csv@model=a (a)" in out, err
    assert re.search(r"beta=4 +3 ", out)
    assert "all.csv@model=a is scored on 500 of 2,880 images" in out
    code, out, err = dbench("report", "all.csv")
    assert code == 0 and "report: report/report.html" in out, err
    assert "all.csv is a table alone" in err
    assert "all.csv is scored on 500 of 2,880 images." in err
    assert "How many steps a, b trained is not known." in err
    page = (tmp_path / "report" / "report.html").read_text()
    assert "6 runs on dsprites_tiny, 2 methods, 3 seeds." in page


@pytest.mark.slow
def test_rows_are_drawn_by_the_seed_and_said(dbench, refused, mine):
    command = ("evaluate", "--encoder", f"{mine}:one", *TINY, *FEW, "--output", "s.csv")
    found = []
    for seed in (0, 0, 1):
        code, out, err = dbench(*command, "--rows", 300, "--seed", seed)
        assert code == 0, err
        assert out.startswith(f"300 of 2,880 images of dsprites_tiny, drawn by seed {seed}\n")
        content = json.loads(Path("s.json").read_text())
        assert content["rows"] == 300 and content["drawn_of"] == 2880
        assert content["drawn_by"] == seed
        found.append(out)
    assert found[0] == found[1] != found[2]
    code, out, _ = dbench(*command, "--rows", 2880)
    assert code == 0 and "drawn" not in out
    line = refused(*command, "--rows", 3000)
    assert "--rows is 3,000, and dsprites_tiny has 2,880 images: give fewer" in line
    assert "or give more --rows" in refused(*command, "--rows", 2)
    assert "--rows" in refused(*command, "--rows", 1)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [(), ("--rows", 700)])
def test_codes_that_are_kept_score_to_the_same_numbers(dbench, mine, rows):
    metrics = ("--metrics", "mig_histogram,factor_vae,mig_sup,mean_mi,sap_continuous")
    first = ("evaluate", "--encoder", f"{mine}:one", *TINY, *rows, *metrics)
    code, out, err = dbench(*first, "--save-codes", "codes", "--output", "a.csv", "--seed", 3)
    assert code == 0, err
    again = ("evaluate", "--representation", "codes.npz", *metrics, "--output", "b.csv")
    code, same, err = dbench(*again, "--seed", 3)
    assert code == 0 and same == out, err
    one, two = pd.read_csv("a.csv"), pd.read_csv("b.csv")
    assert (one["score"] == two["score"]).all() and (one["stderr"] == two["stderr"]).all()
    assert set(two["dataset"]) == {"dsprites_tiny"}
    assert set(one["model"]) == {f"{mine}:one"} and set(two["model"]) == {"codes"}


@pytest.mark.slow
def test_what_metrics_need_is_known_after_one_batch(refused, mine):
    command = ("evaluate", *TINY, "--encoder")
    line = refused(*command, f"{mine}:one", "--metrics", "mig_histogram,mig")
    assert "mig needs logvar" in line and calls(mine) == [64]
    calls(mine).clear()
    assert "the table has 1 code(s): at least two" in refused(*command, f"{mine}:flat")
    assert calls(mine) == [64, 64]  # flat calls one


@pytest.mark.slow
def test_a_row_that_is_there_is_refused_before_the_work(dbench, refused, mine, tmp_path):
    same = ("--model-name", "m", "--seed-of-model", 0, "--output", "t.csv", "--append")
    command = ("evaluate", "--encoder", f"{mine}:one", *TINY, *FEW, *same)
    assert dbench(*command)[0] == 0
    before = {path: path.read_bytes() for path in tmp_path.glob("t.*")}
    calls(mine).clear()
    assert "has m seed 0 on dsprites_tiny already" in refused(*command)
    other = [*command, "--rows", 100]
    other[other.index(0)] = 1
    line = refused(*other)
    assert "has dsprites_tiny/m/seed=0 with the rows 2,880, and this one has 100" in line
    assert not calls(mine)
    assert {path: path.read_bytes() for path in tmp_path.glob("t.*")} == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--append", "--output", "a.csv"], "--append needs --model-name and --seed-of-model"),
        (["--model-name", "m"], "--model-name is for the rows that --output NAME.csv writes"),
        (["--seed-of-model", 0], "--seed-of-model is for the rows"),
        (["--setting", "beta=1"], "--setting is for the rows"),
        (["--setting", "beta", "--output", "a.csv"], "give a name and a number"),
        (["--model-name", "a/b", "--output", "a.csv"], "--model-name is 'a/b'"),
        (["--save-codes", "a.csv"], "--save-codes a.csv must end in .npz"),
        (["--save-codes", "."], "--save-codes . is a folder: name an .npz file"),
        (["--save-codes", "file/a.npz"], "--save-codes: cannot write to .*file: it is no folder"),
        (["--save-codes", "a.npz", "--output", "a.csv"], "is what --output would write"),
        (["--save-codes", "a.npz", "--plots", "a.npz"], "is what --save-codes would write"),
        (["--save-codes", "scored.npz"], "would replace .*scored.npz, which belongs to scores"),
    ],
)
def test_options_of_rows_and_codes_that_are_refused(refused, mine, tmp_path, options, said):
    (tmp_path / "file").write_text("")
    np.savez(tmp_path / "scored.npz", x=1)
    (tmp_path / "scored.json").write_text("{}")
    before = sorted(tmp_path.iterdir())
    assert re.search(said, refused("evaluate", "--encoder", f"{mine}:one", *TINY, *options))
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.slow
def test_training_rows_are_chosen_where_a_warning_says_which(dbench, refused, mine):
    command = ("evaluate", "--encoder", f"{mine}:one", *TINY, "--metrics", "sap,mig_histogram")
    code, first, err = dbench(*command, "--output", "a.csv")
    (few,) = re.findall(r"of the test rows are training rows too, .*train on (\d+) ", err)
    code, out, err = dbench(*command, "--output", "b.csv", "--train", few, "--test", 400)
    assert code == 0 and "are training rows too" not in err
    one, two = (pd.read_csv(f"{name}.csv").set_index("metric")["score"] for name in "ab")
    assert one["sap"] != two["sap"] and one["mig_histogram"] == two["mig_histogram"]
    assert json.loads(Path("b.json").read_text())["options"] == {"train": int(few), "test": 400}
    assert "not comparable: options of scores" in refused("compare", "a.csv", "b.csv")
    line = refused(*command[:-1], "mig_histogram", "--train", 100)
    assert "--train is of scores that learn, and mig_histogram does not" in line
    assert "--train" in refused(*command, "--train", 19)
    more = ("--append", "--model-name", "m", "--seed-of-model")
    assert dbench(*command, "--output", "c.csv", "--train", few, *more, 0)[0] == 0
    assert dbench(*command, "--output", "c.csv", "--train", few, *more, 1)[0] == 0
    line = refused(*command, "--output", "c.csv", *more, 2)
    assert f"with the options train={few}, and this one has none" in line


@pytest.mark.slow
def test_models_of_one_table_are_warned_of_once(dbench, mine, tmp_path):
    command = ("evaluate", "--encoder", f"{mine}:one", *TINY, "--rows", 40, "--model-name", "m")
    table = ("--output", "a.csv", "--append", "--seed-of-model")
    for seed, metrics, grid in ((0, "mcc", 1), (1, "mcc", 0), (2, "mcc,mcc_spearman", 1)):
        code, _, err = dbench(*command, "--metrics", metrics, *table, seed)
        assert code == 0 and err.count("the rows are no full grid") == grid, err
        assert err.count("warnings that ") == (seed > 0)
    assert "(mcc_spearman)" in err  # of mcc it was said already
    runs = json.loads((tmp_path / "a.json").read_text())["runs"]
    assert all(run["scores"]["mcc"]["warnings"] for run in runs.values())
    Path("a.json").write_text('{"scores": {}, "runs": {"x": {"scores": {"mcc": {"warnings": 3}}}}}')
    code, _, err = dbench(*command, "--metrics", "mcc", *table, 3)
    assert code == 2 and "warnings" in err.splitlines()[-1]


def test_ctrl_c_promises_nothing_that_only_a_study_can_keep(dbench, mine, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "_exit", sys.exit)
    (tmp_path / "stopped_by_hand.py").write_text("def encode(x): raise KeyboardInterrupt\n")
    code, out, err = dbench("evaluate", "--encoder", "stopped_by_hand:encode", *TINY)
    assert (code, out, err.strip()) == (130, "", "stopped")
    monkeypatch.setattr(study, "run_study", raising)
    code, _, err = dbench("study", "beta_sweep", "--scale", "smoke", "--results", tmp_path)
    assert code == 130 and "stopped; a study goes on from its last checkpoint" in err


def raising(*_, **__):
    raise KeyboardInterrupt


def test_options_of_an_encoder_alone(refused, mine, tmp_path):
    np.savez(tmp_path / "codes.npz", mean=np.eye(4), factors=np.eye(4, dtype=int))
    of_file = ("evaluate", "--representation", "codes.npz")
    assert "--rows goes with --encoder, not with" in refused(*of_file, "--rows", 3)
    line = refused(*of_file, "--save-codes", "b.npz")
    assert "--save-codes goes with --encoder or --checkpoint, not with --representation" in line
    line = refused("evaluate", "--checkpoint", ".", "--model-name", "m", "--output", "a.csv")
    assert "--model-name goes with --encoder or --representation, not with --checkpoint" in line


def test_groups_of_codes_are_one_code_each_and_said(dbench, refused, tmp_path):
    rng, path = np.random.default_rng(0), tmp_path / "codes.npz"
    factors = rng.integers([4, 3], size=(300, 2))
    mean = np.concatenate([np.eye(4)[factors[:, 0]], rng.normal(size=(300, 2))], axis=1)
    np.savez(path, mean=mean, factors=factors)
    score = ("--representation", path, "--metrics", "mig_histogram_all")
    given = ("--groups", "c=0-3", "--output", tmp_path / "s.csv")
    code, out, err = dbench("evaluate", *score, *given)
    assert code == 0 and "group 'c' of 4 codes is one code, 0: the number of its most" in err
    assert json.loads((tmp_path / "s.json").read_text())["groups"] == {"c": [0, 1, 2, 3]}
    _, plain, said = dbench("evaluate", *score)
    assert "group" not in said and plain != out
    line = refused("evaluate", *score, "--groups", "a=0-3,b=3-4")
    assert "code 3 is in the groups 'a' and 'b'" in line
    assert "--groups 'model' names no codes" in refused("evaluate", *score, "--groups", "model")


@pytest.mark.slow
def test_which_way_a_score_of_ones_own_is_better_is_known_to_compare(dbench, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = f"way_{abs(hash(str(tmp_path)))}"
    (tmp_path / f"{name}.py").write_text(
        "def error(codes, factors):\n    return abs(codes).max()\n\nerror.better = 'lower'\n"
        "def odd(codes, factors):\n    return 0.5\n\nodd.better = 'up'\n"
    )
    factors = np.indices((4, 5)).reshape(2, -1).T
    for model, times in (("a", 1), ("b", 2)):
        for seed in range(4):
            np.savez("codes.npz", mean=factors * times * (1 + seed / 100), factors=factors)
            words = ("--model-name", model, "--seed-of-model", seed, "--dataset-name", "d")
            code, out, err = dbench(
                "evaluate", "--representation", "codes.npz", "--metrics", f"{name}:error",
                "--output", "all.csv", "--append", *words,
            )  # fmt: skip
            assert code == 0 and re.search(r":error +[0-9.]+ +lower", out), err
    forget()  # as in a command of its own, which does not call the function
    command = ("compare", "all.csv@model=a", "all.csv@model=b", "--json", "found.json")
    assert dbench(*command)[0] == 0
    found = json.loads(Path("found.json").read_text())
    assert [row["verdict"] for row in found["comparisons"]] == ["worse"]
    assert dbench(*command, "--better", f"{name}:error=higher")[0] == 0
    found = json.loads(Path("found.json").read_text())
    assert [row["verdict"] for row in found["comparisons"]] == ["better"]
    for wrong, said in (
        ("a", "--better is 'a'"),
        ("a=up", "--better is 'a=up'"),
        ("a=lower", "'a'"),
    ):
        code, _, err = dbench(*command, "--better", wrong)
        assert code == 2 and said in err
    words = ("--representation", "codes.npz", "--metrics", f"{name}:odd")
    code, _, err = dbench("evaluate", *words)
    assert code == 2 and "says better = 'up': it must be 'higher' or 'lower'" in err
    forget()
