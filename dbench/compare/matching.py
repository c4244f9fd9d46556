"""Which settings of two tables are set against each other.

A setting is a method at one strength on one data set; a side of a match is one, or all strengths
of a method together.
"""

import math
from typing import NamedTuple

import pandas as pd

from dbench.errors import InputError
from dbench.tables.reading import Scores
from dbench.tables.strength import written
from dbench.tables.tidy import CELL

ALL = "all strengths"
BY_SETTING = "runs of the same model at the same strength"


class Side(NamedTuple):
    """The rows of one table that a comparison takes."""

    dataset: str
    model: str
    strength: str  # "beta=4"
    rows: pd.DataFrame


def match(a: Scores, b: Scores) -> tuple[list[tuple[Side, Side]], list[str]]:
    """Pairs of sides of two tables, and what to say of how they came about.

    On each data set that both have: the one setting of either, if there is one each; else the
    settings that both have (same model and strength); else, of one model each, the strengths that
    both have if they are of the same hyperparameter; else all strengths of the one against all of
    the other. A published number of no one strength meets all strengths of its method.
    """
    pairs, notes = [], []
    names = [name for name in _datasets(a) if name in _datasets(b)]
    for name in names:
        found, how, left = _of_dataset(_settings(a, name), _settings(b, name), a, b)
        pairs += found
        where = f" on {name}" if len(names) > 1 else ""
        notes.append(f"compared{where} are {how}")
        notes += [f"only in {table.name}{where}: {', '.join(some)}" for table, some in left if some]
    for column in ("dataset", "metric"):
        for one, other in ((a, b), (b, a)):
            alone = [x for x in one.frame[column].unique() if x not in set(other.frame[column])]
            # A table of all there is needs no list of all that a paper does not have.
            if alone and not other.paper:
                notes.append(f"only in {one.name}: {', '.join(alone)}")
    return pairs, list(dict.fromkeys(notes))


def _datasets(table: Scores) -> list[str]:
    return list(dict.fromkeys(table.frame["dataset"]))


def _settings(table: Scores, dataset: str) -> dict[tuple, Side]:
    """(model, hyperparameter, value) -> its rows; None for a value that is not known."""
    found = {}
    frame = table.frame[table.frame["dataset"] == dataset]
    for (_, model, name, value), rows in frame.groupby(CELL, sort=False, dropna=False):
        known = math.isfinite(value)
        strength = f"{name or 'value'}={written(value)}" if known else ""
        strength = strength or (ALL if table.paper and name else "")
        found[model, name, value if known else None] = Side(dataset, model, strength, rows)
    return found


def _of_dataset(one: dict, two: dict, a: Scores, b: Scores):
    if (a.paper or b.paper) and not (a.paper and b.paper):
        return _published(one, two, a, b)
    if len(one) == len(two) == 1:
        how = f"{_some(one)} and {_some(two)}; neither table holds another model or strength"
        return [(*one.values(), *two.values())], how, []
    shared = [key for key in one if key in two]
    if shared:
        left = [(a, _labels(one, shared)), (b, _labels(two, shared))]
        return [(one[key], two[key]) for key in shared], BY_SETTING, left
    models = [{key[0] for key in some} for some in (one, two)]
    if max(map(len, models)) > 1:
        raise InputError(
            f"{a.name} holds {_some(one)} and {b.name} holds {_some(two)}: no setting is in both; "
            "choose what to compare as NAME@model=...,value=..."
        )
    strengths = {key[1:]: key for key in two if key[2] is not None}
    shared = [key for key in one if key[1:] in strengths]
    if shared:
        pairs = [(one[key], two[strengths[key[1:]]]) for key in shared]
        left = [(a, _labels(one, shared)), (b, _labels(two, [strengths[k[1:]] for k in shared]))]
        return pairs, f"runs at the same {shared[0][1] or 'value'}", left
    how = (
        f"{_method(one)} and {_method(two)}, each with all its strengths together, as they share "
        "none; so the choice of strengths is part of what is compared"
    )
    return [(_pooled(one), _pooled(two))], how, []


def _published(one: dict, two: dict, a: Scores, b: Scores):
    """Each published setting against the runs it speaks of."""
    paper, runs = (one, two) if a.paper else (two, one)
    pairs = []
    for (model, _, value), side in paper.items():
        same = {k: s for k, s in runs.items() if k[0] == model and (value is None or k[2] == value)}
        if same and (value is None or len(same) == 1):
            other = next(iter(same.values())) if len(same) == 1 else _pooled(same)
            pairs.append((side, other) if a.paper else (other, side))
    if not pairs:
        raise InputError(
            f"{a.name} holds {_some(one)} and {b.name} holds {_some(two)}: no setting is in both"
        )
    return pairs, BY_SETTING, []


def _pooled(some: dict) -> Side:
    sides = list(some.values())
    strength = sides[0].strength if len(sides) == 1 else f"{len(sides)} strengths"
    rows = pd.concat([side.rows for side in sides])
    return Side(sides[0].dataset, sides[0].model, strength, rows)


def _method(some: dict) -> str:
    return next(iter(some.values())).model or "runs"


def _labels(some: dict, matched: list) -> list[str]:
    return [f"{s.model} {s.strength}".strip() for key, s in some.items() if key not in matched]


def _some(settings: dict) -> str:
    """The first few of many settings."""
    names = [f"{side.model or 'runs'} {side.strength}".strip() for side in settings.values()]
    return ", ".join(names[:6]) + (f", ... ({len(names)})" if len(names) > 6 else "")
