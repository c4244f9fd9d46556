"""HFS: the Hausdorff distance of a support from the product of its sides, by hand."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.models import MODELS
from dbench.models.hfs import farthest, narrow

from .conftest import SHAPE, SMALL, initial, pictures, updater

KEY = jax.random.key(0)


@pytest.mark.slow
def test_a_whole_grid_is_at_no_distance():
    grid = jnp.array(list(itertools.product([0.0, 1.0, 2.0], repeat=3)))
    assert float(farthest(KEY, grid, 3, 200)) == 0.0


@pytest.mark.slow
def test_a_diagonal_by_hand():
    """Combinations of 0 and 1 that do not occur are at distance 1 of both; with -1 and 2 farther.

    Of the diagonal -1, 0, 2 the farthest is (-1, 2): 9 - its nearest are (-1, -1) and (2, 2) at 9,
    and (0, 0) at 1 + 4 = 5.
    """
    unit = jnp.array([[0.0, 0.0], [1.0, 1.0]])
    assert float(farthest(KEY, unit, 1, 100)) == 1.0
    longer = jnp.array([[-1.0, -1.0], [0.0, 0.0], [2.0, 2.0]])
    assert float(farthest(KEY, longer, 1, 500)) == 5.0


@pytest.mark.slow
def test_the_gradient_is_that_of_the_farthest_combination_and_its_nearest():
    """(-1, 2) made of the first and last image, at 5 from (0, 0): see above.

    The distance is (a - c)^2 + (b - d)^2, a and b of these two images, c and d of the middle one.
    """
    longer = jnp.array([[-1.0, -1.0], [0.0, 0.0], [2.0, 2.1]])  # 2.1: (-1, 2.1) is the farthest
    gradient = jax.grad(lambda z: farthest(KEY, z, 1, 500))(longer)
    known = [[-2.0, 0.0], [2.0, -4.2], [0.0, 4.2]]
    np.testing.assert_allclose(gradient, known, rtol=1e-6)


@pytest.mark.slow
def test_pairs_are_drawn():
    """Codes 0 and 1 on a diagonal, 2 free: one pair in three has a distance, two have none."""
    codes = jnp.array([[x, x, y] for x, y in itertools.product([0.0, 1.0], repeat=2)])
    found = [float(farthest(jax.random.key(i), codes, 1, 100)) for i in range(60)]
    assert set(found) == {0.0, 1.0} and 8 < sum(found) < 32  # 20 expected, to 3.3 deviations
    assert float(farthest(KEY, codes, 3, 100)) == 1.0


@pytest.mark.slow
def test_a_narrow_support():
    codes = jnp.array([[0.25, -3.0], [0.5, 4.0]])
    assert float(narrow(codes)) == pytest.approx(0.5 + 0.25)


@pytest.mark.slow
def test_the_farthest_is_drawn_to_one_that_occurs():
    """Down the gradient of H the support fills the product of its sides."""
    codes = jnp.asarray(np.random.default_rng(0).normal(size=(64, 1)) * np.ones((1, 2)))
    codes = codes + 0.05 * jax.random.normal(KEY, codes.shape)
    step = jax.jit(jax.grad(lambda z, key: farthest(key, z, 1, 100)))
    moved = codes
    for i in range(300):
        moved = moved - 0.05 * step(moved, jax.random.key(i))
    before, after = (np.corrcoef(np.asarray(x).T)[0, 1] for x in (codes, moved))
    assert before > 0.99 and farthest(KEY, moved, 1, 1000) < farthest(KEY, codes, 1, 1000) / 4
    assert abs(after) < before


@pytest.mark.slow
def test_each_run_draws_its_own_combinations():
    """Of the same images, at the same step, another run's key draws others; its own the same."""
    model = MODELS["hfs"](SHAPE, pairs=1, combinations=3, **SMALL)
    update, state = updater(model, pictures(1, 16)), initial(model)
    found = [float(update(state, jax.random.key(i))[1]["hausdorff"]) for i in (0, 0, 1, 2, 3)]
    assert found[0] == found[1] and len(set(found)) == 4
