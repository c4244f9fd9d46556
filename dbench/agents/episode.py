"""One episode as it goes: what is seen, what is done, what comes of it."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dbench.agents.environments.task import Task
from dbench.agents.policies import episodes


class Episode(NamedTuple):
    """t steps of an episode."""

    rows: np.ndarray  # [t] what was seen
    actions: np.ndarray  # [t] what was done then
    rewards: np.ndarray  # [t] what came of it


def episode(task: Task, key: jax.Array, policy: np.ndarray, domain: str) -> Episode:
    """An episode by a policy [n, a], to its end."""
    found = episodes(task, key, jnp.asarray(policy), 1, task.domains.index(domain))
    rows, chosen, rewards, going = (np.asarray(each)[:, 0] for each in found)
    return Episode(rows[going], chosen[going], rewards[going])
