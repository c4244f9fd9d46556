"""Tables of scores as they come: dbench's own, wide ones of others, published numbers.

PATH          a results folder, or a .csv or .parquet file
paper:NAME    results/papers/NAME.csv
...@K=V,K=V   the rows of which column K, or the hyperparameter K, is V
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from dbench import files, schemas
from dbench.errors import InputError, choose, nearest
from dbench.inputs import columns, frames
from dbench.tables import agents, directions, results, spreadsheet
from dbench.tables.strength import written
from dbench.tables.tidy import CELL, NAMES, SETTINGS, check, tidy, unused
from dbench.tables.unfinished import largest_scale, unfinished

PAPER = (*CELL, "metric", "statistic", "score", "low", "high", "spread", "spread_kind", "n")
PAPER += ("steps", "seen", "source", "note")
PAPER_NUMBERS = ("value", "score", "low", "high", "spread", "n", "steps")
PAPER_TEXT = tuple(column for column in PAPER if column not in PAPER_NUMBERS)


class Scores(NamedTuple):
    """One table to compare."""

    name: str
    frame: pd.DataFrame  # SETTINGS, metric, score: a row a run and score; of a paper see PAPER
    # What is known of it: "study", the entry of study.json, "scores", of scores.json, and "unused",
    # its columns that nothing reads, and "said", sentences on the rows that were taken.
    about: dict
    paper: bool = False


def read(given: str, metrics: Sequence[str] | None = None) -> Scores:
    """The table that an argument of the command line means, checked; see the module."""
    place, chosen = _split(given)
    if place.startswith("paper:"):
        return _paper(given, place.removeprefix("paper:"), chosen, metrics)
    path = files.reference(place)
    study = files.kind(path) == "a folder"
    if study:
        path = path / results.TABLE
        if files.kind(path) is None:
            raise InputError(f"there is no {path}: run the study first, or give another folder")
    if files.kind(path) is None:
        raise InputError(f"there is no results folder and no file {path}{_near(path)}")
    if path.suffix not in columns.SUFFIXES:
        raise InputError(f"{path} is no results folder and no .csv or .parquet file")
    whole = frames.read(path, text=NAMES)
    if path.suffix == ".csv":
        texts = [column for column in NAMES if column in whole]
        whole = whole.assign(**{column: whole[column].map(spreadsheet.plain) for column in texts})
    asked = agents.with_sources(whole, metrics)
    frame = _chosen(tidy(whole, str(path), asked), chosen, str(path))
    said: list[str] = []
    if study and {"scale", "run"} <= set(whole):
        frame, said = largest_scale(given, frame, unfinished(path.parent, whole), chosen)
    frame, left_out = agents.counted(frame, given, metrics)
    said += left_out
    check(frame, str(path))
    about = _about(path, frame) | {"unused": unused(whole)} | ({"said": said} if said else {})
    return Scores(given, frame, about)


def same(given: str, other: str) -> bool:
    """Whether two arguments, however they are written, mean the same rows of the same file."""
    found = []
    for place, chosen in map(_split, (given, other)):
        path = files.reference(place)
        path = path / results.TABLE if files.there(path) and path.is_dir() else path
        paper = place.startswith("paper:")
        found.append((place if paper else path.resolve(), chosen))
    return found[0] == found[1]


def _near(path: Path) -> str:
    """What is there by a name like it, or the tables that come with dbench."""
    names = sorted(p.name for p in path.parent.glob("*"))
    if near := nearest(path.name, names):
        return f"; did you mean {path.with_name(near[0])}?"
    return ""


def _split(given: str) -> tuple[str, dict[str, str]]:
    """ "results/x@beta=4,scale=laptop" -> the place and what is chosen of it."""
    place, at, rest = given.rpartition("@")
    if not at or files.there(given):
        return given, {}
    pairs = [part.partition("=") for part in rest.split(",")]
    if not all(key and value for key, _, value in pairs):
        raise InputError(f"{given}: after @ give what to choose as column=value,column=value")
    return place, {key.strip(): value.strip() for key, _, value in pairs}


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
            there = ", ".join(written(v) if isinstance(v, float) else v for v in column.unique())
            raise InputError(
                f"{name} has no row with {key}={wanted} (there are: {there or 'none'})"
            )
        frame = rows[keep]
    return frame.reset_index(drop=True)


def _hyperparameters(frame: pd.DataFrame) -> list[str]:
    return [*SETTINGS, *filter(None, frame["hyperparameter"].unique())]


def _about(path: Path, frame: pd.DataFrame) -> dict:
    """The entry of study.json for the table's scale, and what a scores.json says of the table."""
    known: dict = {}
    study = path.parent / "study.json"
    scale = frame["scale"].iloc[0]
    if study.exists():
        known["study"] = files.read_json(study).get(scale, {})
        entry = known["study"]
        parts: list = [None]
        if _dict(entry):
            parts = [entry.get(k, {}) for k in ("settings", "versions")]
        if _dict(parts[0]):
            parts += [parts[0].get(k, {}) for k in ("options", "model_options", "views")]
            parts += list(parts[-2].values()) if _dict(parts[-2]) else []
        if not all(map(_dict, parts)):
            raise InputError(f"{study} does not say how {scale} was made; it was edited")
    if found := said_beside(path, frame):
        known["scores"] = {k: v for k, v in found.items() if k != "scores"}
    return known


def said_beside(path: Path, frame: pd.DataFrame) -> dict:
    """The .json of the table's first run, or of the table; `directions` learns from it."""
    runs = [
        path.parent / run / results.TABLE
        for run in frame["run"].unique()[:1]
        if results.inside(run)
    ]
    for text in (p.with_suffix(".json") for p in (*runs, path)):
        if text.exists():
            found = files.read_json(text, schemas.SCORES)
            directions.learn(found)
            return found
    return {}


def drawn_rows(about: dict) -> list[str]:
    """Says that scores are of some of the rows, by what the .json beside them says."""
    rows, of = (about.get(name) for name in ("rows", "drawn_of"))
    known = isinstance(rows, int) and isinstance(of, int)
    return [f"is scored on {rows:,} of {of:,} images"] if known else []


def _dict(x) -> bool:
    return isinstance(x, dict)


def papers() -> dict[str, Path]:
    """All tables of published numbers by name."""
    places = (*files.shipped("results/papers"), Path("results/papers"))
    return {path.stem: path for place in places for path in sorted(place.glob("*.csv"))}


def sources(path: Path) -> str:
    """Where a table of published numbers has them from."""
    return "; ".join(frames.read(path, text=PAPER_TEXT)["source"].astype(str).unique())


def _paper(given: str, name: str, chosen: dict[str, str], metrics: Sequence[str] | None) -> Scores:
    known = papers()
    path = known[choose("paper", name, known)]
    frame = frames.read(path, text=(*NAMES, *PAPER_TEXT))
    if missing := [column for column in PAPER if column not in frame]:
        raise InputError(f"{path} lacks the columns {', '.join(missing)}")
    frame = frame.assign(**{c: frame[c].astype(object).fillna("").astype(str) for c in PAPER_TEXT})
    for column in PAPER_NUMBERS:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            raise InputError(
                f"{path}: the column {column!r} holds {frame[column].dtype}, no numbers"
            )
    for metric in metrics or ():
        choose(f"score of {given}", metric, frame["metric"].unique())
    if metrics is not None:
        frame = frame[frame["metric"].isin(metrics)]
    frame = _chosen(frame, chosen, given)
    twice = frame[frame.duplicated([*CELL, "metric", "statistic"])]
    if len(twice):
        raise InputError(f"{path}: {twice['metric'].iloc[0]} of a setting is there twice")
    return Scores(given, frame, {}, True)
