"""Numbers that claims are about, a run each, read from the tables and logs of studies.

Of a study the first folder counts that has it at the scale asked for: the user's results, then the
reference runs that come with dbench.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dbench import files, results, utilisation
from dbench.data import dsprites
from dbench.errors import InputError

HERE = Path(__file__).parents[1]


class Missing(Exception):
    """A number that no run here has; the text says how to get it."""


class Runs(NamedTuple):
    """A score of the runs of one setting."""

    study: str
    metric: str
    model: str
    value: float | None = None
    dataset: str | None = None

    def of(self, evidence: "Evidence") -> np.ndarray:
        """[n] by seed."""
        rows = evidence.chosen(self, evidence.scores(self.study))
        rows = rows[rows["metric"] == self.metric]
        return _found(self, evidence, rows.sort_values("seed")["score"])


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

    def of(self, evidence: "Evidence") -> np.ndarray:
        """[n] by seed."""
        rows = evidence.chosen(self, evidence.logs(self.study))
        if not len(rows) or not set(self.columns) <= set(rows):
            return _found(self, evidence, [])
        steps = rows.groupby("run")["step"].transform("max") if self.step is None else self.step
        lines = rows[rows["step"] == steps].sort_values("seed")
        first, *second = (lines[column] for column in self.columns)
        return _found(self, evidence, first - second[0] if second else first)


class CodedFrom(NamedTuple):
    """C in nats from which on factors are coded by capacity_generator on dSprites.

    Of several factors the mean; the last C of a run where a factor never is.
    """

    study: str
    factors: tuple[str, ...]

    def of(self, evidence: "Evidence") -> np.ndarray:
        """[n] by seed."""
        logs = evidence.logs(self.study).sort_values(["seed", "step"])
        logs = logs[logs["model"] == "capacity_generator"]
        if not len(logs):
            return _found(self, evidence, [])
        parts = [
            logs[["run", "step", "capacity"]].assign(factor=name, nats=logs[f"kl_latent_{j}"])
            for j, name in enumerate(dsprites.NAMES)
            if name in self.factors
        ]
        first = utilisation.coded_from(pd.concat(parts))
        first = first.reindex(logs["run"].unique()).fillna(logs["capacity"].max())
        return _found(self, evidence, first[list(self.factors)].mean(axis=1))


class Following(NamedTuple):
    """|r| of the code of a factor, as `dbench equivariance` writes it beside its picture."""

    study: str
    model: str
    factor: str

    def of(self, evidence: "Evidence") -> np.ndarray:
        """[n] by seed."""
        rows = evidence.scores(self.study)
        rows = rows[rows["model"] == self.model].drop_duplicates("run").sort_values("seed")
        found = []
        for run in rows["run"]:
            path = evidence.folder(self.study) / run / "equivariance.csv"
            if not path.exists():
                raise Missing(f"dbench equivariance --checkpoint {path.parent}")
            said = results.read(path, {"factor": str, "pearson": np.float64})
            found += list(said[said["factor"] == self.factor]["pearson"].abs())
        return _found(self, evidence, found)


def _found(what: NamedTuple, evidence: "Evidence", numbers: Sequence[float]) -> np.ndarray:
    """Those that are numbers; Missing if there are none."""
    numbers = np.asarray(numbers, np.float64)
    if not len(numbers) or not np.isfinite(numbers).all():
        raise Missing(_command(what.study, evidence.scale))
    return numbers


def _command(study: str, scale: str) -> str:
    return f"make study STUDY={study}" + (f" SCALE={scale}" if scale != "laptop" else "")


class Evidence:
    """Tables and logs of studies at one scale, below some folders, each read once."""

    def __init__(self, folders: Sequence[Path], scale: str):
        self.folders, self.scale = list(folders), scale
        self._scores: dict[str, tuple[Path, pd.DataFrame]] = {}
        self._logs: dict[str, pd.DataFrame] = {}

    def folder(self, study: str) -> Path:
        """Where the study's table is."""
        return self._read(study)[0]

    def scores(self, study: str) -> pd.DataFrame:
        """Its table at this scale."""
        return self._read(study)[1]

    def logs(self, study: str) -> pd.DataFrame:
        """The logs of its runs at this scale."""
        if study not in self._logs:
            self._logs[study] = results.logs(self.folder(study), self.scale)
        return self._logs[study]

    def about(self, study: str) -> dict:
        """The entry of its study.json: commit, device, seconds, ...; {} where there is none."""
        path = self.folder(study) / "study.json"
        entry = files.read_json(path).get(self.scale, {}) if path.exists() else {}
        if not isinstance(entry, dict):
            raise InputError(f"{path} does not say how {self.scale} was made; it was edited")
        return entry

    def chosen(self, what: Runs | Logged, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of a model, of a strength and of a data set where these are given."""
        keep = frame["model"] == what.model
        if what.value is not None:
            keep &= frame["value"] == what.value
        if what.dataset is not None:
            keep &= frame["dataset"] == what.dataset
        return frame[keep]

    def _read(self, study: str) -> tuple[Path, pd.DataFrame]:
        if study not in self._scores:
            for folder in self.folders:
                if (folder / study / results.TABLE).exists():
                    frame = results.load(folder / study, self.scale)
                    if len(frame):
                        self._scores[study] = folder / study, frame
                        break
            else:
                raise Missing(_command(study, self.scale))
        return self._scores[study]


def places() -> list[Path]:
    """Folders of the reference runs that come with dbench."""
    return [p for p in (HERE / "reference", HERE.parent / "results" / "reference") if p.is_dir()]
