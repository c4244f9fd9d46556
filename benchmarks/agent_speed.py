"""Speed of agents: environment steps a second, and double DQN against plain PyTorch.

    python benchmarks/agent_speed.py [--seconds 10]

Steps a second of CPU time (user and system, so that a busy machine does not count), of seek_avoid:

    rows       many environments in one compiled program, observations are rows (codes by a table)
    drawn      the same, and every image is drawn (no other contestant draws)
    gymnasium  the same task in plain Python behind gymnasium's SyncVectorEnv, observations are rows
    DQN        four agents at once on codes [800, 10], an update of 64 for 16 steps, as scored
    PyTorch    one DQN of the same sizes, environments vectorised in NumPy, replay in NumPy

gymnasium and torch are left out where they are not installed (extras `agents` and `bench`).
"""

import argparse
import importlib.util
import time
from collections.abc import Callable

import numpy as np
from agent_rivals import CODES, ENVIRONMENTS, by_gymnasium, by_torch

from dbench.data import cache
from dbench.training import devices

MANY = 512  # environments in one program
LIBRARIES = {"gymnasium": "gymnasium", "PyTorch": "torch"}


def rate(work: Callable[[], int], seconds: float) -> float:
    """Steps a second of CPU time; `work` makes some and says how many. The first is not counted."""
    work()
    began, steps = time.process_time(), 0
    while (spent := time.process_time() - began) < seconds or not steps:
        steps += work()
    return steps / spent


def ours(drawn: bool) -> Callable[[], int]:
    import jax
    import jax.numpy as jnp

    from dbench import data
    from dbench.agents.environments.seek_avoid import seek_avoid
    from dbench.agents.policies import episodes, uniform

    dataset = data.load("seek_rooms")
    task, count = seek_avoid(dataset), MANY // 8 if drawn else MANY
    policy = jnp.asarray(uniform(dataset.size, 3))

    @jax.jit
    def play(key, arrays):
        rows, _, rewards, _ = episodes(task, key, policy, count, 0)
        if drawn:
            images = jax.lax.map(lambda some: dataset.gather(arrays, some).mean(), rows)
            return rewards.sum() + images.sum()
        return rewards.sum()

    arrays, keys = jax.device_put(dataset.arrays), iter(jax.random.split(jax.random.key(0), 10_000))

    def work():
        play(next(keys), arrays).block_until_ready()
        return count * task.steps

    return work


def dqn() -> Callable[[], int]:
    import jax

    from dbench import data
    from dbench.agents.environments.seek_avoid import seek_avoid
    from dbench.agents.train import train

    task = seek_avoid(data.load("seek_rooms"))
    codes = np.random.default_rng(0).normal(size=(800, CODES)).astype(np.float32)

    def work():
        train(task, "dqn", codes, jax.random.key(0), seeds=4, updates=4_000, episodes=8)
        return 4 * 4_000 * ENVIRONMENTS

    return work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of CPU time each")
    seconds = parser.parse_args().seconds
    devices.setup(cache.folder() / "compiled")
    made = {"gymnasium": by_gymnasium, "PyTorch": by_torch, "DQN": dqn}
    made |= {"rows": lambda: ours(False), "drawn": lambda: ours(True)}
    lack = {n for n, lib in LIBRARIES.items() if importlib.util.find_spec(lib) is None}
    found = {}
    for name in [name for name in made if name not in lack]:
        found[name] = rate(made[name](), seconds)
        print(f"{name}: {found[name]:,.0f} environment steps a second of CPU time", flush=True)
    for one, other in (("rows", "gymnasium"), ("DQN", "PyTorch")):
        if other in found:
            print(f"agent_speed {one}/{other} ratio={found[one] / found[other]:.1f}")


if __name__ == "__main__":
    main()
