"""Runs that build on other runs: which, whether they are there and unchanged, their parameters.

A study names the other run by model (`Study.builds_on`). It must be finished when the study is
run. Each run takes a copy of its parameters and keeps their sha256 in its config.json, so that it
is rebuilt from its own folder alone, and a change of the other is seen.
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbench.base import Dataset
from dbench.errors import InputError, choose, said_of, short, some
from dbench.kept import ORDER
from dbench.models import MODELS, parameters, standing
from dbench.study.run import BASE, Run, built_on
from dbench.study.study import Study, runs, swept_values
from dbench.training import checkpoint, programs

_open: list[str] = []  # studies that are being looked up, each for the one before
FORM = f"as {standing.EXAMPLE}, or with the folder of a run"


def resolve(study: Study, load: Callable[[str, str], Study]) -> Study:
    """The study with what its runs build on looked up, in a study or in a run's folder.

    `load`: name and scale -> study. Nothing need be trained yet.
    """
    if not _sound(study):
        return study  # what is wrong is said by `check`
    if study.path in _open:
        raise InputError(f"{study.path} builds on itself, by way of {_open[-1]}")
    found = {}
    _open.append(study.path)
    try:
        for model, said in study.builds_on.items():
            with said_of(f"{study.path}: builds_on[{model!r}]"):
                found[model] = _resolved(study, model, said, load)
    finally:
        _open.pop()
    for model in study.sweep:
        if model in MODELS and "base" in parameters(model) and model not in found:
            raise InputError(
                f"{study.path}: {model} stands on the run of another model: name it in builds_on, "
                f"{FORM}"
            )
    return dataclasses.replace(study, builds_on=found)


def _sound(study: Study) -> bool:
    """Whether its runs can be listed."""
    given: list[Any] = [study.builds_on, study.sweep, study.seeds]
    kinds = (dict, dict, int)
    if not all(isinstance(each, kind) for each, kind in zip(given, kinds, strict=True)):
        return False
    if not all(isinstance(swept, dict) for swept in study.sweep.values()):
        return False
    pairs = [pair for swept in study.sweep.values() for pair in swept.items()]
    return study.seeds > 0 and all(
        isinstance(name, str)
        and isinstance(values, list | tuple)
        and all(isinstance(value, int | float) for value in values)
        for name, values in pairs
    )


def _resolved(study: Study, model: str, said: Any, load: Callable[[str, str], Study]) -> dict:
    if model not in study.sweep or model not in MODELS or "base" not in parameters(model):
        raise InputError("it is no model of this study that stands on another: take it out")
    if not isinstance(said, str) or not said:
        raise InputError(f"it must be text, {FORM}, not {short(said)}")
    folder = Path(said).expanduser()
    if (folder / "config.json").exists():
        config = checkpoint.read_config(folder)
        base = standing.written(config["model"], config["options"])
        return {"run": str(folder.resolve()), "base": base}
    name, _, rest = said.partition("/")
    if rest.partition("/")[0] not in ORDER:
        raise InputError(f"there is no run {said}: name one {FORM}")
    beside = Path(study.path).with_name(f"{name}.gin")
    other = load(str(beside) if beside.is_file() else name, rest.partition("/")[0])
    known = {run.name: run for run in runs(other)}
    wanted = [
        built_on(said, hyperparameter, value, seed)
        for hyperparameter, value in swept_values(study.sweep[model])
        for seed in range(study.seeds)
    ]
    lacks = [run for run in wanted if run.partition("/")[2] not in known]
    if lacks:
        raise InputError(
            f"the study {other.name} has no run {lacks[0].partition('/')[2]}, it has "
            f"{some(list(known))}"
        )
    run = known[wanted[0].partition("/")[2]]
    return {"run": said, "base": standing.written(run.model, run.options)}


def require(results: Path, study: Study, load: Callable[[str], Dataset]) -> None:
    """An InputError if what a run builds on is not finished, not of its images, or has changed.

    `results`: the folder of all studies; `load`: a data set by what the table calls it.
    """
    for run in runs(study):
        if not run.builds_on:
            continue
        own, base = results / study.name / run.name, place(results, run)
        config, parameters, training = checkpoint.paths(own)
        known = checkpoint.read_config(own).get("base_sha256") if config.exists() else None
        there = checkpoint.paths(base)[1].exists()
        if known and there and checkpoint.sha256(base) != known:
            raise InputError(
                f"{own} builds on {base}, which has changed since (another sha256): bring the old "
                "one back, or delete the runs that build on it"
            )
        if not parameters.exists() and not training.exists():
            if not there:
                raise InputError(f"{run.name} builds on {base}, which is not finished: {_do(run)}")
            _fits(run, base, load(run.data))


def _do(run: Run) -> str:
    name, _, rest = run.builds_on.partition("/")
    if Path(run.builds_on).is_absolute():
        return "finish it first"
    return f"first run `dbench study {name} --scale {rest.partition('/')[0]}`"


def _fits(run: Run, base: Path, dataset: Dataset) -> None:
    """An InputError for a run of other images or of another size."""
    config = checkpoint.read_config(base)
    if config["dataset"] != run.dataset:
        raise InputError(
            f"{run.name} builds on {base}, which is of {config['dataset']} and not of "
            f"{run.dataset}: name a run of the same data set in builds_on"
        )
    checkpoint.same_data(base, config, dataset)
    checkpoint.check_parameters(base)
    _read(run, base, dataset)


def _read(run: Run, base: Path, dataset: Dataset) -> Any:
    model, options = standing.read(run.options["base"])
    template = programs.template(programs.program(dataset, model, options)).params
    return checkpoint.read_parameters(base, template)


def place(results: Path, run: Run) -> Path:
    """The folder of the run that a run builds on."""
    return results / run.builds_on


def sha256(results: Path, run: Run) -> str | None:
    """Of the parameters that a run builds on; None where it builds on none."""
    return checkpoint.sha256(place(results, run)) if run.builds_on else None


def params(results: Path, some: list[Run], dataset: Dataset) -> list:
    """The parameters that runs build on, one each."""
    return [_read(run, place(results, run), dataset) for run in some]


def check_swept(model: str, hyperparameter: str, value: Any, said: Any) -> None:
    """An InputError if a strength of the run built on cannot be swept over."""
    name = hyperparameter.removeprefix(BASE)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{hyperparameter} cannot be swept over {short(value)}")
    if said is None:
        raise InputError(f"{hyperparameter} of {model} is of a run that it builds on: name that")
    if not isinstance(said, dict):
        return  # not looked up, as another value is wrong
    kind, _ = standing.read(said["base"])
    known = parameters(kind)
    if not isinstance(known[choose(f"option of {kind}", name, known)].default, float):
        raise InputError(f"{hyperparameter}: {name} of {kind} is no strength, and is not swept")
