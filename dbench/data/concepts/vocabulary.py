"""The symbols of a data set: the names that values of its factors have.

A concept says the values of some of the k named factors: [k] int, -1 where it says nothing. Its
symbol is k-hot, 1 for each name that it says (SCAN, section 4). A 0 means that the name is not
said, not that it does not hold.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dbench.base import Dataset
from dbench.errors import InputError

Array = jax.Array | np.ndarray
MOST = 128  # symbols of a data set: the networks have room for so many


class Vocabulary(NamedTuple):
    """What can be said of the images of a data set."""

    dataset: str  # its name
    columns: tuple[int, ...]  # (k,) of the named factors
    factors: tuple[str, ...]  # (k,) their names
    symbols: tuple[tuple[str, ...], ...]  # (k,) of the names of their values

    @property
    def sizes(self) -> tuple[int, ...]:
        """(k,) symbols of each factor."""
        return tuple(map(len, self.symbols))

    @property
    def offsets(self) -> np.ndarray:
        """[k] int32, where the symbols of each factor begin among all."""
        return np.cumsum([0, *self.sizes[:-1]]).astype(np.int32)

    @property
    def names(self) -> tuple[str, ...]:
        """All symbols, in the order of a k-hot vector."""
        return tuple(name for names in self.symbols for name in names)

    def concept(self, at: np.ndarray) -> np.ndarray:
        """The concept [k] of some places in `names`; no two may be of one factor."""
        found = np.full(len(self.sizes), -1, np.int32)
        for place in at:
            factor = int(np.searchsorted(self.offsets, place, side="right")) - 1
            assert found[factor] < 0
            found[factor] = place - self.offsets[factor]
        return found

    def said(self, concept: np.ndarray) -> str:
        """ "red wall, hat" of a concept [k]; "anything" of an empty one."""
        names = [self.symbols[j][v] for j, v in enumerate(concept) if v >= 0]
        return ", ".join(names) or "anything"


def vocabulary(dataset: Dataset) -> Vocabulary:
    """The symbols of a data set. An InputError if no factor that varies has names."""
    labels = dataset.labels or ((),) * len(dataset.names)
    columns = [j for j, names in enumerate(labels) if len(names) > 1]
    if not columns:
        raise InputError(
            f"{dataset.name} has no factor whose values have names, and so no symbols: take one "
            "that has, as rooms, or give text in place of numbers as factors of your own"
        )
    count = sum(len(labels[j]) for j in columns)
    if count > MOST:
        raise InputError(
            f"{dataset.name} has {count:,} named values, and there is room for {MOST} symbols: "
            "give factors of many values as numbers"
        )
    everything = [name for j in columns for name in labels[j]]
    symbols = tuple(
        tuple(
            name if everything.count(name) == 1 else f"{name} {dataset.names[j]}"
            for name in labels[j]
        )
        for j in columns
    )
    names = tuple(dataset.names[j] for j in columns)
    return Vocabulary(dataset.name, tuple(columns), names, symbols)


def k_hot(concepts: Array, offsets: Array) -> jax.Array:
    """Symbols of concepts [b, k]: [b, MOST] float32, the symbols of factor j from offsets[j] on."""
    at = jnp.where(concepts >= 0, concepts + offsets[None], -1)
    return jax.nn.one_hot(at, MOST).sum(axis=1)  # one_hot of -1 is 0
