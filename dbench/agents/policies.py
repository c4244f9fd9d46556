"""A policy as a table over rows: probabilities of each action, [n, a]; and how it is played.

Observations are rows of a data set, so whatever an agent learned is such a table once it is trained.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dbench.agents.environments.task import Task, many


class Played(NamedTuple):
    """What came of episodes, an array each."""

    returns: jax.Array  # sums of rewards
    good: jax.Array  # rewards above 0
    bad: jax.Array  # rewards below 0
    steps: jax.Array


def greedy(values: jax.Array, epsilon: float = 0.0) -> jax.Array:
    """values [n, a] -> the best action of each row, or any other with a probability of epsilon."""
    count = values.shape[1]
    return (1 - epsilon) * jax.nn.one_hot(values.argmax(axis=1), count) + epsilon / count


def draw(key: jax.Array, policy: jax.Array, rows: jax.Array) -> jax.Array:
    """Actions [m] of rows [m]."""
    chance = policy[rows].cumsum(axis=1)
    at = (jax.random.uniform(key, rows.shape)[:, None] > chance).sum(axis=1)
    return jnp.minimum(at, policy.shape[1] - 1).astype(jnp.int32)


@partial(jax.jit, static_argnames=("task", "episodes"))
def play(task: Task, key: jax.Array, policy: jax.Array, episodes: int) -> Played:
    """Whole episodes by a policy [n, a] in each of d domains: [d, episodes] each."""

    def one(domain):
        key_start, key_play = jax.random.split(key)
        states = many(task, jax.random.split(key_start, episodes), domain)

        def step(carry, at):
            states, over = carry
            key_act, key_step = jax.random.split(jax.random.fold_in(key_play, at))
            chosen = draw(key_act, policy, jax.vmap(task.row)(states))
            keys = jax.random.split(key_step, episodes)
            states, reward, done = jax.vmap(task.step)(keys, states, chosen)
            return (states, over | done), (jnp.where(over, 0, reward), ~over)

        start = states, jnp.zeros(episodes, bool)
        _, (rewards, going) = jax.lax.scan(step, start, jnp.arange(task.steps))
        good, bad = (rewards > 0).sum(axis=0), (rewards < 0).sum(axis=0)
        return Played(rewards.sum(axis=0), good, bad, going.sum(axis=0))

    return jax.vmap(one)(jnp.arange(len(task.domains)))


def uniform(rows: int, actions: int) -> np.ndarray:
    """The random policy: what an agent has to beat."""
    return np.full((rows, actions), 1 / actions, np.float32)
