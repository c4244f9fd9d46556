"""One part of a written plan, trained and scored on the devices here.

Whoever starts it, Slurm, Ray or another: a part that is started again goes on from its checkpoints,
and one that is done does nothing.
"""

import os
import signal
import time
from pathlib import Path

import jax

from dbench import environment, provenance
from dbench.cluster import record, written
from dbench.cluster.record import Record, Watched
from dbench.cluster.written import SCORE, TRAIN, Written
from dbench.errors import InputError
from dbench.study import handed, held, stages, stop
from dbench.study.plan import Plan, plan
from dbench.study.progress import Progress
from dbench.study.score_cohort import hand_over
from dbench.study.work import prepare
from dbench.study.work import work as train
from dbench.training import checkpoint, devices

SHARE = "0.92"  # of a GPU's memory that JAX may take where the whole of it is the worker's
PATIENCE = 120.0  # seconds to wait for another worker of the same part, that is about to end
SHOWN = 60.0  # seconds until what another machine has trained must be seen here (NFS)


def setup(cpus: int | None = None, whole_gpu: bool = False) -> None:
    """Before JAX starts: `cpus` JAX devices on a CPU [all cores]; `whole_gpu`: no one shares it."""
    from dbench.data import cache

    if whole_gpu:
        os.environ.setdefault("XLA_PYTHON_CLIENT_MEM_FRACTION", SHARE)
    devices.setup(cache.folder() / "compiled", cpus)


@environment.fixed()
def work(path: Path, index: int, job: str = "") -> None:
    """Does what is still to do of a part. After `setup`.

    `job`: what the engine calls it. Raises `stop.Stopped` where SIGTERM or SIGUSR1 asked it to end:
    it has saved a checkpoint. What cannot be done as it is, is an InputError.
    """
    whole = _loaded(path, index)
    if whole.does == SCORE:
        jax.config.update("jax_platforms", "cpu")  # accelerators are left to those who train
    if whole.follows is not None:
        _check_trained(whole, index)
    folder, names = whole.folder, whole.parts[index]
    here = whole.part(index)
    busy = f"another worker is at part {index} of {path}: wait for it"
    with (
        held.together(folder),
        held.one(here / record.LOCK, busy, PATIENCE),
        stop.watching(signal.SIGTERM, signal.SIGUSR1),
    ):
        mine = Record(here)
        first = whole.runs(index)[0]
        told = {"model": first.model, "data": first.data, "runs": len(names)}
        if not mine.begin(told, record.mark(folder, names), provenance.device(), job):
            why = f"it was begun {record.DEATHS} times without getting to a new checkpoint"
            mine.end(record.ENDED, why)
            raise InputError(f"part {index} of {path}: {why}; see {here / record.LOG}")
        _recorded(whole, index, mine)


def _loaded(path: Path, index: int) -> Written:
    """The plan; why it is none for this worker stands in the part's record too."""
    try:
        whole = written.load(path)
    except InputError as error:
        if (here := path.parent / str(index)).is_dir():
            refused = Record(here)
            refused.begin({}, [], record.NONE)
            refused.end(record.REFUSED, str(error))
        raise
    if not 0 <= index < len(whole.parts):
        raise InputError(f"{path} has the parts 0 to {len(whole.parts) - 1}, and no {index}")
    return whole


def _check_trained(whole: Written, index: int) -> None:
    """An InputError if another is still to train runs of a part that scores."""
    until = time.monotonic() + SHOWN
    while lacks := [name for name in whole.parts[index] if not _trained(whole, name)]:
        if time.monotonic() >= until:
            raise InputError(
                f"part {index} of {whole.path} scores, and {len(lacks)} of its "
                f"{len(whole.parts[index])} runs are not trained: have part {index} of "
                f"{whole.before} done first"
            )
        time.sleep(1.0)


def _trained(whole: Written, name: str) -> bool:
    return stages.trained(whole.folder / name, whole.study.metrics)


def _recorded(whole: Written, index: int, mine: Record) -> None:
    progress = None
    try:
        todo = plan(whole.folder, whole.study, whole.source, only=set(whole.parts[index]))
        written.same_data(whole, todo.datasets)
        counts = {"total": len(whole.parts[index]), "todo": len(todo.todo)}
        with Watched(mine, **counts, steps=whole.study.steps) as progress:
            _train(todo, whole, progress)
    except stop.Stopped as error:
        mine.end(record.STOPPED, str(error), progress)
        raise
    except InputError as error:  # somebody has to do something: a full disk, other data
        mine.end(record.REFUSED, str(error), progress)
        raise
    except BaseException as error:
        mine.end(record.DIED, f"{type(error).__name__}: {error}"[:1000], progress)
        raise
    _drop(whole, index)
    mine.end(record.DONE, "", progress)


def _train(todo: Plan, whole: Written, progress: Progress) -> None:
    for note in todo.notes:
        progress.note(f"warning: {note}")
    then = hand_over if whole.does == TRAIN else None
    train(todo, prepare(todo, progress, whole.at_once), progress, None, then)


def _drop(whole: Written, index: int) -> None:
    """Removes what training goes on from, of runs that have all their scores: most of the disk.

    And codes that were handed over, where who scored them died before it did.
    """
    for run in whole.runs(index):
        stage = whole.folder / run.name
        if stages.missing(whole.folder, run, whole.study.metrics):
            continue
        handed.drop(stage)
        if not whole.keep_states and not stages.failure(stage):
            checkpoint.paths(stage)[2].unlink(missing_ok=True)
