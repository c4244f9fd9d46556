"""What a reader asks first: which setting or method is best by which score, and how surely.

Every two settings are compared as `dbench compare` does it, and p is corrected (Holm) for all pairs
of settings of a score. So the setting that happens to have the best mean may be held against all
others: it is one of the pairs whichever it is.
"""

import itertools

import jax
import numpy as np
import pandas as pd

from dbench.compare.effects import verdicts, work
from dbench.report.headline import WAYS, cell
from dbench.report.material import NONE
from dbench.report.sentences import LEVEL, detectable, note, said, too_few
from dbench.tables.directions import direction

MOST = (
    600  # comparisons of settings, some seconds; where there are more, methods alone are compared
)
ALL = [("all others", [("", False)])]
Sides = dict[str, dict[str, np.ndarray]]  # score -> setting -> a number of each seed


def tables(scores: pd.DataFrame, of: str, key: jax.Array) -> list[dict]:
    """What the page says of one data set, `of` which the titles speak; [] of one setting alone."""
    made = []
    several = scores["method"].nunique() > 1
    settings, methods = _compared(by_setting(scores)), _compared(by_method(scores))
    whole = shared(scores)
    pairs = sum(len(sides) * (len(sides) - 1) // 2 for sides in settings.values())
    what = "method and strength" if several else "strength"
    if settings and pairs <= MOST:
        alone = scores.loc[scores["strength"] != NONE, "strength"].empty
        made.append(
            table(settings, f"Which {'method' if alone else what} is best{of}?", key, whole)
        )
    if methods:
        title = f"Which method is best{of}, its strengths together?"
        made.append(table(methods, title, key, whole))
    if settings and pairs > MOST:
        said = f"There are {pairs:,} pairs of settings, too many to be compared here; "
        said += "`dbench compare TABLE@value=... TABLE@value=...` compares two."
        title = f"Which {what} is best{of}?"
        made.append({"title": title, "said": said, "rows": [], "note": "", "gaps": False})
    return made


def by_setting(scores: pd.DataFrame) -> Sides:
    """The runs of each method at each strength; a method is named where there are several."""
    several = scores["method"].nunique() > 1
    found: Sides = {}
    for (metric, method, _, strength), some in scores.groupby(
        ["metric", "method", "level", "strength"], sort=False
    ):
        name = strength if strength != NONE else method
        name = f"{method} {strength}" if several and strength != NONE else name
        found.setdefault(metric, {})[name] = some["score"].to_numpy()
    return found


def by_method(scores: pd.DataFrame) -> Sides:
    """The mean of each seed over the strengths of a method; {} where no method has several.

    Runs of one seed go together, and count as one. Seeds that lack a strength are left out.
    """
    strengths = scores.groupby("method")["strength"].nunique()
    if len(strengths) < 2 or strengths.max() < 2:
        return {}
    found: Sides = {}
    for (metric, method), some in scores.groupby(["metric", "method"], sort=False):
        seeds = some.pivot_table(index="seed", columns="strength", values="score").dropna()
        if len(seeds):
            found.setdefault(metric, {})[method] = seeds.mean(axis=1).to_numpy()
    return found


def _compared(sides: Sides) -> Sides:
    """Of scores that are better one way, and that two settings have."""
    return {m: own for m, own in sides.items() if direction(m) and len(own) > 1}


def shared(scores: pd.DataFrame) -> set[str]:
    """The scores that all methods have."""
    having = scores.groupby("metric")["method"].nunique()
    return set(having.index[having == scores["method"].nunique()])


def table(settings: Sides, title: str, key: jax.Array, whole: set[str]) -> dict:
    """Title, what came out in a sentence or two, a row a score, and how to read it.

    `whole`: the scores that all methods have, which alone are counted.
    """
    rows = [
        answer(metric, sides, len(settings), key) | {"shared": metric in whole}
        for metric, sides in settings.items()
    ]
    gaps = any(row["would_show"] for row in rows)
    found = {"title": title, "said": f"{said(rows)}{too_few(rows)}", "note": note(rows)}
    return found | {"rows": rows, "gaps": gaps, "detectable": detectable(rows)}


def answer(metric: str, sides: dict[str, np.ndarray], scores: int, key: jax.Array) -> dict:
    """The best setting by one of `scores` scores, and what it is shown to be better than."""
    way = direction(metric)
    order = sorted(sides, key=lambda name: -way * sides[name].mean())
    best = order[0]
    frame = compared(metric, {name: sides[name] for name in order}, key)
    own = frame[frame["strength_reference"] == best]  # it stands first in all of its pairs
    shown = own["verdict"].isin(["better", "worse"])
    firm = shown & (own["p_holm"] * scores <= LEVEL)
    others = own["strength_other"]
    sem = sides[best].std(ddof=1) / len(sides[best]) ** 0.5 if len(sides[best]) > 1 else np.nan
    next_to = own.iloc[0]
    return {
        "metric": metric,
        "way": WAYS[way],
        "best": best,
        "mean": cell(float(sides[best].mean()), float(sem)),
        "shown": [
            (name, bool(sure)) for name, sure in zip(others[shown], firm[shown], strict=True)
        ],
        "not_shown": list(others[~shown]),
        "cells": (
            together([(name, bool(firm[i])) for i, name in others[shown].items()]),
            ALL
            if len(own) > 1 and not shown.any()
            else together([(name, False) for name in others[~shown]]),
        ),
        "would_show": f"{next_to['detectable']:.2g}" if next_to["detectable"] > 0 else "",
        "seeds": min(map(len, sides.values())),
        "comparisons": len(frame),
        "too_few": bool((frame["verdict"] == "too few seeds").all()),
    }


def together(names: list[tuple[str, bool]]) -> list[tuple[str, list[tuple[str, bool]]]]:
    """Settings with what they have in common once: "beta_vae beta=" and its values, as they come.

    Each with whether it is shown surely.
    """
    found: dict[str, list[tuple[str, bool]]] = {}
    for name, sure in names:
        common, equals, value = name.rpartition("=")
        found.setdefault(common + equals, []).append((value, sure))
    return list(found.items())


def compared(metric: str, sides: dict[str, np.ndarray], key: jax.Array) -> pd.DataFrame:
    """Every two settings by one score: the numbers and verdicts of `dbench compare`."""
    base = {"metric": metric, "direction": direction(metric), "note": ""}
    base |= {"paired": False, "published": False}
    rows = [
        base | {"strength_reference": a, "strength_other": b, "sides": (sides[a], sides[b])}
        for a, b in itertools.combinations(sides, 2)
    ]
    return verdicts(work(rows, LEVEL, key), LEVEL)
