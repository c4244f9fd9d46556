"""DisBM: a Boltzmann machine whose groups of hidden units interact, one group a kind of factor.

    E(v, h) = - sum_f (v . a_f) prod_k (h_k . b_kf) - sum_k (v P_k + c_k) . h_k - v . d

with binary groups h_k (see disbm_machine.py and disbm_inference.py). An update minimises

    mean E(v, q) - mean E(v', h')  + manifold term

q are the means of a mean field of `rounds` rounds and v', h' states of chains, both taken as
given: the gradient of -log p(v) where both are exact. Chains are `persistent`, or begin at the
batch (`cd`), with `gibbs` sweeps an update; E[v | h] stands for the last v'.

Images come in pairs: half of a batch of pairs (one K-th) shares the factors of each group.

    clamp     a pair has one state of the group that it shares: energies of both images are added,
              in q and in chains of pairs
    manifold  no state is shared; strength/n times, over the pairs of each group k,
              |q_k(1) - q_k(2)|^2 + max(0, margin - |q_k(1) - q_k(3)|)^2
              with 3 another pair's image that does not share it; the gradient goes through the
              rounds, and the energies are those of single images
    none      images are drawn one by one, and nothing is shared
    labels    L units of which one is 1, of the first group's factor values, on the first group;
              part of what is seen in training, and of the mean field after it

Reed, Sohn, Zhang and Lee, "Learning to Disentangle Factors of Variation with Manifold
Interaction", ICML 2014, sections 2 and 3; recalled and second hand, its text and code were not
seen. Ours: Adam, centring, `begin`, all scales and sizes, the margin, ten rounds that begin without
interactions, Gibbs chains that cover the clamped pairs too, and `direct` others, which leaves the
first group no direct weights of its own. Left out: a first layer below (their layers are trained on
another's features).
"""

from typing import Literal

import jax
import jax.numpy as jnp

from dbench.base import Model, State
from dbench.models import disbm_inference as inference
from dbench.models import disbm_learning as learning
from dbench.models import disbm_machine as machines
from dbench.models.disbm_machine import Machine, Visible
from dbench.models.disbm_pairs import (
    Pairs,
    declared,
    listed,
    manifold,
    mean_image,
    pairs,
    partners,
    some_rows,
    unweighted,
)
from dbench.models.gan import Count0
from dbench.models.vae import apply


def disbm(
    shape: tuple[int, int, int],
    *,
    groups: str = "identity: identity; pose: azimuth, elevation, light_azimuth",
    units: str = "100, 100",
    interactions: int = 256,
    correspondence: Literal["clamp", "manifold", "none"] = "clamp",
    labels: Count0 = 0,
    visible: Literal["bernoulli", "gaussian"] = "bernoulli",
    sigma: float = 0.2,
    begin: Literal["grey", "mean"] = "mean",
    direct: Literal["all", "others"] = "all",
    negative: Literal["persistent", "cd"] = "cd",
    chains: int = 64,
    gibbs: int = 1,
    rounds: int = 10,
    optimizer: Literal["adam", "sgd"] = "adam",
    learning_rate: float = 3e-5,
    momentum: float = 0.5,
    clip: float = 1.0,
    centring: float = 0.1,
    strength: float = 100.0,
    margin: float = 2.0,
    sparsity: float = 0.02,
    target: float = 0.5,
) -> Model:
    """A Boltzmann machine whose groups of units interact, and follow factors (Reed et al. 2014).

    `groups` are names with the factors that images share which share the group, `units` how many
    each has, `interactions` F. `chains` are persistent pairs; `sigma` is the standard deviation of
    a Gaussian pixel. `begin`: what is made before training and what pixels are centred about, 1/2
    or the mean image. `direct`: have all groups weights to the pixels, or all but the first.
    `momentum` is Adam's first rate too, `clip` is for sgd. A batch is of pairs. Codes are the means
    of all units, each group declared. Logs: energy and energy_chain, means over images;
    squared_error of E[v given q], summed over pixels; active_<group>, the mean of its units;
    manifold, that term.
    """
    known, counts = listed(groups, units)
    h, w, c = shape
    scale = sigma if visible == "gaussian" else 1.0
    machine = Machine(h * w * c, counts, interactions, labels, visible == "gaussian", 0.5 / scale)
    steps = learning.optimiser(optimizer, learning_rate, momentum, clip)
    paired, clamped = correspondence != "none", correspondence == "clamp"

    def extra(dataset):
        if paired:
            unweighted(dataset)
        found = pairs(dataset, known, labels) if paired or labels else Pairs()
        if begin == "mean":
            found = found._replace(begin=some_rows(dataset))
        return found

    def init(key):
        first, second = jax.random.split(key)
        params = machines.init(machine, first)
        if begin == "mean":
            params["pixel_offset"] = jnp.full(machine.pixels, machine.pixel_offset)
        started = inference.start(machine, (2, chains), second) if negative == "persistent" else ()
        return State(params, (steps.init(params), started), jnp.zeros((), jnp.int32))

    def ties(n):
        """Which of n pairs share which group, [K, n]; None if none does."""
        if not clamped:
            return None
        return jnp.arange(n)[None] % len(counts) == jnp.arange(len(counts))[:, None]

    def sampled(params, start, n, key):
        """Where chains come to: what is seen, hidden states, E[v | h]."""
        seen, hidden = start

        def once(carry, key):
            seen, hidden, _ = carry
            return inference.sweep(machine, params, seen, hidden, key, ties(n)), None

        keys = jax.random.split(key, gibbs)
        return jax.lax.scan(once, (seen, hidden, seen.pixels), keys)[0]

    def loss(params, seen, chain, of):
        params = learning.learned(params, direct)
        n = seen.pixels.shape[1]
        hidden = inference.mean_field(machine, params, seen.pixels, seen.labels, ties(n), rounds)
        fixed = jax.lax.stop_gradient(hidden)
        states, units, means = chain
        positive = machines.energy(machine, params, seen, fixed).mean()
        given = Visible(means, states.labels)
        negative = machines.energy(machine, params, given, units).mean()
        active = [q.mean(axis=(0, 1)) for q in hidden]
        term = jnp.zeros(())
        if correspondence == "manifold":
            term = manifold(hidden, of, margin)
        made = machines.pixel_means(machine, params, fixed)
        error = scale**2 * ((made - seen.pixels) ** 2).sum(axis=-1).mean()
        logs = {"energy": positive, "energy_chain": negative, "squared_error": error}
        logs |= {f"active_{g.name}": a.mean() for g, a in zip(known, active, strict=True)}
        logs |= {"manifold": term}
        return positive - negative + strength * term, (logs, active)

    def batch(sampler, key):
        """Two rows of images [2, n, D], and the group of each first one [K, n]."""
        first, second = jax.random.split(key)
        rows = sampler.rows(first)
        others = sampler.rows(second)
        of = jnp.zeros((len(counts), len(rows)), jnp.int32)
        if paired:
            others = partners(sampler.extra.groups, rows, second)
            of = jnp.stack([jnp.asarray(some.group)[rows] for some in sampler.extra.groups])
        images = sampler.gather(jnp.concatenate([rows, others]))
        pixels = images.reshape(2, len(rows), -1) / scale
        hot = None
        if labels:
            both = jnp.asarray(sampler.extra.labels)[jnp.stack([rows, others])]
            hot = jax.nn.one_hot(both, labels)
        return Visible(pixels, hot), of

    def begun(state, sampler):
        """The parameters; at step 0 those of a machine that makes the mean image."""

        def first(params):
            mean = mean_image(sampler, jnp.asarray(sampler.extra.begin)) / scale
            return machines.begun(machine, params, mean)

        return jax.lax.cond(state.step == 0, first, lambda params: params, state.params)

    def update(state, sampler, key):
        key_batch, key_start, key_chain = jax.random.split(key, 3)
        moments, kept = state.optimizer
        if begin == "mean":
            state = state._replace(params=begun(state, sampler))
        seen, of = batch(sampler, key_batch)
        if negative == "cd":
            n = seen.pixels.shape[1]
            q = inference.mean_field(
                machine, state.params, seen.pixels, seen.labels, ties(n), rounds
            )
            keys = jax.random.split(key_start, len(q))
            tied = ties(n) if clamped else [None] * len(q)
            start = seen, [inference.draw(k, m, t) for k, m, t in zip(keys, q, tied, strict=True)]
        else:
            n, start = chains, kept
        chain = sampled(state.params, start, n, key_chain)
        grads, (logs, active) = jax.grad(loss, has_aux=True)(state.params, seen, chain, of)
        params, moments = apply(steps, grads, moments, state.params)
        params = learning.settled(params, active, centring, sparsity, target)
        kept = chain[:2] if negative == "persistent" else ()
        return State(params, (moments, kept), state.step + 1), logs

    def encode(params, images):
        pixels = images.reshape(len(images), -1) / scale
        hidden = inference.mean_field(machine, params, pixels, rounds=rounds)
        return jnp.concatenate(hidden, axis=-1), None

    def decode(params, codes):
        hidden = jnp.split(codes, [sum(counts[:k]) for k in range(1, len(counts))], axis=-1)
        means = machines.pixel_means(machine, params, hidden) * scale
        return jnp.clip(means, 0.0, 1.0).reshape(-1, *shape)

    own = declared(known, counts)
    return Model(init, update, encode, decode, extra, likelihood=False, ends=(0.0, 1.0), groups=own)
