"""How often a run writes into its log where its study does not say so."""

import pytest

from dbench.study.chunk import FEW, MANY, fitting


@pytest.mark.parametrize(
    ("steps", "chunk"),
    [(1, 1), (10, 1), (40, 2), (300, 10), (1_000, 50), (5_000, 200), (20_000, 1000)],
)
def test_a_round_number_that_leaves_a_curve(steps, chunk):
    assert fitting(steps, {}) == chunk


@pytest.mark.parametrize("steps", range(FEW, 100_000, 997))
def test_a_log_has_lines_enough_and_not_too_many(steps):
    assert FEW <= steps / fitting(steps, {}) <= MANY


def test_runs_are_scored_where_a_chunk_ends():
    assert fitting(5_000, {"mig": [1_000, 5_000]}) == 200
    assert fitting(5_000, {"mig": [1_000], "kl": [250]}) == 50
    assert fitting(5_000, {"mig": [7]}) == 200  # refused when it is checked


@pytest.mark.parametrize(
    ("steps", "during"), [("x", {}), (0, {}), (100, "x"), (100, {"mig": 3}), (100, {"mig": ["a"]})]
)
def test_what_is_wrong_is_said_elsewhere(steps, during):
    assert fitting(steps, during) in (1000, 5)
