"""Can runs and strengths be chosen by one score, and how many seeds tell two of them apart?"""

import altair as alt
import jax
import pandas as pd

from dbench import stats
from dbench.errors import InputError
from dbench.report.charts import ONE_RUN, as_runs, cells
from dbench.report.figure import Figure
from dbench.tables.directions import direction

LEVEL, CHANCE = 0.05, 0.8  # of the t tests that seeds are counted for
SEEN = {  # scores without factors that a reader may not know
    "kl": "kl prefers nothing, and is as it is",
    "elbo": "elbo is minus reconstruction minus kl",
}
MANY = 10_000  # seeds, beyond which it is not said how many


def selection(scores: pd.DataFrame, key: jax.Array, end: str = "") -> Figure:
    """How scores that see no factor rank runs, against those that do."""
    found = stats.selection(as_runs(scores), key, resamples=500)
    found = found.drop(columns="dataset").dropna(subset="correlation")
    if not len(found):
        raise InputError("no two scores vary together over three runs or more")
    tooltip = [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("correlation", "low", "high")]
    chart = cells(found, "metric", "selector", "correlation", "rank correlation", tooltip)
    there = [text for name, text in SEEN.items() if name in set(found["selector"])]
    known = f" ({'; '.join(there)})" if there else ""
    caption = (
        "Spearman's rank correlation of what sees no factor with scores that do: positive where "
        f"runs that it prefers score better{known}. Hover for the 95% interval over seeds."
    )
    return Figure(f"selection{end}", "Can runs be chosen without factors?", caption, found, chart)


def transfer(scores: pd.DataFrame, key: jax.Array, end: str = "") -> Figure:
    """Does the best strength by one score do well by another, on one data set?"""
    found = stats.transfer(as_runs(scores), key, splits=50)
    found = found.drop(columns=["dataset_from", "dataset_to"])
    title = "Is the best strength by one score good by another?"
    without = [name for name in scores["metric"].unique() if not direction(name)]
    said = f" Left out, as neither more nor less is better: {', '.join(without)}."
    return _chances(f"transfer{end}", title, found, "metric", said if without else "")


def between(scores: pd.DataFrame, metric: str, key: jax.Array) -> Figure:
    """The same of one score on several data sets."""
    own = scores[scores["metric"] == metric]
    found = stats.transfer(as_runs(own), key, splits=50)
    found = found.drop(columns=["metric_from", "metric_to"])
    title = f"Is the best strength by {metric} on one data set good on another?"
    return _chances(f"transfer_{metric}", title, found, "dataset")


def _chances(name: str, title: str, found: pd.DataFrame, kind: str, left: str = "") -> Figure:
    tooltip = [alt.Tooltip("probability:Q", format=".2f"), "choices:Q"]
    x, y = f"{kind}_to", f"{kind}_from"
    chart = cells(found, x, y, "probability", "probability", tooltip, (0, 1))
    caption = (
        "Chance that a run of the strength that is best by the row scores better by the column "
        "than a run of any strength of its method; 0.5 is chance. Chosen on half of the seeds and "
        "judged on the others (Locatello et al. 2019, section 5.5)."
    )
    caption += left
    return Figure(name, title, caption, found, chart)


def seeds(scores: pd.DataFrame, end: str = "") -> Figure:
    """A table: the spread over seeds, and what difference so many seeds can show."""
    rows = []
    for metric, some in scores.groupby("metric", sort=False):
        by = some.groupby(["method", "strength"])["score"].agg(["mean", "var", "count"])
        own = by[by["count"] > 1]
        if not len(own):
            continue
        # Pooled over strengths, each by its degrees of freedom.
        sd = ((own["var"] * (own["count"] - 1)).sum() / (own["count"] - 1).sum()) ** 0.5
        count = int(by["count"].min())
        shown = stats.detectable(sd, count, level=LEVEL, chance=CHANCE)
        first = by["mean"].mul(direction(metric) or 1).nlargest(2)
        gap = float(first.iloc[0] - first.iloc[-1]) if direction(metric) else 0.0
        rows.append([metric, _said(sd), count, _said(shown), _said(gap), _needed(gap, sd)])
    if not rows:
        raise InputError(ONE_RUN)
    columns = [
        "score",
        "sd over seeds",
        "seeds",
        "detectable, uncorrected",
        "best to next",
        "seeds for it",
    ]
    caption = (
        "sd: standard deviation over seeds within a strength, pooled. Detectable, uncorrected: "
        "a true difference of two means that so many seeds each would show in 8 of 10 cases "
        "(two-sided t test at 5%, one comparison alone; the tables of what is best correct for all "
        "pairs, so that theirs is larger). Best to next: the gap between the two best means, which "
        "is uncertain itself, and the seeds each that would show a true one of that size."
    )
    data = pd.DataFrame(rows, columns=columns)
    return Figure(f"seeds{end}", "How many seeds does it take?", caption, data, broad=True)


def _said(number: float) -> str:
    return f"{number:.3g}" if number > 0 else ""  # NaN too


def _needed(gap: float, sd: float) -> str:
    if not (gap > 0 and sd > 0):
        return ""
    if stats.power(gap, sd, MANY, level=LEVEL) < CHANCE:
        return f"more than {MANY:,}"
    return f"{stats.seeds_needed(gap, sd, level=LEVEL, chance=CHANCE):,}"
