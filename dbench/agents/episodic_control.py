"""Episodic control on frozen codes: no network, a memory of the best return.

    after an episode   Q(s, a) <- max(Q(s, a), R),  R the discounted return from (s, a) on
    Q(s, a)            of what was met, else the mean of Q(., a) of the `neighbours` nearest codes

Blundell et al., "Model-Free Episodic Control", 2016, eq. 1 and 2. Whatever transfers does so by
distances of codes alone. Departures: the memory holds every code that can be met, so that nothing
is forgotten; an update is an episode of all environments at once, after which the values of all
codes are looked up anew.
"""

import jax
import jax.numpy as jnp

from dbench.agents.environments.task import Task
from dbench.agents.learner import Learner
from dbench.agents.policies import episodes, greedy


def episodic_control(
    task: Task,
    *,
    updates: int = 60,
    environments: int = 32,
    neighbours: int = 11,
    gamma: float = 0.9,
    epsilon: float = 0.05,
) -> Learner:
    """Episodic control (Blundell et al. 2016).

    An update is an episode of each of `environments`; the first half explores from all random down
    to `epsilon`.
    """
    actions = len(task.actions)

    def init(key, codes, start=()):
        size = (codes**2).sum(axis=1)
        near = size[:, None] + size[None] - 2 * codes @ codes.T
        memory = jnp.full((len(codes), actions), -jnp.inf)
        return {"near": near, "memory": memory, "first": _first(key, codes)}

    few = min(neighbours, len(task.ideal))  # there may be fewer rows

    def values(state):
        """Q [n, a]: what was met, or the mean of the nearest of it."""

        def of(memory):  # of an action, [n]
            met = jnp.isfinite(memory)
            far, at = jax.lax.top_k(jnp.where(met[None], -state["near"], -jnp.inf), few)
            there = jnp.isfinite(far)
            known = jnp.where(there, jnp.where(met, memory, 0)[at], 0).sum(axis=1)
            return jnp.where(met, memory, known / jnp.maximum(there.sum(axis=1), 1))

        return jax.vmap(of, in_axes=1, out_axes=1)(state["memory"])[state["first"]]

    def update(state, codes, key, progress):
        explore = jnp.maximum(epsilon, 1 - 2 * (1 - epsilon) * progress)
        policy = greedy(values(state), explore)
        rows, chosen, reward, going = episodes(task, key, policy, environments, 0)

        def back(later, now):
            total = now + gamma * later
            return total, total

        _, returns = jax.lax.scan(back, jnp.zeros(environments), reward, reverse=True)
        returns = jnp.where(going, returns, -jnp.inf)  # nothing is learned after an end
        met = state["first"][rows.reshape(-1)]
        memory = state["memory"].at[met, chosen.reshape(-1)].max(returns.reshape(-1))
        return state | {"memory": memory}

    def policy(state, codes):
        return greedy(values(state), epsilon)

    return Learner(init, update, policy, lambda state, codes: codes, updates)


def _first(key: jax.Array, codes: jax.Array) -> jax.Array:
    """The first row of each row's code, [n]: the agent knows no rows, so that equal codes are one.

    By a sum of whole numbers, which is the same in any order.
    """
    bits = jax.lax.bitcast_convert_type(codes + 0.0, jnp.uint32)
    sums = (bits * (jax.random.bits(key, (1, codes.shape[1])) | 1)).sum(axis=1)
    return (sums[:, None] == sums[None]).argmax(axis=1)
