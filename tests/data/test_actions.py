"""Actions by hand, against a plain loop over factors, and what is refused."""

import jax
import numpy as np
import pytest

from dbench.data import DATASETS, actions, grid_square, periodic_square, views, xy_blobs
from dbench.errors import InputError


@pytest.fixture(scope="module")
def square():
    return grid_square.load()


def by_hand(dataset, text, row):
    """Rows after each action, by the factors' values."""
    found = []
    for action in actions.listed(text):
        values = dataset.factors[row].copy()
        j = dataset.names.index(action.factor)
        n, value = dataset.sizes[j], values[j] + action.step
        cyclic = action.end == "cyclic" or (not action.end and action.factor in dataset.cyclic)
        values[j] = value % n if cyclic else min(max(value, 0), n - 1)
        found.append(int(np.ravel_multi_index(tuple(values), dataset.sizes)))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("load", "text"),
    [
        (grid_square.load, "x,y"),
        (grid_square.load, "y-1,x:cyclic"),
        (xy_blobs.load, "size,y:cyclic,x"),
        (periodic_square.load, "x,y:clipped"),
    ],
)
def test_steps_are_those_of_a_loop_over_factors(load, text):
    data = load(None)
    made, rows = actions.actions(data, text), np.arange(data.size, dtype=np.int32)
    after = np.asarray(jax.jit(actions.every_step)(made, rows))
    assert after.dtype == np.int32 and after.shape == (data.size, len(actions.listed(text)))
    assert all(list(after[row]) == by_hand(data, text, row) for row in range(0, data.size, 7))
    chosen = rows % after.shape[1]
    assert (np.asarray(actions.step(made, rows, chosen)) == after[rows, chosen]).all()


def test_written_actions_have_names_in_their_order(square):
    names = [action.name for action in actions.listed(" x, y-1 ,posX:cyclic")]
    assert names == ["x+1", "x-1", "y-1", "posX+1", "posX-1"]
    assert actions.moved(square, "y,x-1,x+1") == ["y", "x"]
    assert actions.everything(square) == "x,y"


@pytest.mark.slow
def test_a_whole_turn_has_one_image_less_than_values(square):
    """The first and the last orientation are one image: 10 steps a turn, and each is a move."""
    angles = np.linspace(0, 2 * np.pi, 11)
    data = square._replace(names=("orientation", "y"), values=(angles, square.values[1]))
    rows = np.array([0, 9, 10], np.int32) * 11
    made = actions.actions(data, "orientation:cyclic")
    after = np.asarray(actions.every_step(made, rows)) // 11
    assert after[:, 0].tolist() == [1, 0, 1] and after[:, 1].tolist() == [9, 8, 9]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no action in ''"),
        ("x\ny", "is no action: name a factor, as 'x', 'x.1' or 'x-1'"),
        (" , ", "there is no action in ' , '"),
        ("x,x+1", "an action is named twice"),
        ("posX", "unknown factor of grid_square in the actions 'posX': 'posX' .known: x, y."),
        ("x,x+2", "unknown factor of grid_square in the actions 'x,x.2': 'x.2' .known: x, y."),
    ],
)
def test_what_is_no_action_is_one_sentence(square, text, said):
    with pytest.raises(InputError, match=said) as error:
        actions.actions(square, text, "icf")
    assert "\n" not in str(error.value)


def test_a_set_without_a_grid_is_one_sentence(square):
    some = square._replace(factors=square.factors[:-1])
    for data, said in (
        (some, "icf moves from image to image, which needs images of all combinations"),
        (square._replace(names=(), values=()), "icf needs factors, and grid_square has none"),
        (views.view(square, {"part": [0.5, 0]}), "icf moves from image to image.*no view of it"),
        (square._replace(values=(np.arange(1.0), np.arange(121.0))), "all combinations"),
    ):
        with pytest.raises(InputError, match=said) as error:
            actions.actions(data, "x", "icf")
        assert "\n" not in str(error.value)


def test_a_factor_with_one_value_cannot_be_moved():
    data = DATASETS["dsprites_tiny"](None)
    with pytest.raises(InputError, match="color of dsprites_tiny has one value"):
        actions.actions(data, "color")
