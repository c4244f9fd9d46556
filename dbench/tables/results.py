"""Result tables: one row a run and metric, as pandas reads them best.

    study, scale, dataset, model, hyperparameter, value, seed, steps, metric, score, stderr, run

`run` is the run's folder below results/<study>/; `score` and `stderr` (the sampling error of
this one score) have no unit. Of a model without a strength `hyperparameter` is empty and `value`
NaN.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from dbench import files, schemas
from dbench.errors import InputError, choose, short
from dbench.kept import ORDER
from dbench.metrics.shared.labels import NUMBER
from dbench.tables import spreadsheet
from dbench.tables.strength import written

DTYPES = {
    "study": str,
    "scale": str,
    "dataset": str,
    "model": str,
    "hyperparameter": str,
    "value": np.float64,
    "seed": np.int64,
    "steps": np.int64,
    "metric": str,
    "score": np.float64,
    "stderr": np.float64,
    "run": str,
}
TABLE = "scores.csv"
LOG = "log.csv"
RUN = [name for name in DTYPES if name not in ("steps", "metric", "score", "stderr")]


def load(folder: str | Path, scale: str | None = None) -> pd.DataFrame:
    """The scores of a study's results folder, of one scale or of all that were run.

    Also of a .csv that `dbench evaluate --output` wrote of models of your own; where these do not
    say their steps, that column holds NaN. None of a scale of ORDER that was not run, or whose
    runs all failed.
    """
    path = table_of(folder)
    if not path.exists():
        raise InputError(f"there is no {path}; run the study first")
    frame = read(path, DTYPES, gaps=("steps",))
    for run in frame["run"].unique():
        if not inside(run):
            raise InputError(f"{path}: the run {short(run)} is no folder below this one")
    if scale is None:
        return frame
    choose(f"scale of {path}", scale, list(dict.fromkeys([*ORDER, *frame["scale"]])))
    return frame[frame["scale"] == scale].reset_index(drop=True)


def table_of(place: str | Path) -> Path:
    """The .csv of a results folder, or of a table that is given itself."""
    path = files.reference(place)
    return path if path.suffix == ".csv" and files.kind(path) != "a folder" else path / TABLE


def inside(run: str) -> bool:
    """Whether a run's name is that of a folder below its study's, wherever that lies."""
    place = os.path.normpath(run)
    return schemas.is_text(run) and not place.startswith(("/", ".."))


def read(path: Path, dtypes: dict, gaps: tuple[str, ...] = ()) -> pd.DataFrame:
    """A CSV file with at least the columns of `dtypes`, floats exactly as written.

    Whole numbers of the columns `gaps` may be missing: these are then floats, NaN where they are.
    """
    files.regular(path)
    try:
        # By way of strings: every digit counts, whatever pandas' own float parser does.
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        texts = [name for name, kind in dtypes.items() if kind is str and name in frame]
        frame[texts] = frame[texts].map(spreadsheet.plain)
        missing = [name for name in gaps if name in frame and (frame[name] == "").any()]
        dtypes = dtypes | dict.fromkeys(missing, np.float64)
        floats = [name for name, kind in dtypes.items() if kind is np.float64 and name in frame]
        frame[floats] = frame[floats].replace("", "nan")  # as a NaN is written
        frame = frame.astype({name: kind for name, kind in dtypes.items() if name in frame})
    except (OSError, ValueError, TypeError, OverflowError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    lacks = [column for column in dtypes if column not in frame]
    if lacks:
        raise InputError(
            f"{path} lacks the columns {', '.join(lacks)}; it was cut off or edited, or dbench did "
            "not write it"
        )
    return frame[list(dtypes)]


def columns(path: Path, dtypes: dict) -> dict[str, list]:
    """What `read` finds in a file, as lists: without pandas, of which a small file takes longest.

    What is written in any other way than dbench does it is left to `read`.
    """
    files.regular(path)
    try:
        return _plain(path.read_text(encoding="utf-8"), dtypes)
    except (OSError, ValueError, KeyError):
        frame = read(path, dtypes)
        return {name: frame[name].tolist() for name in dtypes}


def _plain(text: str, dtypes: dict) -> dict[str, list]:
    """The columns of a .csv without quotes; a ValueError or KeyError where it is odd."""
    head, *lines = (line.split(",") for line in text.split("\n") if line)
    if '"' in text or "\0" in text or len(head) > len(set(head)):
        raise ValueError("not plain")
    found = dict(zip(head, zip(*lines, strict=True), strict=True))
    return {name: [_ENTRY[kind](v) for v in found[name]] for name, kind in dtypes.items()}


def _float(entry: str) -> float:
    if entry and not NUMBER.fullmatch(entry):
        raise ValueError("not plain")
    return float(entry or "nan")


_ENTRY: dict = {str: spreadsheet.plain, np.float64: _float}


def logs(folder: str | Path, scale: str | None = None) -> pd.DataFrame:
    """The training logs of the runs in a study's table: one row a line of a run's log.csv.

    The columns of the run, then `step` and what its model logs, in nats; NaN where another model
    logs something else. Runs without a log.csv are left out.
    """
    runs, folder = load(folder, scale).drop_duplicates("run")[RUN], files.reference(folder)
    found = [
        log(folder / run["run"] / LOG).assign(**run)
        for run in runs.to_dict("records")
        if (folder / run["run"] / LOG).exists()
    ]
    frame = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["step"])
    return frame.reindex(columns=[*RUN, *(name for name in frame if name not in RUN)])


def log(path: Path) -> pd.DataFrame:
    """One log.csv: `step`, elbo, reconstruction, kl, kl_latent_0, ... in nats."""
    files.regular(path)
    try:
        _whole(path)
        frame = pd.read_csv(path)
        kinds = {"step": np.int64} | {c: np.float64 for c in frame if c != "step"}
        return frame.astype(kinds).copy()  # in one piece: astype leaves hundreds of columns apart
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise InputError(f"cannot read {path}: {error}") from error


def _whole(path: Path) -> None:
    """A ValueError for lines with more or fewer values than names: pandas would fill them up."""
    lines = path.read_text().splitlines() or [""]
    for number, line in enumerate(lines, 1):
        if line and line.count(",") != lines[0].count(","):
            found, names = (text.count(",") + 1 for text in (line, lines[0]))
            raise ValueError(
                f"line {number} has {found} values under {names} names; it was cut off or edited"
            )


def write(folder: Path, frame: pd.DataFrame) -> None:
    """scores.parquet and scores.csv, each replaced whole, where they are not that already."""
    path, text = folder / TABLE, spreadsheet.csv(frame)
    parquet = path.with_suffix(".parquet")
    if parquet.exists() and path.exists() and path.read_bytes() == text.encode():
        return
    with files.replacing(parquet) as temporary:
        frame.to_parquet(temporary, index=False)
    files.write_bytes(path, text.encode())  # last: the table that says the other is there too


STRENGTH = ["scale", "dataset", "model", "hyperparameter", "value"]


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    """Mean, standard error and number of seeds by scale, model, strength and metric.

    The standard error is that of the mean over seeds, std(ddof=1) / sqrt(seeds); NaN for one.
    """
    scores = frame.groupby([*STRENGTH, "metric"], sort=False, dropna=False)["score"]
    return scores.agg(mean="mean", sem="sem", seeds="count")


def text(frame: pd.DataFrame) -> str:
    """The summary as aligned text: score by strength, mean ± standard error over seeds."""
    table = summary(frame).reset_index().sort_values(STRENGTH, kind="stable")
    table["cell"] = [
        f"{mean:.3f} ± {sem:.3f}" if np.isfinite(sem) else f"{mean:.3f}"
        for mean, sem in zip(table["mean"], table["sem"], strict=True)
    ]
    table["label"] = [
        f"{s} {d} {m} {h}={written(v)}" if h else f"{s} {d} {m}"
        for s, d, m, h, v in table[STRENGTH].itertuples(index=False)
    ]
    shown = table.pivot_table("cell", ["label", "seeds"], "metric", "first", sort=False)
    shown = shown.reset_index("seeds")[["seeds", *frame["metric"].unique()]]
    return shown.rename_axis(index=None, columns=None).to_string()
