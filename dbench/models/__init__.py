"""Models. To add one: write `<name>.py` with a constructor, add a line here and a row in
tests/models/test_common.py.

A constructor takes the image shape and keyword options whose defaults are the paper's.
Options with a float default are numbers that may be traced: runs that differ only in them
share one compiled program. All others (net, latents) are part of the program.
"""

import inspect

from dbench.errors import InputError, choose
from dbench.models.beta_vae import beta_vae
from dbench.models.vae import vae
from dbench.nets import NETS

MODELS = {
    "beta_vae": beta_vae,
}


def defaults(name: str) -> dict:
    """All options of a model with their defaults; `**options` stands for those of `vae`."""
    own = inspect.signature(MODELS[name]).parameters.values()
    passed_on = any(p.kind is p.VAR_KEYWORD for p in own)
    shared = inspect.signature(vae).parameters.values() if passed_on else ()
    return {p.name: p.default for p in (*shared, *own) if p.kind is p.KEYWORD_ONLY}


def split(name: str, options: dict) -> tuple[dict, tuple]:
    """Options, with defaults filled in, as (numbers {name: float}, structure ((name, value), ...)).

    An unknown option or net, or a value of the wrong kind, is an InputError.
    """
    known = defaults(name)
    for option, value in options.items():
        if option not in known:
            raise InputError(
                f"model {name!r} has no option {option!r} (it has: {', '.join(known)})"
            )
        kind, least = type(known[option]), 1 if isinstance(known[option], int) else 0
        wanted = (int, float) if kind is float else kind
        if isinstance(value, bool) or not isinstance(value, wanted):
            raise InputError(
                f"option {option!r} of {name!r} must be {kind.__name__}, not {value!r}"
            )
        if kind in (int, float) and value < least:
            raise InputError(
                f"option {option!r} of {name!r} must be at least {least}, not {value!r}"
            )
    full = known | options
    if "net" in full:
        choose("net", full["net"], NETS)
    numbers = {k: float(v) for k, v in full.items() if isinstance(known[k], float)}
    return numbers, tuple(sorted((k, v) for k, v in full.items() if k not in numbers))
