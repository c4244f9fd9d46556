"""Views of a data set: trained on some of its rows, or on factors that are correlated.

`drawn` gives a data set a Drawing, by which training draws its rows on the device, by key; encoding
and scores are of all images all the same.

    correlated    p(row) = p(a, b) / number of rows with these values a, b of two factors; with
                  joints of several pairs their product, normalised over the combinations there are
    `chen`        four joints of two factors with values u, v = 0 .. 1 evenly spaced, as Chen et
                  al., "Isolating Sources of Disentanglement in Variational Autoencoders",
                  NeurIPS 2018, describe theirs: every combination has some probability, the
                  largest is 4 times the smallest. Their tables were not seen; these are ours:
                      A  1                        independent, uniform (largest = smallest)
                      B  (1 + u)(1 + v)           independent, not uniform
                      C  1 + 0.6 (2u-1)(2v-1)     correlated, each factor uniform
                      D  4^(u v)                  correlated, not uniform
    `band`        exp(-(u - v)^2 / 2 sigma^2): Träuble et al., "On Disentangled Representations
                  Learned from Correlated Data", ICML 2021 (recalled); strong for sigma 0.2
"""

import itertools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dbench import bounds, schemas
from dbench.base import Dataset, Drawing
from dbench.data.views.kept import OWN, part, without
from dbench.data.views.sampling import Groups, groups, index, within
from dbench.errors import InputError, choose, short

CHEN = {
    "A": lambda u, v: np.ones_like(u * v),
    "B": lambda u, v: (1 + u) * (1 + v),
    "C": lambda u, v: 1 + 0.6 * (2 * u - 1) * (2 * v - 1),
    "D": lambda u, v: 4 ** (u * v),
}


def chen(name: str, sizes: tuple[int, int]) -> np.ndarray:
    """The joint A, B, C or D of two factors of these sizes, [size, size], sums to 1."""
    return _joint(CHEN[choose("joint of Chen et al.", name, CHEN)], sizes)


def band(sigma: float, sizes: tuple[int, int]) -> np.ndarray:
    """The Gaussian band of width `sigma` > 0, in units of a factor's span: [size, size]."""
    if not 0 < sigma <= bounds.NUMBER:
        raise InputError(f"sigma of a Gaussian band must be above 0 and finite, not {short(sigma)}")
    return _joint(lambda u, v: np.exp(-((u - v) ** 2) / (2 * sigma**2)), sizes)


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
    pairs = {tuple(index(dataset, name) for name in pair): table for pair, table in joints.items()}
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
    as in the functions here and in kept.py, all optional; a joint is "A" .. "D", a
    number (sigma of a band), or a table of rows.
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
        a, b = (dataset.sizes[index(dataset, name)] for name in pair)
        if isinstance(given, str):
            given = chen(given, (a, b))
        elif isinstance(given, (int, float)):
            given = band(given, (a, b))
        joints[pair] = np.asarray(given, float)
    return drawn(dataset, kept, joints)


def check_view(spec: Mapping[str, Any]) -> None:
    """An InputError for what is no `spec` of `view`, as far as can be said without the data set."""
    kinds: dict[str, type | tuple[type, ...]] = {
        "without": (list, tuple),
        "part": (list, tuple),
        "joint": Mapping,
    }
    for word, given in spec.items():
        choose("part of a view", word, kinds)
        if not isinstance(given, kinds[word]):
            raise InputError(f"{word} of a view must be a {_said(kinds[word])}, not {short(given)}")
    for names in spec.get("joint", {}):
        if not isinstance(names, str) or len(names.split(",")) != 2:
            raise InputError(f"a joint is of two factors, as 'posX,posY', not of {short(names)}")
    for given in spec.get("without", ()):
        if given != OWN and not isinstance(given, Mapping):
            raise InputError(
                f"without of a view must be a list of dicts, as [{{'shape': 2, 'posX': 0}}], or of "
                f"{OWN!r}, not of {short(given)}"
            )
    schemas.check(_plain(spec), schemas.VIEW, "a view")
    for names, given in spec.get("joint", {}).items():
        if isinstance(given, str):
            choose("joint of Chen et al.", given, CHEN)
        elif isinstance(given, (int, float)):
            band(given, (1, 1))
        elif len({len(row) for row in given}) != 1:
            raise InputError(f"joint[{names!r}] must be a table, its rows of one length")


def _plain(x: Any) -> Any:
    """With lists in place of NumPy's arrays, numbers of Python's in place of its scalars."""
    if isinstance(x, Mapping):
        return {key: _plain(value) for key, value in x.items()}
    return x.tolist() if isinstance(x, (np.ndarray, np.generic)) else x


def _said(kind) -> str:
    return "dict" if kind is Mapping else "list"


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
    return within(some, key_rows, jnp.minimum(group, len(edges) - 1))
