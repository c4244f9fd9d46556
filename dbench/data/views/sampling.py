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
from dbench.data.grid import grid
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
    sizes: Sequence[int] | np.ndarray | jax.Array,
    key: jax.Array,
    count: int,
    changes: int | None = None,
    published: bool = False,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Pairs of rows that differ in exactly `changes` factors and share all others.

    `sizes` are the numbers of values of the factors of a whole grid in C order; which factors
    change, and to which other value, is uniform. None: a number from 1 to k - 1 for each pair, k
    factors having more than one value. Returns rows, rows [count] and which changed [count, k'].
    Locatello et al., "Weakly-Supervised Disentanglement Without Compromises", ICML 2020.

    `published`: as in the authors' program. Half of the pairs change one factor, the others
    `changes`, and a factor that is drawn anew may by chance keep its value; it counts as changed.
    """
    check_changes(sizes, changes)
    sizes = jnp.asarray(sizes, jnp.int32)
    strides = jnp.append(jnp.cumprod(sizes[:0:-1])[::-1], 1).astype(jnp.int32)

    def pair(key):
        key_row, key_number, key_which, key_step = jax.random.split(key, 4)
        row = jax.random.randint(key_row, (), 0, sizes.prod())
        most = jnp.maximum((sizes > 1).sum(), 2)
        number = changes or jax.random.randint(key_number, (), 1, most)
        if published:
            number = jnp.where(jax.random.bernoulli(jax.random.fold_in(key_number, 1)), 1, number)
        order = jnp.where(sizes > 1, jax.random.uniform(key_which, sizes.shape), 2.0)
        changed = order.argsort().argsort() < number  # the first of a random order
        least = 0 if published else 1
        step = jax.random.randint(key_step, sizes.shape, least, jnp.maximum(sizes, 2))
        before = row // strides % sizes
        after = jnp.where(changed, (before + step) % sizes, before)
        return row, (after * strides).sum(), changed

    return jax.vmap(pair)(jax.random.split(key, count))


def check_changes(sizes: Sequence[int] | np.ndarray | jax.Array, changes: int | None) -> None:
    """An InputError if pairs cannot differ in so many factors; traced sizes are not looked at."""
    if changes is None or isinstance(sizes, jax.core.Tracer):
        return
    free = int((np.asarray(sizes) > 1).sum())
    if not 1 <= changes <= free:
        raise InputError(f"pairs can differ in 1 to {free} factors, not in {changes}")


class Walk(NamedTuple):
    """A walk on a whole grid of factors, each by itself."""

    sizes: np.ndarray  # [k] int32, values of each factor
    far: np.ndarray  # [k, n, n] float32, |v' - v| / log size; inf where there is no such value
    moves: np.ndarray  # [k] bool, factors that may change


def walk(dataset: Dataset, still: Sequence[str] = ()) -> Walk:
    """A walk on the grid of a data set, in which the factors named `still` never change."""
    sizes, values = np.array(dataset.sizes, np.int32), np.arange(max(dataset.sizes))
    far = np.abs(values[:, None] - values) / np.log(np.maximum(sizes, 2))[:, None, None]
    there = values < sizes[:, None]
    far = np.where(there[:, None] & there[..., None], far, np.inf).astype(np.float32)
    moves = sizes > 1
    moves[[index(dataset, name) for name in still]] = False
    return Walk(sizes, far, moves)


def steps(walk: Walk, key: jax.Array, count: int, rate: float = 1.0) -> tuple[jax.Array, jax.Array]:
    """Pairs of rows, the second one step of a Laplace walk from the first: rows, rows [count].

        p(v' | v) ~ exp(-rate |v' - v| / log n),   v' in 0 .. n - 1, n the size of the factor

    for each factor that may change by itself. If none has changed, one of them is drawn, and its
    new value as above without the old one. Klindt et al., "Towards Nonlinear Disentanglement in
    Natural Data with Temporal Sparse Coding", ICLR 2021, and the authors' program.
    """
    sizes, far, moves = map(jnp.asarray, walk)
    strides = jnp.append(jnp.cumprod(sizes[:0:-1])[::-1], 1).astype(jnp.int32)

    def pair(key):
        key_row, key_value, key_which, key_other = jax.random.split(key, 4)
        row = jax.random.randint(key_row, (), 0, sizes.prod())
        before = row // strides % sizes
        own = far[jnp.arange(len(sizes)), before]  # [k, n]
        chance = jnp.where(jnp.isfinite(own), -rate * own, -jnp.inf)
        after = jnp.where(moves, jax.random.categorical(key_value, chance), before)
        which = jax.random.categorical(key_which, jnp.where(moves, 0.0, -jnp.inf))
        other = jax.random.categorical(key_other, jnp.where(own > 0, chance, -jnp.inf))
        alone = (jnp.arange(len(sizes)) == which) & (after == before).all()
        return row, (jnp.where(alone, other, after) * strides).sum()

    return jax.vmap(pair)(jax.random.split(key, count))


def whole_grid(dataset: Dataset, model: str, does: str = "draws pairs that share factors") -> None:
    """An InputError unless the rows are all combinations of the factors, in order.

    Pairs, and states after an action, are found by arithmetic on the rows, so `model`, which does
    that, needs it.
    """
    if not dataset.names:
        raise InputError(f"{model} needs factors, and {dataset.name} has none")
    if dataset.drawing:
        raise InputError(f"{model} {does}, of all that {dataset.name} has: no view of it")
    if dataset.size != np.prod(dataset.sizes) or (dataset.factors != grid(dataset.sizes)).any():
        raise InputError(
            f"{model} {does}, which needs images of all combinations of the factors, in order; "
            f"{dataset.name} is not such a data set"
        )


def within(groups: Groups, key: jax.Array, group: jax.Array) -> jax.Array:
    """A uniform row of each of the groups [b]: [b] int32."""
    first = jnp.asarray(groups.first)
    return jnp.asarray(groups.order)[
        jax.random.randint(key, group.shape, first[group], first[group + 1])
    ]


def index(dataset: Dataset, name: str) -> int:
    return dataset.names.index(choose(f"factor of {dataset.name}", name, dataset.names))
