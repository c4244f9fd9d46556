"""Metrics of a user's own, by the name MODULE:FUNCTION, which becomes their id.

    def best(codes, factors):  # [n, d], [n, k]
        return 0.5             # a number, or a Score

It may also take `logvar` [n, d] and `rng`, a NumPy generator. A function under dbench's `@metric`
is one too. `best.better = "lower"`, or `@metric(..., better="lower")`, says which way it is better.
Code runs only if the user names it: on the command line, or in a study that they run.
"""

import functools
import inspect
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dbench.base import Score
from dbench.errors import InputError, short
from dbench.inputs import functions
from dbench.inputs.functions import guard, kind
from dbench.metrics import METRICS, Metric
from dbench.metrics.shared.metric import Work
from dbench.metrics.shared.validate import need_factors, need_logvar

EXAMPLE = "mymetrics:best"
MORE = ("logvar", "rng")  # what a function of arrays may take beside codes and factors


def is_own(name: Any) -> bool:
    """Whether a name is MODULE:FUNCTION."""
    return isinstance(name, str) and ":" in name


def register(names: Iterable[Any]) -> None:
    """Puts those of the names that are MODULE:FUNCTION into METRICS; their modules are imported."""
    for name in names:
        if is_own(name) and name not in METRICS:
            METRICS[name] = _metric(name, functions.find(name, "metric", EXAMPLE))


def _metric(name: str, function: Callable) -> Metric:
    """The function as a Metric, which raises InputErrors alone."""
    if isinstance(function, Metric):
        score, needs = function.score, function.needs
    else:
        score, needs = _of_arrays(name, function)

    @functools.wraps(score)
    def guarded(work: Work, **options) -> Score:
        with guard(f"the metric {name}"):
            result = score(work, **options)
        with guard(f"the metric {name}", "returned what is no score:"):
            return _score(result)

    made = Metric(guarded, needs, _better(name, function))
    made.__name__ = name
    return made


def _better(name: str, function: Callable) -> str | None:
    """Which way it is better, if it says so."""
    with guard(f"looking at the metric {name}"):
        way = getattr(function, "better", None)
    if way is not None and way not in ("higher", "lower"):
        raise InputError(
            f"the metric {name} says better = {short(way)}: it must be 'higher' or 'lower', or "
            "left out"
        )
    return way


def _of_arrays(name: str, function: Callable) -> tuple[Callable, tuple[Callable, ...]]:
    """A function of arrays as one of Work, and what it needs of a table."""
    with guard(f"looking at the metric {name}"):
        known = dict(inspect.signature(function).parameters)
    first = [p for p in known.values() if p.name not in MORE]
    given = [p for p in first if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(given) < 2 or any(p.default is p.empty for p in first[2:] if p in given):
        raise InputError(
            f"the metric {name} must be a function of codes and factors, and maybe of "
            f"{' and '.join(MORE)}; or one under @metric"
        )
    bare = "logvar" in known and known["logvar"].default is inspect.Parameter.empty

    def score(work: Work) -> Score:
        table = work.table
        factors = table.factors if table.values is None else table.values
        logvar = None if table.logvar is None else table.logvar.copy()  # theirs to change
        more = {"logvar": logvar, "rng": work.rng(name)}
        more = {k: v for k, v in more.items() if k in known}
        return function(table.mean.copy(), factors.copy(), **more)

    score.__doc__ = function.__doc__
    return score, (need_factors, need_logvar) if bare else (need_factors,)


def _score(result: Any) -> Score:
    """A Score of plain parts, of a Score or a number."""
    if not isinstance(result, Score):
        array = functions.array(result)
        if array.ndim or array.dtype.kind not in "fiub":
            raise TypeError(f"{kind(result)}, and neither a number nor a Score")
        return Score(_finite(float(array)), 0.0, {})
    parts = {}
    for name, value in result.parts.items():
        array = functions.array(value)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"the part {name!r} holds {array.dtype}, no numbers")
        parts[str(name)] = array if array.ndim else float(array)
    said = tuple(str(sentence) for sentence in result.warnings)
    value = _finite(float(np.float64(result.value)))
    return Score(value, float(np.float64(result.stderr)), parts, said)


def _finite(value: float) -> float:
    """The value, if it is one: what is not would be an empty cell of a table."""
    if not math.isfinite(value):
        raise ValueError(f"{value}; where there is no score, raise a ValueError that says why")
    return value
