"""Several studies, one after the other, each to its table, with about how long all of them take."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tqdm import tqdm

from dbench.errors import InputError
from dbench.study import runner, stages
from dbench.study.study import Study, runs

Failed = dict[str, str]  # a study, or a run's folder in it -> why


def run_studies(
    studies: Sequence[Study],
    path: Path,
    source: Path | None = None,
    at_once: int | None = None,
    *,
    say: Callable[[str], None],
    stop: bool = False,
) -> Failed:
    """Does what is still to do of studies below the results folder `path`.

    A study that cannot be run (its data are not here, say) is said and left out, unless `stop`,
    which makes it an InputError; the others go on. `say` gets a line before each study.
    """
    failed: Failed = {}
    todo = [_steps(path, study) for study in studies]
    made, seconds = 0, 0.0
    for i, study in enumerate(studies):
        rest = f", about {_text(sum(todo[i:]) * seconds / made)} left for all" if made else ""
        say(f"study {i + 1} of {len(studies)}: {study.name}{rest}")
        began = time.monotonic()
        try:
            wrong = runner.run_study(study, path, source, at_once)
        except InputError as error:
            if stop:
                raise
            failed[study.name] = str(error)
            continue
        failed |= {f"{study.name}/{run}": why for run, why in wrong.items()}
        if todo[i]:
            made, seconds = made + todo[i], seconds + time.monotonic() - began
    return failed


def _steps(path: Path, study: Study) -> int:
    """Updates of the runs that are not finished: those half made count whole."""
    folder = path / runner.named(study)
    left = [run for run in runs(study) if stages.missing(folder, run, study.metrics)]
    return study.steps * len(left)


def _text(seconds: float) -> str:
    return tqdm.format_interval(round(seconds))
