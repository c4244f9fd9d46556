"""Trained runs of one program encoded and scored."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from jax.sharding import Mesh

from dbench.base import Dataset, Score, Table
from dbench.data import views
from dbench.errors import InputError
from dbench.metrics import udr
from dbench.scoring import apart, evaluate, score_files
from dbench.scoring.registry import MODEL_METRICS
from dbench.study import handed, sets, stages, stop
from dbench.study.progress import Progress
from dbench.study.run import Run
from dbench.study.study import Study
from dbench.tables import results
from dbench.tables.directions import base


def score_cohort(
    folder: Path,
    study: Study,
    some: list[Run],
    dataset: Dataset,
    mesh: Mesh,
    progress: Progress,
) -> None:
    """Encodes trained runs, whose program is one, and adds the scores they lack to their files."""
    for run, table, lack, rows in _encoded(folder, study, some, dataset, mesh, progress):
        stage = folder / run.name
        progress.scoring(run.name, partial(_score, stage, run, table, lack, rows, dataset, mesh))
        handed.drop(stage)


def hand_over(
    folder: Path,
    study: Study,
    some: list[Run],
    dataset: Dataset,
    mesh: Mesh,
    progress: Progress,
) -> None:
    """Encodes trained runs, whose program is one, for `score_cohort` on another machine."""
    for run, table, *_ in _encoded(folder, study, some, dataset, mesh, progress):
        progress.timed("encoding", partial(handed.save, folder / run.name, table))


def _encoded(
    folder: Path,
    study: Study,
    some: list[Run],
    dataset: Dataset,
    mesh: Mesh,
    progress: Progress,
) -> Iterator[tuple[Run, Table, list[str], np.ndarray | None]]:
    """Trained runs with their tables, the scores they lack, and the rows that are enough for these.

    The images are drawn once for as many runs as the host has memory for the tables of. Codes that
    were handed over are not made again.
    """
    some = [run for run in some if not stages.failure(folder / run.name)]
    lack = {run.name: stages.missing(folder, run, study.metrics) for run in some}
    own = {name: stages.own(metrics) for name, metrics in lack.items()}
    drawn = sets.rows(dataset.size)
    # For a set's scores some rows are enough; and where all others are of the model itself, which
    # draws and encodes its own, to see that the codes are finite.
    whole = [run for run in some if _of_table(folder / run.name, own[run.name])]
    few = [run for run in some if run not in whole]
    for chosen, rows in ((whole, None), (few, drawn)):
        for part in stages.parts(chosen, dataset, rows):
            found = ((run.name, handed.read(folder / run.name, dataset, rows)) for run in part)
            tables = {name: table for name, table in found if table is not None}
            if todo := [run for run in part if run.name not in tables]:
                names = [run.name for run in todo]
                work = partial(_tables, folder, todo, dataset, mesh, rows)
                tables |= zip(names, progress.encoded(names, work), strict=True)
            for run in part:
                stop.check()
                yield run, tables.pop(run.name), lack[run.name], rows


def _tables(
    folder: Path, some: list[Run], dataset: Dataset, mesh: Mesh, rows: np.ndarray | None
) -> list[Table]:
    names, configs = [run.name for run in some], [run.config for run in some]
    label = f"encode {names[0]}" + (f" and {len(names) - 1} more" if names[1:] else "")
    folders = [folder / name for name in names]
    return evaluate.tables_of(folders, configs, dataset, mesh, label=label, rows=rows)


def _of_table(stage: Path, own: list[str]) -> bool:
    """Whether a run lacks scores of its whole table, or has no scores and is asked for none."""
    if own:
        return any(metric not in MODEL_METRICS for metric in own)
    return not (stage / results.TABLE).exists()


def _score(
    stage: Path,
    run: Run,
    table: Table,
    wanted: list[str],
    rows: np.ndarray | None,
    dataset: Dataset,
    mesh: Mesh,
) -> None:
    """Scores a run, of whose images its table has all, or the `rows` that are enough."""
    path, own = stage / results.TABLE, stages.own(wanted)
    parts = apart.wanted(own)
    others = [metric for metric in own if metric in MODEL_METRICS]
    finite = np.isfinite(table.mean).all()
    if not (finite and (table.logvar is None or np.isfinite(table.logvar).all())):
        stages.give_up(stage, "its codes are NaN or infinite: training diverged in its last steps")
        return
    if own or rows is None:
        try:
            whole = [m for m in own if m not in others and m not in parts]
            scores = evaluate.scores(table, whole, run.seed)
            scores |= evaluate.model_scores(stage, run.config, dataset, mesh, others, run.seed)
            scores |= _of_parts(stage, run, table, parts, dataset, mesh)
        except InputError as error:  # a degenerate representation: no reason to stop the others
            stages.give_up(stage, f"its representation cannot be scored: {error}")
            return
        score_files.write_scores(path, scores, evaluate.about(table, run.seed), True)
    if sets.wanted(wanted):  # last: a run whose codes are kept has its other scores
        drawn = sets.rows(dataset.size)
        if rows is None and len(table.mean) == dataset.size:
            table = udr.take(table, drawn)
        elif rows is None:  # of so many codes that the table has other rows
            (table,) = evaluate.tables_of([stage], [run.config], dataset, mesh, rows=drawn)
        sets.save(stage, table)


def _of_parts(
    stage: Path, run: Run, table: Table, wanted: list[str], dataset: Dataset, mesh: Mesh
) -> dict[str, Score]:
    """The scores of the rows that training saw, and of those that it did not."""
    if not wanted:
        return {}
    kept = views.trained_on(dataset, run.drawn)
    of_model = [name for name in wanted if base(name) == apart.OF_MODEL]
    found = apart.scores(table, kept, [n for n in wanted if n not in of_model], run.seed)
    for part, rows in apart.rows_of(kept).items():
        name = apart.OF_MODEL + part
        if name in of_model:
            given = (stage, run.config, dataset, mesh, [apart.OF_MODEL], run.seed)
            found[name] = evaluate.model_scores(*given, among=rows)[apart.OF_MODEL]
    return found
