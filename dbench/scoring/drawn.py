"""Some images of a data set, drawn by a key, for the scores of a model itself."""

import jax
import numpy as np
from jax.sharding import Mesh

from dbench.base import Dataset, Table, numpy_rng
from dbench.codes.encode import encode
from dbench.training.programs import Program


def distinct(dataset: Dataset, key: jax.Array, count: int) -> np.ndarray:
    """`count` distinct rows, in order; all if there are no more."""
    some = numpy_rng(key).choice(dataset.size, min(count, dataset.size), replace=False)
    return np.sort(some).astype(np.int32)


def codes(
    dataset: Dataset,
    program: Program,
    numbers: dict,
    params,
    mesh: Mesh,
    rows: np.ndarray,
    label: str,
) -> Table:
    """The table of a trained model's codes of these rows."""
    (table,) = encode(dataset, program, [numbers], [params], mesh, label=label, rows=rows)
    return table
