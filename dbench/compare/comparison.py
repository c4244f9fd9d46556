"""Tables of scores compared: what differs, and how surely.

compare({"old": frame, "new": frame}).frame
compare([tables_in.read("results/a"), tables_in.read("results/b")])
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import jax
import numpy as np
import pandas as pd

from dbench import environment
from dbench.compare.comparable import differences, not_comparable, not_said
from dbench.compare.effects import deals, verdicts, work
from dbench.compare.matching import Side, match
from dbench.compare.pooling import by_seed, shared
from dbench.errors import InputError, choose
from dbench.tables import agents
from dbench.tables.directions import direction, say
from dbench.tables.reading import Scores
from dbench.tables.tidy import check, tidy, unused

PAIRING = ("auto", "seeds", "none")
DEALS = 10**6  # permutations of a test: seconds
MOST = 5_000  # comparisons at once: see the number of permutations in effects.py


class Comparison(NamedTuple):
    """What came out; `text`, `latex`, `markdown` of it are in text.py."""

    frame: pd.DataFrame  # COLUMNS, a row a comparison
    notes: list[str]  # how tables were matched, and what else to know
    reasons: list[str]  # why they are not comparable, if they were compared all the same
    level: float


@environment.fixed()
def compare(
    tables: Mapping[str, pd.DataFrame] | Sequence[Scores],
    *,
    metrics: Sequence[str] | None = None,
    level: float = 0.05,
    pairing: str = "auto",
    all_pairs: bool = False,
    anyway: bool = False,
    better: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Comparison:
    """Every other table against the first, score by score and setting by setting.

    Tables are long or wide (see `dbench.tables.tidy`), matched by `matching.match`; `metrics` are
    those to compare [all in common]; `all_pairs` compares every two. Tables that are not comparable
    are an InputError that says why, or with `anyway` a reason in the result. Differences are other
    - reference. `better` is {score: "higher" or "lower"} of scores that dbench does not know.
    Returns in the target of agents that did not learn the source say nothing about transfer: they
    are left out, and a note says how many (`dbench.tables.agents`).

    Verdicts, at `level` over all comparisons made together (Holm; fewer metrics, surer verdicts;
    of pairs by seed a joint test, see correction.py, of which 6 seeds are enough at 5%):
    "better" or "worse" ("higher" or "lower" of a score with no direction): adjusted p <= level and
    the interval of the means is without 0. "too few seeds": below 3 a side, or so few that not even
    scores wholly apart would give p x comparisons <= level. "no difference shown": anything else,
    and no proof that there is none: see `detectable`. "not tested": a published number that is
    recalled, or without a mean, a spread of a known kind and its n. Where all strengths of a method
    are taken together the score of a seed is its mean over them (see pooling.py).

    Pairing by seed, "auto": only of the same model at the same strength where the seeds are the
    same ones, as of two versions of a program: there a seed means the same initial net and batches.
    Of two methods or strengths it means little: scores of one seed correlate by -0.1 to 0.5 between
    strengths of the reference sweeps, mostly below 0.3, so that pairs would gain little and lose
    half the degrees of freedom (8 seeds: least p 0.008 instead of 0.0002). "seeds": wherever the
    seeds are the same ones (valid too, weaker); "none": nowhere.
    """
    choose("pairing", pairing, PAIRING)
    if not 0 < level < 1:
        raise InputError(f"the level must lie between 0 and 1, not {level}")
    sources = _sources(tables, metrics)
    say(better or {}, {name for table in sources for name in table.frame["metric"]})
    rows, notes, reasons = [], [], []
    pairs = [(sources[0], b) for b in sources[1:]]
    pairs = list(itertools.combinations(sources, 2)) if all_pairs else pairs
    for a, b in pairs:
        why = not_comparable(a, b)
        if why and not anyway:
            raise InputError(
                f"not comparable: {'; '.join(why)}; --anyway (anyway=True) compares them none the "
                "less"
            )
        reasons += why
        found, said = match(a, b)
        about = f"{b.name} against {a.name}: " if len(pairs) > 1 else ""
        notes += [about + each for each in (*said, *differences(a, b))]
        for one, two in found:
            rows += _plan(a, b, one, two, pairing)
    if len(rows) > MOST:
        raise InputError(
            f"{len(rows):,} comparisons at once are over {MOST:,}, and of so many none could be "
            "sure: choose scores (--metrics), fewer tables, or some of their rows"
        )
    if deals(len(rows), level) > DEALS:
        raise InputError(
            f"to find one of {len(rows):,} comparisons sure at the level {level:g} takes more than "
            f"{DEALS:,} permutations: give a higher level, or compare less at once"
        )
    if not rows:
        raise InputError("no score is in both of two settings: there is nothing to compare")
    notes += [each for table in sources for each in not_said(table)]
    notes = [each for table in sources for each in table.about.get("said", [])] + notes
    frame = verdicts(work(rows, level, jax.random.key(seed)), level)
    return Comparison(frame, list(dict.fromkeys(notes)), reasons, level)


def _sources(tables, metrics: Sequence[str] | None) -> list[Scores]:
    if isinstance(tables, Mapping):
        made = []
        for name, given in tables.items():
            frame = tidy(given, str(name), agents.with_sources(given, metrics))
            frame, said = agents.counted(frame, str(name), metrics)
            check(frame, str(name))
            made.append(Scores(str(name), frame, {"unused": unused(given), "said": said}))
        tables = made
    names = [table.name for table in tables]
    if len(names) < 2:
        raise InputError(f"give two tables or more to compare, not {len(names)}")
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{name} is given twice: a table differs from itself in nothing")
    return list(tables)


def _plan(a: Scores, b: Scores, one: Side, two: Side, pairing: str) -> list[dict]:
    """What to compare of two sides: a dict a score, with its samples or published rows."""
    found = []
    for metric in dict.fromkeys(one.rows["metric"]):
        sides = [side.rows[side.rows["metric"] == metric] for side in (one, two)]
        if not len(sides[1]):
            continue
        same = (one.model, one.strength) == (two.model, two.strength)
        base = {
            "reference": a.name,
            "other": b.name,
            "dataset": one.dataset,
            **{field: _both(field, one, two) for field in ("scale", "steps")},
            "model_reference": one.model,
            "strength_reference": one.strength,
            "model_other": two.model,
            "strength_other": two.strength,
            "metric": metric,
            "direction": direction(metric),
            "paired": False,
            "published": a.paper or b.paper,
            "note": "",
        }
        pooled = any(side["value"].nunique(dropna=False) > 1 for side in sides)
        known = [by_seed(side, t) for side, t in zip(sides, (a, b), strict=True)]
        sides = [rows for rows, _ in known]
        base["note"] = "; ".join(filter(None, [said for _, said in known]))
        if a.paper or b.paper:
            for first, second in itertools.product(_each(a, sides[0]), _each(b, sides[1])):
                found.append(base | {"sides": (first, second)})
            continue
        seeds = [np.sort(side["seed"]) for side in sides]
        alike = np.array_equal(seeds[0], seeds[1])
        paired = alike and (pairing == "seeds" or (pairing == "auto" and same and not pooled))
        if paired:
            sides = [side.sort_values("seed") for side in sides]
        elif twins := shared(*sides):
            base["note"] = "; ".join(filter(None, [base["note"], twins]))
        found.append(
            base
            | {
                "paired": paired,
                "seeds": tuple(seeds[0]) if paired else (),
                "sides": tuple(s["score"].to_numpy() for s in sides),
            }
        )
    return found


def _both(field: str, one: Side, two: Side) -> str:
    """What the two sides know of a setting; both, if they differ."""
    known = [x for side in (one, two) if field in side.rows for x in side.rows[field].dropna()]
    known = [f"{x:,.0f}" if field == "steps" else x for x in known]
    return " and ".join(filter(None, dict.fromkeys(known)))


def _each(table: Scores, rows: pd.DataFrame) -> list:
    """A sample of runs, or each published number."""
    return list(rows.to_dict("records")) if table.paper else [rows["score"].to_numpy()]
