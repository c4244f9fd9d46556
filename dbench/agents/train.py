"""Agents of some seeds trained on a table of codes, as one compiled program, and their returns."""

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dbench import environment
from dbench.agents import networks
from dbench.agents.environments.task import Task
from dbench.agents.policies import Played, play
from dbench.agents.registry import AGENTS

PARTS = 10  # of training: after each the return is measured, for the curve

# Options of agents that train an encoder on, where their own do not do. At its own rate, 2e-3, a2c
# from pixels has the best return after 400 updates, and passes everything after 600.
BEHIND = {"a2c": {"learning_rate": 5e-4}}


class Trained(NamedTuple):
    """m agents that differ in their seed alone; d domains."""

    policy: np.ndarray  # [m, n, a]; NaN of one that diverged
    curve: np.ndarray  # [m, PARTS, d] mean return while it learns
    played: Played  # [m, d, episodes] each, at the end
    codes: np.ndarray | None = (
        None  # [m, n, k] of each one's own encoder, at the end; if it has one
    )


def scaled(codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Codes [n, d] with mean 0 each, and all of them of mean square 1, over some rows.

    One scale for all, so that codes that hardly vary are not blown up. More codes than there are
    rows, as raw pixels, become as many as rows, with the same distances and scalar products: the
    symmetric root of their Gram matrix, which has no axes of its own. BLAS has one thread: with
    their number the order of its sums changes, and an agent takes the last bit elsewhere.
    """
    codes = codes - codes[rows].mean(axis=0, dtype=np.float64)
    if codes.shape[1] > len(codes):
        with environment.one_thread():
            values, axes = np.linalg.eigh(codes @ codes.T)
            codes = axes * np.sqrt(np.maximum(values, 0)) @ axes.T
    return (codes / _size(codes[rows])).astype(np.float32)


def scale(codes: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, float]:
    """The means [d] and the one number that `scaled` takes of codes no more than rows."""
    mean = codes[rows].mean(axis=0, dtype=np.float64)
    return mean.astype(np.float32), _size(codes[rows] - mean)


def _size(codes: np.ndarray) -> float:
    size = float(np.sqrt((codes**2).mean()))
    return size if size > 0 else 1.0


@cache
def _learner(task: Task, agent: str, updates: int, net: networks.Net | None):
    given = {} if net is None else {"net": net, **BEHIND.get(agent, {})}
    learner = AGENTS[agent](task, **given)
    return learner._replace(updates=updates or learner.updates)


@partial(jax.jit, static_argnames=("task", "agent", "updates", "net"))
def _train(task: Task, agent: str, updates: int, net, codes, start, keys):
    """Policies [m, PARTS, n, a] as they are learned, and what is seen in the end by encoders."""
    learner = _learner(task, agent, updates, net)
    length = -(-learner.updates // PARTS)

    def one(key):
        key_init, key_train = jax.random.split(key)

        def update(state, at):
            progress = at / learner.updates
            return learner.update(state, codes, jax.random.fold_in(key_train, at), progress), None

        def part(state, first):
            state, _ = jax.lax.scan(update, state, first + jnp.arange(length))
            return state, learner.policy(state, codes)

        state = learner.init(key_init, codes, start)
        state, policies = jax.lax.scan(part, state, length * jnp.arange(PARTS))
        return policies, None if net is None else learner.look(state, codes)

    return jax.vmap(one)(keys)


def train(
    task: Task,
    agent: str,
    codes: np.ndarray,
    key: jax.Array,
    *,
    seeds: int = 4,
    updates: int = 0,
    episodes: int = 256,
) -> Trained:
    """`seeds` agents on codes [n, d]; `updates` 0 for those that the agent makes by default.

    Returns are of `episodes` in each domain.
    """
    given = jnp.asarray(scaled(codes, task.rows[task.domains[0]]))
    return _trained(task, agent, None, given, (), key, seeds, updates, episodes)


def train_vision(
    task: Task,
    agent: str,
    encode: Callable,
    vision: networks.Vision,
    images: jax.Array,
    key: jax.Array,
    *,
    seeds: int = 4,
    updates: int = 0,
    episodes: int = 256,
) -> Trained:
    """`train` on images [n, h, w, c], seen by an encoder that each agent trains on from `vision`.

    `encode`: (params, given, images [b, h, w, c]) -> codes [b, d]; one object, or it compiles anew.
    """
    net = networks.seeing(encode)
    return _trained(task, agent, net, images, vision, key, seeds, updates, episodes)


def _trained(task, agent, net, seen, start, key, seeds, updates, episodes) -> Trained:
    key_train, key_play = jax.random.split(key)
    keys = jax.random.split(key_train, seeds)
    learned, codes = _train(task, agent, updates, net, seen, start, keys)
    every = learned.reshape(-1, *learned.shape[2:])
    found = jax.device_get([play(task, key_play, policy, episodes) for policy in every])
    played = Played(
        *(np.stack(x).reshape(seeds, PARTS, *x[0].shape) for x in zip(*found, strict=True))
    )
    policies = np.asarray(learned)
    curve = played.returns.mean(axis=3)
    curve = np.where(np.isfinite(policies).all(axis=(2, 3))[..., None], curve, np.nan)
    own = Played(*(x[:, -1] for x in played))
    return Trained(policies[:, -1], curve, own, jax.device_get(codes))
