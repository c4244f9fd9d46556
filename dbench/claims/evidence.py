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
        return _found(self, self.metric, evidence, rows.sort_values("seed")["score"])


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

    def of(self, evidence: "Evidence") -> np.ndarray:
        """[n] by seed."""
        logs = evidence.chosen(self, evidence.logs(self.study)).sort_values(["seed", "step"])
        columns = {n: f"kl_latent_{j}" for j, n in enumerate(dsprites.NAMES) if n in self.factors}
        if not len(logs) or not {"capacity", *columns.values()} <= set(logs):
            return _found(self, "log of the nats of each factor", evidence, [])
        parts = [
            logs[["run", "step", "capacity"]].assign(factor=name, nats=logs[column])
            for name, column in columns.items()
        ]
        first = utilisation.coded_from(pd.concat(parts))
        first = first.reindex(logs["run"].unique()).fillna(logs["capacity"].max())
        return _found(self, "capacity", evidence, first[list(self.factors)].mean(axis=1))


class Following(NamedTuple):
    """|r| of the code of a factor, as `dbench equivariance` writes it beside its picture."""

    study: str
    model: str
    factor: str

    def of(self, evidence: "Evidence") -> np.ndarray:
        """[n] by seed."""
        rows = evidence.chosen(self, evidence.scores(self.study))
        runs = list(rows.drop_duplicates("run").sort_values("seed")["run"])
        paths = [evidence.folder(self.study) / run / "equivariance.csv" for run in runs]
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


Side = Runs | Logged | CodedFrom | Following


def _found(what: Side, name: str, evidence: "Evidence", numbers: Sequence[float]) -> np.ndarray:
    """Those that are numbers; Missing if there are none, or one is not finite."""
    numbers, whose = np.asarray(numbers, np.float64), f"{name} of {_whose(what)}"
    if not len(numbers):
        why = evidence.failed(what) or f"if it should, {_command(what.study, evidence.scale)}"
        raise Missing(f"{what.study} has no {whose} at scale {evidence.scale}; {why}")
    if bad := int((~np.isfinite(numbers)).sum()):
        raise Missing(f"{whose} is NaN or infinite in {bad} of {len(numbers)} runs of {what.study}")
    return numbers


def _value(what: Side) -> float | None:
    return getattr(what, "value", None)


def _whose(what: Side) -> str:
    """ "factor_vae 40"."""
    return what.model if _value(what) is None else f"{what.model} {_value(what):g}"


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

    def chosen(self, what: Side, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of a model, of a strength and of a data set where these are given."""
        keep = frame["model"] == what.model
        for column in ("value", "dataset"):
            if (wanted := getattr(what, column, None)) is not None:
                keep &= frame[column] == wanted
        return frame[keep]

    def failed(self, what: Side) -> str:
        """How many of its runs were given up, and so are in no table; "" if none."""
        folder, name = self.folder(what.study) / self.scale, getattr(what, "dataset", None) or "*"
        strengths = [
            path.parent.parent.name.partition("=")[2]  # dataset/model/beta=4/seed=0/failed.json
            for path in folder.glob(f"{name}/{what.model}/**/failed.json")
        ]
        wanted = _value(what)
        count = sum(wanted is None or float(x or "nan") == wanted for x in strengths)
        return f"{count} of {_whose(what)} in {what.study} failed" if count else ""

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
