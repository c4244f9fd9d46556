"""How many runs of a study its table lacks, by what study.json says."""

import json

import pandas as pd
import pytest

from dbench.tables.unfinished import planned, unfinished

SETTINGS = {
    "datasets": ["d", "e"],
    "sweep": {"beta_vae": {"beta": [1, 4]}, "ae": {}},
    "seeds": 3,
}


def frame(**runs):
    rows = [(scale, f"{scale}/{i}") for scale, count in runs.items() for i in range(count)]
    return pd.DataFrame(rows * 2, columns=["scale", "run"])  # two scores a run


def test_the_runs_that_a_study_plans():
    assert planned(SETTINGS) == 2 * (2 + 1) * 3
    assert planned({}) == 0 and planned({"sweep": 3, "datasets": [], "seeds": 2}) == 0
    assert planned(SETTINGS | {"seeds": "many"}) == planned(SETTINGS | {"sweep": [1]}) == 0


def test_what_is_missing_by_scale(tmp_path):
    entries = {"laptop": {"settings": SETTINGS}, "smoke": {"settings": SETTINGS}, "paper": {}}
    (tmp_path / "study.json").write_text(json.dumps(entries))
    assert unfinished(tmp_path, frame(smoke=18, laptop=10)) == {
        "laptop": "laptop: 10 of 18 runs are done"
    }
    assert list(unfinished(tmp_path, frame())) == ["smoke", "laptop"]
    assert unfinished(tmp_path, frame(smoke=18, laptop=18)) == {}


def test_runs_that_were_given_up_are_not_missing(tmp_path):
    (tmp_path / "study.json").write_text(json.dumps({"laptop": {"settings": SETTINGS}}))
    for i in range(2):
        (tmp_path / "laptop" / str(i)).mkdir(parents=True)
        (tmp_path / "laptop" / str(i) / "failed.json").write_text("{}")
    said = {"laptop": "laptop: 15 of 18 runs are done, 2 given up"}
    assert unfinished(tmp_path, frame(laptop=15)) == said
    assert unfinished(tmp_path, frame(laptop=16)) == {}


@pytest.mark.parametrize("content", [None, "{", '{"laptop": 3}', '{"mine": {"settings": {}}}'])
def test_a_study_that_does_not_say_what_it_plans(tmp_path, content):
    if content is not None:
        (tmp_path / "study.json").write_text(content)
    assert unfinished(tmp_path, frame(laptop=1)) == {}
