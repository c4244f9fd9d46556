"""A study to its tidy table, on this machine: plan, work, collect.

Every finished stage is a file; nothing is done twice.

results/<study>/<run>/config.json, training.safetensors, log.csv   while it trains
                      parameters.safetensors                       trained
                      scores.csv, scores.npz, scores.json          encoded and scored
                      udr.npz                                      its part of the set's scores
                      handed.npz                                   encoded, for another to score
                      failed.json                                  given up, and why
results/<study>/<run without its seed>/udr.csv                     a set of runs compared
results/<study>/scores.csv, scores.parquet, study.json             the table of all runs
"""

import os
import time
from pathlib import Path

from dbench import environment, kept
from dbench.data.views import coverage
from dbench.errors import InputError
from dbench.study import bases, held, ledger
from dbench.study.collect import Meanwhile, collect, scales
from dbench.study.plan import plan
from dbench.study.progress import Progress
from dbench.study.study import Study, runs
from dbench.study.work import prepare, work


@environment.fixed()
def run_study(
    study: Study, path: Path, source: Path | None = None, at_once: int | None = None
) -> dict[str, str]:
    """Does what is still to do of a study below the results folder `path`; writes the table.

    `at_once`: runs that train together [what suits the device]. Returns the runs that failed: name
    -> reason.
    """
    folder, began = path / named(study), time.time()
    refuse_others(folder, study)
    scales(folder, study)  # whatever is wrong with them is better said before the work
    todo = plan(folder, study, source)
    bases.require(path, study, lambda name: todo.datasets[name])
    counts = {"total": len(runs(study)), "todo": len(todo.todo), "steps": study.steps}
    with held.alone(folder), Progress(**counts) as progress:
        said = [s for dataset in todo.datasets.values() for s in coverage.sentences(dataset)]
        for sentence in dict.fromkeys([*todo.notes, *said]):
            progress.note(f"warning: {sentence}")
        prepared = prepare(todo, progress, at_once)
        if todo.todo:
            ledger.begin(folder / "study.json", study)
        try:
            work(todo, prepared, progress, Meanwhile())
            failed = collect(folder, study, progress.note)
        finally:
            told = folder / "study.json"
            if todo.todo or not ledger.recorded(told, study):
                seconds = {"all": time.time() - began} | progress.seconds
                ledger.record(told, study, seconds, source)
    return failed


def named(study: Study) -> str:
    """The name of its folder; an InputError if that would not lie in the results folder."""
    if Path(study.name).name != study.name or not study.name.strip(". "):
        raise InputError(
            f"{study.path}: a study's folder has the name of its file, and {study.name!r} can be "
            "none: rename the file"
        )
    return study.name


def refuse_others(folder: Path, study: Study) -> None:
    """An InputError if the folder is there for something else: a table would be written over."""
    places = {Path(run.dataset) for run in runs(study) if os.sep in run.dataset}
    if folder.exists() and any(p.is_dir() and p.samefile(folder) for p in places):
        raise InputError(f"{folder} is the folder of images: choose another with --results")
    begun = [".lock", "study.json", *kept.FOLDERS]
    taken = [folder / name for name in ("scores.csv", "scores.parquet")]
    if any(p.exists() for p in taken) and not any((folder / name).exists() for name in begun):
        raise InputError(
            f"{folder} has a table that no study made there, which would be replaced: choose "
            "another folder with --results"
        )
