"""Which stages of a run are done: its folder says so."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dbench import files, schemas
from dbench.base import Dataset
from dbench.scoring import evaluate, score_files
from dbench.study import handed, sets
from dbench.study.run import Run
from dbench.tables import results
from dbench.training import devices, programs


def failure(folder: Path) -> str | None:
    """Why a run was given up, if it was."""
    path = folder / "failed.json"
    return files.read_json(path, schemas.FAILED)["reason"] if path.exists() else None


def missing(folder: Path, run: Run, metrics: list[str]) -> list[str]:
    """The metrics that a run still lacks, or what they need; none for a failed one."""
    path = folder / run.name / results.TABLE
    if failure(folder / run.name):
        return []
    have = set(results.columns(path, score_files.SCORES)["metric"]) if path.exists() else set()
    have |= sets.ready(path.parent)
    return [metric for metric in metrics if metric not in have]


def over(folder: Path, metrics: list[str]) -> bool:
    """Whether a run is given up or has these metrics; `missing` without reading the table whole.

    For who asks again and again of thousands of runs.
    """
    if (folder / "failed.json").exists():
        return True
    try:
        rows = (folder / results.TABLE).read_text(encoding="utf-8").splitlines()[1:]
    except (OSError, ValueError):
        return False
    have = {row.partition(",")[0] for row in rows} | sets.ready(folder)
    return have.issuperset(metrics)


def trained(folder: Path, metrics: list[str]) -> bool:
    """Whether a run is given up, or its codes are handed to who scores it, or it has its scores."""
    return handed.there(folder) or over(folder, metrics)


def check(folder: Path) -> None:
    """An InputError for a file of a run that is read later, and cannot be: before the work."""
    if (log := folder / results.LOG).exists():
        results.log(log)
    if (table := folder / results.TABLE).exists():
        npz, text = score_files.beside(table)
        score_files.read_arrays(npz)
        if text.exists():
            files.read_json(text, schemas.SCORES)


def outcome(folder: Path, run: Run) -> str:
    if reason := failure(folder / run.name):
        return f"FAILED: {reason}"
    path = folder / run.name / results.TABLE
    if not path.exists():
        return "trained, to be scored"
    scores = results.read(path, score_files.SCORES)
    return "  ".join(f"{m} {s:.3f}" for m, s in zip(scores["metric"], scores["score"], strict=True))


def own(metrics: list[str]) -> list[str]:
    """Those that are scores of one run."""
    return [metric for metric in metrics if metric not in sets.wanted(metrics)]


def give_up(folder: Path, reason: str) -> None:
    files.write_json(folder / "failed.json", {"reason": reason})


def parts(some: list[Run], dataset: Dataset, rows: np.ndarray | None) -> Iterator[list[Run]]:
    """Runs whose tables, as 32-bit means and log variances, take a quarter of the free memory."""
    if some:
        run = some[0]
        program = programs.program(dataset, run.model, run.options, batch_size=run.batch_size)
        codes, _ = programs.codes(program, len(dataset.names))
        count = evaluate.rows_of(codes, dataset.size) if rows is None else len(rows)
        table = count * codes * 2 * 4 * 2  # twice: in parts, then as one
        most = max(1, int(devices.host_free() / 4 / table))
        yield from (some[i : i + most] for i in range(0, len(some), most))
