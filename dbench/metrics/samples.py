"""Rows drawn from a table, the same for all metrics that ask for as many for the same purpose."""

from typing import NamedTuple

import numpy as np

from dbench.metrics.groups import Group, groups
from dbench.metrics.metric import Work


class Sample(NamedTuple):
    """m rows of a table."""

    codes: np.ndarray  # [m, d] float64
    labels: np.ndarray  # [m, k] int64, which of its 0 .. v-1 values each factor has
    values: np.ndarray  # [m, k] float64, the factors as numbers

    @property
    def size(self) -> int:
        return len(self.codes)

    def take(self, rows) -> "Sample":
        return Sample(self.codes[rows], self.labels[rows], self.values[rows])


def by_factor(work: Work) -> list[Group]:
    """One Group per factor. For `work.once`."""
    return groups(work.table.factors)


def sample(work: Work, purpose: str, rows: int | None) -> Sample:
    """`rows` rows drawn with replacement, or (None) each row once. For `work.once`.

    Ask for the purpose "train" or "test", so that metrics share what they fit and what they test.
    """
    table, known = work.table, work.once(by_factor)
    n = len(table.mean)
    chosen = slice(None) if rows is None else work.rng(f"{purpose} {rows}").integers(n, size=rows)
    labels = np.zeros((n if rows is None else rows, len(known)), np.int64)
    for j, group in enumerate(known):
        labels[:, j] = group.labels[chosen]
    values = table.factors if table.values is None else table.values
    return Sample(table.mean[chosen].astype(np.float64), labels, values[chosen].astype(np.float64))
