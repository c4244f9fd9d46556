"""The agents of a run's scores, trained again, and a film of one of them."""

from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np
from jax.sharding import Mesh

from dbench.agents.environments.seek_avoid import DOMAINS, seek_avoid
from dbench.agents.episode import episode
from dbench.agents.policies import play, uniform
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
    source: Path | None = None,
    seed: int = 0,
) -> Iterator[str]:
    """The film of an episode, and a line on each domain. `source` as in `dbench.data`."""
    choose("agent", agent, AGENTS)
    choose("domain", domain, DOMAINS)
    config, dataset = evaluate.opened(folder, source)
    run = evaluate.rebuilt(folder, config, dataset)
    transfer.sought(run[0], dataset)
    task = seek_avoid(dataset)
    codes = transfer.codes(dataset, *run, mesh)
    key = evaluate.key_of_model(config["seed"])  # that of its scores
    how = {"seeds": transfer.SEEDS, "episodes": transfer.EPISODES, "updates": 0}
    found = transfer.agents(agent, task, codes, key, **how)
    if not np.isfinite(found.policy[0]).all():
        raise InputError(f"the first agent diverged on the codes of {folder}: it has no policy")
    policy = uniform(dataset.size, len(task.actions))
    floor = np.asarray(play(task, key, policy, transfer.EPISODES).returns)
    for at, name in enumerate(task.domains):
        scores = ", ".join(f"{x:.2f}" for x in found.played.returns[:, at].mean(axis=1))
        yield f"{name}: {scores} (random policy {floor[at].mean():.2f}, best {task.best:g})"
    shown = episode(task, jax.random.key(seed), found.policy[0], domain)
    film.write(path, dataset, task, scaled(codes, task.rows["source"]), shown)
    yield f"film: {domain}, {len(shown.rows)} steps, return {shown.rewards.sum():g}"
