"""What the rows of a table say of a user's own model: its name, seed, settings, data set."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from dbench import bounds, schemas
from dbench.errors import InputError, short
from dbench.tables.strength import written
from dbench.tables.tidy import OTHER_NAMES, SETTINGS

EXAMPLE = "--setting beta=4"


class OwnModel(NamedTuple):
    """A trained model of a user's own, as a row of a table has it."""

    dataset: str = ""  # "" where nobody said
    model: str = ""
    hyperparameter: str = ""
    value: float = math.nan
    seed: int = 0
    steps: float = math.nan  # of training; NaN where nobody said

    @property
    def run(self) -> str:
        """Its name, as a study would call its folder: dsprites/mine/beta=4/seed=0."""
        strength = f"{self.hyperparameter}={written(self.value)}" if self.hyperparameter else ""
        return "/".join(filter(None, [self.dataset, self.model, strength, f"seed={self.seed}"]))

    def __str__(self) -> str:
        """ "mine beta=4 seed 0 on dsprites"."""
        strength = f" {self.hyperparameter}={written(self.value)}" if self.hyperparameter else ""
        where = f" on {self.dataset}" if self.dataset else ""
        return f"{self.model}{strength} seed {self.seed}{where}"


def named(dataset: str, model: str, seed: int, settings: Sequence[str]) -> OwnModel:
    """The model of what is given; `settings` as "beta=4" or "steps=300000"."""
    if dataset:
        _check_name("--dataset-name", dataset)
    _check_name("--model-name", model)
    found = {"steps": math.nan}
    for setting in settings:
        name, value = _setting(setting)
        if not math.isnan(found.get(name, math.nan)):
            raise InputError(f"--setting gives {name} twice: give it once")
        found[name] = value
    steps = found.pop("steps")
    if len(found) > 1:
        raise InputError(
            f"--setting gives {' and '.join(found)}: a row has one strength, beside steps; put the "
            "other into --model-name"
        )
    ((hyperparameter, value),) = found.items() or [("", math.nan)]
    return OwnModel(dataset, model, hyperparameter, value, seed, steps)


def _check_name(what: str, name: str) -> None:
    plain = schemas.is_text(name) and name.strip() == name and len(name.encode()) <= 200
    if not name or not plain or "/" in name or name.startswith(".."):
        raise InputError(
            f"{what} is {short(name)}: in a table of scores it must be plain text without /, of at "
            "most 200 bytes"
        )


def _setting(text: str) -> tuple[str, float]:
    """ "beta=4" -> beta, 4.0."""
    name, _, given = (part.strip() for part in text.partition("="))
    if not name or not given:
        raise InputError(f"--setting is {short(text)}: give a name and a number, as {EXAMPLE}")
    taken = {*SETTINGS, *OTHER_NAMES, "metric", "score", "stderr"} - {"steps"}
    if name in taken:
        options = {"seed": "--seed-of-model", "model": "--model-name", "dataset": "--dataset"}
        instead = f"give {options[name]}" if name in options else "call it something else"
        raise InputError(f"--setting {name} is a column of every table: {instead}")
    if not schemas.is_text(name) or any(c in name for c in "/,@") or name.startswith("."):
        raise InputError(f"--setting {short(text)}: the name must be plain text without / , @")
    try:
        value = float(given)
    except ValueError:
        raise InputError(
            f"--setting {name} is {short(given)}, and a setting is a number, as {EXAMPLE}: put "
            "anything else into --model-name"
        ) from None
    if not math.isfinite(value):
        raise InputError(f"--setting {name} must be a finite number, not {given}")
    if name == "steps" and not (value == int(value) and 1 <= value <= bounds.STEPS):
        raise InputError(
            f"--setting steps must be a whole number from 1 to {bounds.STEPS:,}, not {given}"
        )
    return name, value
