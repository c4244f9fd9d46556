"""Scores of sets of runs: UDR over the codes of a few rows, the same rows for every run.

results/<study>/<run>/udr.npz     the codes of those rows, kept when the run is scored
results/<study>/<set>/udr.csv     the scores of its runs; the set's folder is that above its seeds
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from dbench import files
from dbench.base import Table
from dbench.codes import from_file
from dbench.metrics import udr
from dbench.scoring import score_files
from dbench.study.run import Run
from dbench.study.study import Study
from dbench.tables import results, spreadsheet

CODES, TABLE = "udr.npz", "udr.csv"
DTYPES = {"run": str, "codes": str, **score_files.SCORES}  # codes: which udr.npz was compared

Scores = dict[str, list[tuple]]  # run -> metric, score, stderr of each, as in its own table


def rows(size: int) -> np.ndarray:
    """The rows of a data set of so many that the runs of a study are compared on."""
    return udr.draw(size, udr.set_key())


def wanted(metrics: Sequence[str]) -> list[str]:
    """Those that are scores of a set of runs."""
    return [name for name in metrics if name in udr.SET_METRICS]


def ready(folder: Path) -> set[str]:
    """The scores of sets for which the run of this folder needs nothing more."""
    return set(udr.SET_METRICS) if (folder / CODES).exists() else set()


def save(folder: Path, table: Table) -> None:
    """Keeps the codes of the drawn rows of a run."""
    with files.replacing(folder / CODES) as temporary, temporary.open("wb") as file:
        codes: dict[str, Any] = {"mean": table.mean, "factors": table.factors}
        if table.logvar is not None:
            codes["logvar"] = table.logvar
        np.savez(file, **codes)


def write(path: Path, frame: pd.DataFrame) -> None:
    files.write_bytes(path, spreadsheet.csv(frame).encode())


def update(folder: Path, study: Study, finished: list[Run], say: Callable[[str], None]) -> None:
    """Scores every set of finished runs of a study whose file is not of these runs yet."""
    metrics, single = wanted(study.metrics), []
    members: dict[str, list[Run]] = {}
    for run in finished if metrics else ():
        members.setdefault(str(PurePosixPath(run.name).parent), []).append(run)
    for name, some in members.items():
        if len(some) > 1:
            _score(folder, name, [run.name for run in some], metrics, say)
        else:
            single.append(name)
    if single:
        more = f" and {len(single) - 1} more" if len(single) > 1 else ""
        say(
            f"no {' and no '.join(metrics)} of {single[0]}{more}: there is only one finished run, "
            "and UDR compares runs with different seeds"
        )


def _score(folder: Path, name: str, runs: list[str], metrics: list[str], say: Callable) -> None:
    path = folder / name / TABLE
    codes = [hashlib.sha256((folder / run / CODES).read_bytes()).hexdigest()[:16] for run in runs]
    old = results.read(path, DTYPES) if path.exists() else pd.DataFrame(columns=list(DTYPES))
    metrics = list(dict.fromkeys([*old["metric"], *metrics]))  # also those of an earlier command
    compared = [(*both, metric) for both in zip(runs, codes, strict=True) for metric in metrics]
    if compared == list(zip(old["run"], old["codes"], old["metric"], strict=True)):
        return
    tables = [from_file.read(folder / run / CODES) for run in runs]
    udr.check_set(tables, [str(folder / run / CODES) for run in runs])
    scores = {m: udr.SET_METRICS[m](tables, udr.set_key(), rows=None) for m in metrics}
    rows = [
        (run, code, m, scores[m][i].value, scores[m][i].stderr)
        for i, (run, code) in enumerate(zip(runs, codes, strict=True))
        for m in metrics
    ]
    write(path, pd.DataFrame(rows, columns=list(DTYPES)))
    means = (f"{m} {np.mean([s.value for s in found]):.3f}" for m, found in scores.items())
    say(f"set of {len(runs)} runs  {name}  {'  '.join(means)}")


def scores_of(folder: Path) -> Scores:
    """What the runs of a set scored in it, by the set's folder."""
    path, found = folder / TABLE, Scores()
    if path.exists():
        for run, _, *scores in zip(*results.columns(path, DTYPES).values(), strict=True):
            found.setdefault(run, []).append(tuple(scores))
    return found
