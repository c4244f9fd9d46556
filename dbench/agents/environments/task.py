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
    draws: int  # numbers in [0, 1) that chance needs for a begin or a step
    begin: Callable  # (drawn [draws], domain: index) -> state
    move: Callable  # (drawn [draws], state, action) -> state, reward (), done ()
    row: Callable  # state -> () int32: what the agent sees
    steps: int  # an episode has at most
    best: float  # highest return of an episode
    rows: dict[str, np.ndarray]  # domain -> rows [r] int32 that can be seen there
    ideal: np.ndarray  # [n] int32: an action of the best policy by row


def reset(task: Task, key: jax.Array, domain: jax.Array | int) -> Any:
    """The begin of an episode in a domain, by its index."""
    return task.begin(jax.random.uniform(key, (task.draws,)), domain)


def step(task: Task, key: jax.Array, state: Any, action) -> tuple[Any, jax.Array, jax.Array]:
    """What comes of an action: state, reward (), done ()."""
    return task.move(jax.random.uniform(key, (task.draws,)), state, action)


def many(task: Task, key: jax.Array, count: int, domain: jax.Array | int) -> Any:
    """States of the begins of `count` episodes."""
    drawn = jax.random.uniform(key, (count, task.draws))
    return jax.vmap(lambda drawn: task.begin(drawn, domain))(drawn)


def advance(task: Task, drawn: jax.Array, states: Any, chosen: jax.Array):
    """One step of m environments of the source; one that ends begins anew. drawn [m, 2 draws].

    Returns states, reward [m], done [m], and the rows [m] that were seen last before a new begin.
    All of chance is drawn at once: a program of many small draws takes long to compile.
    """
    states, reward, done = jax.vmap(task.move)(drawn[:, : task.draws], states, chosen)
    after = jax.vmap(task.row)(states)
    begun = jax.vmap(lambda drawn: task.begin(drawn, 0))(drawn[:, task.draws :])
    states = jax.tree.map(lambda new, old: jnp.where(done, new, old), begun, states)
    return states, reward, done, after
