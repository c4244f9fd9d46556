"""Which images there are of a concept, among some rows of a data set."""

import numpy as np

from dbench.base import Dataset
from dbench.data.concepts.vocabulary import Vocabulary


class Lookup:
    """Rows of a data set, sorted by what is said of them."""

    def __init__(self, dataset: Dataset, words: Vocabulary, rows: np.ndarray):
        named = dataset.factors[:, list(words.columns)][rows]
        code = np.zeros(len(rows), np.int64)
        for column, size in zip(named.T, words.sizes, strict=True):
            code = code * size + column  # at most MOST symbols: far below 2^62
        order = np.argsort(code, kind="stable")
        _, self.first, self.count = np.unique(code[order], return_index=True, return_counts=True)
        self.rows = rows[order]
        self.whole = named[order[self.first]]  # [m, k] each combination that has images, once

    def matches(self, concept: np.ndarray) -> np.ndarray:
        """[m] bool, the combinations of which a concept [k] holds."""
        return ((concept[None] < 0) | (self.whole == concept[None])).all(axis=1)

    def has(self, concept: np.ndarray) -> bool:
        """Whether there is any image of it."""
        return bool(self.matches(concept).any())

    def draw(self, concept: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
        """`count` rows of a concept: distinct, where there are so many."""
        there = np.flatnonzero(self.matches(concept))
        ends = np.cumsum(self.count[there])
        total = int(ends[-1])
        if total >= count:
            picked = rng.choice(total, count, replace=False)
        else:
            picked = rng.integers(total, size=count)
        which = np.searchsorted(ends, picked, side="right")
        inside = picked - (ends - self.count[there])[which]
        return self.rows[self.first[there[which]] + inside].astype(np.int32)
