"""Double DQN with replay.

    y      r + gamma (1 - done) Q'(s', argmax_a Q(s', a)),   Q' a copy of Q, renewed now and then
    loss   Huber(Q(s, a) - y), a mean over transitions drawn from the replay buffer

Mnih et al., "Human-level control through deep reinforcement learning", Nature 2015; van Hasselt et
al., "Deep Reinforcement Learning with Double Q-learning", AAAI 2016. Exploration falls from all
random to `epsilon` over the first half of the updates, and stays there when it is scored, as in
Mnih et al. Departures: Adam in place of RMSProp; an update for each step of all environments.
"""

import jax
import jax.numpy as jnp

from dbench.agents import networks
from dbench.agents.environments.task import Task, advance, many
from dbench.agents.learner import Learner
from dbench.agents.policies import greedy, pick


def dqn(
    task: Task,
    *,
    updates: int = 4_000,
    environments: int = 16,
    batch: int = 64,
    buffer: int = 20_000,
    net: networks.Net = networks.LAYERS,
    learning_rate: float = 1e-3,
    gamma: float = 0.9,
    epsilon: float = 0.05,
    renewed: int = 100,
) -> Learner:
    """Double DQN (Mnih et al. 2015, van Hasselt et al. 2016).

    `environments` step at once between two updates of `batch` transitions out of the last `buffer`;
    values are those of `net`; the copy is renewed every `renewed` updates.
    """
    import optax

    actions, size = len(task.actions), buffer // environments
    optimizer = optax.adam(learning_rate)

    def init(key, codes, start=()):
        key_net, key_states = jax.random.split(key)
        params = net.init(key_net, codes, actions, start)
        states = many(task, key_states, environments, 0)
        whole, numbers = (jnp.zeros((size, environments), t) for t in (jnp.int32, jnp.float32))
        replay = {"row": whole, "action": whole, "next": whole, "reward": numbers, "done": numbers}
        return {
            "params": params,
            "copy": params,
            "moments": optimizer.init(params),
            "states": states,
            "replay": replay,
            "count": jnp.int32(0),
        }

    def loss(params, copy, codes, some):
        values = net.run(params, codes[some["row"]])
        after = codes[some["next"]]
        later = net.run(params, after), net.run(copy, after)
        target = aimed(some["reward"], some["done"], *later, gamma)
        own = jnp.take_along_axis(values, some["action"][:, None], axis=1)[:, 0]
        return optax.huber_loss(own, target).mean()

    def update(state, codes, key, progress):
        wide = 1 + 2 * task.draws
        drawn = jax.random.uniform(key, (environments * wide + batch,))
        chance = drawn[batch:].reshape(environments, wide)
        rows = jax.vmap(task.row)(state["states"])
        explore = jnp.maximum(epsilon, 1 - 2 * (1 - epsilon) * progress)
        values = net.run(state["params"], codes[rows])
        chosen = pick(chance[:, 0], greedy(values, explore))
        states, reward, done, after = advance(task, chance[:, 1:], state["states"], chosen)
        new = {"row": rows, "action": chosen, "next": after, "reward": reward}
        new["done"] = done.astype(jnp.float32)
        at = state["count"] % size
        replay = {k: state["replay"][k].at[at].set(v) for k, v in new.items()}
        there = jnp.minimum(state["count"] + 1, size) * environments
        places = (drawn[:batch] * there).astype(jnp.int32)
        some = {k: v.reshape(-1)[places] for k, v in replay.items()}
        grads = jax.grad(loss)(state["params"], state["copy"], codes, some)
        step, moments = optimizer.update(grads, state["moments"])
        params = optax.apply_updates(state["params"], step)
        fresh = state["count"] % renewed == 0
        copy = jax.tree.map(lambda a, b: jnp.where(fresh, a, b), params, state["copy"])
        return {
            "params": params,
            "copy": copy,
            "moments": moments,
            "states": states,
            "replay": replay,
            "count": state["count"] + 1,
        }

    def policy(state, codes):
        values = net.run(state["params"], codes)
        return jnp.where(jnp.isfinite(values).all(), greedy(values, epsilon), jnp.nan)

    def look(state, codes):
        return net.look(state["params"], codes)

    return Learner(init, update, policy, look, updates)


def aimed(
    reward: jax.Array, done: jax.Array, own: jax.Array, copy: jax.Array, gamma: float
) -> jax.Array:
    """y [b]: the copy's value [b, a] of the action that is best by the net's own [b, a]."""
    best = own.argmax(axis=1)
    later = jnp.take_along_axis(copy, best[:, None], axis=1)[:, 0]
    return reward + gamma * (1 - done) * jax.lax.stop_gradient(later)
