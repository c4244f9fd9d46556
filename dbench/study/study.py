"""A study: one gin file to the list of its runs. The only user of gin.

A study file binds the fields of `Study`, plain literals only: gin reads it, and nothing in it is
looked up, imported or called. `Study.steps = 100` holds at
every scale, `laptop/Study.steps = 100` at that scale alone. Whether what it says can be done is
asked in check.py.
"""

import dataclasses
from pathlib import Path

from gin.config_parser import (
    BindingStatement,
    ConfigParser,
    ImportStatement,
    IncludeStatement,
    ParserDelegate,
)

from dbench import data
from dbench.errors import InputError, choose
from dbench.kept import SCALES
from dbench.models import defaults, parameters
from dbench.study.chunk import fitting
from dbench.study.run import BASE, Run, built_on


@dataclasses.dataclass(frozen=True)
class Study:
    """The product of data sets, models with one swept number each, and seeds."""

    name: str
    scale: str
    path: str  # of its file
    datasets: list  # names as `data.load` takes them
    sweep: dict  # model -> {hyperparameter: [values]}, one a model, or {}
    metrics: list  # names in METRICS, GROUPS, MODEL_METRICS and SET_METRICS
    seeds: int  # seeds 0 .. seeds - 1
    steps: int  # updates a run
    options: dict = dataclasses.field(default_factory=dict)  # of every model that has them
    model_options: dict = dataclasses.field(default_factory=dict)  # model -> options of its own
    # name -> {"of": data set} and how training draws its rows, as `views.view` takes it; the
    # name may stand in `datasets`, scores are of all images
    views: dict = dataclasses.field(default_factory=dict)
    # metric -> [steps, multiples of chunk] at which a run is scored while it trains; into its log
    during: dict = dataclasses.field(default_factory=dict)
    # model -> the run that it builds on, as STUDY/SCALE/DATA/MODEL/STRENGTH, or the run's folder;
    # once loaded, {"run": that, "base": what the model's option `base` is}
    builds_on: dict = dataclasses.field(default_factory=dict)
    batch_size: int = 64
    chunk: int = 1000  # steps between two lines of a run's log; `parse` fits it to the steps


class Plain(ParserDelegate):
    """What gin asks when a value is no literal: there is no other in a study."""

    def configurable_reference(self, scoped_configurable_name, evaluate):
        raise InputError("no @")

    def macro(self, macro_name):
        raise InputError("no %")


FIELDS = [field.name for field in dataclasses.fields(Study)[3:]]
NEEDED = {f.name for f in dataclasses.fields(Study)[3:] if f.default is f.default_factory}
KNOWN = f"(a study has the fields: {', '.join(FIELDS)})"


def parse(path: Path, text: str, scale: str) -> Study:
    """The study of a file's text at a scale. Gin reads the statements and carries out none."""
    found = _bindings(path, text)
    given = found[""] | found.get(scale, {})
    if lacks := [field for field in FIELDS if field in NEEDED - given.keys()]:
        whole = _scales(found)
        if whole and scale not in found:
            raise InputError(f"{path}: there is no scale {scale} in it, but {', '.join(whole)}")
        raise InputError(f"{path}: nothing is said of {', '.join(lacks)} at scale {scale} {KNOWN}")
    chunk = fitting(given["steps"], given.get("during", {}))
    return Study(path.stem, scale, str(path), **{"chunk": chunk} | given)


def scales(path: Path, text: str) -> list[str]:
    """The scales at which a study's file says all that a study needs, in their order."""
    return _scales(_bindings(path, text))


def has_scales(path: Path, text: str) -> bool:
    """Whether a study's file says anything of one scale alone."""
    return len(_bindings(path, text)) > 1


def _scales(found: dict[str, dict]) -> list[str]:
    return [s for s in SCALES if not NEEDED - found[""].keys() - found.get(s, {}).keys()]


def _bindings(path: Path, text: str) -> dict[str, dict]:
    """Scale, or "" for all of them -> field -> value."""
    found: dict[str, dict] = {"": {}}
    for statement in _statements(path, text):
        name = f"{statement.selector}.{statement.arg_name}".strip(".")
        if statement.scope:
            choose("scale", statement.scope, SCALES)
        if statement.selector != "Study" or statement.arg_name not in FIELDS:
            raise InputError(f"{path}: there is nothing called {name} to set {KNOWN}")
        found.setdefault(statement.scope, {})[statement.arg_name] = statement.value
    return found


def _statements(path: Path, text: str) -> list[BindingStatement]:
    """All bindings of a file; an InputError for anything else that gin knows."""
    try:
        found = list(ConfigParser(text, Plain()))
    except InputError as error:
        said = str(error).partition("\n")[0]  # gin adds lines of its own
        raise InputError(f"{path}: a study file holds plain settings only, {said}") from error
    except Exception as error:  # gin's own, the tokenizer's, and Python's of nested brackets
        said = " ".join(str(error).split())[:300] or type(error).__name__
        raise InputError(f"{path}: {said}: a study file holds lines as Study.seeds = 5") from error
    for statement in found:
        what = {ImportStatement: "import", IncludeStatement: "include"}.get(type(statement))
        if what:
            line = statement.location.line_num
            raise InputError(
                f"{path}: a study file holds plain settings only, no {what} (line {line})"
            )
    return [s for s in found if isinstance(s, BindingStatement)]


def runs(study: Study) -> list[Run]:
    """All runs of a study; seeds vary slowest, so a study cut short covers all strengths."""
    options = {model: defaults(model) | options_of(study, model) for model in study.sweep}
    return [
        _run(study, dataset, model, options[model], hyperparameter, value, seed)
        for dataset in study.datasets
        for seed in range(study.seeds)
        for model, swept in study.sweep.items()
        for hyperparameter, value in swept_values(swept)
    ]


def _run(
    study: Study,
    dataset: str,
    model: str,
    options: dict,
    hyperparameter: str,
    value: float | None,
    seed: int,
) -> Run:
    viewed, base = dataset in study.views, study.builds_on.get(model)
    swept = (
        {hyperparameter: value} if hyperparameter and not hyperparameter.startswith(BASE) else {}
    )
    standing = {"base": base["base"]} if base else {}
    return Run(
        study.name,
        study.scale,
        data.resolve(study.views[dataset]["of"]) if viewed else dataset,
        model,
        hyperparameter,
        None if value is None else float(value),
        options | swept | standing,
        seed,
        study.steps,
        study.batch_size,
        view=dataset if viewed else "",
        drawn=drawn_of(study.views[dataset]) if viewed else {},
        builds_on=built_on(base["run"], hyperparameter, value, seed) if base else "",
    )


def options_of(study: Study, model: str) -> dict:
    """What the study sets for a model: its own options before those of all models."""
    own = study.model_options.get(model, {})
    if not isinstance(own, dict):
        raise InputError(f"{study.path}: model_options[{model!r}] must be a dict, not {own!r}")
    return {k: v for k, v in study.options.items() if k in parameters(model)} | own


def swept_values(swept: dict) -> list[tuple[str, float | None]]:
    """(hyperparameter, value) of each strength, or ("", None) where nothing is swept."""
    pairs = [(name, value) for name, values in swept.items() for value in values]
    return pairs or [("", None)]


def drawn_of(spec: dict) -> dict:
    """What `views.view` takes of an entry of `Study.views`."""
    return {k: v for k, v in spec.items() if k != "of"}
