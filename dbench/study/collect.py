"""Finished runs to the table of their study."""

import contextlib
import time
from collections.abc import Callable, Collection
from pathlib import Path

import pandas as pd

from dbench.errors import InputError
from dbench.kept import ORDER
from dbench.scoring import score_files
from dbench.study import sets, stages
from dbench.study.find import load
from dbench.study.run import Run
from dbench.study.study import Study, runs
from dbench.tables import results
from dbench.training import checkpoint

EVERY = 60.0  # seconds between two tables of a study at work


def collect(
    folder: Path, study: Study, say: Callable[[str], None], lost: Collection[str] = ()
) -> dict[str, str]:
    """Scores sets of finished runs and writes the table of all, as far as they are done.

    `lost`: names of runs that are not finished, and will not be for now. Returns the runs that
    failed: name -> reason.
    """
    everything = runs(study)
    reasons = {run.name: stages.failure(folder / run.name) for run in everything}
    finished = [r for r in everything if not reasons[r.name] and r.name not in lost]
    sets.update(folder, study, finished, say)
    results.write(folder, table(folder, study))
    return {name: reason for name, reason in reasons.items() if reason}


class Meanwhile:
    """The table of a study at work, written now and then for who looks at it."""

    def __init__(self) -> None:
        self.due = 0.0  # when it is to be written next

    def write(self, folder: Path, study: Study) -> None:
        """Writes it as far as it is, unless that was done a moment ago."""
        if (began := time.monotonic()) < self.due:
            return
        with contextlib.suppress(InputError):  # what is wrong is said at the end; the work goes on
            results.write(folder, table(folder, study))
        took = time.monotonic() - began
        self.due = began + max(EVERY, 20 * took)  # of many runs it takes a while


def table(folder: Path, study: Study) -> pd.DataFrame:
    """The scores of all finished runs, of every scale at which the study has been run."""
    found: dict[str, list] = {name: [] for name in results.DTYPES}
    of_sets: dict[Path, sets.Scores] = {}
    for other in scales(folder, study):
        for run in runs(other):
            path = folder / run.name / results.TABLE
            if not path.exists() or differs(path.parent, run):
                continue
            if (above := path.parent.parent) not in of_sets:
                of_sets[above] = sets.scores_of(above)
            rows = [*zip(*results.columns(path, score_files.SCORES).values(), strict=True)]
            rows += of_sets[above].get(run.name, [])
            settings = {k: v for k, v in run.config.items() if k in results.DTYPES}
            settings |= {"dataset": run.data, "run": run.name}
            for name, value in settings.items():
                found[name] += [value] * len(rows)
            for row in rows:
                for name, value in zip(score_files.SCORES, row, strict=True):
                    found[name].append(value)
    return pd.DataFrame(found).astype(results.DTYPES)


def scales(folder: Path, study: Study) -> list[Study]:
    """The study at every scale at which it has been run, this one included, in order."""
    found = [s for s in ORDER if s == study.scale or (folder / s).is_dir()]
    others = {s: load(study.path, s, code=False) for s in found if s != study.scale}
    return [others.get(scale, study) for scale in found]


def differs(folder: Path, run: Run) -> str | None:
    """The first setting of a run in which the config of a folder differs, if any."""
    old, new = checkpoint.read_config(folder), checkpoint.stamped(run.config)
    return next((field for field in new if old.get(field) != new[field]), None)
