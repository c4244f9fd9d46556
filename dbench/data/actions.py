"""Actions on the grid of a data set: what an agent can do, and what comes of it.

A data set and its actions are an environment. A state is a row of the data set, that is a value of
each factor. An action moves one factor by one value, and `step` gives the next row. It is
arithmetic on rows: pure, and part of a compiled program. Actions are written by their factors:

    "x,y"                 x+1, x-1, y+1, y-1
    "x+1,y-1"             these two alone
    "orientation:cyclic"  orientation+1 and orientation-1; the last value is followed by the first

A move beyond the ends of a factor changes nothing, unless the factor is cyclic: one that the data
set declares so, or that is written so; ":clipped" takes a declared one back. Where the first and
the last value of a cyclic factor are a whole turn apart, as of the orientation of dSprites, these
two are one image, and n values have n - 1 steps a turn.
"""

import re
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset
from dbench.data.views import sampling
from dbench.errors import InputError, choose, short

Rows = jax.Array | np.ndarray
FORM = re.compile(r"(?P<factor>.+?)(?P<step>[+-]1)?(:(?P<end>cyclic|clipped))?")


class Action(NamedTuple):
    """One that is written; of no data set yet."""

    factor: str
    step: int  # 1 or -1
    end: str  # "cyclic", "clipped", or "": as the data set declares

    @property
    def name(self) -> str:
        """ "x+1"."""
        return f"{self.factor}{self.step:+d}"


class Actions(NamedTuple):
    """What a actions do to rows, [a] int32 each. A pytree: it may be part of `Sampler.extra`."""

    stride: np.ndarray  # rows between two neighbouring values of the factor
    size: np.ndarray  # values of the factor
    step: np.ndarray  # 1 or -1
    turn: np.ndarray  # steps after which it is where it was; 0: clipped


def listed(text: str) -> list[Action]:
    """The actions that a text names, in its order."""
    found = []
    for word in (word.strip() for word in text.split(",")):
        if not word:
            continue
        if not (match := FORM.fullmatch(word)):  # as of two lines
            raise InputError(f"{short(word)} is no action: name a factor, as 'x', 'x+1' or 'x-1'")
        factor, end = match["factor"].strip(), match["end"] or ""
        steps = [int(match["step"])] if match["step"] else [1, -1]
        found += [Action(factor, step, end) for step in steps]
    if not found:
        raise InputError(
            f"there is no action in {short(text)}: name the factors that an agent moves, as 'x,y'"
        )
    names = [action.name for action in found]
    if len(set(names)) < len(names):
        raise InputError(f"an action is named twice in {short(text)}")
    return found


def actions(dataset: Dataset, text: str, who: str = "an agent") -> Actions:
    """The actions of a text in a data set, which must have all combinations of its factors.

    `who` acts, for an error's sentence.
    """
    written = listed(text)
    sampling.whole_grid(dataset, who, "moves from image to image")
    strides = np.append(np.cumprod(dataset.sizes[:0:-1])[::-1], 1)
    rows, kind = [], f"factor of {dataset.name} in the actions {short(text)}:"
    for action in written:
        j = dataset.names.index(choose(kind, action.factor, dataset.names))
        if dataset.sizes[j] < 2:
            raise InputError(
                f"{dataset.names[j]} of {dataset.name} has one value, so that no action moves it"
            )
        rows.append((strides[j], dataset.sizes[j], action.step, _turn(dataset, j, action.end)))
    return Actions(*np.array(rows, np.int32).T)


def _turn(dataset: Dataset, j: int, end: str) -> int:
    if end == "clipped" or (not end and dataset.names[j] not in dataset.cyclic):
        return 0
    values = np.asarray(dataset.values[j], np.float64)
    same = np.isclose(abs(values[-1] - values[0]), 2 * np.pi, rtol=1e-6)
    return len(values) - int(same)


def moved(dataset: Dataset, text: str) -> list[str]:
    """Names of the factors that some action moves, each once."""
    written = [choose(f"factor of {dataset.name}", a.factor, dataset.names) for a in listed(text)]
    return list(dict.fromkeys(written))


def everything(dataset: Dataset) -> str:
    """The text of all moves of all factors that vary."""
    return ",".join(dataset.names[j] for j in dataset.varying)


def step(actions: Actions, rows: Rows, chosen: Rows) -> jax.Array:
    """The rows after an action each: rows, chosen [...] int32 -> [...] int32."""
    stride, size, by, turn = (jnp.asarray(each)[chosen] for each in actions)
    value = rows // stride % size
    after = value + by
    after = jnp.where(turn > 0, after % jnp.maximum(turn, 1), jnp.clip(after, 0, size - 1))
    return jnp.asarray(rows + (after - value) * stride)


def every_step(actions: Actions, rows: Rows) -> jax.Array:
    """The rows after each action: rows [b] -> [b, a] int32."""
    chosen = jnp.arange(len(actions.step))
    return step(actions, rows[:, None], jnp.broadcast_to(chosen, (len(rows), len(chosen))))
