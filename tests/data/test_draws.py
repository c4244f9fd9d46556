"""Numbers of a row: always the same, uniform, and of no other number's making."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.data import draws

ROWS = np.arange(0, 737_280, 180)  # 4096
COUNT = 300


@pytest.fixture(scope="module")
def numbers():
    return np.asarray(draws.uniform(ROWS, COUNT), np.float64)


def mixed(x, added=0):
    """The rule of the docstring in Python's whole numbers."""
    x = ((x ^ x >> 16) * 0x7FEB352D + added) % 2**32
    x = (x ^ x >> 15) * 0x846CA68B % 2**32
    return x ^ x >> 16


@pytest.mark.slow
def test_is_the_rule_of_the_docstring():
    rows = [0, 1, 2880, 737_279]
    by_hand = [
        [mixed(mixed(2 * r) ^ (0x9E3779B9 * i % 2**32), mixed(2 * r + 1)) for i in range(7)]
        for r in rows
    ]
    assert np.asarray(draws.bits(np.array(rows), 7)).tolist() == by_hand


@pytest.mark.slow
def test_a_row_has_its_numbers_in_any_batch_and_compiled():
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        many = jax.jit(draws.bits, static_argnums=1)(jnp.arange(50), COUNT)
    assert (many[7] == draws.bits(np.array([7]), COUNT)[0]).all()
    assert (many[7, :5] == draws.bits(np.array([7, 9]), 5)[0]).all()


@pytest.mark.slow
def test_numbers_are_uniform(numbers):
    assert 0 <= numbers.min() < 1e-5 and 1 - 1e-5 < numbers.max() < 1
    counts = np.bincount((numbers * 256).astype(int).ravel(), minlength=256)
    expected = numbers.size / 256
    chi2 = ((counts - expected) ** 2 / expected).sum()
    assert 170 < chi2 < 350  # 255 degrees of freedom, standard deviation 22.6
    for axis in (0, 1):  # every row, every place
        error = (numbers.mean(axis) - 0.5) * np.sqrt(12 * numbers.shape[axis])
        assert np.abs(error).max() < 5 and error.std() == pytest.approx(1, abs=0.15)


@pytest.mark.slow
def test_every_bit_is_set_half_of_the_time():
    words = np.asarray(draws.bits(ROWS, COUNT))
    set_ = np.array([(words >> np.uint32(i) & 1).mean() for i in range(32)])
    assert np.abs(set_ - 0.5).max() < 5 * 0.5 / np.sqrt(words.size)


@pytest.mark.parametrize("lag", [1, 2, 3, 64, 192])
def test_numbers_of_a_row_do_not_depend_on_their_neighbours(numbers, lag):
    r = np.corrcoef(numbers[:, lag:].ravel(), numbers[:, :-lag].ravel())[0, 1]
    assert abs(r) < 5 / np.sqrt(numbers[:, lag:].size)


@pytest.mark.parametrize("lag", [1, 32, 1024, 40_960, 245_760])  # a step of a factor of dSprites
def test_rows_do_not_depend_on_each_other(numbers, lag):
    others = np.asarray(draws.uniform(ROWS + lag, COUNT), np.float64)
    for shift in (0, 1, 7):
        one, two = numbers[:, shift:].ravel(), others[:, : COUNT - shift].ravel()
        assert abs(np.corrcoef(one, two)[0, 1]) < 5 / np.sqrt(len(one))


@pytest.mark.slow
def test_no_row_goes_on_where_another_began():
    words = np.asarray(draws.bits(np.arange(20_000), 64))
    pairs = words[:, :-1].astype(np.uint64) << np.uint64(32) | words[:, 1:]
    assert len(np.unique(pairs)) == pairs.size


@pytest.mark.slow
def test_whole_numbers_below_a_bound():
    words = draws.bits(ROWS, COUNT)
    for n in (1, 3, 211):
        counts = np.bincount(np.asarray(draws.below(words, n)).ravel(), minlength=n)
        assert len(counts) == n
        np.testing.assert_allclose(counts, words.size / n, rtol=0.08)
    assert np.asarray(draws.below(jnp.array([0, 2**32 - 1], jnp.uint32), 2**16)).tolist() == [
        0,
        2**16 - 1,
    ]
