"""The table of codes of a data set's images, with the factors that vary in it."""

import numpy as np

from dbench.base import Dataset, Table
from dbench.metrics.shared import tables


def table(
    dataset: Dataset,
    mean: np.ndarray,
    logvar: np.ndarray | None = None,
    rows: np.ndarray | None = None,
) -> Table:
    """Of codes [n, d] of all images in order, or of `rows` [n]. One-valued factors are left out.

    A cyclic factor is cyclic in the table if it has all of its values there.
    """
    varying = dataset.varying
    names = tuple(dataset.names[j] for j in varying)
    index = dataset.factors if rows is None else dataset.factors[rows]
    index = np.asarray(index[:, varying])
    continuous = [name for name in names if name in dataset.continuous]
    cyclic = tuple(
        dataset.names[j]
        for j, column in zip(varying, index.T, strict=True)
        if dataset.names[j] in dataset.cyclic and len(np.unique(column)) == dataset.sizes[j]
    )
    if not continuous:
        return Table(mean, index, logvar, names, cyclic=cyclic)
    columns = index.astype(np.float64)
    for i, j in enumerate(varying):
        if names[i] in continuous:
            columns[:, i] = dataset.values[j][index[:, i]]
    return tables.table(mean, columns, logvar, names, continuous)._replace(cyclic=cyclic)
