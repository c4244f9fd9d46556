"""A policy as a table over rows: probabilities of each action, [n, a]; and how it is played.

Observations are rows of a data set, so whatever an agent learned is such a table in the end.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dbench.agents.environments.task import Task, many


class Played(NamedTuple):
    """What came of episodes, an array each, of JAX or NumPy."""

    returns: Any  # sums of rewards
    good: Any  # rewards above 0
    bad: Any  # rewards below 0
    steps: Any


def greedy(values: jax.Array, epsilon: float | jax.Array = 0.0) -> jax.Array:
    """values [n, a] -> the best action of each row, or any other with a probability of epsilon."""
    count = values.shape[1]
    return (1 - epsilon) * jax.nn.one_hot(values.argmax(axis=1), count) + epsilon / count


def pick(drawn: jax.Array, chances: jax.Array) -> jax.Array:
    """Actions [m] by their chances [m, a] and numbers [m] in [0, 1)."""
    at = (drawn[:, None] >= chances.cumsum(axis=1)).sum(axis=1)
    return jnp.minimum(at, chances.shape[1] - 1).astype(jnp.int32)


def episodes(task: Task, key: jax.Array, policy: jax.Array, count: int, domain) -> tuple:
    """`count` whole episodes side by side, [t, count] each: rows, actions, rewards, going.

    `going`: it was not over before. Nothing is rewarded afterwards.
    """
    key_start, key_play = jax.random.split(key)
    drawn = jax.random.uniform(key_play, (task.steps, count, task.draws + 1))

    def step(carry, drawn):
        states, over = carry
        rows = jax.vmap(task.row)(states)
        chosen = pick(drawn[:, 0], policy[rows])
        states, reward, done = jax.vmap(task.move)(drawn[:, 1:], states, chosen)
        return (states, over | done), (rows, chosen, jnp.where(over, 0, reward), ~over)

    start = many(task, key_start, count, domain), jnp.zeros(count, bool)
    return jax.lax.scan(step, start, drawn)[1]


@partial(jax.jit, static_argnames=("task", "count"))
def play(task: Task, key: jax.Array, policy: jax.Array, count: int) -> Played:
    """Episodes by a policy [n, a] in each of d domains: [d, count] each."""

    def one(domain):
        _, _, rewards, going = episodes(task, key, policy, count, domain)
        good, bad = (rewards > 0).sum(axis=0), (rewards < 0).sum(axis=0)
        return Played(rewards.sum(axis=0), good, bad, going.sum(axis=0))

    return jax.lax.map(one, jnp.arange(len(task.domains)))


def uniform(rows: int, actions: int) -> np.ndarray:
    """The random policy: what an agent has to beat."""
    return np.full((rows, actions), 1 / actions, np.float32)
