"""A run's log.csv while it trains."""

from pathlib import Path

import numpy as np
import pandas as pd

from dbench import files
from dbench.tables import results


class Log:
    """A run's log.csv: one line a chunk, the means of what the model logs over its steps.

    And, under the names of metrics, scores at the line's step, on lines that have them; NaN where
    codes cannot be scored.
    """

    def __init__(self, path: Path, step: int):
        """Lines after `step` are of a stretch that is trained again."""
        self.path = path
        old = results.log(path).to_dict("records") if step and path.exists() else []
        self.rows = [row for row in old if row["step"] <= step]
        self.finite = True

    def add(self, step: int, means: dict[str, np.ndarray]) -> None:
        row: dict[str, float] = {"step": step}
        for name, value in means.items():
            if np.ndim(value):
                row |= {f"{name}_{j}": float(entry) for j, entry in enumerate(value)}
            else:
                row[name] = float(value)
        self.finite = bool(np.isfinite(list(row.values())).all())
        self.rows.append(row)

    def write(self) -> None:
        with files.replacing(self.path) as temporary:
            pd.DataFrame(self.rows).to_csv(temporary, index=False)
