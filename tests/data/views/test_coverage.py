"""What is said of a grid that is not whole."""

import numpy as np
import pytest

from dbench.base import Dataset
from dbench.data.grid import grid
from dbench.data.views import coverage

SIZES = (2, 3, 4)


def said(factors, sizes=SIZES):
    values = tuple(np.arange(size, dtype=float) for size in sizes)
    names = tuple("abc"[: len(sizes)])
    return coverage.said(Dataset("mine", (1, 1, 1), None, None, factors, names, values))


def test_a_full_grid_needs_no_word():
    assert said(grid(SIZES)) is None
    assert said(grid(SIZES)[np.random.default_rng(0).permutation(24)]) is None


@pytest.mark.parametrize(
    ("rows", "start"),
    [
        (np.arange(20), "the grid of mine is incomplete (20 of 24 combinations): scores that fix"),
        (np.arange(30) % 20, "the grid of mine is incomplete (20 of 24 combinations in 30 images)"),
        (np.arange(24) // 2, "the grid of mine is incomplete (12 of 24 combinations in 24 images)"),
        (np.arange(30) % 24, "the grid of mine is complete but uneven (24 combinations in 30 ima"),
    ],
)
def test_what_is_there_is_counted(rows, start):
    assert said(grid(SIZES)[rows]).startswith(start)


def test_no_factors():
    assert said(np.zeros((5, 0), np.int32), ()).startswith("mine has no factors")


@pytest.mark.parametrize("most", [2**24, 1])
def test_combinations_however_many_there_could_be(most, monkeypatch):
    monkeypatch.setattr(coverage, "_MASK", most)
    factors = np.random.default_rng(0).integers(0, 50, (500, 20))
    factors[100:200] = factors[:100]
    assert coverage.combinations(factors, [50] * 20) == 400
    assert coverage.combinations(factors[:, :2], [50, 50]) == len(np.unique(factors[:, :2], axis=0))
