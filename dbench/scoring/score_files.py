"""The files that keep scores: a .csv, and beside it an .npz and a .json with all that is behind."""

import contextlib
import json
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dbench import files, schemas
from dbench.base import Score
from dbench.errors import InputError
from dbench.inputs import npz
from dbench.metrics import METRICS
from dbench.tables import results, spreadsheet

SCORES = {"metric": str, "score": np.float64, "stderr": np.float64}


def frame(found: dict[str, Score]) -> pd.DataFrame:
    """Columns metric, score, stderr: one row a metric."""
    rows = [(name, score.value, score.stderr) for name, score in found.items()]
    return pd.DataFrame(rows, columns=list(SCORES)).astype(SCORES)


def beside(path: Path) -> tuple[Path, Path]:
    """The .npz and .json that belong to a .csv of scores."""
    return path.with_suffix(".npz"), path.with_suffix(".json")


def write_scores(path: Path, found: dict[str, Score], info: dict, add: bool = False) -> None:
    """A .csv of metric, score, stderr and, beside it, all that is behind the scores.

    .npz: every part as "<metric>/<part>", and factor_names. .json: `info` (see `about`) and, by
    metric, score, stderr, the parts that are numbers, warnings. With `add`, scores that are in the
    three files already stay. The .csv takes its place last: where it is, the others are whole.
    """
    npz, text = beside(path)
    rows, parts = frame(found), arrays(found) | {"factor_names": np.array(info["factors"], str)}
    about = entries(found)
    if add and path.exists():
        rows = pd.concat([results.read(path, SCORES), rows])
        parts = read_arrays(npz) | parts
        known = files.read_json(text, schemas.SCORES) if text.exists() else {}
        about = known.get("scores", {}) | about
    put(path, rows, parts, info | {"scores": about})


def put(path: Path, rows: pd.DataFrame, parts: dict[str, Any], content: dict) -> None:
    """The three files, in place one after the other, the .csv last."""
    npz, text = beside(path)
    with contextlib.ExitStack() as stack:
        table, report, packed = (stack.enter_context(files.replacing(p)) for p in (path, text, npz))
        table.write_text(spreadsheet.csv(rows))
        report.write_text(json.dumps(content, indent=2) + "\n")
        with packed.open("wb") as file:
            kept: dict[str, Any] = dict(sorted(parts.items()))  # a name might be an option's
            np.savez_compressed(file, **kept)


def entries(found: dict[str, Score]) -> dict[str, dict]:
    """Metric -> what the .json says of it."""
    return {name: _entry(score) | _better(name) for name, score in found.items()}


def _better(name: str) -> dict[str, str]:
    """Which way a score of a user's own is better, where its function says it."""
    own = METRICS.get(name)
    return {"better": own.better} if own and own.better else {}


def arrays(found: dict[str, Score]) -> dict[str, np.ndarray]:
    """ "<metric>/<part>" -> array."""
    return {
        f"{name}/{part}": np.asarray(value)
        for name, score in found.items()
        for part, value in score.parts.items()
    }


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """What is behind scores, of their .npz: "<metric>/<part>" -> array; none if it is not there."""
    if files.kind(path) is None:  # scores of an older version
        return {}
    try:
        with npz.opened(path) as archive:
            return {name: archive.read(name) for name in archive.names}
    except InputError:
        raise
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is damaged (it is no .npz, or cut off): delete it") from error
    except Exception as error:  # of a damaged file the libraries raise anything
        why = " ".join(str(error).split())[:300] or type(error).__name__
        raise InputError(f"{path} is damaged ({why}): delete it") from error


def _entry(score: Score) -> dict:
    numbers = {k: _finite(v) for k, v in score.parts.items() if not np.ndim(v)}
    return {
        "score": _finite(score.value),
        "stderr": _finite(score.stderr),
        "parts": numbers,
        "warnings": list(score.warnings),
    }


def _finite(number: float) -> float | None:
    """JSON has no NaN."""
    return float(number) if math.isfinite(number) else None
