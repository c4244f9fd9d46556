"""The options of a model, checked: which are numbers that may be traced, which its structure.

An option whose annotation is a Literal has these values only; a count is at least 1, or what
Annotated[int, least] or Annotated[int, least, most] says; a float is at least 0, and above 0 if
its annotation is Annotated[float, "positive"]. Options with a float default are numbers
that may be traced: runs that differ only in them share one compiled program. All others (net,
latents) are part of the program.
"""

import inspect
import math
from collections.abc import Callable
from functools import cache
from typing import Annotated, Literal, get_args, get_origin

from dbench import bounds
from dbench.errors import InputError, choose, short
from dbench.models.registry import MODELS
from dbench.models.vae import vae
from dbench.nets import NETS

SCHEDULES = ("anneal_steps", "dae_steps", "set_steps", "symbol_steps")  # counted in updates


def parameters(name: str) -> dict[str, inspect.Parameter]:
    """All options of a model; its `**options` stands for those of `vae`."""
    return dict(_parameters(MODELS[name]))


@cache
def _parameters(constructor: Callable) -> dict[str, inspect.Parameter]:
    """Looked up once: studies have thousands of runs, and ask for each."""
    own = inspect.signature(constructor).parameters.values()
    passed_on = any(p.kind is p.VAR_KEYWORD for p in own)
    shared = inspect.signature(vae).parameters.values() if passed_on else ()
    return {p.name: p for p in (*shared, *own) if p.kind is p.KEYWORD_ONLY}


def defaults(name: str) -> dict:
    """All options of a model with their defaults."""
    return {option: parameter.default for option, parameter in parameters(name).items()}


def split(name: str, options: dict) -> tuple[dict, tuple]:
    """Options, with defaults filled in, as (numbers {name: float}, structure ((name, value), ...)).

    An unknown option or net, or a value of the wrong kind or out of range, is an InputError.
    """
    known = parameters(name)
    for option, value in options.items():
        if option not in known:
            raise InputError(
                f"model {name!r} has no option {option!r} (it has: {', '.join(known)})"
            )
        _check(name, option, value, known[option])
    full = defaults(name) | options
    if "net" in full and not choices(known["net"]):
        choose("net", full["net"], NETS)
    numbers = {k: float(v) for k, v in full.items() if isinstance(known[k].default, float)}
    return numbers, tuple(sorted((k, v) for k, v in full.items() if k not in numbers))


def _check(name: str, option: str, value, parameter: inspect.Parameter) -> None:
    kind, where = type(parameter.default), f"option {option!r} of {name!r}"
    if isinstance(value, bool) or not isinstance(value, (int, float) if kind is float else kind):
        raise InputError(f"{where} must be {kind.__name__}, not {short(value)}")
    if kind in (int, float):
        least, most = least_of(parameter), most_of(parameter)
        if value < least:
            raise InputError(f"{where} must be at least {least}, not {short(value)}")
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"{where} must be finite, not {value!r}")
        if value == 0 and positive(parameter):
            raise InputError(f"{where} must be above 0, not {short(value)}")
        if value > most:
            raise InputError(f"{where} must be at most {most:,}, not {short(value)}")
    if allowed := choices(parameter):
        choose(f"value of {option!r} of {name!r}:", str(value), allowed)


def choices(parameter: inspect.Parameter) -> tuple:
    """The values that an option may have, if they are listed: Literal[...]."""
    listed = get_origin(parameter.annotation) is Literal
    return get_args(parameter.annotation) if listed else ()


def positive(parameter: inspect.Parameter) -> bool:
    """Whether a float must be above 0: Annotated[float, "positive"]."""
    return "positive" in get_args(parameter.annotation)


def least_of(parameter: inspect.Parameter) -> int:
    """The least value of a number: 0 of a float, 1 of a count; Annotated[int, 0]: 0."""
    if get_origin(parameter.annotation) is Annotated and not positive(parameter):
        return get_args(parameter.annotation)[1]
    return int(isinstance(parameter.default, int))


def most_of(parameter: inspect.Parameter) -> float:
    """The greatest: what 32 bits hold of a float, of a count what `bounds` says.

    Annotated[int, 1, 64]: 64.
    """
    if get_origin(parameter.annotation) is Annotated and len(get_args(parameter.annotation)) > 2:
        return get_args(parameter.annotation)[2]
    if isinstance(parameter.default, float):
        return bounds.NUMBER
    return bounds.STEPS if parameter.name in SCHEDULES else bounds.COUNT
