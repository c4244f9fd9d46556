"""Rows drawn from a table, the same for all metrics that ask for as many for the same purpose."""

from typing import NamedTuple

import numpy as np

from dbench.base import Table
from dbench.metrics.shared.groups import Group, groups
from dbench.metrics.shared.metric import Work
from dbench.metrics.shared.validate import factor_names


class Sample(NamedTuple):
    """m rows of a table."""

    codes: np.ndarray  # [m, d] float64
    labels: np.ndarray  # [m, k] int64, which of its 0 .. v-1 values each factor has
    values: np.ndarray  # [m, k] float64: a continuous factor as it is, another by its label

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
    They are from all rows of the table, or from those that `work.rows` names for the purpose.
    """
    table, known = work.table, work.once(by_factor)
    n = len(table.mean)
    among = work.rows.get(purpose.split()[0])
    if rows is None:
        chosen: slice | np.ndarray = slice(None)
    elif among is None:
        chosen = work.rng(f"{purpose} {rows}").integers(n, size=rows)
    else:
        chosen = among[work.rng(f"{purpose} {rows}").integers(len(among), size=rows)]
    labels = np.zeros((n if rows is None else rows, len(known)), np.int64)
    for j, group in enumerate(known):
        labels[:, j] = group.labels[chosen]
    values = labels.astype(np.float64)
    if table.values is not None:
        for j in continuous_columns(table):
            values[:, j] = table.values[chosen, j]
    return Sample(table.mean[chosen].astype(np.float64), labels, values)


def continuous_columns(table: Table) -> list[int]:
    """Numbers of the factors that are declared continuous."""
    return [j for j, name in enumerate(factor_names(table)) if name in table.continuous]
