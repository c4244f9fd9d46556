"""The table of means, and the facts below the page."""

import pytest

from dbench.report import headline
from dbench.report.material import _methods
from tests.report.tables import table


@pytest.mark.parametrize(
    "mean, sem, said",
    [
        (0.5, 0.012, "0.500 ± 0.012"),
        (97.13, 0.41, "97.1 ± 0.4"),
        (24.9524, 0.0143, "24.95 ± 0.01"),  # not 25.0 ± 0.0
        (1.0, 0.0, "1.000 ± 0.000"),
        (0.5, 1e-9, "0.5000 ± 0.0000"),
        (0.5, float("nan"), "0.500"),
    ],
)
def test_a_cell_has_a_digit_of_its_error(mean, sem, said):
    assert headline.cell(mean, sem) == said


def test_ways_and_best_means():
    found = headline.table(_methods(table()), "Scores")
    assert found["ways"] == {"mig": "↑", "reconstruction": "↓"}
    best = [[cell["best"] for cell in row["cells"]] for row in found["rows"]]
    assert best == [[False, True], [False, False], [False, False], [True, False]]


def test_a_table_wider_than_the_page_is_parted():
    names = tuple(f"a_rather_long_name_{i}" for i in range(12))
    found = headline.table(_methods(table(metrics=names)), "Scores")
    parts = found["blocks"]
    assert len(parts) > 1 and [m for part in parts for m in part["metrics"]] == list(names)
    for part in parts:
        assert [row["strength"] for row in part["rows"]] == [r["strength"] for r in found["rows"]]
        cells = [cell["metric"] for cell in part["rows"][0]["cells"]]
        assert cells == part["metrics"]
        assert sum(map(len, part["metrics"])) < headline.LINE
    assert len(headline.table(_methods(table()), "Scores")["blocks"]) == 1


def test_scores_are_explained_and_nothing_is_said_as_none():
    said = headline.meanings(["mig", "reconstruction", "udr_lasso", "mine"])
    assert list(said) == ["mig", "reconstruction", "udr_lasso"] and all(said.values())
    assert headline._text({}) == headline._text(None) == "none"
    assert headline._text({"a": 0, "b": []}) == "a 0, b none"
