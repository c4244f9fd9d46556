"""A plan as a file: the study, which runs are in which part, and what made it.

A worker does a part of it alone where dbench, its libraries and the data are those of the driver:
else the table would not be that of one machine.
"""

import contextlib
import dataclasses
import json
from pathlib import Path
from typing import NamedTuple

from dbench import files, provenance, schemas
from dbench.base import Dataset
from dbench.errors import InputError
from dbench.study import find, held
from dbench.study.check import check
from dbench.study.run import Run
from dbench.study.study import Study, runs

NAME = "plan.json"
TRAIN, SCORE = "train", "score"
FIELDS = {field.name for field in dataclasses.fields(Study)}


class Written(NamedTuple):
    """A plan that was written, to RESULTS/STUDY/.parts/NUMBER/plan.json."""

    path: Path
    study: Study
    parts: list[list[str]]  # the names of the runs of each part
    source: Path | None  # as in `dbench.data`
    data: dict[str, str | None]  # what the table calls a data set -> its version, if one was given
    at_once: int | None  # runs that train together
    keep_states: bool  # what training goes on from, also of runs that are scored
    made: dict  # versions and commit of the driver
    does: str | None = None  # TRAIN: no scores, SCORE: of runs that are trained; None: both
    follows: int | None = None  # the number of the plan that trains the same parts, for SCORE

    @property
    def folder(self) -> Path:
        """The study's."""
        return self.path.parents[2]

    @property
    def before(self) -> Path:
        """The plan that this one follows."""
        return self.path.parents[1] / str(self.follows) / NAME

    @property
    def number(self) -> int:
        """Of the plan, in the study's folder."""
        return int(self.path.parent.name)

    def part(self, index: int) -> Path:
        """The folder of a part."""
        return self.path.parent / str(index)

    def runs(self, index: int) -> list[Run]:
        """The runs of a part."""
        names = set(self.parts[index])
        return [run for run in runs(self.study) if run.name in names]


def write(
    folder: Path,
    study: Study,
    parts: list[list[Run]],
    datasets: dict[str, Dataset],
    source: Path | None = None,
    at_once: int | None = None,
    keep_states: bool = False,
    does: str | None = None,
    follows: int | None = None,
) -> Written:
    """Writes a new plan below a study's folder, with a folder for each part."""
    number = 1 + max(numbers(folder), default=0)
    path = folder / held.PARTS / str(number) / NAME
    written = Written(
        path,
        study,
        [[run.name for run in part] for part in parts],
        source,
        {name: dataset.sha256 for name, dataset in datasets.items()},
        at_once,
        keep_states,
        {"versions": provenance.versions(), "commit": provenance.commit()},
        does,
        follows,
    )
    content = written._asdict() | {"study": dataclasses.asdict(study)}
    content |= {"source": None if source is None else str(source)}
    del content["path"]
    for index in range(len(parts)):
        written.part(index).mkdir(parents=True)
    files.write_json(path, content)
    return written


def numbers(folder: Path) -> list[int]:
    """Those of the plans below a study's folder."""
    found = (folder / held.PARTS).glob(f"*/{NAME}")
    return sorted(int(p.parent.name) for p in found if p.parent.name.isdecimal())


def plans(folder: Path, scale: str) -> list[Written]:
    """The plans of a study's folder at a scale, in the order in which they were made.

    Those of another version of dbench cannot be read, nor will a worker do them.
    """
    found = []
    for number in numbers(folder):
        with contextlib.suppress(InputError):
            found.append(read(folder / held.PARTS / str(number) / NAME))
    return [written for written in found if written.study.scale == scale]


def read(path: Path) -> Written:
    """A plan from its file; an InputError where it cannot be read."""
    path = files.resolved(path)
    if not path.exists():
        raise InputError(
            f"there is no plan {path}: --results must lie on a disk that all machines see, at one "
            "path"
        )
    content = files.read_json(path, schemas.PLAN)
    if content["study"].keys() != FIELDS:
        raise InputError(f"{path} is of another version of dbench: plan the study anew")
    source = content["source"]
    content |= {"study": Study(**content["study"]), "source": source and Path(source)}
    return Written(path, **content)


def load(path: Path) -> Written:
    """A plan to work on: its study's own code is imported, and the study checked."""
    written = read(path)
    _same(path, written.made)
    study = written.study
    find.register(study)
    check(study, Path(study.path))
    known = {run.name for run in runs(study)}
    if lacks := [name for part in written.parts for name in part if name not in known]:
        raise InputError(f"{path} has a run {lacks[0]} that its study has not; it was edited")
    return written


def _same(path: Path, made: dict) -> None:
    """An InputError if another version of dbench or of a library made a plan."""
    here: dict = {"commit": provenance.commit(), **provenance.versions()}
    there: dict = {"commit": made["commit"], **made["versions"]}
    if None in (here["commit"], there["commit"]):  # installed from a wheel, or no git here
        del here["commit"], there["commit"]
    for name in dict.fromkeys([*there, *here]):
        if there.get(name) != here.get(name):
            raise InputError(
                f"{path} was made with {name} {there.get(name)} and here is {here.get(name)}: "
                "give workers and driver one environment"
            )


def settings(study: Study) -> dict:
    """What a study says, as it reads back from a plan, whatever its file is called."""
    said = dataclasses.asdict(study) | {"path": ""}
    return json.loads(json.dumps(said))


def same_data(written: Written, datasets: dict[str, Dataset]) -> None:
    """An InputError if a data set is another one than the driver's."""
    for name, dataset in datasets.items():
        if dataset.sha256 != written.data.get(name):
            raise InputError(
                f"the data file of {name} here is another than the driver's: bring all machines "
                "one file, with --data or DBENCH_DATA"
            )
