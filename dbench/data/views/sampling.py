"""Rows of a data set for a batch, drawn on the device by key: alike, or in pairs.

A batch in which some factors are equal, or one alone varies, comes from `Groups`: the rows by the
values of the factors that are to be equal, made once on the host. The grid may be incomplete, but
for pairs. What a study trains on, all rows alike or not, is in make.py.
"""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset
from dbench.errors import InputError, choose


class Groups(NamedTuple):
    """Rows by the values of some factors, those of equal values in one group."""

    order: np.ndarray  # [n] int32, rows, group after group
    first: np.ndarray  # [g + 1] int32; group j is order[first[j] : first[j + 1]]
    group: np.ndarray  # [n] int32, the group of each row


def groups(factors: np.ndarray, equal: Sequence[int]) -> Groups:
    """Groups of rows of `factors` [n, k] that are equal in the columns `equal`."""
    group = np.zeros(len(factors), np.int64)
    for j in equal:  # numbered anew each time, or the product of many sizes would overflow
        _, group = np.unique(group * (factors[:, j].max() + 1) + factors[:, j], return_inverse=True)
    first = np.append(0, np.cumsum(np.bincount(group)))
    return Groups(*(x.astype(np.int32) for x in (np.argsort(group, kind="stable"), first, group)))


def fixed(dataset: Dataset, names: Sequence[str]) -> Groups:
    """Groups whose rows share the values of the named factors: batches with these fixed."""
    return groups(dataset.factors, [index(dataset, name) for name in names])


def varying(dataset: Dataset, names: Sequence[str]) -> Groups:
    """Groups whose rows differ in the named factors alone: batches with these varying."""
    some = {index(dataset, name) for name in names}
    return groups(dataset.factors, [j for j in range(len(dataset.names)) if j not in some])


def alike(groups: Groups, key: jax.Array, count: int) -> jax.Array:
    """`count` rows, with replacement, of the group that a uniform row is in: [count] int32."""
    key_row, key_rows = jax.random.split(key)
    group = jnp.asarray(groups.group)[jax.random.randint(key_row, (), 0, len(groups.group))]
    return within(groups, key_rows, jnp.broadcast_to(group, (count,)))


def pairs(
    sizes: Sequence[int] | np.ndarray, key: jax.Array, count: int, changes: int | None = None
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Pairs of rows that differ in exactly `changes` factors and share all others.

    `sizes` are the numbers of values of the factors of a whole grid in C order; which factors
    change, and to which other value, is uniform. None: a number from 1 to k - 1 for each pair, k
    factors having more than one value. Returns rows, rows [count] and which changed [count, k'].
    Locatello et al., "Weakly-Supervised Disentanglement Without Compromises", ICML 2020; there
    a changed factor may by chance keep its value.
    """
    sizes = np.asarray(sizes, np.int32)
    free = int((sizes > 1).sum())
    if changes is not None and not 1 <= changes <= free:
        raise InputError(f"pairs can differ in 1 to {free} factors, not in {changes}")
    strides = np.append(np.cumprod(sizes[:0:-1])[::-1], 1).astype(np.int32)

    def pair(key):
        key_row, key_number, key_which, key_step = jax.random.split(key, 4)
        row = jax.random.randint(key_row, (), 0, sizes.prod())
        number = changes or jax.random.randint(key_number, (), 1, max(free, 2))
        order = jnp.where(sizes > 1, jax.random.uniform(key_which, sizes.shape), 2.0)
        changed = order.argsort().argsort() < number  # the first of a random order
        step = jax.random.randint(key_step, sizes.shape, 1, np.maximum(sizes, 2))
        before = row // strides % sizes
        after = jnp.where(changed, (before + step) % sizes, before)
        return row, (after * strides).sum(), changed

    return jax.vmap(pair)(jax.random.split(key, count))


def within(groups: Groups, key: jax.Array, group: jax.Array) -> jax.Array:
    """A uniform row of each of the groups [b]: [b] int32."""
    first = jnp.asarray(groups.first)
    return jnp.asarray(groups.order)[
        jax.random.randint(key, group.shape, first[group], first[group + 1])
    ]


def index(dataset: Dataset, name: str) -> int:
    return dataset.names.index(choose(f"factor of {dataset.name}", name, dataset.names))
