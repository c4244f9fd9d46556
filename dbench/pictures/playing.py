"""The agents of a run's scores, trained again, and a film of one of them."""

from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np
from jax.sharding import Mesh

from dbench.agents.environments.seek_avoid import DOMAINS, seek_avoid
from dbench.agents.episode import episode
from dbench.agents.registry import AGENTS
from dbench.agents.train import scaled
from dbench.errors import InputError, choose
from dbench.pictures import film
from dbench.scoring import evaluate, transfer


def write(
    folder: Path,
    mesh: Mesh,
    path: Path,
    agent: str,
    domain: str,
    seed: int = 0,
) -> Iterator[str]:
    """The film of an episode, and a line on each domain."""
    choose("agent", agent, AGENTS)
    choose("domain", domain, DOMAINS)
    config, dataset = evaluate.opened(folder)
    run = evaluate.trained(folder, config, dataset, mesh, config["seed"])
    transfer.sought(run.program, dataset)
    task = seek_avoid(dataset)
    found = run.once(transfer.agents, agent, transfer.SEEDS, transfer.EPISODES, 0)
    if not np.isfinite(found.policy[0]).all():
        raise InputError(f"the first agent diverged on the codes of {folder}: it has no policy")
    floor = transfer.floor(run, transfer.EPISODES)
    for at, name in enumerate(task.domains):
        scores = ", ".join(f"{x:.2f}" for x in found.played.returns[:, at].mean(axis=1))
        yield f"{name}: {scores} (random policy {floor[at].mean():.2f}, best {task.best:g})"
    shown = episode(task, jax.random.key(seed), found.policy[0], domain)
    film.write(path, dataset, task, scaled(run.once(transfer.seen), task.rows["source"]), shown)
    yield f"film: {domain}, {len(shown.rows)} steps, return {shown.rewards.sum():g}"
