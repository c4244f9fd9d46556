import numpy as np

from dbench.data.grid import grid


def test_grid_is_in_c_order():
    assert grid((1, 2, 3)).tolist() == [
        [0, 0, 0], [0, 0, 1], [0, 0, 2], [0, 1, 0], [0, 1, 1], [0, 1, 2]
    ]  # fmt: skip


def test_grid_agrees_with_numpys_row_numbers():
    sizes = (3, 1, 4, 5)
    assert (np.ravel_multi_index(tuple(grid(sizes).T), sizes) == np.arange(60)).all()
