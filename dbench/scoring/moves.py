"""What actions do: codes of states before and after each action, and the policies' choices."""

from functools import partial
from typing import NamedTuple

import jax
import numpy as np

from dbench.base import Dataset
from dbench.codes.encode import seen
from dbench.data import actions
from dbench.errors import InputError
from dbench.metrics.infomec import RANGE
from dbench.scoring.trained_model import TrainedModel
from dbench.training.programs import Program

BLOCK = 64  # images at a time


class Moves(NamedTuple):
    """Codes of n states, before and after each of a actions."""

    names: list[str]  # (a,) of the actions: "x+1"
    rows: np.ndarray  # [n] of the data set
    before: np.ndarray  # [n, d] float64
    after: np.ndarray  # [n, a, d]
    moved: np.ndarray  # [n, a] bool: the action changes the state
    share: float  # of the states of the data set: 1 is all of them

    @property
    def change(self) -> np.ndarray:
        """[n, a, d]."""
        return self.after - self.before[:, None]

    @property
    def active(self) -> np.ndarray:
        """[d] bool: codes whose range is more than 1/20 of the largest, as of `infomec_m`."""
        extent = np.ptp(self.before, axis=0)
        return extent > extent.max() / RANGE


def actions_of(program: Program, dataset: Dataset) -> str:
    """The text of the model's own actions; of another model, all moves of all factors."""
    return program.build().actions or actions.everything(dataset)


def movable(program: Program, dataset: Dataset) -> None:
    """An InputError if images of the data set do not follow each other by actions."""
    actions.actions(dataset, actions_of(program, dataset), "a score of actions")


def acts(program: Program, dataset: Dataset) -> None:
    """An InputError if the model has no policies."""
    if program.build().act is None:
        raise InputError(f"this score is of policies, which {program.model} has not")
    movable(program, dataset)


def moves(run: TrainedModel, rows: int) -> Moves:
    """Codes before and after each action, of states drawn by the key."""
    text = actions_of(run.program, run.dataset)
    made, states = actions.actions(run.dataset, text), run.distinct(rows)
    after = np.asarray(actions.every_step(made, states))  # [n, a]
    needed = np.unique(np.concatenate([states, after.ravel()]))
    needed = needed.astype(np.int32)
    table = run.codes("actions", needed)
    mean = table.mean.astype(np.float64)
    before, then = (mean[np.searchsorted(needed, some)] for some in (states, after))
    names = [action.name for action in actions.listed(text)]
    return Moves(
        names, states, before, then, after != states[:, None], len(states) / run.dataset.size
    )


@partial(jax.jit, static_argnames=("program", "gather"))
def _policies(program: Program, gather, numbers: dict, arrays, params, rows):
    act = program.build(numbers).act
    assert act is not None  # see `acts`
    return act(params, gather(arrays, rows))


def policies(run: TrainedModel, rows: np.ndarray) -> np.ndarray:
    """Probabilities [n, d, a] of the actions in some states."""
    arrays, gather = seen(run.program, run.dataset)
    blocks = np.resize(rows, -(-len(rows) // BLOCK) * BLOCK).reshape(-1, BLOCK).astype(np.int32)
    found = [
        _policies(run.program, gather, run.numbers, arrays, run.params, block) for block in blocks
    ]
    return np.concatenate(found)[: len(rows)].astype(np.float64)
