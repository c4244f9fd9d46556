"""Scores of users' own models as a table: rows like those of studies, one model after another.

NAME.csv has the columns of `score_files.SCORES`, then OWN. While it holds one model, NAME.npz and
NAME.json are as of any scores. Of several, "runs" of NAME.json has what is behind each, by the name
of its run; the arrays of NAME.npz are called "<run>/<metric>/<part>".
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dbench import files, schemas
from dbench.base import Score
from dbench.errors import InputError
from dbench.scoring import score_files
from dbench.scoring.own_model import OwnModel
from dbench.tables import results

OWN = {name: kind for name, kind in results.DTYPES.items() if name not in score_files.SCORES}
COLUMNS = score_files.SCORES | OWN | {"steps": np.float64}
SAME = (
    "rows",
    "factors",
    "continuous",
    "options",
)  # of one data set, else scores are of different things


def write(
    path: Path, found: dict[str, Score], info: dict, model: OwnModel, append: bool = False
) -> None:
    """The three files of scores of a model; with `append`, those of the models before stay."""
    rows = score_files.frame(found).assign(study=path.stem, scale="", **model._asdict())
    rows = rows.assign(run=model.run)[list(COLUMNS)]
    parts = score_files.arrays(found)
    content = info | {"scores": score_files.entries(found)}
    with _alone(path):
        if append and path.exists():
            check_new(path, model, info)
            known, runs = _known(path)
            parts = _renamed(path, runs) | {f"{model.run}/{k}": v for k, v in parts.items()}
            runs |= {model.run: content}
            content = {k: v for k, v in info.items() if all(r.get(k) == v for r in runs.values())}
            content |= {"scores": {}, "runs": runs}
            rows = pd.concat([known.assign(study=path.stem), rows])
        parts |= {"factor_names": np.array(info["factors"], str)}
        score_files.put(path, _whole_steps(rows), parts, content)


def check_alone(path: Path) -> None:
    """An InputError if a table of several models would be replaced by one."""
    text = score_files.beside(path)[1]
    if text.exists() and (runs := files.read_json(text, schemas.SCORES).get("runs")):
        raise InputError(
            f"--output {path} has the scores of {len(runs)} models, which would be lost: add to "
            "them by --append, or choose another name"
        )


def check_new(path: Path, model: OwnModel, info: dict | None = None) -> None:
    """An InputError if the rows of a model do not go into a table; `info`: as of the scores."""
    if not path.exists():
        return
    known, runs = _known(path)
    if (known["run"] == model.run).any():
        raise InputError(
            f"--append: {path} has {model} already: give another --seed-of-model, --setting or "
            "--model-name, or write to another --output"
        )
    own = known[(known["dataset"] == model.dataset) & (known["model"] == model.model)]
    for name in own["hyperparameter"].unique():
        if name != model.hyperparameter:
            said = [f"the setting {x}" if x else "no setting" for x in (name, model.hyperparameter)]
            raise InputError(
                f"--append: {path} has {model.model} with {said[0]}, and this one has {said[1]}: "
                "give it the same --setting, or another --model-name"
            )
    for steps in known["steps"].unique():
        if steps != model.steps and not np.isnan([steps, model.steps]).all():
            said = ["no steps" if np.isnan(x) else f"{x:,.0f} steps" for x in (steps, model.steps)]
            raise InputError(
                f"--append: {path} has models of {said[0]}, and this one has {said[1]}: give "
                "--setting steps=N alike, or write to another --output"
            )
    if (known["dataset"] == "").any() != (model.dataset == ""):
        raise InputError(
            f"--append: {path} {'does not say' if model.dataset else 'says'} the data set of its "
            "models: give --dataset for all of them or for none, or write to another --output"
        )
    for run in known.loc[known["dataset"] == model.dataset, "run"].unique() if info else ():
        _check_same(path, run, runs.get(run, {}), info or {})


def _check_same(path: Path, run: str, known: dict, info: dict) -> None:
    for name in SAME if known else ():
        pair = known.get(name), info.get(name)
        if pair[0] != pair[1]:
            one, two = (_said(x) for x in pair)
            raise InputError(
                f"--append: {path} has {run} with the {name} {one}, and this one has {two}: score "
                "all models of a data set alike, or write to another --output"
            )


def _said(value) -> str:
    """A number of rows, names of factors, or options as text."""
    if isinstance(value, dict):
        return ", ".join(f"{k}={v}" for k, v in value.items())
    return f"{value:,}" if isinstance(value, int) else ", ".join(value or ()) or "none"


def _known(path: Path) -> tuple[pd.DataFrame, dict[str, dict]]:
    """The rows that are there, and what is behind them by run, as far as NAME.json says."""
    try:
        frame = results.read(path, COLUMNS)
    except InputError as error:
        if "lacks the columns" not in str(error):
            raise
        raise InputError(
            f"--append: {path} is no table of models of your own, as --append writes it: choose "
            "another --output"
        ) from error
    text = score_files.beside(path)[1]
    content = files.read_json(text, schemas.SCORES) if text.exists() else {}
    names = frame["run"].unique()
    if "runs" not in content:
        return frame, {str(names[0]): content} if len(names) == 1 and content else {}
    schemas.check(content["runs"], schemas.RUNS, text, "runs")
    return frame, {run: each for run, each in content["runs"].items() if run in names}


def warned(path: Path) -> set[tuple[str, str]]:
    """(metric, sentence) of all that was warned of models that are in a table already."""
    runs = _known(path)[1] if path.exists() else {}
    entries = [entry for run in runs.values() for entry in run.get("scores", {}).items()]
    return {(name, line) for name, entry in entries for line in entry.get("warnings", ())}


def _renamed(path: Path, runs: dict[str, dict]) -> dict[str, Any]:
    """The arrays that are there, each under the name of its run."""
    npz, text = score_files.beside(path)
    parts = score_files.read_arrays(npz)
    parts.pop("factor_names", None)
    one = text.exists() and "runs" not in files.read_json(text, schemas.SCORES)
    return {f"{next(iter(runs))}/{k}": v for k, v in parts.items()} if one and runs else parts


def _whole_steps(rows: pd.DataFrame) -> pd.DataFrame:
    """With steps as whole numbers, where they are known."""
    return rows.assign(steps=rows["steps"].astype("Int64"))


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Waits for other commands that add to tables in this folder, so that none loses a row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    held = os.open(path.parent, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
