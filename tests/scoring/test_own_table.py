"""A table of users' own models: it grows by model and seed, and what does not fit is refused."""

import json
import threading

import numpy as np
import pandas as pd
import pytest

from dbench.base import Score
from dbench.errors import InputError
from dbench.scoring import own_table, score_files
from dbench.scoring.own_model import named
from dbench.tables import load, reading

INFO = {"rows": 100, "factors": ["a", "b"], "continuous": [], "seed": 0}


def scores(*values):
    parts = {"information": np.ones((2, 2)), "gap/a": 0.25}
    return {
        name: Score(value, 0.01, parts)
        for name, value in zip(("mig", "factor_vae"), values, strict=False)
    }


def model(name="mine", seed=0, *settings, dataset="dsprites"):
    return named(dataset, name, seed, settings)


def add(path, *values, of, info=INFO):
    own_table.write(path, scores(*values), info, of, append=True)


def everything(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_one_model_has_the_files_of_any_scores(tmp_path):
    path = tmp_path / "mine.csv"
    own_table.write(path, scores(0.5, 0.7), INFO, model("mine", 2, "beta=4", "steps=10"))
    frame = pd.read_csv(path)
    assert list(frame)[:3] == ["metric", "score", "stderr"]
    assert set(frame["run"]) == {"dsprites/mine/beta=4/seed=2"} and set(frame["study"]) == {"mine"}
    content = json.loads(path.with_suffix(".json").read_text())
    assert content["scores"]["mig"]["parts"] == {"gap/a": 0.25} and content["rows"] == 100
    assert "mig/information" in score_files.read_arrays(path.with_suffix(".npz"))


@pytest.mark.slow
def test_a_table_grows_and_loses_nothing(tmp_path):
    path = tmp_path / "mine.csv"
    for i, of in enumerate([model(), model(seed=1), model("other"), model(dataset="rooms")]):
        info = INFO | ({"rows": 7} if of.dataset == "rooms" else {})
        add(path, i / 10, i / 5, of=of, info=info)
    frame = load(path)
    assert list(frame["score"]) == [0, 0, 0.1, 0.2, 0.2, 0.4, 0.3, 0.6]
    assert list(frame["run"])[::2] == [
        "dsprites/mine/seed=0", "dsprites/mine/seed=1", "dsprites/other/seed=0",
        "rooms/mine/seed=0",
    ]  # fmt: skip
    content = json.loads(path.with_suffix(".json").read_text())
    assert list(content["runs"]) == list(frame["run"])[::2]
    assert content["runs"]["dsprites/mine/seed=1"]["scores"]["mig"]["score"] == 0.1
    assert content["factors"] == ["a", "b"] and "rows" not in content  # not all have as many
    arrays = score_files.read_arrays(path.with_suffix(".npz"))
    assert {f"{run}/mig/information" for run in content["runs"]} <= set(arrays)
    assert reading.read(str(path)).frame["seed"].tolist() == frame["seed"].tolist()


def test_a_table_that_began_without_append_goes_on(tmp_path):
    path = tmp_path / "mine.csv"
    own_table.write(path, scores(0.5), INFO, model())
    add(path, 0.6, of=model(seed=1))
    content = json.loads(path.with_suffix(".json").read_text())
    assert content["runs"]["dsprites/mine/seed=0"]["scores"]["mig"]["score"] == 0.5
    names = set(score_files.read_arrays(path.with_suffix(".npz")))
    assert {f"dsprites/mine/seed={seed}/mig/information" for seed in (0, 1)} <= names


@pytest.mark.parametrize(
    ("of", "info", "said"),
    [
        (model("mine", 0, "beta=4"), {}, "has mine beta=4 seed 0 on dsprites already"),
        (model("mine", 1), {}, "has mine with the setting beta, and this one has no setting"),
        (model("mine", 1, "gamma=4"), {}, "with the setting beta, .* has the setting gamma"),
        (model("b", 0, "steps=9"), {}, "models of no steps, and this one has 9 steps"),
        (model("b", dataset=""), {}, "says the data set of its models: give --dataset"),
        (model("b"), {"rows": 50}, "with the rows 100, and this one has 50"),
        (model("b"), {"factors": ["a"]}, "with the factors a, b, and this one has a: "),
        (model("b"), {"continuous": ["a"]}, "with the continuous none, and this one has a"),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_changes_nothing(tmp_path, of, info, said):
    path = tmp_path / "mine.csv"
    add(path, 0.5, of=model("mine", 0, "beta=4"))
    before = everything(tmp_path)
    with pytest.raises(InputError, match=f"--append: .*{said}"):
        own_table.check_new(path, of, INFO | info)
    with pytest.raises(InputError, match=f"--append: .*{said}"):
        add(path, 0.9, of=of, info=INFO | info)
    assert everything(tmp_path) == before
    own_table.check_new(path, model("mine", 0, "beta=1"), INFO)  # another strength is fine


def test_rows_that_do_not_say_their_data_set(tmp_path):
    path = tmp_path / "mine.csv"
    add(path, 0.5, of=model(dataset=""))
    add(path, 0.5, of=model(seed=1, dataset=""))
    with pytest.raises(InputError, match="does not say the data set of its models"):
        own_table.check_new(path, model("b"), INFO)


def test_a_table_of_something_else_is_not_added_to(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("model,mig\nmine,0.5\n")
    with pytest.raises(InputError, match="is no table of models of your own"):
        own_table.check_new(path, model())


def test_a_table_of_several_models_is_not_replaced_by_one(tmp_path):
    path = tmp_path / "mine.csv"
    own_table.check_alone(path)
    add(path, 0.5, of=model())
    own_table.check_alone(path)  # one: replaced, as the scores of one are
    add(path, 0.5, of=model(seed=1))
    with pytest.raises(InputError, match="has the scores of 2 models, which would be lost"):
        own_table.check_alone(path)


@pytest.mark.slow
def test_two_commands_at_once_lose_no_row(tmp_path):
    path = tmp_path / "mine.csv"
    threads = [
        threading.Thread(target=add, args=(path, seed / 10), kwargs={"of": model(seed=seed)})
        for seed in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(load(path)["seed"]) == list(range(8))
    assert len(json.loads(path.with_suffix(".json").read_text())["runs"]) == 8
