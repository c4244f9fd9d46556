"""seek_avoid: an agent takes the good of two objects and passes the bad one, after DARLA.

Objects stand one after another in a room, each somewhere in front of the agent and far away.

    left, right   the agent turns: the object moves by one bearing; beyond the last one it is out of
                  sight, and passed
    forward       it comes one distance nearer; from the nearest it takes the object if that is
                  straight ahead, and passes it otherwise

    taken         hat -1, can +1 (set A); cake -1, balloon +1 (set B); whatever is passed 0
    source        one of these by episode: A in room 1, B in room 1, B in room 2
    target        A in room 2
    episode       ten objects of one set, five of each in an order drawn by chance; at most 100
                  steps. The highest return is 5, which is always possible: of seek_rooms no object
                  takes more than six steps. Who takes all has 0; who acts at random, 0 on average.

Rewards and conjunctions are those of DeepMind Lab's `rooms_collect_good_objects`, whose README
cites Higgins et al., "DARLA", ICML 2017. The room tells nothing of what is good:
only that a hat or a can stands in room 2 is new in the target.

Departures: their objects stand together in a room of walls, ten good and ten bad, and an episode
ends after ten are taken or a minute. Their paper's scores (up to 19.7) are of another episode
still: heights cannot be compared.
"""

import math
from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dbench.agents.environments.task import Task
from dbench.base import Dataset
from dbench.data.grid import grid
from dbench.errors import InputError

ACTIONS = ("left", "right", "forward")
OBJECTS = 10  # of an episode, half of them good
STEPS = 100
BEST = OBJECTS / 2
DOMAINS: dict[str, list[tuple[int, int]]] = {  # conjunctions of (room, set) by index, as published
    "source": [(0, 0), (0, 1), (1, 1)],
    "target": [(1, 0)],
}
ROLES = {"room": 2, "object": 4, "bearing": 2, "distance": 2}  # factor -> fewest values


class State(NamedTuple):
    """Of one environment, () int32 each."""

    room: jax.Array
    kind: jax.Array  # set: 0 is A
    good: jax.Array  # whether the object in sight is
    left: jax.Array  # objects that are still to come, the one in sight included
    left_good: jax.Array  # good ones among them
    bearing: jax.Array
    distance: jax.Array
    rest: jax.Array  # other factors of the image, as rows
    time: jax.Array


def seek_avoid(dataset: Dataset, steps: int = STEPS) -> Task:
    """The task on a data set with factors room, object, bearing and distance, as `seek_rooms`."""
    _check(dataset, steps)
    return _task(dataset.names, dataset.sizes, steps)


@cache  # one object for all that is alike, so that it is compiled once
def _task(names: tuple[str, ...], sizes: tuple[int, ...], steps: int) -> Task:
    strides = np.append(np.cumprod(sizes[:0:-1])[::-1], 1).astype(np.int32)
    by = dict(zip(names, strides.tolist(), strict=True))
    bearings, distances = (sizes[names.index(name)] for name in ("bearing", "distance"))
    free = [j for j, name in enumerate(names) if name not in ROLES]
    others = _sums([np.arange(sizes[j]) * strides[j] for j in free])
    conjunctions = np.zeros((len(DOMAINS), 3, 2), np.int32)
    counts = np.array([len(pairs) for pairs in DOMAINS.values()], np.int32)
    for at, pairs in enumerate(DOMAINS.values()):
        conjunctions[at, : len(pairs)] = pairs

    def placed(drawn, left, left_good) -> dict[str, jax.Array]:
        """The next object, by numbers in [0, 1): a random order, one by one."""
        rest = jnp.asarray(others)[(drawn[1] * len(others)).astype(jnp.int32)]
        return {
            "good": (drawn[2] * left < left_good).astype(jnp.int32),
            "bearing": (drawn[0] * bearings).astype(jnp.int32),
            "distance": jnp.int32(0),
            "rest": rest,
        }

    def begin(drawn, domain) -> State:
        at = (drawn[3] * jnp.asarray(counts)[domain]).astype(jnp.int32)
        room, kind = jnp.asarray(conjunctions)[domain, at]
        left = {"left": jnp.int32(OBJECTS), "left_good": jnp.int32(OBJECTS // 2)}
        return State(room=room, kind=kind, time=jnp.int32(0), **left, **placed(drawn, **left))

    def move(drawn, state: State, action) -> tuple[State, jax.Array, jax.Array]:
        bearing = state.bearing + (action == 0) - (action == 1)
        distance = state.distance + (action == 2)
        reached, ahead = distance == distances, state.bearing == bearings // 2
        gone = reached | (bearing < 0) | (bearing == bearings)
        reward = jnp.where(reached & ahead, 2 * state.good - 1, 0).astype(jnp.float32)
        left = {"left": state.left - gone, "left_good": state.left_good - gone * state.good}
        new = placed(drawn, **left)
        here = state._asdict() | {"bearing": bearing, "distance": distance}
        state = State(**here | {k: jnp.where(gone, v, here[k]) for k, v in new.items()} | left)
        state = state._replace(time=state.time + 1)
        return state, reward, (state.left == 0) | (state.time == steps)

    def row(state: State) -> jax.Array:
        own = {"room": state.room, "object": 2 * state.kind + state.good}
        own |= {"bearing": state.bearing, "distance": state.distance}
        return state.rest + sum(by[name] * value for name, value in own.items())

    factors = dict(zip(names, grid(sizes).T, strict=True))
    rows = {name: _rows(factors, pairs) for name, pairs in DOMAINS.items()}
    ideal = _ideal(factors, bearings // 2)
    how = (4, begin, move, row, steps, BEST, rows, ideal)
    return Task("seek_avoid", ACTIONS, tuple(DOMAINS), *how)


def _check(dataset: Dataset, steps: int) -> None:
    """An InputError if there is no such task on a data set."""
    if steps < 1:
        raise InputError(f"an episode of seek_avoid has at least one step, not {steps}")
    for name, least in ROLES.items():
        if name not in dataset.names or dataset.sizes[dataset.names.index(name)] < least:
            raise InputError(
                f"seek_avoid needs a factor {name} of {least} values and more, which "
                f"{dataset.name} has not: take seek_rooms"
            )
    if dataset.size != math.prod(dataset.sizes):
        raise InputError(
            f"seek_avoid needs all combinations of its factors, which {dataset.name} has not: take "
            "seek_rooms"
        )


def _sums(parts: list[np.ndarray]) -> np.ndarray:
    """All sums of one number of each part."""
    total = np.zeros(1, np.int32)
    for part in parts:
        total = np.add.outer(total, part).ravel().astype(np.int32)
    return total


def _rows(factors: dict[str, np.ndarray], pairs: list[tuple[int, int]]) -> np.ndarray:
    """The rows that can be seen in these conjunctions."""
    there = np.zeros(len(factors["room"]), bool)
    for room, kind in pairs:
        there |= (factors["room"] == room) & (factors["object"] // 2 == kind)
    return np.flatnonzero(there).astype(np.int32)


def _ideal(factors: dict[str, np.ndarray], middle: int) -> np.ndarray:
    """Towards what is good and away from what is bad."""
    right, ahead = factors["bearing"] > middle, factors["bearing"] == middle
    towards = np.where(ahead, 2, right)
    return np.where(factors["object"] % 2 == 1, towards, 1 - right).astype(np.int32)
