import re
from pathlib import Path

import pytest

from dbench.base import Score
from dbench.errors import InputError
from dbench.metrics import METRICS, Metric
from dbench.metrics.udr import SET_METRICS
from dbench.scoring.registry import MODEL_METRICS
from dbench.tables.directions import HIGHER, LOWER, NEITHER, direction, known, learn, say
from tests.own_code import forget

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "metrics.md").read_text()
SIGN = {"high": 1, "low": -1, "": 0}


def test_every_score_has_its_direction_once_and_as_the_page_says():
    every = {*METRICS, *MODEL_METRICS, *SET_METRICS}
    assert all(known(name) for name in every)
    assert {*HIGHER, *LOWER, *NEITHER} - every == {"elbo"}
    assert len({*HIGHER, *LOWER, *NEITHER}) == len(HIGHER) + len(LOWER) + len(NEITHER)
    rows = re.findall(r"^\| `(\w+)` +\|[^|]*\| *(high|low|) *\|", PAGE, re.MULTILINE)
    rows = {name: SIGN[way] for name, way in rows}
    assert set(METRICS) <= set(rows)
    assert {name: direction(name) for name in METRICS} == {name: rows[name] for name in METRICS}


def test_a_score_of_ones_own_has_none():
    assert direction("mine") == 0 and not known("mine")


@pytest.fixture
def forgotten():
    yield
    forget()


def test_what_the_function_says_then_the_file_then_the_command(forgotten):
    METRICS["m:f"] = Metric(lambda work: Score(0.0, 0.0, {}), (), "higher")
    assert direction("m:f") == 1
    learn({"scores": {"m:f": {"better": "lower"}, "mig": {"better": "lower"}, "b": 3}})
    assert (direction("m:f"), direction("mig")) == (-1, 1)
    say({"m:f": "higher"}, ["m:f"])
    assert direction("m:f") == 1
    say({}, [])  # of the next comparison nobody says it
    assert direction("m:f") == -1
    learn({"scores": {}, "runs": {"a": {"scores": {"m:f": {"better": "higher"}}}, "b": 3}})
    assert direction("m:f") == 1
    for odd in ({}, {"scores": 3, "runs": []}, {"scores": {"m:f": {"better": ["lower"]}}}):
        learn(odd)
    assert direction("m:f") == 1 and direction("m:g") == 0


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ({"mig": "lower"}, "mig is a score of dbench, whose direction is known"),
        ({"mine": "lower"}, "unknown score of these tables 'mine' .known: m:f"),
        ({"m:f": "up"}, "m:f is better 'higher' or 'lower', not 'up'"),
    ],
)
def test_what_cannot_be_said_of_a_score(ways, said):
    with pytest.raises(InputError, match=said):
        say(ways, ["m:f", "mig"])
    assert direction("m:f") == 0
