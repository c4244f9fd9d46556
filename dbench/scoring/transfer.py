"""Return of agents that act on what a model sees, where they learned and elsewhere.

The model's codes are frozen; or its encoder is where the agent's own begins, and learns with it
("tuned": DARLA_FT). Of a model that was never trained that is an agent from pixels.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dbench import memory
from dbench.agents.environments.seek_avoid import seek_avoid
from dbench.agents.environments.task import Task
from dbench.agents.networks import Vision
from dbench.agents.policies import play, uniform
from dbench.agents.train import Trained, scale, train, train_vision
from dbench.base import Dataset, Score
from dbench.errors import InputError, said_of
from dbench.scoring.trained_model import TrainedModel
from dbench.tables.agents import learned
from dbench.training.programs import Program, template

SEEDS = 4  # agents on the codes of each model
TUNED = 1  # agents that train its encoder on: each takes minutes
EPISODES = 256  # of each agent in each domain


def sought(program: Program, dataset: Dataset) -> None:
    """An InputError if there is no task on the data set, or agents cannot be trained here."""
    from dbench import extras

    extras.need("optax")
    seek_avoid(dataset)


def tunable(program: Program, dataset: Dataset) -> None:
    """`sought`, and an InputError if the model has no encoder that an agent can train on."""
    sought(program, dataset)
    if program.build().sees_factors:
        raise InputError(
            f"{program.model} is given the factors and no images: an agent has no encoder of it to "
            "train on"
        )
    if not all(jnp.issubdtype(x.dtype, jnp.floating) for x in jax.tree.leaves(_params(program))):
        raise InputError(
            f"{program.model} has parameters that are no floats: an agent cannot train it on"
        )
    images = 4 * dataset.size * math.prod(program.shape)
    memory.check(images, f"a table of all images of {dataset.name}, which agents train on,")


def _params(program: Program) -> Any:
    return template(program).params


def seen(run: TrainedModel) -> np.ndarray:
    """What the model sees in every image: [n, d]."""
    return run.codes("what agents see").mean


def agents(run: TrainedModel, agent: str, seeds: int, episodes: int, updates: int) -> Trained:
    """Agents on its codes; those of the source are those of the target."""
    task, how = seek_avoid(run.dataset), {"seeds": seeds, "episodes": episodes}
    return train(task, agent, run.once(seen), run.key, updates=updates, **how)


@cache  # one object for a program, so that it is compiled once
def _encoder(program: Program) -> Callable:
    def encode(params, numbers, images):
        return program.build(numbers).encode(params, images)[0]

    return encode


def tuned(run: TrainedModel, agent: str, seeds: int, episodes: int, updates: int) -> Trained:
    """Agents that see images, by its encoder, which they train on together with their layers."""
    task, data = seek_avoid(run.dataset), run.dataset
    mean, size = scale(run.once(seen), task.rows[task.domains[0]])
    vision = Vision(run.params, run.numbers, jnp.asarray(mean), jnp.asarray(size))
    rows = jnp.arange(data.size, dtype=jnp.int32)
    images = jax.jit(data.gather)(jax.device_put(data.arrays), rows)
    how = {"seeds": seeds, "episodes": episodes, "updates": updates}
    return train_vision(task, agent, _encoder(run.program), vision, images, run.key, **how)


def taught(
    run: TrainedModel, agent: str, seeds: int = 0, episodes: int = EPISODES, updates: int = 0
) -> Trained:
    """The agents of the scores of `agent`, as "dqn_tuned"; `seeds` 0: as many as these have."""
    plain = agent.removesuffix("_tuned")
    need, learn, count = (sought, agents, SEEDS) if plain == agent else (tunable, tuned, TUNED)
    need(run.program, run.dataset)
    return run.once(learn, plain, seeds or count, episodes, updates)


def floor(run: TrainedModel, episodes: int) -> np.ndarray:
    """Returns [d, e] of the random policy, in each domain."""
    task = seek_avoid(run.dataset)
    policy = uniform(run.dataset.size, len(task.actions))
    return np.asarray(play(task, run.key, policy, episodes).returns)


def judged(task: Task, domain: str, found: Trained, floor: np.ndarray) -> Score:
    """The score of trained agents; `floor` [d, e]: returns of the random policy."""
    at = task.domains.index(domain)
    alive = np.isfinite(found.policy).all(axis=(1, 2))
    if not alive.any():
        raise InputError("all agents diverged: their values are NaN or infinite")
    returns = found.played.returns[alive]  # [m, d, e]
    by_seed = returns.mean(axis=2)
    own, source = by_seed[:, at], by_seed[:, 0].mean()
    said = []
    if not alive.all():
        said.append(f"{(~alive).sum()} of {len(alive)} agents diverged and are left out")
    if at and not learned(source, task.best):
        said.append(
            f"agents have {source:.2f} of {task.best:g} where they learned: they say nothing about "
            "transfer"
        )
    played = found.played
    parts = {
        "seeds": own,
        "stderr_episodes": float(returns[:, at].std(ddof=1) / np.sqrt(returns[:, at].size)),
        "source": float(source),
        "floor": float(floor[at].mean()),
        "ceiling": task.best,
        "good": float(played.good[alive, at].mean()),
        "bad": float(played.bad[alive, at].mean()),
        "curve": found.curve[alive].mean(axis=0),
    }
    return Score(float(own.mean()), _stderr(returns[:, at]), parts, tuple(said))


def _stderr(returns: np.ndarray) -> float:
    """Of the mean of returns [m, e]: over agents, or of one alone over its episodes."""
    if len(returns) > 1:
        return float(returns.mean(axis=1).std(ddof=1) / np.sqrt(len(returns)))
    return float(returns.std(ddof=1) / np.sqrt(returns.size)) if returns.size > 1 else 0.0


def _score(name: str, agent: str, domain: str, first: str, said: str) -> Callable[..., Score]:
    count = TUNED if agent.endswith("_tuned") else SEEDS

    def score(
        run: TrainedModel, *, seeds: int = count, episodes: int = EPISODES, updates: int = 0
    ) -> Score:
        found = taught(run, agent, seeds, episodes, updates)
        with said_of(agent):
            return judged(seek_avoid(run.dataset), domain, found, run.once(floor, episodes))

    score.__name__ = score.__qualname__ = name
    score.__doc__ = f"{first}\n\n    {said}\n"
    return score


_PAPERS = {
    "a2c": "an actor-critic (A2C; A3C of Mnih et al. 2016, its actors in step)",
    "dqn": "a double DQN with replay (Mnih et al. 2015, van Hasselt et al. 2016)",
    "episodic_control": "episodic control (Blundell et al. 2016)",
}
_FROZEN = "Agents see the codes of one image; the model stays as it is."
_TUNED = """Agents see one image, by an encoder that begins as the model's and is
    trained on with the agent's layers (DARLA_FT; of `untrained_vae` an agent from pixels)."""
_SOURCE = """Mean return of an episode of seek_avoid (dbench/agents/environments), at most 5; a
    random policy has about 0. {sight} `seeds`
    agents learn by {paper},
    each plays `episodes` episodes; `updates` 0: as many as the agent makes by default. stderr:
    over agents; of one agent, over episodes. Parts: seeds [m], stderr_episodes, floor (random
    policy), ceiling, good and bad (taken in an episode), curve [10, 2] (return in source and target
    while it learns). Higgins et al., "DARLA", ICML 2017; the episode is ours, heights cannot be
    compared with theirs."""
_TARGET = """As `{agent}_source`, and of the same agents, without another update, where a set of
    objects stands in a room in which training never saw it. Agents with less than half of the best
    return in the source say nothing about transfer, and a warning says so. Other part: source."""


def _of(agent: str, domain: str) -> Callable[..., Score]:
    where = "where they learned" if domain == "source" else "moved to what they have not seen"
    plain = agent.removesuffix("_tuned")
    sight, how = ("frozen codes", _FROZEN) if plain == agent else ("an encoder that learns", _TUNED)
    first = f"Return of agents ({plain}) on {sight}, {where}, higher is better."
    text = _SOURCE if domain == "source" else _TARGET
    text = text.format(agent=agent, paper=_PAPERS[plain], sight=how)
    return _score(f"{agent}_{domain}", agent, domain, first, text)


a2c_source, a2c_target = _of("a2c", "source"), _of("a2c", "target")
a2c_tuned_source, a2c_tuned_target = _of("a2c_tuned", "source"), _of("a2c_tuned", "target")
dqn_source, dqn_target = _of("dqn", "source"), _of("dqn", "target")
dqn_tuned_source, dqn_tuned_target = _of("dqn_tuned", "source"), _of("dqn_tuned", "target")
episodic_control_source = _of("episodic_control", "source")
episodic_control_target = _of("episodic_control", "target")
