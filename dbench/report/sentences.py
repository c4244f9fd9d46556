"""What a table of `answers` comes to, in sentences, and how to read it."""

import pandas as pd

from dbench import stats

LEVEL = 0.05


def said(rows: list[dict]) -> str:
    """Who has the best mean by how many scores, and what of it is shown.

    Counted are the scores that all methods have: one that a single method has is won by it.
    """
    counted = [row for row in rows if row["shared"]]
    left = [row["metric"] for row in rows if not row["shared"]]
    names = f"{', '.join(left)}, which not all methods have"
    if not counted:
        return f"No score is one that all methods have, so none is counted: {', '.join(left)}."
    count = pd.Series([row["best"] for row in counted]).value_counts()
    of = f"{len(counted)} score{'s' if len(counted) > 1 else ''}"
    of += " that all methods have" if left else ""
    first = ", ".join(f"{name} by {number}" for name, number in count.items())
    whole = [f"{row['best']} by {row['metric']}" for row in counted if not row["not_shown"]]
    sure = f"Shown to be better than all others: {', '.join(whole)}." if whole else ""
    sure = sure or "By no score is the best one shown to be better than all others."
    return f"The best mean of {of}: {first}. {sure}" + (f" Not counted: {names}." if left else "")


def note(rows: list[dict]) -> str:
    """How sure that is."""
    most, least = (f(row["comparisons"] for row in rows) for f in (max, min))
    pairs = f"{'the' if most == least else 'up to'} {most} pairs of a score"
    pairs = f", corrected (Holm) for {pairs}" if most > 1 else ""
    text = (
        f"Permutation tests over seeds at {LEVEL:.0%}{pairs}. Not shown is no proof that there is "
        "no difference"
    )
    if any(row["would_show"] for row in rows):
        text += ": the last column is a true difference from the next best that these seeds would "
        text += "show in 8 of 10 cases"
        text += ", after the correction" if most > 1 else ""
    if any(row["shown"] for row in rows) and len(rows) > 1:
        text += f". Bold: shown also if all {len(rows)} scores count as one question"
    return f"{text}."


def detectable(rows: list[dict]) -> str:
    """The name of the last column: the table of seeds has one that is not corrected."""
    return "detectable, corrected" if max(row["comparisons"] for row in rows) > 1 else "detectable"


def too_few(rows: list[dict]) -> str:
    """A sentence of the scores that so few seeds give no verdict by, and how many would."""
    few = [row for row in rows if row["too_few"]]
    if not few:
        return ""
    names = ", ".join(row["metric"] for row in few) if len(few) < len(rows) else "any score"
    seeds = stats.least_seeds(max(row["comparisons"] for row in few), level=LEVEL)
    have = min(row["seeds"] for row in few)
    return (
        f" Too few seeds for a verdict by {names}, whatever the scores: there are {have}, and it "
        f"takes {seeds} of each at least."
    )
