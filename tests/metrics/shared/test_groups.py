import numpy as np

from dbench.metrics.shared.groups import combined, draw, group, groups


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
