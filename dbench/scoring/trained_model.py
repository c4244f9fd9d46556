"""A trained model as its scores see it."""

from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from dbench.base import Dataset, Once, Table, numpy_rng
from dbench.codes.encode import encode
from dbench.training.programs import Program


class TrainedModel(Once):
    """A trained model being scored with one key."""

    def __init__(
        self,
        dataset: Dataset,
        program: Program,
        numbers: dict,
        params: Any,
        mesh: Mesh,
        key: jax.Array,
    ):
        super().__init__()
        self.dataset, self.program, self.numbers = dataset, program, numbers
        self.params, self.mesh, self.key = params, mesh, key

    def distinct(self, count: int) -> np.ndarray:
        """`count` distinct rows, drawn by the key, in order; all if there are no more."""
        size = self.dataset.size
        some = numpy_rng(self.key).choice(size, min(count, size), replace=False)
        return np.sort(some).astype(np.int32)

    def codes(self, label: str, rows: np.ndarray | None = None) -> Table:
        """The table of its codes of these rows, or of all."""
        given = [self.numbers], [self.params], self.mesh
        (table,) = encode(self.dataset, self.program, *given, label=label, rows=rows)
        return table
