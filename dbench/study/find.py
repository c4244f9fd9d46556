"""Where studies lie, and a study of a name, read and checked."""

import dataclasses
import itertools
from functools import partial
from pathlib import Path

from dbench import data, files, schemas
from dbench.errors import InputError, choose, said_of
from dbench.inputs import own_metrics
from dbench.kept import ORDER, OWN
from dbench.metrics import METRICS, select
from dbench.metrics.registry import OF_CYCLIC
from dbench.metrics.udr import SET_METRICS
from dbench.models import own as own_models
from dbench.scoring.registry import MODEL_METRICS
from dbench.study import bases
from dbench.study.check import check
from dbench.study.study import Study, has_scales, parse, scales
from dbench.tables.directions import base


def studies() -> dict[str, Path]:
    """All studies by name: of the folder studies/ here, then those that dbench came with."""
    found: dict[str, Path] = {}
    for folder in (*files.shipped("studies"), Path("studies")):
        paths = [path for path in sorted(folder.glob("*.gin")) if schemas.is_text(path.stem)]
        found |= {path.stem: path for path in paths}
    return found


def question(path: Path) -> str:
    """The first comment line of a study file: what it asks."""
    text = path.read_bytes().decode(errors="replace") if path.is_file() else ""
    return text.split("\n", 1)[0].lstrip("# ").strip()


_named: set[Path] = set()  # files of studies that the user has named, which may name code


def load(name: str, scale: str, *, code: bool = True) -> Study:
    """The study of this name (or the path of a .gin file) at a scale, checked.

    Metrics and models that it names as MODULE:FUNCTION are imported; with `code` False, where the
    user has not named the study, they are an InputError.
    """
    choose("scale", scale, ORDER)
    path, text = _read(name)
    if scale == OWN and has_scales(path, text):
        there = ", ".join(scales(path, text)) or "none that is whole"
        raise InputError(f"{path} has scales of its own: choose one ({there})")
    study = parse(path, text, scale)
    own = [each for each in _names(study) if own_metrics.is_own(each)]
    place = files.resolved(path)  # the same name in another folder is another study
    if own and not code and place not in _named:
        raise InputError(
            f"{path} names {own[0]}, code that this command does not run: run the study by "
            f"`dbench study {study.name}`, if it is yours"
        )
    if code:
        _named.add(place)
    with said_of(str(path)):
        register(study)
    study = bases.resolve(study, partial(load, code=False))
    with said_of(str(path)):
        check(study, path)
    datasets = [n if n in study.views else data.resolve(n) for n in study.datasets]
    return dataclasses.replace(study, metrics=_ids(study.metrics), datasets=datasets)


def register(study: Study) -> None:
    """Imports the metrics and models that a study names as MODULE:FUNCTION."""
    own = [each for each in _names(study) if own_metrics.is_own(each)]
    own_metrics.register(name for name in own if name not in study.sweep)
    own_models.register(name for name in own if name in study.sweep)


def _names(study: Study) -> list:
    """Of metrics and models, as they are given: they may still be anything."""
    found = []
    for given in (study.metrics, study.during, study.sweep):
        found += list(given) if isinstance(given, list | dict) else []
    return found


def scales_of(name: str) -> list[str]:
    """The scales that the study of this name (or the path of a .gin file) has."""
    return scales(*_read(name))


def default_scale(name: str, results: Path | None = None) -> str:
    """The scale of a study where nobody says one: laptop, and OWN of a file that has no scales.

    What an earlier version began in `results` as laptop goes on as that.
    """
    path, text = _read(name)
    folder = None if results is None else results / path.stem
    begun = folder and (folder / "laptop").is_dir() and not (folder / OWN).is_dir()
    return "laptop" if begun or has_scales(path, text) else OWN


def _read(name: str) -> tuple[Path, str]:
    path = Path(name)
    if path.suffix != ".gin":
        known = studies()
        try:
            path = known[choose("study", name, known)]
        except InputError as error:
            raise InputError(f"{error}; of your own give the .gin file") from error
    if files.kind(path) not in (None, "a file"):
        raise InputError(f"cannot read the study {path}: it is {files.kind(path)}, not a file")
    try:
        return path, path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read the study {path}: {error}") from error


def _ids(names: list[str]) -> list[str]:
    """The metrics that names and groups stand for, each once; those of no table where named.

    So too those of cyclic factors: "all" would fit hardly any data set with them.
    """
    alone = {*SET_METRICS, *MODEL_METRICS, *METRICS}
    chosen: list[list[str]] = []
    for name in names:
        plain = base(name)
        ids = [plain] if plain in alone else [id for id in select([plain]) if id not in OF_CYCLIC]
        chosen.append([id + name[len(plain) :] for id in ids])  # study_unseen: each of them
    return list(dict.fromkeys(itertools.chain(*chosen)))
