"""The agents of a run's scores, trained again, and a film of one of them."""

from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np
from jax.sharding import Mesh

from dbench.agents.environments.seek_avoid import DOMAINS, seek_avoid
from dbench.agents.episode import episode
from dbench.agents.train import scaled
from dbench.errors import InputError, choose
from dbench.pictures import film
from dbench.scoring import evaluate, transfer
from dbench.tables.agents import AGENTS


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
    found, task = transfer.taught(run, agent), seek_avoid(dataset)
    alive = np.isfinite(found.policy).all(axis=(1, 2))
    if not alive[0]:
        what = "codes" if found.codes is None else "encoder"
        raise InputError(f"the first agent diverged on the {what} of {folder}: it has no policy")
    floor = transfer.floor(run, transfer.EPISODES)
    for at, name in enumerate(task.domains):
        means = found.played.returns[:, at].mean(axis=1)
        scores = ", ".join(
            f"{x:.2f}" if ok else "diverged" for x, ok in zip(means, alive, strict=True)
        )
        yield f"{name}: {scores} (random policy {floor[at].mean():.2f}, best {task.best:g})"
    shown = episode(task, jax.random.key(seed), found.policy[0], domain)
    codes = None if found.codes is None else found.codes[0]
    if codes is None:  # frozen: those of the model
        codes = scaled(run.once(transfer.seen), task.rows["source"])
    film.write(path, dataset, task, codes, shown)
    yield f"film: {domain}, {len(shown.rows)} steps, return {shown.rewards.sum():g}"
