"""Scores of the rows that training saw, and of those that it never did: `mig_seen`, `mig_unseen`.

For studies whose views leave rows out of training. Any score of a table, and `reconstruction`, is
had of either part by its suffix: of the table of those rows alone, which has the factors that vary
among them. A part is no full grid, so that only scores of the same part compare.

`downstream_..._unseen` is what a user of such a representation asks: the classifier learns from
rows that training saw, and is tested on rows that it never saw. `downstream_..._seen` learns from
and is tested on rows that it saw.
"""

from collections.abc import Sequence

import jax
import numpy as np

from dbench import environment
from dbench.base import Dataset, Score, Table
from dbench.codes import tabled
from dbench.errors import InputError, said_of
from dbench.metrics import METRICS
from dbench.metrics.shared.metric import Work
from dbench.metrics.shared.tables import labelled
from dbench.metrics.shared.validate import check, factor_names
from dbench.scoring import evaluate
from dbench.tables.directions import DOWNSTREAM, PARTS, base, suffix

OF_MODEL = "reconstruction"  # the score of a model that is had of a part
OF_PARTS = tuple(OF_MODEL + part for part in PARTS)


def wanted(metrics: Sequence[str]) -> list[str]:
    """Those that are of a part of the rows."""
    return [name for name in metrics if suffix(name) in PARTS]


def rows_of(kept: np.ndarray) -> dict[str, np.ndarray]:
    """Part -> its rows."""
    return dict(zip(PARTS, (np.flatnonzero(kept), np.flatnonzero(~kept)), strict=True))


def require(dataset: Dataset, kept: np.ndarray, metrics: Sequence[str]) -> None:
    """Raise InputError unless the parts allow the metrics of them: before the work."""
    if not (some := wanted(metrics)):
        return
    if kept.all():
        raise InputError(
            f"{some[0]} needs rows that training does not see, and it sees all of "
            f"{dataset.name}: name a view of it that has without, or part, in Study.views"
        )
    blank = np.broadcast_to(np.float32(0), (dataset.size, 2))
    table = tabled.table(dataset, blank, blank)
    for part, rows in rows_of(kept).items():
        names = [base(m) for m in some if m == base(m) + part and base(m) in METRICS]
        with said_of(f"the {part.strip('_')} rows of {dataset.name}"):
            alone = rows_alone(table, rows)
            check(alone)
            for name in names:
                METRICS[name].check(table if _is_across(name, part) else alone)


def scores(table: Table, kept: np.ndarray, metrics: Sequence[str], seed: int) -> dict[str, Score]:
    """Scores of a table of all rows, [n], by their names with the part."""
    if metrics and len(table.mean) != len(kept):
        raise InputError(f"{metrics[0]} needs the codes of all rows, and these have too many codes")
    found: dict[str, Score] = {}
    parts = rows_of(kept)
    for part, rows in parts.items():
        names = [base(name) for name in metrics if name == base(name) + part]
        across = [name for name in names if _is_across(name, part)]
        own = [name for name in names if name not in across]
        if own:
            some = evaluate.scores(rows_alone(table, rows), own, seed)
            found |= {f"{name}{part}": score for name, score in some.items()}
        if across:
            found |= _across(table, parts, across, seed)
    return {name: found[name] for name in metrics}


def _is_across(name: str, part: str) -> bool:
    """Whether a score learns from one part and is tested on the other."""
    return name.startswith(DOWNSTREAM) and part == PARTS[1]


@environment.fixed()
def _across(
    table: Table, parts: dict[str, np.ndarray], names: list[str], seed: int
) -> dict[str, Score]:
    """Scores that learn from the first part and are tested on the second."""
    check(table)
    learn, test = (parts[part] for part in PARTS)
    work = Work(labelled(table), jax.random.key(seed), rows={"train": learn, "test": test})
    return {f"{name}{PARTS[1]}": METRICS[name].score(work) for name in names}


def rows_alone(table: Table, rows: np.ndarray) -> Table:
    """The table of some rows, with the factors that vary among them."""
    factors, names = table.factors[rows], factor_names(table)
    varying = [j for j, column in enumerate(factors.T) if (column != column[0]).any()]
    left = {names[j] for j in varying}
    whole = {n for n in left if _values(factors, names, n) == _values(table.factors, names, n)}
    return table._replace(
        mean=table.mean[rows],
        factors=factors[:, varying],
        logvar=None if table.logvar is None else table.logvar[rows],
        names=tuple(names[j] for j in varying),
        values=None if table.values is None else table.values[rows][:, varying],
        continuous=tuple(name for name in table.continuous if name in left),
        cyclic=tuple(name for name in table.cyclic if name in whole),
    )


def _values(factors: np.ndarray, names: Sequence[str], name: str) -> int:
    return len(np.unique(factors[:, names.index(name)]))
