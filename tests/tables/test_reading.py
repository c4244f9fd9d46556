import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dbench import files, tables
from dbench.cli.report import report_folder
from dbench.errors import InputError
from dbench.models import MODELS
from dbench.tables import reading, results
from dbench.tables.directions import known

LONG = pd.DataFrame(
    {"scale": "laptop", "dataset": "d", "model": "m", "hyperparameter": "beta",
     "value": [1.0, 1.0, 4.0, 4.0], "seed": [0, 1, 0, 1], "steps": 9, "metric": "mig",
     "score": [0.1, 0.2, 0.3, 0.4], "run": ["r/0", "r/1", "r/2", "r/3"]}
)  # fmt: skip


@pytest.mark.slow
def test_folder_csv_and_parquet_are_the_same(tmp_path):
    LONG.to_csv(tmp_path / "scores.csv", index=False)
    LONG.to_parquet(tmp_path / "t.parquet")
    one, two, three = (
        reading.read(str(path)).frame
        for path in (tmp_path, tmp_path / "scores.csv", tmp_path / "t.parquet")
    )
    pd.testing.assert_frame_equal(one, two)
    pd.testing.assert_frame_equal(one, three)


@pytest.mark.slow
def test_some_rows_of_a_table(tmp_path):
    path = tmp_path / "odd@name.csv"
    pd.concat([LONG, LONG.assign(scale="paper")]).to_csv(path, index=False)
    with pytest.raises(InputError, match="several scales"):
        reading.read(str(path))
    found = reading.read(f"{path}@scale=paper,beta=4")
    assert found.frame["score"].tolist() == [0.3, 0.4] and found.name.endswith("beta=4")
    assert reading.read(f"{path}@scale=laptop,seed=1").frame["value"].tolist() == [1, 4]
    for rest, said in (
        ("scale=smoke", "no row with scale=smoke .there are: laptop, paper"),
        ("scale=laptop,beta=2", "no row with beta=2 .there are: 1, 4"),
        ("gamma=2", "unknown column or hyperparameter .* 'gamma'"),
        ("beta=much", "beta is a number, not 'much'"),
        ("beta", "give what to choose as column=value"),
    ):
        with pytest.raises(InputError, match=said):
            reading.read(f"{path}@{rest}")


def test_of_a_study_the_largest_scale_is_taken_and_said(tmp_path):
    both = pd.concat([LONG.assign(scale="smoke", score=0.9), LONG])
    both.to_csv(tmp_path / "scores.csv", index=False)
    found = reading.read(str(tmp_path))
    assert found.frame["score"].tolist() == LONG["score"].tolist()
    (said,) = found.about["said"]
    assert "has runs of several scales: of laptop, the largest, and not of smoke" in said
    assert f"({tmp_path}@scale=smoke)" in said
    smoke = reading.read(f"{tmp_path}@scale=smoke")
    assert set(smoke.frame["score"]) == {0.9} and "said" not in smoke.about
    both.assign(scale=["smoke"] * 4 + ["mine"] * 4).to_csv(tmp_path / "scores.csv", index=False)
    with pytest.raises(InputError, match="several scales"):  # which is larger nobody knows
        reading.read(str(tmp_path))


@pytest.mark.slow
def test_a_study_at_work_says_how_much_is_done(tmp_path):
    LONG.assign(scale="smoke").to_csv(tmp_path / "scores.csv", index=False)
    settings = {"datasets": ["d"], "sweep": {"m": {"beta": [1, 4]}}, "seeds": 5}
    entries = {"smoke": {"settings": settings | {"seeds": 2}}, "laptop": {"settings": settings}}
    (tmp_path / "study.json").write_text(json.dumps(entries))
    assert reading.read(str(tmp_path)).about["said"] == [
        f"{tmp_path} is not finished: laptop: 0 of 10 runs are done"
    ]
    assert "said" not in reading.read(f"{tmp_path}@scale=smoke").about
    pd.concat([LONG, LONG.assign(scale="smoke")]).to_csv(tmp_path / "scores.csv", index=False)
    _, said = reading.read(str(tmp_path)).about["said"]
    assert said == f"{tmp_path} is not finished: laptop: 4 of 10 runs are done"
    assert reading.read(f"{tmp_path}@beta=4").about["said"][-1] == said.replace(
        str(tmp_path), f"{tmp_path}@beta=4"
    )


def test_what_is_known_of_a_table(tmp_path):
    LONG.to_csv(tmp_path / "scores.csv", index=False)
    (tmp_path / "study.json").write_text(json.dumps({"laptop": {"data": "drawn"}, "paper": {}}))
    (tmp_path / "r" / "0").mkdir(parents=True)
    (tmp_path / "r" / "0" / "scores.json").write_text(json.dumps({"rows": 9, "scores": {}}))
    about = reading.read(str(tmp_path)).about
    assert about == {"study": {"data": "drawn"}, "scores": {"rows": 9}, "unused": []}


@pytest.mark.parametrize(
    "entry",
    [
        '{"settings": {"options": [1]}}',
        '{"settings": {"model_options": {"pca": 1}}}',
        '{"settings": {"views": 1}}',
        "5",
        '{"settings": 5}',
        '{"versions": []}',
    ],
)
def test_a_study_that_says_nonsense(tmp_path, entry):
    LONG.to_csv(tmp_path / "scores.csv", index=False)
    (tmp_path / "study.json").write_text(f'{{"laptop": {entry}}}')
    with pytest.raises(InputError, match="study.json does not say how laptop was made"):
        reading.read(str(tmp_path))


def test_files_that_are_no_tables(tmp_path):
    (tmp_path / "t.parquet").write_text("no")
    (tmp_path / "t.csv").write_text("a,b\n1\n2,3,4\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "t.txt").write_text("a,b\n")
    for name, said in (
        ("", "there is no .*scores.csv: run the study first"),
        ("t.txt", "no results folder and no .csv or .parquet"),
        ("none.csv", "there is no results folder and no file"),
        ("t.tx", "there is no results folder and no file .*t.tx; did you mean .*t.txt"),
        ("t.parquet", "cannot read"),
        ("t.csv", "cannot read"),
        ("empty.csv", "cannot read"),
    ):
        with pytest.raises(InputError, match=said):
            reading.read(str(tmp_path / name))


@pytest.mark.parametrize("name", reading.papers())
def test_published_numbers_say_what_they_are(name):
    found = reading.read(f"paper:{name}")
    assert found.paper and len(found.frame)
    assert set(found.frame["seen"]) <= {"seen", "recalled"}
    assert set(found.frame["statistic"]) <= {"mean", "median", "mode", "best", "range"}
    assert set(found.frame["spread_kind"]) <= {"sd", "se", "not said", ""}
    assert found.frame["source"].str.contains(r"20\d\d").all()
    assert all(known(metric) for metric in found.frame["metric"])
    ours = found.frame[found.frame["hyperparameter"] != ""]
    assert set(ours["model"]) <= set(MODELS) and len(ours)
    given = found.frame["score"].notna() | found.frame["low"].notna()
    assert given.all()


def test_papers_are_named_and_whole(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="unknown paper 'kim2019' .*did you mean 'kim2018'"):
        reading.read("paper:kim2019")
    frame = reading.read("paper:kim2018@model=factor_vae,dataset=dsprites").frame
    assert sorted(frame["score"]) == [0.82, 0.889] and np.isnan(frame["steps"]).all()
    with pytest.raises(InputError, match="unknown score"):
        reading.read("paper:kim2018", ["mig"])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results" / "papers").mkdir(parents=True)
    (tmp_path / "results" / "papers" / "mine.csv").write_text("dataset,score\nd,1\n")
    with pytest.raises(InputError, match="lacks the columns model"):
        reading.read("paper:mine")
    row = dict.fromkeys(reading.PAPER, 1) | {"score": "high"}
    pd.DataFrame([row]).to_csv(tmp_path / "results" / "papers" / "mine.csv", index=False)
    with pytest.raises(InputError, match="the column 'score' holds .*, no numbers"):
        reading.read("paper:mine")


WORDS = ["NA", "NaN", "nan", "None", "null", "n/a", "#N/A", "<NA>", "inf", "True", "01", "1e5", "-"]


@pytest.mark.slow
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("column", ["dataset", "model", "hyperparameter", "metric", "run", "study"])
def test_names_are_what_is_written_whatever_pandas_takes_them_for(column, word, tmp_path):
    table = LONG.assign(**{"study": "s", "stderr": 0.0, column: word})
    results.write(tmp_path, table)
    assert set(results.load(tmp_path)[column]) == {word}
    table.to_parquet(tmp_path / "t.parquet")
    for path in (tmp_path, tmp_path / "scores.csv", tmp_path / "t.parquet"):
        found = reading.read(str(path)).frame
        assert set(found[column]) == {word} and len(found) == 4
        chosen = reading.read(f"{path}@{column}={word}") if column != "metric" else None
        assert chosen is None or len(chosen.frame) == 4


@pytest.mark.parametrize("column", ["score", "seed", "value"])
def test_true_and_false_are_no_numbers(column, tmp_path):
    LONG.assign(**{column: [True, False, True, False]}).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InputError, match=f"the column '{column}' holds true and false, no numbers"):
        reading.read(str(tmp_path / "t.csv"))


@pytest.mark.slow
def test_a_missing_score_is_missing_however_it_is_written(tmp_path):
    for word in ("", "NaN", "NA", "null"):
        text = LONG.astype({"score": object}).assign(score=[0.1, 0.2, word, 0.4])
        text.to_csv(tmp_path / "t.csv", index=False)
        with pytest.raises(InputError, match="mig of m beta=4, seed 0 is NaN, infinite or missing"):
            reading.read(str(tmp_path / "t.csv"))


@pytest.mark.slow
def test_reference_results_come_with_dbench(tmp_path, monkeypatch, dbench):
    """As where dbench was installed from a wheel: a folder that has nothing."""
    monkeypatch.chdir(tmp_path)
    name = "results/reference/beta_sweep"
    found = reading.read(f"{name}@beta=4")
    assert found.name == f"{name}@beta=4" and len(found.frame) and "study" in found.about
    assert reading.same(name, str(files.reference(name)))
    frame = tables.load(name)
    assert len(frame) and not (tmp_path / "results").exists()
    assert len(tables.logs("results/reference/burgess2018_generator"))
    with pytest.raises(InputError, match="there is no results folder .*reference/no_such"):
        reading.read("results/reference/no_such")
    code, out, err = dbench("compare", f"{name}@beta=1", f"{name}@beta=4", "--metrics", "mig")
    assert code == 0 and "Holm" in out, err
    (tmp_path / name).mkdir(parents=True)  # what is here is what is meant
    frame[frame["metric"] == "mig"].to_csv(tmp_path / name / "scores.csv", index=False)
    assert set(tables.load(name)["metric"]) == {"mig"}


def test_a_report_of_reference_results_is_written_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("results/reference/beta_sweep")
    assert report_folder((folder,), None) == Path("report")
