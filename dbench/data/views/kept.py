"""Which rows of a data set training may see: all but some combinations, or a random part."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import jax
import numpy as np

from dbench.base import Dataset, numpy_rng
from dbench.data import rooms, seek_rooms
from dbench.data.views.sampling import index
from dbench.errors import InputError

OWN: Final = "held_out"  # in place of a combination: all that the data set itself holds out
HELD_OUT = {  # data set -> which of its factors [n, k] these are, [n] bool
    "rooms": rooms.held_out,
    "seek_rooms": seek_rooms.held_out,
    "seek_rooms_tiny": seek_rooms.held_out,
}


def without(
    dataset: Dataset, combinations: Sequence[Mapping[str, Any] | Literal["held_out"]]
) -> np.ndarray:
    """Which rows are in none of the combinations, [n] bool.

    A combination gives factors their index, or a list of indices: {"shape": 2, "posX": [0, 1]}.
    "held_out" are those that the data set itself keeps for tests, as `rooms` does.
    """
    held = np.zeros(dataset.size, bool)
    for combination in combinations:
        if combination == OWN:
            held |= _own(dataset)
            continue
        match = np.ones(dataset.size, bool)
        for name, wanted in combination.items():
            j = index(dataset, name)
            there = np.atleast_1d(wanted)
            if not np.isin(there, np.arange(dataset.sizes[j])).all():
                raise InputError(
                    f"{dataset.name} has values 0 to {dataset.sizes[j] - 1} of {name}, by index, "
                    f"and a combination that is held out has {wanted!r}"
                )
            match &= np.isin(dataset.factors[:, j], there)
        held |= match
    return ~held


def _own(dataset: Dataset) -> np.ndarray:
    if dataset.name not in HELD_OUT:
        raise InputError(
            f"{dataset.name} has no combinations of its own that are {OWN}, as "
            f"{', '.join(HELD_OUT)} have: name others, as [{{'shape': 2, 'posX': 0}}]"
        )
    return HELD_OUT[dataset.name](dataset.factors)


def part(dataset: Dataset, fraction: float, key: jax.Array) -> np.ndarray:
    """A random `fraction` of the rows as training set, [n] bool; the others are its test set."""
    if not 0 < fraction < 1:
        raise InputError(f"the fraction of a split must be between 0 and 1, not {fraction}")
    count = round(fraction * dataset.size)
    if count < 1:
        raise InputError(
            f"a part of {fraction:g} of the {dataset.size:,} images of {dataset.name} is less than "
            "one image"
        )
    kept = np.zeros(dataset.size, bool)
    kept[numpy_rng(key).permutation(dataset.size)[:count]] = True
    return kept
