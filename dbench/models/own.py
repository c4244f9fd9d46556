"""Models of a user's own, by the name MODULE:FUNCTION of their constructor.

Code runs only if the user names it: in a study that they run, or with --model, and never because a
run's config.json names it.
"""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from dbench.base import Model
from dbench.errors import InputError, short
from dbench.inputs import functions
from dbench.inputs.functions import guard, kind
from dbench.inputs.own_metrics import is_own
from dbench.models.registry import MODELS

EXAMPLE = "mymodel:my_vae"
PARTS = (
    "init",
    "update",
    "encode",
    "decode",
    "extra",
    "fit",
    "stand",
    "act",
)  # functions of a Model


def register(names: Iterable[Any]) -> None:
    """Puts those of the names that are MODULE:FUNCTION into MODELS; their modules are imported."""
    for name in names:
        if is_own(name) and name not in MODELS:
            MODELS[name] = _constructor(name, functions.find(name, "model", EXAMPLE))


def known(name: str) -> None:
    """Raise InputError for a model that a file names and nobody else."""
    if is_own(name) and name not in MODELS:
        raise InputError(
            f"the model {short(name)} is a function, and none is called because a file names it: "
            f"if it is yours, say so with --model {name}"
        )


def _constructor(name: str, function: Callable) -> Callable[..., Model]:
    """The constructor `(shape, *, options) -> Model`, which raises InputErrors alone."""
    with guard(f"looking at the model {name}"):
        parameters = list(inspect.signature(function).parameters.values())
    options = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    others = [p for p in parameters if p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD)]
    if len([p for p in others if p.default is p.empty]) != 1 or len(others) != 1:
        raise InputError(
            f"the model {name} must be a function of shape and of options after a *, as "
            "def my_vae(shape, *, weight=1.0, **options)"
        )
    for option in options:
        if type(option.default) not in (float, int, str):
            raise InputError(
                f"the model {name}: the option {option.name!r} needs a default that is a number or "
                "text"
            )

    @functools.wraps(function)
    def build(shape, **given) -> Model:
        with guard(f"the model {name}"):
            model = function(shape, **given)
        if not isinstance(model, Model):
            raise InputError(f"the model {name} returned {kind(model)}, and no dbench.base.Model")
        parts: dict[str, Any] = {
            part: _guarded(f"{part} of the model {name}", getattr(model, part)) for part in PARTS
        }
        return model._replace(**parts)

    return build


def _guarded(what: str, function: Callable | None) -> Callable | None:
    """The same function; what it raises is one sentence."""
    if function is None:
        return None

    @functools.wraps(function)
    def call(*arguments, **more):
        with guard(what):
            return function(*arguments, **more)

    return call
