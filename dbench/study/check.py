"""Is a study right: every field of its kind, every name known, every run one that can be."""

import math
import re
from collections import Counter
from pathlib import Path
from typing import get_type_hints

from dbench import bounds, data, schemas
from dbench.data import views
from dbench.errors import InputError, choose, short
from dbench.metrics import GROUPS, METRICS
from dbench.metrics.udr import SET_METRICS
from dbench.models import MODELS, parameters, split
from dbench.scoring import apart
from dbench.scoring.registry import MODEL_METRICS
from dbench.study import bases
from dbench.study.run import BASE, Run
from dbench.study.study import Study, drawn_of, options_of, runs, swept_values
from dbench.tables.directions import GROUPED, base, suffix

# Options that count the steps of a first stage of training -> what it trains.
FIRST = {
    "dae_steps": "its denoising autoencoder",
    "set_steps": "its first set",
    "symbol_steps": "its symbols",
}


def check(study: Study, path: Path) -> None:
    """An InputError says what of a study, read from `path`, is wrong."""
    _check_fields(study, path)
    _check_during(study, path)
    _check_views(study, path)
    _check_data([name for name in study.datasets if name not in study.views], path)
    _check_sweep(study, path)
    _check_size(study, path)
    _check_runs(study, path)


def _check_fields(study: Study, path: Path) -> None:
    """Every field of the right kind, every name known."""
    for field, kind in get_type_hints(Study).items():
        value = getattr(study, field)
        if not isinstance(value, kind) or isinstance(value, bool):
            what = "whole number" if kind is int else kind.__name__
            raise InputError(f"{path}: {field} must be a {what}, not {short(value)}")
        if kind is int and value < 1:
            raise InputError(f"{path}: {field} must be at least 1, not {short(value)}")
        if not value and not field.endswith(("options", "views", "during", "builds_on")):
            raise InputError(f"{path}: {field} is empty")
        if field in schemas.STUDY["properties"]:
            schemas.check(value, schemas.STUDY["properties"][field], path, field)
    for kind, names, known in (
        ("metric", study.metrics, [*METRICS, *GROUPS, *MODEL_METRICS, *SET_METRICS]),
        ("metric of a table", study.during, METRICS),
        ("model", study.sweep, MODELS),
        ("model of this study", study.model_options, study.sweep),
    ):
        for name in names:
            choose(kind, base(name) if kind == "metric" else name, known)
    for name in study.metrics:
        of, plain = suffix(name), base(name)
        if of and plain in [*SET_METRICS, *MODEL_METRICS] and name not in apart.OF_PARTS:
            takes = "takes no groups as one code" if of == GROUPED else "is of all rows"
            raise InputError(f"{path}: {plain} {takes}: name it without {of}")


def _check_size(study: Study, path: Path) -> None:
    """No more runs, and updates of all of them, than a machine can make in a year."""
    strengths = sum(len(swept_values(swept)) for swept in study.sweep.values())
    count = len(study.datasets) * study.seeds * strengths
    if count > bounds.RUNS:
        raise InputError(
            f"{path}: these are {count:,} runs, and a study has {bounds.RUNS:,} at most: take "
            "fewer seeds, values or data sets"
        )
    if count * study.steps > bounds.UPDATES:
        raise InputError(
            f"{path}: {count:,} runs of {study.steps:,} steps would take more than a year: take "
            "fewer steps or runs"
        )


def _check_sweep(study: Study, path: Path) -> None:
    """Every option is one of a model, every strength a list of numbers that the model takes."""
    for model, swept in study.sweep.items():
        lists = isinstance(swept, dict) and all(
            isinstance(v, (list, tuple)) for v in swept.values()
        )
        if not lists or len(swept) > 1 or not all(swept.values()):
            raise InputError(
                f"{path}: sweep[{model!r}] must be one hyperparameter with a list of values, "
                f"as {{'beta': [1, 4]}}, or {{}}, not {short(swept)}"
            )
    for option in study.options:
        if not any(option in parameters(model) for model in study.sweep):
            raise InputError(f"{path}: no model of this study has an option {option!r}")
        having = [model for model in study.sweep if option in parameters(model)]
        if all(option in study.sweep[model] for model in having):
            raise InputError(
                f"{path}: options sets {option!r}, which sweep varies for every model that has "
                "it: take it out of one"
            )
    for model, swept in study.sweep.items():
        _check_overridden(study, model, path)
        for hyperparameter, value in swept_values(swept):
            own = {hyperparameter: value} if hyperparameter else {}
            if str(hyperparameter).startswith(BASE):
                bases.check_swept(model, hyperparameter, value, study.builds_on.get(model))
                own = {}
            numbers, structure = split(model, options_of(study, model) | own)
            counts = {k: v for k, v in structure if isinstance(v, int) and k != "latents"}
            if own and not math.isfinite((counts | numbers).get(hyperparameter, math.nan)):
                raise InputError(f"{path}: {hyperparameter} cannot be swept over {short(value)}")
            for option in numbers:
                if option.endswith("learning_rate") and numbers[option] == 0:
                    raise InputError(f"{path}: {option} of {model!r} is 0: it would learn nothing")


def _check_overridden(study: Study, model: str, path: Path) -> None:
    """No option of a model's own is set that no run would have, since it is swept."""
    options_of(study, model)
    for option in study.sweep[model]:
        if option in study.model_options.get(model, {}):
            raise InputError(
                f"{path}: model_options[{model!r}] sets {option!r}, which sweep varies: take it "
                "out of one"
            )


def _check_runs(study: Study, path: Path) -> None:
    """Every run has a folder of its own, and all of them codes that can be compared."""
    everything = runs(study)
    for part in {part for run in everything for part in run.name.split("/")}:
        if len(part.encode()) > bounds.NAME - 40:  # what is half-written has a longer name
            raise InputError(f"{path}: the name {short(part)} is too long for a folder: shorten it")
    if twice := [name for name, n in Counter(run.name for run in everything).items() if n > 1]:
        raise InputError(
            f"{path}: a value or a name is in a list twice: it would run {twice[0]} again"
        )
    for option in ("net", "latents"):
        found = {run.model: run.options[option] for run in everything if option in run.options}
        if len(set(found.values())) > 1:
            raise InputError(
                f"{path}: models of one study share one {option}, or their scores could not be "
                f"compared, and here it is {found}: set it in Study.options"
            )
    if everything[0].options.get("latents", 2) < 2:
        raise InputError(f"{path}: latents must be at least 2 for the metrics")
    for run in everything:
        _check_stages(run, path)


def _check_stages(run: Run, path: Path) -> None:
    """No first stage of training takes all of it."""
    for option, alone in FIRST.items():
        if run.options.get(option, 0) >= run.steps and run.options.get("instructions", 1):
            raise InputError(
                f"{path}: {run.model} would train {alone} alone: {option} is "
                f"{run.options[option]} of {run.steps} steps"
            )


def _check_during(study: Study, path: Path) -> None:
    """Every metric has steps at which a chunk ends."""
    for metric, steps in study.during.items():
        ends = range(study.chunk, study.steps + 1, study.chunk)
        if not isinstance(steps, (list, tuple)) or not all(step in ends for step in steps):
            raise InputError(
                f"{path}: during[{metric!r}] must be a list of steps, multiples of chunk "
                f"({study.chunk}) up to {study.steps}, not {short(steps)}"
            )
        if len(set(steps)) < len(steps):
            raise InputError(f"{path}: during[{metric!r}] has a step twice: {short(steps)}")


def _check_views(study: Study, path: Path) -> None:
    """Every view has a name of its own, a data set, and a drawing that can be read."""
    for name, spec in study.views.items():
        if not re.fullmatch(r"[\w.-]*\w", name) or name in data.DATASETS:
            raise InputError(
                f"{path}: a view needs a name of its own, of letters, digits, - and _, not {name!r}"
            )
        if not isinstance(spec, dict) or not isinstance(spec.get("of"), str):
            raise InputError(f"{path}: views[{name!r}] must be a dict with its data set, as 'of'")
        try:
            data.check_name(spec["of"])
            views.check_view(drawn_of(spec))
        except InputError as error:
            raise InputError(f"{path}: views[{name!r}]: {error}") from error


def _check_data(names: list, path: Path) -> None:
    """Every data set has a name of the known forms, and a folder of its own."""
    folders: dict[str, str] = {}
    for name in names:
        data.check_name(name)
        other = folders.setdefault(data.label(name), name)
        if data.resolve(other) != data.resolve(name):
            raise InputError(
                f"{path}: the data sets {other!r} and {name!r} would both be called "
                f"{data.label(name)!r}: rename one"
            )
