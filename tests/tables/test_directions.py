import re
from pathlib import Path

from dbench.metrics import METRICS
from dbench.metrics.udr import SET_METRICS
from dbench.scoring.reconstruction import MODEL_METRICS
from dbench.tables.directions import HIGHER, LOWER, NEITHER, direction, known

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
