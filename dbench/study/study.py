"""A study: one gin file to the list of its runs. The only user of gin.

A study file binds the fields of `Study`, plain literals only. `Study.steps = 100` holds at
every scale, `laptop/Study.steps = 100` at that scale alone.
"""

import dataclasses
import itertools
import math
import re
from pathlib import Path

import gin

from dbench import data, files
from dbench.data import views
from dbench.errors import InputError, choose
from dbench.metrics import GROUPS, METRICS, select
from dbench.metrics.udr import SET_METRICS
from dbench.models import MODELS, defaults, parameters, split
from dbench.scoring.reconstruction import MODEL_METRICS
from dbench.tables.results import SCALES

VIEW = ("view", "drawn")  # fields of a Run that only some have


@gin.configurable(denylist=["name", "scale", "path"])
@dataclasses.dataclass(frozen=True)
class Study:
    """The product of data sets, models with one swept number each, and seeds."""

    name: str
    scale: str
    path: str  # of its file
    datasets: list = gin.REQUIRED  # names as `data.load` takes them
    sweep: dict = gin.REQUIRED  # model -> {hyperparameter: [values]}, one a model, or {}
    metrics: list = gin.REQUIRED  # names in METRICS, GROUPS, MODEL_METRICS and SET_METRICS
    seeds: int = gin.REQUIRED  # seeds 0 .. seeds - 1
    steps: int = gin.REQUIRED  # updates a run
    options: dict = dataclasses.field(default_factory=dict)  # of every model that has them
    model_options: dict = dataclasses.field(default_factory=dict)  # model -> options of its own
    # name -> {"of": data set} and how training draws its rows, as `views.view` takes it; the
    # name may stand in `datasets`, scores are of all images
    views: dict = dataclasses.field(default_factory=dict)
    # metric -> [steps, multiples of chunk] at which a run is scored while it trains; into its log
    during: dict = dataclasses.field(default_factory=dict)
    batch_size: int = 64
    chunk: int = 1000  # steps between two lines of a run's log


@dataclasses.dataclass(frozen=True)
class Run:
    """One model to train and score."""

    study: str
    scale: str
    dataset: str  # a path is absolute
    model: str
    hyperparameter: str  # that is swept, or "" where none is
    value: float | None  # of it
    options: dict  # of the model, the swept number included
    seed: int
    steps: int
    batch_size: int
    view: str = ""  # the name of a view of the data set
    drawn: dict = dataclasses.field(default_factory=dict)  # what it is, as `views.view` takes it

    @property
    def data(self) -> str:
        """What the table calls the data set: its view, or a plain name."""
        return self.view or data.label(self.dataset)

    @property
    def name(self) -> str:
        """Its folder below the study's, for example laptop/dsprites/beta_vae/beta=4/seed=0."""
        parts = [self.scale, self.data, self.model, f"seed={self.seed}"]
        if self.hyperparameter:
            short = f"{self.value:g}"
            value = short if float(short) == self.value else repr(self.value)
            parts.insert(3, f"{self.hyperparameter}={value}")
        return "/".join(parts)

    @property
    def config(self) -> dict:
        """What config.json says of it."""
        config = dataclasses.asdict(self)
        return config if self.view else {k: v for k, v in config.items() if k not in VIEW}


def studies() -> dict[str, Path]:
    """All studies by name: of the folder studies/ here, then those that dbench came with."""
    found = {}
    for folder in (*files.shipped("studies"), Path("studies")):
        found |= {path.stem: path for path in sorted(folder.glob("*.gin"))}
    return found


def question(path: Path) -> str:
    """The first comment line of a study file: what it asks."""
    text = path.read_bytes().decode(errors="replace")
    return text.split("\n", 1)[0].lstrip("# ").strip()


def load(name: str, scale: str) -> Study:
    """The study of this name (or the path of a .gin file) at a scale, checked."""
    choose("scale", scale, SCALES)
    path = Path(name)
    if path.suffix != ".gin":
        known = studies()
        path = known[choose("study", name, known)]
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the study {path}: {error}") from error
    study = _parse(path, text, scale)
    _check(study, path)
    datasets = [n if n in study.views else data.resolve(n) for n in study.datasets]
    return dataclasses.replace(study, metrics=_ids(study.metrics), datasets=datasets)


def _ids(names: list[str]) -> list[str]:
    """The metrics that names and groups stand for, each once; those of no table where named."""
    alone = {*SET_METRICS, *MODEL_METRICS}
    chosen = [[name] if name in alone else select([name]) for name in names]
    return list(dict.fromkeys(itertools.chain(*chosen)))


def _parse(path: Path, text: str, scale: str) -> Study:
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|#.*", "", text)  # without strings and comments
    if found := re.search(r"^\s*(import|from|include)\b|[@%]", bare, re.MULTILINE):
        raise InputError(f"{path}: a study file holds plain settings only, no {found[0].strip()}")
    gin.clear_config()
    try:
        gin.parse_config(text)
        scopes = set(re.findall(r"^(\S+)/Study\.", gin.config_str(), re.MULTILINE))
        for scope in sorted(scopes - set(SCALES)):
            choose("scale", scope, SCALES)
        with gin.config_scope(scale):
            return Study(path.stem, scale, str(path))
    except (ValueError, TypeError, SyntaxError, RuntimeError) as error:
        fields = ", ".join(f.name for f in dataclasses.fields(Study)[3:])
        said = " ".join(str(error).split())
        raise InputError(f"{path}: {said} (a study has the fields: {fields})") from error
    finally:
        gin.clear_config()


def _check(study: Study, path: Path) -> None:
    """Every field of the right kind, every name known: an InputError says which is not."""
    kinds = {f.name: f.type for f in dataclasses.fields(Study)}
    for field, kind in kinds.items():
        value = getattr(study, field)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InputError(f"{path}: {field} must be a {kind.__name__}, not {value!r}")
        if kind is int and value < 1:
            raise InputError(f"{path}: {field} must be at least 1, not {value}")
        if not value and not field.endswith(("options", "views", "during")):
            raise InputError(f"{path}: {field} is empty")
    for kind, names, known in (
        ("metric", study.metrics, [*METRICS, *GROUPS, *MODEL_METRICS, *SET_METRICS]),
        ("metric of a table", study.during, METRICS),
        ("model", study.sweep, MODELS),
        ("model of this study", study.model_options, study.sweep),
    ):
        for name in names:
            choose(kind, name, known)
    _check_during(study, path)
    _check_views(study, path)
    _check_data([name for name in study.datasets if name not in study.views], path)
    for option in study.options:
        if not any(option in parameters(model) for model in study.sweep):
            raise InputError(f"{path}: no model of this study has an option {option!r}")
    for model, swept in study.sweep.items():
        lists = isinstance(swept, dict) and all(
            isinstance(v, (list, tuple)) for v in swept.values()
        )
        if not lists or len(swept) > 1 or not all(swept.values()):
            raise InputError(
                f"{path}: sweep[{model!r}] must be one hyperparameter with a list of values, "
                f"as {{'beta': [1, 4]}}, or {{}}, not {swept!r}"
            )
        for hyperparameter, value in _swept(swept):
            own = {hyperparameter: value} if hyperparameter else {}
            numbers, _ = split(model, _options(study, model) | own)
            if own and not math.isfinite(numbers.get(hyperparameter, math.nan)):
                raise InputError(f"{path}: {hyperparameter} cannot be swept over {value!r}")
    everything = runs(study)
    if len({run.name for run in everything}) < len(everything):
        raise InputError(f"{path}: a value or a name is in a list twice")
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
        if run.options.get("dae_steps", 0) >= study.steps:
            raise InputError(
                f"{path}: {run.model} would train its denoising autoencoder alone: dae_steps is "
                f"{run.options['dae_steps']} of {study.steps} steps"
            )


def _check_during(study: Study, path: Path) -> None:
    """Every metric has steps at which a chunk ends."""
    for metric, steps in study.during.items():
        ends = range(study.chunk, study.steps + 1, study.chunk)
        if not isinstance(steps, (list, tuple)) or not all(step in ends for step in steps):
            raise InputError(
                f"{path}: during[{metric!r}] must be a list of steps, multiples of chunk "
                f"({study.chunk}) up to {study.steps}, not {steps!r}"
            )


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
            views.check_view(_drawn(spec))
        except InputError as error:
            raise InputError(f"{path}: views[{name!r}]: {error}") from error


def _drawn(spec: dict) -> dict:
    """What `views.view` takes of an entry of `Study.views`."""
    return {k: v for k, v in spec.items() if k != "of"}


def _check_data(names: list, path: Path) -> None:
    """Every data set has a name of the known forms, and a folder of its own."""
    folders = {}
    for name in names:
        data.check_name(name)
        other = folders.setdefault(data.label(name), name)
        if data.resolve(other) != data.resolve(name):
            raise InputError(
                f"{path}: the data sets {other!r} and {name!r} would both be called "
                f"{data.label(name)!r}: rename one"
            )


def _options(study: Study, model: str) -> dict:
    """What the study sets for a model: its own options before those of all models."""
    own = study.model_options.get(model, {})
    if not isinstance(own, dict):
        raise InputError(f"{study.path}: model_options[{model!r}] must be a dict, not {own!r}")
    return {k: v for k, v in study.options.items() if k in parameters(model)} | own


def runs(study: Study) -> list[Run]:
    """All runs of a study; seeds vary slowest, so a study cut short covers all strengths."""
    return [
        Run(
            study.name,
            study.scale,
            data.resolve(study.views[dataset]["of"]) if dataset in study.views else dataset,
            model,
            hyperparameter,
            None if value is None else float(value),
            defaults(model)
            | _options(study, model)
            | ({hyperparameter: value} if hyperparameter else {}),
            seed,
            study.steps,
            study.batch_size,
            *((dataset, _drawn(study.views[dataset])) if dataset in study.views else ()),
        )
        for dataset in study.datasets
        for seed in range(study.seeds)
        for model, swept in study.sweep.items()
        for hyperparameter, value in _swept(swept)
    ]


def _swept(swept: dict) -> list[tuple[str, float | None]]:
    """(hyperparameter, value) of each strength, or ("", None) where nothing is swept."""
    pairs = [(name, value) for name, values in swept.items() for value in values]
    return pairs or [("", None)]
