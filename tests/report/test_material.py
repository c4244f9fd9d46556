"""What is read for a report, and what is said of bad tables."""

import json

import numpy as np
import pandas as pd
import pytest

from dbench.errors import InputError
from dbench.report import material
from tests.report.tables import MODELS, folder, table


@pytest.mark.slow
def test_methods_strengths_and_logs(tmp_path):
    found = material.read([folder(tmp_path / "a", table())])
    assert found.lacks == [] and found.scale == "laptop"
    strengths = found.scores.drop_duplicates("strength").set_index("strength")
    assert strengths["level"].to_dict() == {"beta=1": 0, "beta=4": 1, "gamma=10": 0, "gamma=40": 1}
    assert len(found.logs) == 12 * 5 and set(found.logs["method"]) == set(MODELS)


@pytest.mark.slow
def test_a_method_of_two_studies_is_two(tmp_path):
    one, two = (folder(tmp_path / name, table(study=name)) for name in "ab")
    methods = material.read([one, two]).scores["method"].unique()
    assert list(methods) == [f"{model} ({study})" for study in "ab" for model in MODELS]
    twins = [folder(tmp_path / name, table(study="same")) for name in "cd"]
    assert len(material.read(twins).scores["method"].unique()) == 4
    assert len(material.read([one, one, one.parent / "." / "a"]).scores) == len(table())


def said(tmp_path, frame, **options):
    return " ".join(material.read([folder(tmp_path / "a", frame, **options)]).lacks)


@pytest.mark.slow
def test_what_is_wrong_is_said(tmp_path):
    frame = table()
    assert said(tmp_path / "1", frame[:0]) == "The table has no scores."
    twice = material.read([folder(tmp_path / "2", pd.concat([frame, frame[:2].assign(score=9.0)]))])
    assert "2 scores are in the table twice" in twice.lacks[0]
    assert len(twice.scores) == len(frame) and (twice.scores["score"] == 9).sum() == 2  # the last
    holes = frame.assign(score=frame["score"].mask(frame.index == 0))
    holes.loc[2, "score"] = np.inf
    assert "mig is NaN or infinite in 2 runs" in said(tmp_path / "3", holes)
    assert "not known: mine" in said(tmp_path / "4", frame.assign(mine=1))
    assert "12 of 12 runs have no log.csv" in said(tmp_path / "5", frame, logs=False)


@pytest.mark.slow
def test_versions_that_differ_and_files_that_are_damaged(tmp_path):
    one = folder(tmp_path / "a", table(study="a"))
    two = folder(tmp_path / "b", table(study="b"), versions="2")
    assert material.read([one, two]).lacks == [
        "The studies were made with different versions of jax: 1 (a), 2 (b)."
    ]
    (one / "study.json").write_text("{")
    run = table()["run"].iloc[0]
    (one / run / "log.csv").write_text("step,elbo\n1,nonsense\n")
    (one / run / "failed.json").write_text('{"reason": "diverged"}')
    found = material.read([one])
    assert "study.json is not valid JSON" in found.lacks[0] and "cannot read" in found.lacks[1]
    assert found.failures.values.tolist() == [["a", run, "diverged"]]


@pytest.mark.slow
def test_scales(tmp_path):
    frame = pd.concat([table().assign(scale="smoke"), table()])
    path = folder(tmp_path / "a", frame)
    assert material.read([path]).scale == "laptop"
    assert set(material.read([path], "smoke").scores["scale"]) == {"smoke"}
    with pytest.raises(InputError, match="unknown scale of these tables 'paper'"):
        material.read([path], "paper")
    with pytest.raises(InputError, match="there is no .*scores.csv"):
        material.read([tmp_path])


@pytest.mark.slow
def test_a_study_at_work_is_shown_and_said(tmp_path):
    frame = table()
    study = folder(tmp_path / "a", frame)
    settings = {"datasets": ["d"], "sweep": {"beta_vae": {"beta": [1, 4, 8]}}, "seeds": 5}
    told = {"laptop": {"settings": settings}, "smoke": {"settings": settings | {"seeds": 99}}}
    (study / "study.json").write_text(json.dumps(told))
    found = material.read([study])
    assert len(found.scores) == len(frame)
    assert found.lacks == ["mine is not finished: laptop: 12 of 15 runs are done."]
    (study / "study.json").write_text(json.dumps({"laptop": {}, "paper": {"settings": settings}}))
    said = "mine is not finished: paper: 0 of 15 runs are done (this page shows laptop)."
    assert material.read([study]).lacks[0] == said


@pytest.mark.slow
def test_models_of_ones_own_stand_beside_a_study_of_any_scale(tmp_path):
    study = folder(tmp_path / "a", table())
    own = table({"net": ("", [1])}, metrics=("mig",), study="own")
    own = own.assign(scale="", hyperparameter="", value=np.nan, steps=np.nan)
    own.to_csv(tmp_path / "own.csv", index=False)
    found = material.read([study, tmp_path / "own.csv"])
    assert found.scale == "laptop" and set(found.scores["method"]) == {*MODELS, "net"}
    assert "own.csv is a table alone: settings, versions, times are not known." in found.lacks
    assert material.read([tmp_path / "own.csv"]).scale is None
