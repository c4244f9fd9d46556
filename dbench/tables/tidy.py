"""Tables of scores made tidy: a row a run and score, settings and scores of their kinds.

A table is long (columns metric and score, one row a run and score) or wide (one row a run, one
column a score). Of dataset, model, hyperparameter, value, seed, scale, steps, study and run those
that it has are used; `method` is taken for model and `strength` for value.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dbench.errors import InputError, choose
from dbench.tables import directions
from dbench.tables.strength import written

TEXT = ("study", "scale", "dataset", "model", "hyperparameter", "run")  # "" where not known
NUMBERS = ("value", "seed", "steps")  # NaN where not known
WHOLE = ("seed", "steps")
SETTINGS = (*TEXT, *NUMBERS)
INDEX = "Unnamed: "  # what pandas calls the row numbers that it wrote itself
OTHER_NAMES = {"method": "model", "strength": "value"}
NAMES = (*TEXT, "metric", "method")  # columns that are text, whatever it looks like
MANY = {"scale": "scales", "steps": "steps"}  # of which a table must hold one
CELL = ["dataset", "model", "hyperparameter", "value"]


def tidy(
    frame: pd.DataFrame, name: str = "the table", metrics: Sequence[str] | None = None
) -> pd.DataFrame:
    """A long or wide table as SETTINGS, metric, score. `metrics`: those to keep [all].

    Of a wide table every other column must be a score of dbench, or one of `metrics`: a misspelt
    one is not left out in silence. A score that no run of a setting has is not there.
    """
    frame = frame.rename(columns={k: v for k, v in OTHER_NAMES.items() if v not in frame})
    if not len(frame):
        raise InputError(f"{name} has no rows")
    if {"metric", "score"} <= set(frame.columns):
        if metrics is not None:
            for metric in metrics:
                choose(f"score of {name}", metric, frame["metric"].dropna().astype(str).unique())
            frame = frame[frame["metric"].isin(metrics)]
    else:
        frame = _long(frame, name, metrics)
    return _typed(frame, name)


def unused(frame: pd.DataFrame) -> list[str]:
    """Columns of a long table that vary and that nothing here reads: a misspelt setting, maybe."""
    if not {"metric", "score"} <= set(frame.columns):
        return []
    read = {*SETTINGS, *OTHER_NAMES, "metric", "score", "stderr"}
    others = [c for c in frame if c not in read and not c.startswith(INDEX)]
    return [c for c in others if frame[c].astype(str).nunique() > 1]


def _long(frame: pd.DataFrame, name: str, metrics: Sequence[str] | None) -> pd.DataFrame:
    others = [c for c in frame if c not in SETTINGS and not c.startswith(INDEX)]
    if metrics is None:
        unknown = [column for column in others if not directions.known(column)]
        if unknown or not others:
            what = f"the column {unknown[0]!r} is" if unknown else "there is no column that is"
            raise InputError(
                f"{name}: {what} neither a setting ({', '.join(SETTINGS)}) nor a score of dbench: "
                "rename it, or say with --metrics which columns are scores"
            )
    for metric in metrics or ():
        choose(f"column of {name}", metric, others)
    for metric in metrics or others:
        if not pd.api.types.is_numeric_dtype(frame[metric]):
            raise InputError(
                f"{name}: the column {metric!r} holds {frame[metric].dtype}, no numbers"
            )
    keep = [column for column in frame if column in SETTINGS]
    frame = frame.assign(row=np.arange(len(frame)))  # runs without a seed stay apart
    return frame.melt([*keep, "row"], metrics or others, "metric", "score")


def _typed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """All SETTINGS, of their kinds; no score that a setting lacks altogether."""
    columns: dict[str, Any] = {
        column: frame[column].fillna("").astype(str) if column in frame else "" for column in TEXT
    }
    for column in (*NUMBERS, "score"):
        values = frame[column] if column in frame else pd.Series(np.nan, frame.index)
        if pd.api.types.is_bool_dtype(values):
            raise InputError(f"{name}: the column {column!r} holds true and false, no numbers")
        try:
            columns[column] = pd.to_numeric(values).astype(np.float64)
        except (ValueError, TypeError) as error:
            raise InputError(f"{name}: the column {column!r} holds no numbers ({error})") from error
        if column != "score" and np.isinf(columns[column]).any():
            raise InputError(f"{name}: the column {column!r} holds an infinite number")
        if column in WHOLE and (broken := columns[column].dropna() % 1 != 0).any():
            which = columns[column].dropna()[broken].iloc[0]
            raise InputError(f"{name}: the column {column!r} holds {which:g}, no whole number")
    columns["metric"] = frame["metric"].fillna("").astype(str)
    found = pd.DataFrame(columns, frame.index)
    for column in ("dataset", "model", "metric"):
        empty = found[column] == ""
        if empty.any() and (column == "metric" or not empty.all()):
            raise InputError(
                f"{name}: the column {column!r} is empty in {empty.sum():,} of {len(found):,} "
                f"rows, the first row {empty.argmax() + 1:,}: fill it in, or leave those rows out"
            )
    for column in WHOLE:
        empty = found[column].isna()
        if empty.any() and not empty.all():
            raise InputError(
                f"{name}: the column {column!r} is empty in {empty.sum():,} of {len(found):,} "
                f"rows, the first row {int(empty.argmax()) + 1:,}: fill it in, or leave those rows "
                "out"
            )
    if found["score"].notna().all():
        return found.reset_index(drop=True)
    there = found.groupby([*CELL, "metric"], dropna=False)["score"].transform("count") > 0
    return found[there].reset_index(drop=True) if there.any() else found.reset_index(drop=True)


def check(frame: pd.DataFrame, name: str) -> None:
    """Raise InputError for scores that are missing or there twice, and for what does not mix."""
    bad = frame[~np.isfinite(frame["score"])]
    if len(bad):
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise InputError(
            f"{name}: {_which(bad.iloc[0])}{more} is NaN, infinite or missing: take those runs "
            "out of the table, and say so where you report it, or leave the score out by --metrics"
        )
    for column in MANY:
        found = frame.loc[frame[column].notna(), column].unique()
        if len(found) > 1:
            some = ", ".join(written(x) if column == "steps" else x or "''" for x in found)
            raise InputError(
                f"{name} mixes runs of several {MANY[column]} ({some}): choose one as "
                f"NAME@{column}={found[0] if column == 'scale' else written(found[0])}"
            )
    named = frame[frame["seed"].notna()]
    twice = named[named.duplicated([*CELL, "seed", "metric"])]
    if len(twice):
        more = f" and {len(twice) - 1} more" if len(twice) > 1 else ""
        raise InputError(
            f"{name}: {_which(twice.iloc[0])}{more} is there twice: runs counted twice would look "
            "surer than they are; leave one out, or tell them apart by a column"
        )


def _which(row: pd.Series) -> str:
    value = written(row["value"])
    strength = f" {row['hyperparameter'] or 'value'}={value}" * math.isfinite(row["value"])
    seed = f", seed {written(row['seed'])}" * math.isfinite(row["seed"])
    return f"{row['metric']} of {row['model'] or 'a run'}{strength}{seed}"
