"""One episode as it goes: what is seen, what is done, what comes of it."""

from functools import partial
from typing import NamedTuple

import jax
import numpy as np

from dbench.agents.environments.task import Task
from dbench.agents.policies import draw


class Episode(NamedTuple):
    """t steps of an episode."""

    rows: np.ndarray  # [t] what was seen
    actions: np.ndarray  # [t] what was done then
    rewards: np.ndarray  # [t] what came of it


@partial(jax.jit, static_argnames="task")
def _steps(task: Task, key: jax.Array, policy: jax.Array, domain):
    key_start, key_play = jax.random.split(key)

    def step(state, at):
        key_act, key_step = jax.random.split(jax.random.fold_in(key_play, at))
        row = task.row(state)
        chosen = draw(key_act, policy, row[None])[0]
        state, reward, done = task.step(key_step, state, chosen)
        return state, (row, chosen, reward, done)

    return jax.lax.scan(step, task.reset(key_start, domain), np.arange(task.steps))[1]


def episode(task: Task, key: jax.Array, policy: np.ndarray, domain: str) -> Episode:
    """An episode by a policy [n, a], to its end."""
    found = _steps(task, key, policy, task.domains.index(domain))
    rows, chosen, rewards, done = (np.asarray(each) for each in found)
    end = int(done.argmax()) + 1 if done.any() else task.steps
    return Episode(rows[:end], chosen[:end], rewards[:end])
