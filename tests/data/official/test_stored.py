import jax
import numpy as np

from dbench.data.official import stored

LEVELS = np.arange(256, dtype=np.uint8).reshape(2, 8, 16, 1)


def test_grey_levels_are_255ths_to_the_last_bit_inside_jit_and_out():
    rows = np.array([1, 0])
    expected = LEVELS[rows].astype(np.float32) * np.float32(1 / 255)
    assert expected.max() == 1
    for gather in (stored.gather, jax.jit(stored.gather)):
        with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
            images = np.asarray(gather(LEVELS, rows))
        assert images.dtype == np.float32 and (images == expected).all()


def test_without_factors_the_rows_are_the_grid():
    values = (np.array([5.0, 6.0]), np.array([1.0]))
    dataset = stored.dataset("mine", LEVELS, ("a", "b"), values)
    assert dataset.factors.tolist() == [[0, 0], [1, 0]] and dataset.shape == (8, 16, 1)
    free = stored.dataset("mine", LEVELS, (), (), np.zeros((2, 0), np.int32))
    assert free.sizes == () and free.size == 2
