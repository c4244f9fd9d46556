"""Rows of a data set, drawn on the device by key: alike, in pairs, correlated, some left out.

A batch of which some factors are equal, or of which one alone varies, comes from `Groups`: the
rows by the values of the factors that are to be equal. A data set is trained on only some of its
rows, or on factors that are correlated, where `drawn` has given it a Drawing.

    correlated    p(row) = p(a, b) / number of rows with these values a, b of two factors; with
                  joints of several pairs their product, normalised over the combinations there are
    `chen`        four joints of two factors with values u, v = 0 .. 1 evenly spaced, as Chen et
                  al., "Isolating Sources of Disentanglement in Variational Autoencoders",
                  NeurIPS 2018, section 6.1, describe theirs: every combination has some
                  probability, the largest is 4 times the smallest. The paper's own tables were a
                  picture; these are ours:
                      A  1                        independent, uniform (largest = smallest)
                      B  (1 + u)(1 + v)           independent, not uniform
                      C  1 + 0.6 (2u-1)(2v-1)     correlated, each factor uniform
                      D  4^(u v)                  correlated, not uniform
    `band`        exp(-(u - v)^2 / 2 sigma^2): Träuble et al., "On Disentangled Representations
                  Learned from Correlated Data", ICML 2021, eq. 1; strong for sigma 0.2
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset, Drawing, numpy_rng
from dbench.errors import InputError, choose

CHEN = {
    "A": lambda u, v: np.ones_like(u * v),
    "B": lambda u, v: (1 + u) * (1 + v),
    "C": lambda u, v: 1 + 0.6 * (2 * u - 1) * (2 * v - 1),
    "D": lambda u, v: 4 ** (u * v),
}


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
    return groups(dataset.factors, [_index(dataset, name) for name in names])


def varying(dataset: Dataset, names: Sequence[str]) -> Groups:
    """Groups whose rows differ in the named factors alone: batches with these varying."""
    some = {_index(dataset, name) for name in names}
    return groups(dataset.factors, [j for j in range(len(dataset.names)) if j not in some])


def alike(groups: Groups, key: jax.Array, count: int) -> jax.Array:
    """`count` rows, with replacement, of the group that a uniform row is in: [count] int32."""
    key_row, key_rows = jax.random.split(key)
    group = jnp.asarray(groups.group)[jax.random.randint(key_row, (), 0, len(groups.group))]
    return _within(groups, key_rows, jnp.broadcast_to(group, (count,)))


def pairs(
    sizes: Sequence[int], key: jax.Array, count: int, changes: int | None = None
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


def chen(name: str, sizes: tuple[int, int]) -> np.ndarray:
    """The joint A, B, C or D of two factors of these sizes, [size, size], sums to 1."""
    return _joint(CHEN[choose("joint of Chen et al.", name, CHEN)], sizes)


def band(sigma: float, sizes: tuple[int, int]) -> np.ndarray:
    """The Gaussian band of width `sigma` > 0, in units of a factor's span: [size, size]."""
    if not sigma > 0:
        raise InputError(f"sigma of a Gaussian band must be above 0, not {sigma}")
    return _joint(lambda u, v: np.exp(-((u - v) ** 2) / (2 * sigma**2)), sizes)


def without(dataset: Dataset, combinations: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Which rows are in none of the combinations, [n] bool.

    A combination gives factors their index, or a list of indices: {"shape": 2, "posX": [0, 1]}.
    """
    held = np.zeros(dataset.size, bool)
    for combination in combinations:
        match = np.ones(dataset.size, bool)
        for name, wanted in combination.items():
            j = _index(dataset, name)
            there = np.atleast_1d(wanted)
            if not np.isin(there, np.arange(dataset.sizes[j])).all():
                raise InputError(
                    f"{dataset.name} has values 0 to {dataset.sizes[j] - 1} of {name}, by index, "
                    f"and a combination that is held out has {wanted!r}"
                )
            match &= np.isin(dataset.factors[:, j], there)
        held |= match
    return ~held


def part(dataset: Dataset, fraction: float, key: jax.Array) -> np.ndarray:
    """A random `fraction` of the rows as training set, [n] bool; the others are its test set."""
    if not 0 < fraction < 1:
        raise InputError(f"the fraction of a split must be between 0 and 1, not {fraction}")
    count = max(1, round(fraction * dataset.size))
    kept = np.zeros(dataset.size, bool)
    kept[numpy_rng(key).permutation(dataset.size)[:count]] = True
    return kept


def drawn(
    dataset: Dataset,
    kept: np.ndarray | None = None,
    joints: Mapping[tuple[str, str], np.ndarray] | None = None,
) -> Dataset:
    """The data set, trained on the rows `kept` [n] bool alone, and by joints of pairs of factors.

    Encoding and scores still are of all its images. A joint [size, size] sums to 1.
    """
    rows = np.arange(dataset.size) if kept is None else np.flatnonzero(kept)
    if not len(rows):
        raise InputError(f"no image of {dataset.name} is left to train on")
    if not joints:
        return dataset._replace(drawing=Drawing(rows.astype(np.int32), _of_rows, len(rows)))
    weight = np.ones(len(rows))
    pairs = {tuple(_index(dataset, name) for name in pair): table for pair, table in joints.items()}
    for (a, b), table in pairs.items():
        a_values, b_values = dataset.factors[rows][:, [a, b]].T
        weight *= _checked(dataset, a, b, table)[a_values, b_values]
    rows, weight = rows[weight > 0], weight[weight > 0]
    if not len(rows):
        raise InputError(f"the joint excludes every image of {dataset.name} that is trained on")
    some = groups(dataset.factors[rows], sorted({*itertools.chain(*pairs)}))
    edges = np.cumsum(weight[some.order[some.first[:-1]]])  # the rows of a group weigh the same
    edges = np.rint(edges / edges[-1] * (2.0**32 - 1)).astype(np.uint32)
    some = some._replace(order=rows[some.order].astype(np.int32))
    return dataset._replace(drawing=Drawing((some, edges), _of_groups, len(rows)))


def view(dataset: Dataset, spec: Mapping[str, Any]) -> Dataset:
    """The data set drawn as a study says, in plain literals.

    {"without": [combination, ...], "part": [fraction, seed], "joint": {"name,name": joint}}, each
    as in the functions here, all optional; a joint is "A" .. "D", a number (sigma of a band), or a
    table of rows.
    """
    check_view(spec)
    kept = np.ones(dataset.size, bool)
    if "without" in spec:
        kept &= without(dataset, spec["without"])
    if "part" in spec:
        fraction, seed = spec["part"]
        kept &= part(dataset, fraction, jax.random.key(seed))
    joints = {}
    for names, given in spec.get("joint", {}).items():
        pair = tuple(name.strip() for name in names.split(","))
        a, b = (dataset.sizes[_index(dataset, name)] for name in pair)
        if isinstance(given, str):
            given = chen(given, (a, b))
        elif isinstance(given, (int, float)):
            given = band(given, (a, b))
        joints[pair] = np.asarray(given, float)
    return drawn(dataset, kept, joints)


def check_view(spec: Mapping[str, Any]) -> None:
    """An InputError for what is no `spec` of `view`, as far as can be said without the data set."""
    kinds = {"without": (list, tuple), "part": (list, tuple), "joint": Mapping}
    for word, given in spec.items():
        choose("part of a view", word, kinds)
        if not isinstance(given, kinds[word]):
            raise InputError(f"{word} of a view must be a {_said(kinds[word])}, not {given!r}")
    for names in spec.get("joint", {}):
        if not isinstance(names, str) or len(names.split(",")) != 2:
            raise InputError(f"a joint is of two factors, as 'posX,posY', not of {names!r}")
    if not all(isinstance(combination, Mapping) for combination in spec.get("without", ())):
        raise InputError("without of a view must be a list of dicts, as [{'shape': 2, 'posX': 0}]")
    if len(spec.get("part", (0, 0))) != 2:
        raise InputError(f"part of a view must be [fraction, seed], not {spec['part']!r}")


def _said(kind) -> str:
    return "dict" if kind is Mapping else "list"


def _index(dataset: Dataset, name: str) -> int:
    return dataset.names.index(choose(f"factor of {dataset.name}", name, dataset.names))


def _joint(function, sizes: tuple[int, int]) -> np.ndarray:
    u, v = (np.arange(size) / max(size - 1, 1) for size in sizes)
    table = function(u[:, None], v[None, :])
    return table / table.sum()


def _checked(dataset: Dataset, a: int, b: int, table: np.ndarray) -> np.ndarray:
    table, shape = np.asarray(table, float), (dataset.sizes[a], dataset.sizes[b])
    pair = f"the joint of {dataset.names[a]} and {dataset.names[b]}"
    if a == b:
        raise InputError(f"{pair} is of one factor: a joint is of two")
    if table.shape != shape:
        raise InputError(f"{pair} must be {list(shape)}, not {list(table.shape)}")
    if not (table >= 0).all():
        raise InputError(f"{pair} has entries that are negative or NaN")
    if not table.any():
        raise InputError(f"{pair} excludes every image")
    if abs(table.sum() - 1) > 1e-6:
        raise InputError(f"{pair} sums to {table.sum():.6g}, not to 1")
    return table


def _of_rows(rows: jax.Array, key: jax.Array, count: int) -> jax.Array:
    return rows[jax.random.randint(key, (count,), 0, len(rows))]


def _of_groups(arrays: tuple[Groups, jax.Array], key: jax.Array, count: int) -> jax.Array:
    some, edges = arrays
    key_group, key_rows = jax.random.split(key)
    at = jax.random.bits(key_group, (count,), jnp.uint32)
    group = jnp.searchsorted(jnp.asarray(edges), at, side="right")
    return _within(some, key_rows, jnp.minimum(group, len(edges) - 1))


def _within(groups: Groups, key: jax.Array, group: jax.Array) -> jax.Array:
    """A uniform row of each of the groups [b]: [b] int32."""
    first = jnp.asarray(groups.first)
    return jnp.asarray(groups.order)[
        jax.random.randint(key, group.shape, first[group], first[group + 1])
    ]
