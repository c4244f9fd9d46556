"""Which images a DisBM is shown together: pairs that share the factors of one of its groups."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset, Sampler
from dbench.data.views import sampling, trained, weighs
from dbench.errors import InputError
from dbench.models.baselines import needs_factors


class Group(NamedTuple):
    """A group of hidden units: its name, and the factors that images share which share it."""

    name: str
    factors: tuple[str, ...]


class Pairs(NamedTuple):
    """What updates take of a data set, as arrays; None of what they need not."""

    groups: tuple[sampling.Groups, ...] = ()  # (K,) of the rows that training may see
    # [n] int32, of the first group's combinations of factor values
    labels: np.ndarray | jax.Array | None = None
    begin: np.ndarray | jax.Array | None = None  # [m] int32, images whose mean is begun with


def listed(groups: str, units: str) -> tuple[tuple[Group, ...], tuple[int, ...]]:
    """ "a: x; b: y, z" and "100, 50" as groups and numbers of units."""
    found = []
    for part in groups.split(";"):
        name, colon, factors = part.partition(":")
        names = tuple(each.strip() for each in factors.split(","))
        if not colon or not name.strip() or not all(names):
            raise InputError(
                "groups of disbm must be names with factors, as 'identity: identity; pose: "
                f"azimuth, elevation', not {groups!r}"
            )
        found.append(Group(name.strip(), names))
    numbers = [each.strip() for each in units.split(",")]
    whole = all(each.isdecimal() and 0 < int(each) <= 100_000 for each in numbers)
    if not whole or len(numbers) != len(found):
        raise InputError(
            f"units of disbm must be a number of units for each of its {len(found)} groups, as "
            f"'100, 100', not {units!r}"
        )
    if len(found) < 2 or len({group.name for group in found}) < len(found):
        raise InputError(
            f"disbm needs two groups or more, each of a name of its own, not {groups!r}"
        )
    return tuple(found), tuple(map(int, numbers))


def pairs(dataset: Dataset, groups: tuple[Group, ...], labels: int) -> Pairs:
    """The groups of rows that share factors, of those that training may see; checked."""
    needs_factors(dataset, "disbm")
    rows = trained(dataset)
    for name, factors in groups:
        for factor in factors:
            if factor not in dataset.names:
                raise InputError(
                    f"disbm's group {name!r} has the factor {factor!r}, and {dataset.name} has "
                    f"{', '.join(dataset.names)}: set groups"
                )
    found = []
    for name, factors in groups:
        columns = [dataset.names.index(factor) for factor in factors]
        some = sampling.groups(dataset.factors[rows], columns)
        if np.diff(some.first).max() < 2:
            raise InputError(
                f"no two images of {dataset.name} share {', '.join(factors)}, so there is no pair "
                f"for disbm's group {name!r}: set groups to other factors"
            )
        whole = np.full(dataset.size, -1, np.int32)
        whole[rows] = some.group
        found.append(some._replace(order=rows[some.order].astype(np.int32), group=whole))
    if labels and labels < len(found[0].first) - 1:
        raise InputError(
            f"disbm has {labels} labels, and {len(found[0].first) - 1} combinations of "
            f"{', '.join(groups[0].factors)} are trained on: raise labels to that"
        )
    return Pairs(tuple(found), found[0].group)


def some_rows(dataset: Dataset, rows: int = 2_000) -> np.ndarray:
    """Some images that training may see, the same ones for each seed: [m] int32."""
    known = trained(dataset)
    some = np.random.default_rng(0).choice(known, min(rows, len(known)), replace=False)
    return some.astype(np.int32)


def mean_image(sampler: Sampler, rows: jax.Array) -> jax.Array:
    """The mean of images [m], one gathered after the other: [D]."""

    def add(total, row):
        return total + sampler.gather(row[None])[0].reshape(-1), None

    image = jax.eval_shape(sampler.gather, rows[:1])
    return jax.lax.scan(add, jnp.zeros(image.size), rows)[0] / len(rows)


def unweighted(dataset: Dataset) -> None:
    """An InputError if training draws some rows more often: second images are drawn all alike."""
    if weighs(dataset):
        raise InputError(
            f"disbm draws the second image of a pair itself, all rows of {dataset.name} that share "
            "its group's factors alike: no joint of factors, but for disbm_unpaired"
        )


def partners(groups: tuple[sampling.Groups, ...], rows: jax.Array, key: jax.Array) -> jax.Array:
    """A row for each of `rows` [n] that shares the factors of group i mod K with it, [n]."""
    keys = jax.random.split(key, len(groups))
    found = [
        sampling.within(some, k, jnp.asarray(some.group)[rows])
        for some, k in zip(groups, keys, strict=True)
    ]
    return jnp.stack(found)[jnp.arange(len(rows)) % len(groups), jnp.arange(len(rows))]


def manifold(hidden: list[jax.Array], of: jax.Array, margin: float | jax.Array) -> jax.Array:
    """The manifold term of means [2, n, J] a group; `of` [K, n]: what the first images share."""
    total, n = jnp.zeros(()), hidden[0].shape[1]
    for k, q in enumerate(hidden):
        mine = jnp.arange(n) % len(hidden) == k
        near = ((q[0] - q[1]) ** 2).sum(axis=1)
        other = jnp.roll(q[0], len(hidden), axis=0)  # of the next pair of this kind
        apart = jnp.sqrt(((q[0] - other) ** 2).sum(axis=1) + 1e-12)
        far = jnp.roll(of[k], len(hidden)) != of[k]
        hinge = jnp.where(far, jnp.maximum(0.0, margin - apart) ** 2, 0.0)
        total += jnp.where(mine, near + hinge, 0.0).sum() / n
    return total


def declared(
    groups: tuple[Group, ...], counts: tuple[int, ...]
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The groups of codes, as `Model.groups`."""
    ends = np.cumsum(counts).tolist()
    return tuple(
        (group.name, tuple(range(end - count, end)))
        for group, count, end in zip(groups, counts, ends, strict=True)
    )
