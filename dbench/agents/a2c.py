"""Advantage actor-critic, synchronous.

    R_t    r_t + gamma R_{t+1}, up to V of the state after the last of `rollout` steps
    loss   -log pi(a_t|s_t) (R_t - V(s_t)) + (R_t - V(s_t))^2 / 2 - entropy H(pi(.|s_t)),
           means over steps and environments; the advantage is not differentiated

Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning", ICML 2016. DARLA has A3C, whose
actors run apart and meet in shared parameters; here all step together (A2C), which is no
approximation of anything but their order. Departures: no recurrent layer; Adam; two networks, one
each for policy and value, which share nothing, an encoder that learns with them included.
"""

import jax
import jax.numpy as jnp

from dbench.agents import networks
from dbench.agents.environments.task import Task, advance, many
from dbench.agents.learner import Learner
from dbench.agents.policies import pick


def a2c(
    task: Task,
    *,
    updates: int = 2_000,
    environments: int = 16,
    rollout: int = 8,
    net: networks.Net = networks.LAYERS,
    learning_rate: float = 2e-3,
    gamma: float = 0.9,
    entropy: float = 0.02,
    clip: float = 1.0,
) -> Learner:
    """Synchronous advantage actor-critic (A2C; A3C of Mnih et al. 2016).

    An update is of `rollout` steps of `environments`; gradients are clipped to a norm of `clip`.
    """
    import optax

    actions = len(task.actions)
    optimizer = optax.chain(optax.clip_by_global_norm(clip), optax.adam(learning_rate))

    def init(key, codes, start=()):
        key_net, key_value, key_states = jax.random.split(key, 3)
        params = {
            "policy": net.init(key_net, codes, actions, start),
            "value": net.init(key_value, codes, 1, start),
        }
        states = many(task, key_states, environments, 0)
        return {"params": params, "moments": optimizer.init(params), "states": states}

    def loss(params, codes, rows, chosen, returns):
        seen = codes[rows.reshape(-1)]
        logits = jax.nn.log_softmax(net.run(params["policy"], seen))
        error = returns.reshape(-1) - net.run(params["value"], seen)[:, 0]
        taken = jnp.take_along_axis(logits, chosen.reshape(-1, 1), axis=1)[:, 0]
        gain = (taken * jax.lax.stop_gradient(error)).mean()
        spread = -(jnp.exp(logits) * logits).sum(axis=1).mean()
        return 0.5 * (error**2).mean() - gain - entropy * spread

    def update(state, codes, key, progress):
        params = state["params"]

        def step(states, drawn):
            rows = jax.vmap(task.row)(states)
            chances = jax.nn.softmax(net.run(params["policy"], codes[rows]))
            chosen = pick(drawn[:, 0], chances)
            states, reward, done, after = advance(task, drawn[:, 1:], states, chosen)
            return states, (rows, chosen, reward, done, after)

        drawn = jax.random.uniform(key, (rollout, environments, 1 + 2 * task.draws))
        states, (rows, chosen, reward, done, after) = jax.lax.scan(step, state["states"], drawn)
        last = net.run(params["value"], codes[after[-1]])[:, 0]

        returns = discounted(reward, done, last, gamma)
        grads = jax.grad(loss)(params, codes, rows, chosen, returns)
        step_by, moments = optimizer.update(grads, state["moments"])
        return {
            "params": optax.apply_updates(params, step_by),
            "moments": moments,
            "states": states,
        }

    def policy(state, codes):
        return jax.nn.softmax(net.run(state["params"]["policy"], codes))

    def look(state, codes):
        return net.look(state["params"]["policy"], codes)

    return Learner(init, update, policy, look, updates)


def discounted(reward: jax.Array, done: jax.Array, last: jax.Array, gamma: float) -> jax.Array:
    """R_t of steps [t, m]; `last` [m] is what follows the last one. After an end nothing does."""

    def back(later, now):
        reward, done = now
        total = reward + gamma * jnp.where(done, 0, later)
        return total, total

    return jax.lax.scan(back, last, (reward, done), reverse=True)[1]
