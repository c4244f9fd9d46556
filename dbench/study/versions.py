"""Are all runs in a study's folder of one version of each data set, and made by one arithmetic?

A run's config.json says which images and factors it is of (`data_sha256`) and which flags of XLA
there were. One table must not have rows of two versions, whoever made them: this command or an
earlier one, at this scale or another, of this study file or one of the same name.
"""

import contextlib
from collections.abc import Callable, Collection
from pathlib import Path

from dbench import data, files
from dbench.base import Dataset
from dbench.errors import InputError
from dbench.study.study import Study, runs
from dbench.training import checkpoint


def check(
    made: dict[Path, dict],
    study: Study,
    datasets: dict[str, Dataset],
    load: Callable[[str], Dataset],
) -> list[str]:
    """An InputError if a study's folder has runs of other data than there are now, or of two.

    `made` are its `configs`; `datasets` those that are loaded already, by what the table calls
    them; `load` loads one by its name. Data that are gone are no reason to hide a table that is
    finished: what could not be checked is returned, in sentences.
    """
    lacks = []
    for label, name in {run.data: run.dataset for run in runs(study)}.items():
        own = {p: c for p, c in made.items() if called(c) == label or c.get("dataset") == name}
        hashes = {config.get("data_sha256") for config in own.values()} - {None}
        now = datasets.get(label)
        if now is None and hashes:
            try:
                now = load(name)
            except InputError as error:
                lacks.append(
                    f"it is not checked that the data of {label} are as they were: {error}"
                )
        for path, config in own.items():
            if now is not None:
                checkpoint.same_data(path, config, now)
    _alike(made)
    return lacks


def configs(folder: Path, study: Study, only: Collection[str] | None = None) -> dict[Path, dict]:
    """Folder of a run -> its config.json, of all runs that a study's folder has, or of `only`.

    One that cannot be read is said where its run is needed.
    """
    found = {}
    names = [run.name for run in runs(study)] if only is None else only
    own = {folder / name / "config.json" for name in names}  # a link is not searched
    others = folder.rglob("config.json") if only is None else ()
    for path in sorted({*others, *filter(Path.exists, own)}):
        with contextlib.suppress(InputError):
            found[path.parent] = files.read_json(path)
    return found


def called(config: dict) -> str:
    """What the table calls the data set of a run: `Run.data`."""
    view, name = config.get("view"), config.get("dataset")
    with contextlib.suppress(OSError, ValueError):  # no file can have such a name
        return data.label(name) if isinstance(name, str) and not view else str(view or name)
    return str(name)


def hashes(folder: Path, study: Study) -> dict[str, str]:
    """Version of each data set that a user gave, by what the table calls it, at this scale."""
    return {
        called(config): config["data_sha256"]
        for config in configs(folder, study).values()
        if config.get("scale") == study.scale and config.get("data_sha256")
    }


def _alike(made: dict[Path, dict]) -> None:
    """An InputError if two runs have a data set of one name or place in two versions."""
    first: dict[tuple, Path] = {}
    for path, config in made.items():
        if config.get("data_sha256") is None:
            continue
        for key in (("called", called(config)), ("is", config.get("dataset"))):
            other = first.setdefault(key, path)
            if made[other]["data_sha256"] != config["data_sha256"]:
                raise InputError(
                    f"{other} and {path} are of two versions of the data set {key[1]}: one table "
                    "must not have both; delete the runs of one of them"
                )
