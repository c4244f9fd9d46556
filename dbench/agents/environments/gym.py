"""An environment of dbench by the interface of gymnasium: for agents of others.

    from dbench.agents.environments.gym import environment
    env = environment(dbench.data.load("seek_rooms"), "target")
    image, info = env.reset(seed=0)
    image, reward, terminated, truncated, info = env.step(2)

gymnasium is in an extra, `pip install 'dbench[agents]'`.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dbench import extras
from dbench.agents.environments.seek_avoid import seek_avoid
from dbench.agents.environments.task import reset, step
from dbench.base import Dataset
from dbench.errors import choose


def environment(
    dataset: Dataset,
    domain: str = "source",
    *,
    codes: np.ndarray | None = None,
    steps: int | None = None,
) -> Any:
    """seek_avoid in a domain as a gymnasium.Env.

    Observed are images [h, w, c] uint8, or rows of `codes` [n, d] float32. `info["row"]` is the row
    of the data set; `steps` of an episode at most [100]. An episode is terminated when all objects
    are gone, and truncated by its length.
    """
    extras.need("gymnasium")
    import gymnasium

    task = seek_avoid(dataset) if steps is None else seek_avoid(dataset, steps)
    at = task.domains.index(choose("domain", domain, task.domains))
    begin = jax.jit(lambda key: reset(task, key, at))
    act = jax.jit(lambda key, state, action: step(task, key, state, action))
    row, gather = jax.jit(task.row), jax.jit(dataset.gather)
    arrays = jax.device_put(dataset.arrays)
    boxes = gymnasium.spaces.Box

    class SeekAvoid(gymnasium.Env):
        """See `environment`."""

        action_space = gymnasium.spaces.Discrete(len(task.actions))
        observation_space = (
            boxes(0, 255, dataset.shape, np.uint8)
            if codes is None
            else boxes(-np.inf, np.inf, codes.shape[1:], np.float32)
        )

        def _seen(self) -> tuple[np.ndarray, dict]:
            at = int(row(self._state))
            if codes is not None:
                return codes[at].astype(np.float32), {"row": at}
            image = gather(arrays, jnp.array([at], jnp.int32))[0]
            return np.rint(255 * np.asarray(image)).astype(np.uint8), {"row": at}

        def _key(self) -> jax.Array:
            return jax.random.key(int(self.np_random.integers(2**31)))

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self._state, self._steps = begin(self._key()), 0
            return self._seen()

        def step(self, action):
            self._state, reward, done = act(self._key(), self._state, int(action))
            self._steps += 1
            over = bool(done)
            cut = over and self._steps == task.steps
            seen, info = self._seen()
            return seen, float(reward), over and not cut, cut, info

    return SeekAvoid()
