"""HFS: a VAE whose codes may be correlated, as long as all of their combinations occur.

    loss = E_q(z|x)[-log p(x|z)] + beta KL(q(z|x) || p(z)) + gamma H + delta S
    H    sum over pairs of codes (i, j) of max_c min_b ||c - (m_bi, m_bj)||^2
    S    sum_j relu(1 - max_b m_bj) + relu(min_b m_bj)

m_b are the posterior means of the batch. c runs over combinations (m_ai, m_a'j) of a code of one
image with a code of another: H is how far the farthest combination is from any that occurs, the
Hausdorff distance of the support from the product of its sides. S keeps the support of each code
as wide as [0, 1], or it would shrink to nothing.

Roth, Ibrahim, Akata, Vincent and Bouchacourt, "Disentanglement of Correlated Factors via Hausdorff
Factorized Support", ICLR 2023, and the authors' program: `pairs` random ones of all pairs of codes,
the hard distance; beta 0 and gamma 300 are its example. Departures: c are `combinations` random
ones of each pair, which the program can do, but its runs take all b^2 (100 of a batch of 64 normal
codes give .38 of that H, of codes with a correlation of .81 give .54); S is over the batch, where
the program's is over the codes of each image, and delta is 1, where its runs have no S.
"""

import itertools
from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Model
from dbench.models.vae import Batch, vae


def farthest(key: jax.Array, mean: jax.Array, pairs: int, combinations: int) -> jax.Array:
    """H of the means [b, d]: () in squared units of the codes."""
    b, d = mean.shape
    every = np.array(list(itertools.combinations(range(d), 2)))
    key_pairs, key_rows = jax.random.split(key)
    some = jax.random.permutation(key_pairs, every)[: min(pairs, len(every))]  # [p, 2]
    there = mean[:, some]  # [b, p, 2]
    rows = jax.random.randint(key_rows, (combinations, len(some), 2), 0, b)
    mixed = jnp.take_along_axis(there, rows, axis=0)  # [c, p, 2]
    distance = ((mixed[:, None] - there[None]) ** 2).sum(axis=3)
    return distance.min(axis=1).max(axis=0).sum()


def narrow(mean: jax.Array) -> jax.Array:
    """S of the means [b, d]: (), by how much sides of the support are inside of [0, 1]."""
    return (jax.nn.relu(1 - mean.max(axis=0)) + jax.nn.relu(mean.min(axis=0))).sum()


def hfs(
    shape: tuple[int, int, int],
    *,
    beta: float = 0.0,
    gamma: float = 300.0,
    delta: float = 1.0,
    pairs: int = 25,
    combinations: Annotated[int, 1, 10_000] = 100,
    **options,
) -> Model:
    """VAE whose codes have a support that is the product of its sides (Roth et al. 2023).

    `beta`, `gamma`, `delta` >= 0 weigh the KL, the Hausdorff distance and the width of the support;
    `pairs` of codes and `combinations` of each are drawn at every update; `options` are those of
    `vae`. Logs also `hausdorff`, H, and `narrow`, S, of the batch.
    """

    def penalty(batch: Batch):
        distance = farthest(batch.key, batch.mean, pairs, combinations)
        inside = narrow(batch.mean)
        term = beta * batch.kl + gamma * distance + delta * inside
        return term, {"hausdorff": distance, "narrow": inside}

    return vae(shape, penalty, **options)
