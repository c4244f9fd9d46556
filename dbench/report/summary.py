"""What stands below the title: how many runs, of what scale, seeds and steps.

What all tables share is said once; what they do not, of each table by itself. A table of a user's
own models may have no scale and no steps.
"""

import pandas as pd

from dbench.report.material import Material


def said(found: Material) -> str:
    """In one line of text."""
    runs = found.scores.drop_duplicates(["study", "run"])
    if not len(runs):
        return f"Scale {found.scale or 'unknown'}, no scored runs."
    facts = {study: _facts(some) for study, some in runs.groupby("study", sort=False)}
    first, *others = facts.values()
    same = {name for name in first if all(each[name] == first[name] for each in others)}
    datasets = ", ".join(filter(None, runs["dataset"].unique()))
    where = f" on {datasets}" if datasets else ""
    counts = [_count(len(runs), "run") + where, _count(runs["method"].nunique(), "method")]
    scale = first["scale"] if "scale" in same else ""
    start = f"{scale[0].upper()}{scale[1:]}: " if scale else ""
    shared = [first[name] for name in first if name in same - {"scale"}]
    whole = ", ".join([*counts, *filter(None, shared)])
    rest = [
        f"{study}: {', '.join(own)}"
        for study, each in facts.items()
        if (own := [text for name, text in each.items() if name not in same and text])
    ]
    return f"{start}{whole}. {'; '.join(rest)}{'.' if rest else ''}".strip()


def scale_of(found: Material, study: str) -> str | None:
    """The scale of a table's own runs; None of runs of a user's own, which have none."""
    own = found.scores.loc[found.scores["study"] == study, "scale"].unique()
    return found.scale if not len(own) else ", ".join(filter(None, own)) or None


def _facts(runs: pd.DataFrame) -> dict[str, str]:
    """Scale, seeds of a setting and steps of one table, "" of what it does not say."""
    scales = list(filter(None, runs["scale"].unique()))
    seeds = runs.groupby(["dataset", "method", "strength"])["seed"].nunique()
    return {
        "scale": f"scale {', '.join(scales)}" if scales else "",
        "seeds": _range(seeds, "seed"),
        "steps": _range(runs["steps"].dropna(), "step"),
    }


def _range(numbers: pd.Series, what: str) -> str:
    """ "8 seeds", or "5 to 8 seeds" where they differ."""
    if not len(numbers):
        return ""
    low, high = numbers.min(), numbers.max()
    return (f"{low:,.0f} to " if low < high else "") + _count(high, what)


def _count(number: float, what: str) -> str:
    return f"{number:,.0f} {what}{'s' if number != 1 else ''}"
