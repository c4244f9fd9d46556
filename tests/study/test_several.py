"""Several studies: one after the other, with what went wrong of each, and the time left."""

import pytest

from dbench import study
from dbench.errors import InputError
from dbench.study import runner
from dbench.study.several import run_studies
from dbench.tables import load

TEXT = """
Study.datasets = ['{}']
Study.sweep = {{'ground_truth': {{}}, 'random_codes': {{}}}}
Study.metrics = ['mig_histogram']
Study.seeds = {}
Study.steps = 1
Study.chunk = 1
"""


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Studies a, lacking (its data are not here) and b, at scale smoke."""
    monkeypatch.delenv("DBENCH_DATA", raising=False)
    found = []
    for name, data, seeds in (
        ("a", "dsprites_tiny", 1),
        ("lacking", "shapes3d", 1),
        ("b", "dsprites_tiny", 2),
    ):
        path = tmp_path / f"{name}.gin"
        path.write_text(TEXT.format(data, seeds))
        found.append(study.load(str(path), "smoke"))
    return found


@pytest.mark.slow
def test_a_study_without_its_data_is_left_out_and_the_others_go_on(made, tmp_path):
    lines: list[str] = []
    failed = run_studies(made, tmp_path / "results", say=lines.append)
    assert list(failed) == ["lacking"] and "shapes3d" in failed["lacking"]
    assert [len(load(tmp_path / "results" / name)) for name in "ab"] == [2, 4]
    assert not (tmp_path / "results" / "lacking").exists()
    assert [line.split(",")[0] for line in lines] == [
        "study 1 of 3: a",
        "study 2 of 3: lacking",
        "study 3 of 3: b",
    ]
    assert "left" not in lines[0] and "left for all" in lines[1]


@pytest.mark.slow
def test_or_it_stops_them(made, tmp_path):
    with pytest.raises(InputError, match="shapes3d"):
        run_studies(made, tmp_path / "results", say=lambda _: None, stop=True)
    assert not (tmp_path / "results" / "b").exists()


def test_time_left_is_that_of_the_steps_still_to_make(made, tmp_path, monkeypatch):
    """Nothing is trained: each study is said to take ten seconds for each of its steps."""
    now, lines = [0.0], []
    monkeypatch.setattr("dbench.study.several.time.monotonic", lambda: now[0])

    def take(chosen, *_):
        now[0] += 10 * 2 * chosen.seeds
        return {"smoke/x": "diverged"} if chosen.name == "b" else {}

    monkeypatch.setattr(runner, "run_study", take)
    failed = run_studies(made, tmp_path / "results", say=lines.append)
    assert failed == {"b/smoke/x": "diverged"}
    assert lines[1:] == [
        "study 2 of 3: lacking, about 01:00 left for all",
        "study 3 of 3: b, about 00:40 left for all",
    ]


@pytest.mark.slow
def test_finished_runs_are_no_work_that_is_left(made, tmp_path, monkeypatch):
    """Of the first study nothing is to do: how long it took says nothing of the others."""
    runner.run_study(made[0], tmp_path / "results")
    lines: list[str] = []
    monkeypatch.setattr(runner, "run_study", lambda *_: {})
    run_studies(made, tmp_path / "results", say=lines.append)
    assert lines[1] == "study 2 of 3: lacking" and "left for all" in lines[2]
