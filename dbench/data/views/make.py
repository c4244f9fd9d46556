"""Views of a data set: trained on some of its rows, or on factors that are correlated.

`drawn` gives a data set a Drawing, by which training draws its rows on the device, by key; encoding
and scores are of all images all the same.

    correlated    p(row) = p(a, b) / number of rows with these values a, b of two factors; with
                  joints of several pairs their product, normalised over the combinations there are;
                  the joints are in joints.py
"""

import itertools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dbench import schemas
from dbench.base import Dataset, Drawing
from dbench.data.views.joints import CHEN, band, checked, chen
from dbench.data.views.kept import OWN, part, without
from dbench.data.views.sampling import Groups, groups, index, within
from dbench.errors import InputError, choose, short


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
        weight *= checked(dataset, a, b, table)[a_values, b_values]
    rows, weight = rows[weight > 0], weight[weight > 0]
    if not len(rows):
        raise InputError(f"the joint excludes every image of {dataset.name} that is trained on")
    some = groups(dataset.factors[rows], sorted({*itertools.chain(*pairs)}))
    edges = np.cumsum(weight[some.order[some.first[:-1]]])  # the rows of a group weigh the same
    edges = np.rint(edges / edges[-1] * (2.0**32 - 1)).astype(np.uint32)
    some = some._replace(order=rows[some.order].astype(np.int32))
    return dataset._replace(drawing=Drawing((some, edges), _of_groups, len(rows)))


def trained(dataset: Dataset) -> np.ndarray:
    """The rows that training may see, [n] int32: all, or those of a view."""
    if dataset.drawing is None:
        return np.arange(dataset.size, dtype=np.int32)
    arrays = dataset.drawing.arrays
    return np.sort(arrays if dataset.drawing.rows is _of_rows else arrays[0].order)


def weighs(dataset: Dataset) -> bool:
    """Whether training draws some rows more often than others: by joints of factors."""
    return dataset.drawing is not None and dataset.drawing.rows is _of_groups


def view(dataset: Dataset, spec: Mapping[str, Any]) -> Dataset:
    """The data set drawn as a study says, in plain literals.

    {"without": [combination, ...], "part": [fraction, seed], "joint": {"name,name": joint}}, each
    as in the functions here and in kept.py, all optional; a joint is "A" .. "D", a
    number (sigma of a band), or a table of rows.
    """
    check_view(spec)
    kept, joints = trained_on(dataset, spec), {}
    for names, given in spec.get("joint", {}).items():
        pair = tuple(name.strip() for name in names.split(","))
        a, b = (dataset.sizes[index(dataset, name)] for name in pair)
        if isinstance(given, str):
            given = chen(given, (a, b))
        elif isinstance(given, (int, float)):
            given = band(given, (a, b))
        joints[pair] = np.asarray(given, float)
    return drawn(dataset, kept, joints)


def trained_on(dataset: Dataset, spec: Mapping[str, Any]) -> np.ndarray:
    """Which rows a `spec` of `view` leaves to training, [n] bool, whatever joints say of them."""
    kept = np.ones(dataset.size, bool)
    if "without" in spec:
        kept &= without(dataset, spec["without"])
    if "part" in spec:
        fraction, seed = spec["part"]
        kept &= part(dataset, fraction, jax.random.key(seed))
    return kept


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


def _of_rows(rows: jax.Array, key: jax.Array, count: int) -> jax.Array:
    return rows[jax.random.randint(key, (count,), 0, len(rows))]


def _of_groups(arrays: tuple[Groups, jax.Array], key: jax.Array, count: int) -> jax.Array:
    some, edges = arrays
    key_group, key_rows = jax.random.split(key)
    at = jax.random.bits(key_group, (count,), jnp.uint32)
    group = jnp.searchsorted(jnp.asarray(edges), at, side="right")
    return within(some, key_rows, jnp.minimum(group, len(edges) - 1))
