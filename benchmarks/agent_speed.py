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

from dbench.data import cache
from dbench.training import devices

CODES, ENVIRONMENTS, BATCH, MANY = 10, 16, 64, 512
LIBRARIES = {"gymnasium": "gymnasium", "PyTorch": "torch"}
WIDE = (5, 4)  # bearings and distances of seek_rooms


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


class Plain:
    """seek_avoid in plain Python: row of (room, object, camera, bearing, distance)."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)

    def reset(self) -> int:
        self.room, self.kind = [(0, 0), (0, 1), (1, 1)][self.rng.integers(3)]
        self.order, self.at, self.time = self.rng.permutation(10) % 2, 0, 0
        return self.place()

    def place(self) -> int:
        self.bearing, self.camera = (int(x) for x in self.rng.integers(5, size=2))
        self.distance = 0
        return self.row()

    def row(self) -> int:
        kind = 2 * self.kind + self.order[min(self.at, 9)]
        return (((self.room * 4 + kind) * 5 + self.camera) * 5 + self.bearing) * 4 + self.distance

    def step(self, action: int) -> tuple[int, float, bool]:
        ahead = self.bearing == WIDE[0] // 2
        self.bearing += (action == 0) - (action == 1)
        self.distance += action == 2
        reached = self.distance == WIDE[1]
        reward = float(2 * self.order[self.at] - 1) if reached and ahead else 0.0
        self.time += 1
        if reached or not 0 <= self.bearing < WIDE[0]:
            self.at += 1
            self.place()
        return self.row(), reward, self.at == 10 or self.time == 100


def by_gymnasium() -> Callable[[], int]:
    import gymnasium

    class Env(gymnasium.Env):
        observation_space = gymnasium.spaces.Discrete(800)
        action_space = gymnasium.spaces.Discrete(3)

        def __init__(self):
            self.plain = Plain(0)

        def reset(self, *, seed=None, options=None):
            return self.plain.reset(), {}

        def step(self, action):
            row, reward, done = self.plain.step(int(action))
            return row, reward, done, False, {}

    environments = gymnasium.vector.SyncVectorEnv([Env] * ENVIRONMENTS)
    environments.reset()
    rng = np.random.default_rng(0)

    def work():
        for _ in range(200):
            environments.step(rng.integers(3, size=ENVIRONMENTS))
        return 200 * ENVIRONMENTS

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


def by_torch() -> Callable[[], int]:
    import torch

    torch.set_num_threads(1)
    seen = torch.randn(800, CODES)
    rng, size = np.random.default_rng(0), 20_000
    wide = [CODES, 64, 64, 3]

    def net():
        layers = [torch.nn.Linear(a, b) for a, b in zip(wide, wide[1:], strict=False)]
        return torch.nn.Sequential(
            layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2]
        )

    own, copy = net(), net()
    optimizer = torch.optim.Adam(own.parameters(), 1e-3)
    environments = [Plain(seed) for seed in range(ENVIRONMENTS)]
    rows = np.array([each.reset() for each in environments])
    replay, count = np.zeros((size, 5), np.float32), 0

    def update():
        nonlocal rows, count
        with torch.no_grad():
            chosen = own(seen[rows]).argmax(1).numpy()
        chosen = np.where(
            rng.random(ENVIRONMENTS) < 0.3, rng.integers(3, size=ENVIRONMENTS), chosen
        )
        found = [each.step(int(a)) for each, a in zip(environments, chosen, strict=True)]
        for i, (row, reward, done) in enumerate(found):
            replay[count % size] = rows[i], chosen[i], reward, row, done
            count += 1
        fresh = [e.reset() if f[2] else f[0] for e, f in zip(environments, found, strict=True)]
        rows = np.array(fresh)
        some = torch.from_numpy(replay[rng.integers(min(count, size), size=BATCH)])
        at, action, after = (some[:, j].long() for j in (0, 1, 3))
        with torch.no_grad():
            best = own(seen[after]).argmax(1, keepdim=True)
            later = copy(seen[after]).gather(1, best)[:, 0]
        values = own(seen[at]).gather(1, action[:, None])[:, 0]
        target = some[:, 2] + 0.9 * (1 - some[:, 4]) * later
        loss = torch.nn.functional.smooth_l1_loss(values, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if count % (100 * ENVIRONMENTS) == 0:
            copy.load_state_dict(own.state_dict())

    def work():
        for _ in range(200):
            update()
        return 200 * ENVIRONMENTS

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
