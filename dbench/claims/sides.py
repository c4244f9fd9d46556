"""The numbers that a claim sets against each other: a score, a column of a log, a run each."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from dbench.claims.evidence import Evidence, Missing, command, whose
from dbench.data import dsprites
from dbench.errors import InputError
from dbench.tables import agents, results
from dbench.tables.capacity import coded_from


class Runs(NamedTuple):
    """A score of the runs of one setting."""

    study: str
    metric: str
    model: str
    value: float | None = None
    dataset: str | None = None

    def of(self, evidence: Evidence) -> np.ndarray:
        """[n] by seed."""
        return _found(self, self.metric, evidence, self._rows(evidence)["score"])

    def able(self, evidence: Evidence) -> np.ndarray:
        """[n] by seed: whether agents learned the source, of a return in the target.

        All true of any other score. Missing if a run does not say it.
        """
        rows, name = self._rows(evidence), agents.agent(self.metric)
        if name is None:
            return np.ones(len(rows), bool)
        learned = agents.able(evidence.scores(self.study), name)
        runs = pd.MultiIndex.from_frame(rows[agents.RUN])
        if lacks := int((~runs.isin(learned.index)).sum()):
            raise Missing(
                f"{self.study} has no {name}{agents.SOURCE} in {lacks} of {len(rows)} runs of "
                f"{whose(self)}, which says whether agents learned; if it should, "
                f"{command(self.study, evidence.scale)}"
            )
        return learned.reindex(runs).to_numpy(bool)

    def _rows(self, evidence: Evidence) -> pd.DataFrame:
        rows = evidence.chosen(self, evidence.scores(self.study))
        return rows[rows["metric"] == self.metric].sort_values("seed")


class Logged(NamedTuple):
    """A column of the training logs of one setting, or the first less the second of two.

    Of the line at `step`, else of the last one.
    """

    study: str
    columns: tuple[str, ...]
    model: str
    value: float | None = None
    dataset: str | None = None
    step: int | None = None

    def of(self, evidence: Evidence) -> np.ndarray:
        """[n] by seed."""
        rows, name = evidence.chosen(self, evidence.logs(self.study)), " or ".join(self.columns)
        if not len(rows) or not set(self.columns) <= set(rows):
            return _found(self, f"log of {name}", evidence, [])
        steps = rows.groupby("run")["step"].transform("max") if self.step is None else self.step
        lines = rows[rows["step"] == steps].sort_values("seed")
        first, *second = (lines[column] for column in self.columns)
        return _found(self, f"log of {name}", evidence, first - second[0] if second else first)


class CodedFrom(NamedTuple):
    """C in nats from which on factors are coded by capacity_generator on dSprites.

    Of several factors the mean; the last C of a run where a factor never is.
    """

    study: str
    factors: tuple[str, ...]
    model: str = "capacity_generator"

    def of(self, evidence: Evidence) -> np.ndarray:
        """[n] by seed."""
        logs = evidence.chosen(self, evidence.logs(self.study)).sort_values(["seed", "step"])
        columns = {n: f"kl_latent_{j}" for j, n in enumerate(dsprites.NAMES) if n in self.factors}
        if not len(logs) or not {"capacity", *columns.values()} <= set(logs):
            return _found(self, "log of the nats of each factor", evidence, [])
        parts = [
            logs[["run", "step", "capacity"]].assign(factor=name, nats=logs[column])
            for name, column in columns.items()
        ]
        first = coded_from(pd.concat(parts))
        first = first.reindex(logs["run"].unique()).fillna(logs["capacity"].max())
        return _found(self, "capacity", evidence, first[list(self.factors)].mean(axis=1))


class Following(NamedTuple):
    """|r| of the code of a factor, as `dbench equivariance` writes it beside its picture."""

    study: str
    model: str
    factor: str

    def of(self, evidence: Evidence) -> np.ndarray:
        """[n] by seed."""
        paths = [run / "equivariance.csv" for run in evidence.runs(self.study, self.model)]
        frames = {path: _followed(path) for path in paths}
        if lacking := [p.parent for p, said in frames.items() if self.factor not in said.index]:
            others = f", and of {len(lacking) - 1} more" if lacking[1:] else ""
            raise Missing(f"dbench equivariance --checkpoint {lacking[0]}{others}")
        said = [frame.loc[self.factor] for frame in frames.values()]
        return _found(self, f"score of {self.factor}", evidence, said)


def _followed(path: Path) -> pd.Series:
    """|r| by factor; of no factor if there is no such file."""
    if not path.exists():
        return pd.Series(dtype=np.float64)
    frame = results.read(path, {"factor": str, "pearson": np.float64})
    return frame.drop_duplicates("factor").set_index("factor")["pearson"].abs()


class Statistic(NamedTuple):
    """A number of a study's whole table, such as a correlation of two scores over its runs.

    Its values by seed are Tukey's pseudo-values (1958): of n seeds n t - (n - 1) t_i, with t_i the
    number without seed i. Their mean is the number corrected for bias, and their spread its error.
    """

    study: str
    name: str
    of_table: Callable[[pd.DataFrame], float]
    model: str = "*"

    def of(self, evidence: Evidence) -> np.ndarray:
        """[n] by seed."""
        frame = evidence.scores(self.study)
        seeds = np.sort(frame["seed"].unique())
        if len(seeds) < 2:
            raise Missing(f"{self.name} by seed needs two seeds, and {self.study} has one")
        try:
            whole = self.of_table(frame)
            without = [self.of_table(frame[frame["seed"] != seed]) for seed in seeds]
        except InputError as error:
            raise Missing(f"{self.study} gives no {self.name}: {error}") from error
        n = len(seeds)
        return _found(self, self.name, evidence, n * whole - (n - 1) * np.array(without))


Side = Runs | Logged | CodedFrom | Following | Statistic


def _found(what: Side, name: str, evidence: Evidence, numbers: ArrayLike) -> np.ndarray:
    """Those that are numbers; Missing if there are none, or one is not finite."""
    numbers = np.asarray(numbers, np.float64)
    named = f"{name} of {whose(what)}"
    if not len(numbers):
        why = evidence.failed(what) or f"if it should, {command(what.study, evidence.scale)}"
        raise Missing(f"{what.study} has no {named} at scale {evidence.scale}; {why}")
    if bad := int((~np.isfinite(numbers)).sum()):
        raise Missing(f"{named} is NaN or infinite in {bad} of {len(numbers)} runs of {what.study}")
    return numbers
