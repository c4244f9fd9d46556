"""seek_avoid in plain Python, behind gymnasium and under a DQN in PyTorch: for agent_speed.py."""

from collections.abc import Callable

import numpy as np

CODES, ENVIRONMENTS, BATCH = 10, 16, 64
WIDE = (5, 4)  # bearings and distances of seek_rooms


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
