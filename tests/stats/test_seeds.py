"""What is drawn by seed, and that intervals drawn so hold the truth where seeds go together."""

import jax
import numpy as np
import pandas as pd
import pytest

from dbench import stats
from dbench.errors import InputError
from dbench.stats.seeds import draw

KEY = jax.random.key(0)


def test_seeds_that_all_cells_have_are_drawn_whole():
    cells, seeds = np.repeat([0, 1, 2], 4), np.tile([5, 6, 7, 8], 3)
    rows = draw(cells, seeds, KEY, 500)
    assert (cells[rows] == cells).all()
    first, second, third = np.split(seeds[rows], 3, axis=1)
    assert (first == second).all() and (first == third).all()
    assert np.allclose([(first == seed).mean() for seed in (5, 6, 7, 8)], 0.25, atol=0.05)
    assert (rows == draw(cells, seeds, KEY, 500)).all()


def test_runs_with_a_seed_each_are_drawn_within_cells():
    cells = np.array([0, 1, 0, 1, 0])
    rows = draw(cells, np.arange(5), KEY, 2_000)
    assert (cells[rows] == cells).all()
    for own in ([0, 2, 4], [1, 3]):
        assert np.allclose([(rows[:, own] == i).mean() for i in own], 1 / len(own), atol=0.05)
    assert abs(np.corrcoef(rows[:, 0], rows[:, 2])[0, 1]) < 0.1


def test_a_seed_that_lacks_a_cell_gives_way_to_those_that_have_its_cells():
    cells, seeds = np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 0, 1])
    rows = draw(cells, seeds, KEY, 500)
    assert set(rows[:, 2]) == {0, 1, 2} and set(rows[:, 3]) == {3, 4}
    assert (seeds[rows[:, 0]] == seeds[rows[:, 3]]).all() and not (rows[:, :2] == 2).any()


def test_nothing_to_draw_and_a_seed_twice():
    assert draw([0, 0, 1], [0, 1, 2], KEY, 5) is None
    with pytest.raises(InputError, match="a seed has two runs"):
        draw([0, 0, 1], [0, 0, 1], KEY, 5)


def grid(rng, seeds=10, strengths=5, shared=0.7):
    """[strengths, seeds], variance 1, of which seeds share a part over the strengths."""
    own = rng.normal(size=(strengths, seeds)) * np.sqrt(1 - shared)
    return own + rng.normal(size=seeds) * np.sqrt(shared)


@pytest.mark.slow
def test_intervals_by_seed_hold_the_truth_where_those_by_run_do_not():
    """Ten seeds, five strengths, correlation .7; the truth is 0, or a share of a half."""
    rng, held = np.random.default_rng(0), {True: [], False: []}
    for i in range(120):
        scores, key = grid(rng), jax.random.fold_in(KEY, i)
        for by_seed, found in held.items():
            seeds = [np.arange(10)] * 5 if by_seed else None
            _, low, high = stats.aggregate_interval(scores, key, seeds=seeds, resamples=300)
            _, less, more = stats.performance_profile(
                scores, [0.0], key, seeds=seeds, resamples=300
            )
            found.append((low < 0 < high, less[0] <= 0.5 <= more[0]))
    assert np.mean(held[True], axis=0) == pytest.approx([0.90, 0.90], abs=0.07)
    assert (np.mean(held[False], axis=0) < 0.75).all()


def tidy(**scores):
    """A table of a method; scores [strengths, seeds] by metric."""
    rows = [
        {"dataset": "d", "model": "a", "hyperparameter": "beta", "value": float(v), "seed": s,
         "metric": name, "score": grid[v, s]}
        for name, grid in scores.items() for v, s in np.ndindex(grid.shape)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.slow
def test_tables_are_drawn_by_seed():
    """The width against the spread of the estimate over 120 tables: by run it would be half."""
    rng, wide, found = np.random.default_rng(1), [], []
    for i in range(120):
        frame = tidy(mig=grid(rng, 12, 5, 0.8), sap=grid(rng, 12, 5, 0.8))
        key = jax.random.fold_in(KEY, i)
        rank = stats.rank_correlations(frame, key, resamples=200).iloc[0]
        mean = stats.iqm_by_method(frame, key, resamples=200).iloc[0]
        found.append((rank["correlation"], mean["iqm"]))
        wide.append((rank["high"] - rank["low"], mean["high"] - mean["low"]))
    ratio = np.mean(wide, axis=0) / (2 * 1.96 * np.std(found, axis=0))
    assert ratio == pytest.approx([0.95, 0.95], abs=0.17)


def test_a_run_that_failed_takes_no_interval_away():
    frame = tidy(mig=grid(np.random.default_rng(2)), sap=grid(np.random.default_rng(3)))
    frame = frame[(frame["seed"] != 3) | (frame["value"] != 4)]
    rank, mean = (
        stats.rank_correlations(frame, KEY).iloc[0],
        stats.iqm_by_method(frame, KEY).iloc[0],
    )
    assert rank["runs"] == mean["runs"] == 49
    assert rank["low"] < rank["correlation"] < rank["high"] and mean["low"] < mean["high"]
