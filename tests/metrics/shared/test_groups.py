import tracemalloc
from functools import partial

import jax
import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.shared.groups import combined, draw, group, groups, in_blocks


def test_group_holds_every_row_under_its_value():
    column = np.array([7, -2, 7, 7, 30_000_000])
    g = group(column)
    assert g.labels.tolist() == [1, 0, 1, 1, 2]
    assert g.counts.tolist() == [1, 3, 1]
    assert column[g.order].tolist() == sorted(column)
    assert g.order[g.starts].tolist() == [1, 0, 4]


def test_drawn_rows_have_the_value_asked_for_and_are_uniform():
    rng = np.random.default_rng(0)
    column = rng.integers(5, size=100)
    g = group(column)
    labels = rng.integers(5, size=(50, 1000))
    rows = draw(g, labels, rng)
    assert (column[rows] == labels).all()
    of_value = np.bincount(rows[labels == 2], minlength=100)[column == 2]
    expected = (labels == 2).sum() / len(of_value)
    assert (np.abs(of_value - expected) < 5 * np.sqrt(expected)).all()


def test_many_values():
    g = group(np.arange(70_000)[::-1] % 40_000)  # more than 16 bits of labels
    assert (np.diff(g.labels[g.order]) >= 0).all()


def test_one_group_per_factor():
    assert [len(g.counts) for g in groups(np.array([[0, 1], [1, 1], [2, 5]]))] == [3, 2]


def test_combinations_of_many_factors_do_not_overflow():
    rows = np.random.default_rng(0).integers(0, 2, (50, 200))
    rows[7] = rows[30]
    found = combined(groups(rows))
    _, expected = np.unique(rows, axis=0, return_inverse=True)
    assert len(set(zip(found, expected, strict=True))) == 49 == len(set(found))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "more"),
    [("factor_vae", {"points": 99}), ("z_max_var", {"points": 99}), ("higgins", {})],
)
def test_scores_of_many_codes_gather_them_in_blocks(name, more, monkeypatch):
    """The same bits, and not all votes at once, which would be 115 MB."""
    rng = np.random.default_rng(0)
    factors = np.stack(np.unravel_index(np.arange(60), (3, 4, 5)), axis=1)
    table = Table(rng.normal(size=(60, 300)), factors)
    ask = partial(METRICS[name], table, jax.random.key(0), train=1000, test=500, batch=32, **more)
    whole = ask()
    monkeypatch.setattr("dbench.metrics.shared.groups.VALUES", 2**16)
    tracemalloc.start()
    found = ask()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = "value", "stderr"
    assert [getattr(found, x) for x in kept] == [getattr(whole, x) for x in kept]
    assert found.parts["train_accuracy"] == whole.parts["train_accuracy"]
    assert peak < 20e6


def test_blocks_are_put_together_in_order():
    def of(rows):
        return rows.sum(axis=1)

    rows = np.arange(70_000).reshape(700, 100)
    assert (in_blocks(of, 10**5, rows) == of(rows)).all()  # of one row each
    assert (in_blocks(of, 3000, rows) == of(rows)).all()  # of 13
    assert in_blocks(of, 3, rows[:0]).shape == (0,)
