"""What an environment is: pure functions, so that hundreds of them are one compiled program.

An observation is a row of a data set. Its image is drawn by `Dataset.gather`, and what a model sees
in it is a row of a table of codes. A state is a pytree of () arrays; `vmap` makes it many.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


@dataclass(frozen=True, eq=False)
class Task:
    """An environment on the rows of a data set. Two are the same if they are one object."""

    name: str
    actions: tuple[str, ...]  # their names
    domains: tuple[str, ...]  # where it can be: the first is the source, in which agents learn
    reset: Callable  # (key, domain: index) -> state
    step: Callable  # (key, state, action) -> state, reward (), done ()
    row: Callable  # state -> () int32: what the agent sees
    steps: int  # an episode has at most
    best: float  # highest return of an episode
    rows: dict[str, np.ndarray]  # domain -> rows [r] int32 that can be seen there
    ideal: np.ndarray  # [n] int32: an action of the best policy by row


def many(task: Task, keys: jax.Array, domain: jax.Array | int) -> Any:
    """States of an episode's begin, one a key [m]."""
    return jax.vmap(lambda key: task.reset(key, domain))(keys)


def advance(task: Task, key: jax.Array, states: Any, chosen: jax.Array, domain: jax.Array | int):
    """One step of m environments; one that ends begins anew.

    Returns states, reward [m], done [m], and the rows [m] that were seen last before a new begin.
    """
    keys = jax.random.split(key, 2 * len(chosen)).reshape(2, -1)
    states, reward, done = jax.vmap(task.step)(keys[0], states, chosen)
    after = jax.vmap(task.row)(states)
    begun = many(task, keys[1], domain)
    states = jax.tree.map(
        lambda new, old: jnp.where(done.reshape(-1, *[1] * (old.ndim - 1)), new, old), begun, states
    )
    return states, reward, done, after
