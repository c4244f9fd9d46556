"""Tables of scores as they come: dbench's own, wide ones of others, published numbers.

    PATH          a results folder, or a .csv or .parquet file
    paper:NAME    results/papers/NAME.csv
    ...@K=V,K=V   the rows of which column K, or the hyperparameter K, is V

A table is long (columns metric and score, one row a run and score) or wide (one row a run, one
column a score). Of dataset, model, hyperparameter, value, seed, scale, steps, study and run those
that it has are used; `method` is taken for model and `strength` for value.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dbench import columns, directions, files, results
from dbench.errors import InputError, choose

TEXT = ("study", "scale", "dataset", "model", "hyperparameter", "run")  # "" where not known
NUMBERS = ("value", "seed", "steps")  # NaN where not known
SETTINGS = (*TEXT, *NUMBERS)
OTHER_NAMES = {"method": "model", "strength": "value"}
CELL = ["dataset", "model", "hyperparameter", "value"]
PAPER = (*CELL, "metric", "statistic", "score", "low", "high", "spread", "spread_kind", "n")
PAPER += ("steps", "seen", "source", "note")
HERE = Path(__file__).parent


class Scores(NamedTuple):
    """One table to compare."""

    name: str
    frame: pd.DataFrame  # SETTINGS, metric, score: a row a run and score; of a paper see PAPER
    about: dict  # what is known of how it was made: the entry of study.json, and of scores.json
    paper: bool = False


def read(given: str, metrics: Sequence[str] | None = None) -> Scores:
    """The table that an argument of the command line means, checked; see the module."""
    place, chosen = _split(given)
    if place.startswith("paper:"):
        return _paper(given, place.removeprefix("paper:"), chosen, metrics)
    path = Path(place)
    if path.is_dir():
        path = path / results.TABLE
        if not path.exists():
            raise InputError(f"there is no {path}: run the study first, or give another folder")
    if path.suffix not in columns.SUFFIXES:
        raise InputError(f"{path} is no results folder and no .csv or .parquet file")
    frame = tidy(columns.load(path), str(path), metrics)
    frame = _chosen(frame, chosen, str(path))
    check(frame, str(path))
    return Scores(given, frame, _about(path, frame))


def _split(given: str) -> tuple[str, dict[str, str]]:
    """ "results/x@beta=4,scale=laptop" -> the place and what is chosen of it."""
    place, at, rest = given.rpartition("@")
    if not at or Path(given).exists():
        return given, {}
    pairs = [part.partition("=") for part in rest.split(",")]
    if not all(key and value for key, _, value in pairs):
        raise InputError(f"{given}: after @ give what to choose as column=value,column=value")
    return place, {key.strip(): value.strip() for key, _, value in pairs}


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


def _long(frame: pd.DataFrame, name: str, metrics: Sequence[str] | None) -> pd.DataFrame:
    others = [column for column in frame if column not in SETTINGS]
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
    keep = [column for column in frame if column in SETTINGS]
    frame = frame.assign(row=np.arange(len(frame)))  # runs without a seed stay apart
    return frame.melt([*keep, "row"], metrics or others, "metric", "score")


def _typed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """All SETTINGS, of their kinds; no score that a setting lacks altogether."""
    found = pd.DataFrame(index=frame.index)
    for column in TEXT:
        found[column] = frame[column].fillna("").astype(str) if column in frame else ""
    for column in (*NUMBERS, "score"):
        values = frame[column] if column in frame else pd.Series(np.nan, frame.index)
        try:
            found[column] = pd.to_numeric(values).astype(np.float64)
        except (ValueError, TypeError) as error:
            raise InputError(f"{name}: the column {column!r} holds no numbers ({error})") from error
    found["metric"] = frame["metric"].astype(str)
    there = found.groupby([*CELL, "metric"], dropna=False)["score"].transform("count") > 0
    return found[there].reset_index(drop=True) if there.any() else found.reset_index(drop=True)


def _chosen(frame: pd.DataFrame, chosen: dict[str, str], name: str) -> pd.DataFrame:
    for key, wanted in chosen.items():
        if key in SETTINGS:
            column, rows = frame[key], frame
        else:
            choose(f"column or hyperparameter of {name}", key, _hyperparameters(frame))
            rows = frame[frame["hyperparameter"] == key]
            column = rows["value"]
        if pd.api.types.is_numeric_dtype(column):
            try:
                keep = column == float(wanted)
            except ValueError:
                raise InputError(f"{name}: {key} is a number, not {wanted!r}") from None
        else:
            keep = column == wanted
        if not keep.any():
            there = ", ".join(f"{v:g}" if isinstance(v, float) else v for v in column.unique())
            raise InputError(
                f"{name} has no row with {key}={wanted} (there are: {there or 'none'})"
            )
        frame = rows[keep]
    return frame.reset_index(drop=True)


def _hyperparameters(frame: pd.DataFrame) -> list[str]:
    return [*SETTINGS, *filter(None, frame["hyperparameter"].unique())]


def check(frame: pd.DataFrame, name: str) -> None:
    """Raise InputError for scores that are missing or there twice, and for what does not mix."""
    bad = frame[~np.isfinite(frame["score"])]
    if len(bad):
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise InputError(
            f"{name}: {_which(bad.iloc[0])}{more} is NaN, infinite or missing: take those runs "
            "out of the table, and say so where you report it, or leave the score out by --metrics"
        )
    for column in ("scale", "steps"):
        found = frame.loc[frame[column].notna(), column].unique()
        if len(found) > 1:
            some = ", ".join(f"{x:g}" if column == "steps" else x or "''" for x in found)
            raise InputError(
                f"{name} mixes runs of several {column} ({some}): choose one as "
                f"NAME@{column}={found[0] if column == 'scale' else f'{found[0]:g}'}"
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
    strength = f" {row['hyperparameter'] or 'value'}={row['value']:g}" * math.isfinite(row["value"])
    seed = f" seed {row['seed']:g}" * math.isfinite(row["seed"])
    return f"{row['metric']} of {row['model'] or 'a run'}{strength}{seed}"


def _about(path: Path, frame: pd.DataFrame) -> dict:
    """The entry of study.json for the table's scale, and what a scores.json says of the table."""
    known, study = {}, path.parent / "study.json"
    scale = frame["scale"].iloc[0]
    if study.exists():
        known["study"] = files.read_json(study).get(scale, {})
    runs = [path.parent / run / results.TABLE for run in frame["run"].unique()[:1] if run]
    for text in (p.with_suffix(".json") for p in (*runs, path)):
        if text.exists():
            found = files.read_json(text)
            known["scores"] = {k: v for k, v in found.items() if k != "scores"}
            break
    return known


def papers() -> dict[str, Path]:
    """All tables of published numbers by name."""
    places = (HERE / "papers", HERE.parent / "results" / "papers", Path("results/papers"))
    return {path.stem: path for place in places for path in sorted(place.glob("*.csv"))}


def _paper(given: str, name: str, chosen: dict[str, str], metrics: Sequence[str] | None) -> Scores:
    known = papers()
    path = known[choose("paper", name, known)]
    frame = columns.load(path)
    if missing := [column for column in PAPER if column not in frame]:
        raise InputError(f"{path} lacks the columns {', '.join(missing)}")
    text = [c for c in PAPER if c not in ("value", "score", "low", "high", "spread", "n", "steps")]
    frame = frame.assign(**{c: frame[c].fillna("").astype(str) for c in text})
    for metric in metrics or ():
        choose(f"score of {given}", metric, frame["metric"].unique())
    if metrics is not None:
        frame = frame[frame["metric"].isin(metrics)]
    frame = _chosen(frame, chosen, given)
    twice = frame[frame.duplicated([*CELL, "metric", "statistic"])]
    if len(twice):
        raise InputError(f"{path}: {twice['metric'].iloc[0]} of a setting is there twice")
    return Scores(given, frame, {}, True)
