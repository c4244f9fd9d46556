"""What claims are read from: tables and logs of studies, each read once.

Of a study the first folder counts that has it at the scale asked for: the user's results, then the
reference runs that come with dbench.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pandas as pd

from dbench import files, schemas
from dbench.tables import results
from dbench.tables.strength import written


class Subject(Protocol):
    """The runs of a model in a study; it may also say which `value` and which `dataset`."""

    @property
    def study(self) -> str: ...

    @property
    def model(self) -> str: ...


class Missing(Exception):
    """A number that no run here has; the text says how to get it."""


def value(what: Subject) -> float | None:
    """The strength that a side is about, if any."""
    return getattr(what, "value", None)


def whose(what: Subject) -> str:
    """ "factor_vae 40"; "all runs" where a side is about them all."""
    if what.model == "*":
        return "all runs"
    strength = value(what)
    return what.model if strength is None else f"{what.model} {written(strength)}"


def command(study: str, scale: str) -> str:
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

    def runs(self, study: str, model: str) -> list[Path]:
        """The folders of a model's runs, by seed."""
        rows = self.scores(study)
        rows = rows[rows["model"] == model].drop_duplicates("run").sort_values("seed")
        return [self.folder(study) / run for run in rows["run"]]

    def about(self, study: str) -> dict:
        """The entry of its study.json: commit, device, seconds, ...; {} where there is none."""
        path = self.folder(study) / "study.json"
        found = files.read_json(path, schemas.LEDGER) if path.exists() else {}
        return found.get(self.scale, {})

    def chosen(self, what: Subject, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of a model, of a strength and of a data set where these are given.

        Missing if a seed has several runs of that: they go together, and would count as its own.
        """
        keep = frame["model"] == what.model
        for column in ("value", "dataset"):
            if (wanted := getattr(what, column, None)) is not None:
                keep &= frame[column] == wanted
        if frame[keep].drop_duplicates("run")["seed"].duplicated().any():
            raise Missing(
                f"{what.study} has {whose(what)} at several strengths or on several data sets, and "
                "the claim is about one: leave one in its table"
            )
        return frame[keep]

    def failed(self, what: Subject) -> str:
        """How many of its runs were given up, and so are in no table; "" if none."""
        folder, name = self.folder(what.study) / self.scale, getattr(what, "dataset", None) or "*"
        strengths = [
            path.parent.parent.name.partition("=")[2]  # dataset/model/beta=4/seed=0/failed.json
            for path in folder.glob(f"{name}/{what.model}/**/failed.json")
        ]
        wanted = value(what)
        count = sum(wanted is None or float(x or "nan") == wanted for x in strengths)
        return f"{count} of {whose(what)} in {what.study} failed" if count else ""

    def _read(self, study: str) -> tuple[Path, pd.DataFrame]:
        if study not in self._scores:
            for folder in self.folders:
                if (folder / study / results.TABLE).exists():
                    frame = results.load(folder / study, self.scale)
                    if len(frame):
                        self._scores[study] = folder / study, frame
                        break
            else:
                raise Missing(command(study, self.scale))
        return self._scores[study]


def places() -> list[Path]:
    """Folders of the reference runs that come with dbench."""
    return [p for p in files.shipped("results/reference") if p.is_dir()]
