"""The table of codes of a data set's images, or of some, with the factors that vary in it."""

import jax
import numpy as np

from dbench.base import Dataset, Table, numpy_rng
from dbench.errors import InputError
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


def drawn_rows(dataset: Dataset, count: int | None, seed: int) -> np.ndarray | None:
    """`count` rows of a data set drawn by a seed, in order, without replacement; None for all."""
    if count is None or count == dataset.size:
        return None
    if count > dataset.size:
        raise InputError(
            f"--rows is {count:,}, and {dataset.name} has {dataset.size:,} images: give fewer, or "
            "leave it out to take all"
        )
    rng = numpy_rng(jax.random.fold_in(jax.random.key(seed), 5))  # 0 to 4: training, scores
    return np.sort(rng.choice(dataset.size, count, replace=False))
