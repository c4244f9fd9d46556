import jax
import numpy as np

from dbench.data import grid_square


def test_is_the_rule_of_the_docstring_and_no_square_is_cut_off():
    data = grid_square.load()
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        images = np.asarray(data.gather(data.arrays, np.arange(data.size)))
    assert images.shape == (121, 12, 12, 1) and (images.sum(axis=(1, 2, 3)) == 4).all()
    r, c = np.indices((12, 12))
    for row, (x, y) in enumerate(data.factors):
        inside = (c - x >= 0) & (c - x < 2) & (r - y >= 0) & (r - y < 2)
        assert np.array_equal(images[row, ..., 0], inside)
    assert data.cyclic == ()
