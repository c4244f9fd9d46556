"""Whether a score of codes says on which models agents transfer."""

import altair as alt
import jax
import numpy as np
import pandas as pd

from dbench import stats
from dbench.errors import InputError
from dbench.metrics import METRICS
from dbench.metrics.udr import SET_METRICS
from dbench.report.agents import model_of
from dbench.report.charts import as_runs
from dbench.report.figure import DATA, SHOWN, Figure, colours
from dbench.report.material import NONE
from dbench.tables.agents import RULE, RUN, able, known
from dbench.tables.directions import base, direction


def prediction(scores: pd.DataFrame, key: jax.Array, end: str = "") -> list[Figure]:
    """A figure an agent: the target's return against each score of codes, over models."""
    asked = [
        metric
        for metric in scores["metric"].unique()
        if base(metric) in METRICS or metric in SET_METRICS
        if direction(metric)
    ]
    agents = known(scores)
    if agents and not asked:
        raise InputError("the table has no score of codes to hold against agents")
    return [_scatter(scores, agent, asked, key, end) for agent in agents]


def _scatter(scores, agent: str, asked: list[str], key: jax.Array, end: str) -> Figure:
    target = f"{agent}_target"
    source = able(scores, agent)
    runs = scores[scores["metric"].isin([target, *asked])]
    learned = pd.MultiIndex.from_frame(runs[RUN]).isin(source.index[source])
    found = stats.prediction(as_runs(runs[learned]), target, key, metrics=asked)
    said = {row.metric: _said(row) for row in found.itertuples()}
    data = _models(runs, learned, target, asked)
    if not len(data):
        raise InputError(f"no run has both {target} and a score of codes")
    data["panel"] = data["metric"].map(lambda metric: said.get(metric, f"{metric}: no model"))
    wide = scores[scores["metric"] == target].set_index(RUN)
    out = int((~wide.index.isin(source.index[source])).sum())
    caption = (
        "A mark is a model (a method at one strength), with its strength beside it, the mean over "
        "seeds; bars are standard errors. Above: Spearman's rank correlation over models, its 95% "
        "interval, and p of scores dealt out anew among models (not among seeds). p is of each "
        "panel alone: of many, some "
        f"are small by chance. Agents with {RULE} say nothing about transfer: {out} of "
        f"{len(wide)} runs are left out by this rule"
        + ("; models without any other run are pale." if not data["learned"].all() else ".")
    )
    title = f"Does a score of codes predict {target}?"
    methods = list(dict.fromkeys(scores["method"]))
    return Figure(
        f"prediction_{agent}{end}", title, caption, data, _marks(data, target, methods), broad=True,
        metric=target,
    )  # fmt: skip


def _said(row) -> str:
    """The head of a panel."""
    if not np.isfinite(row.correlation):
        return f"{row.metric}: no correlation of {row.models} models"
    around = f" ({row.low:.2f} to {row.high:.2f})" if np.isfinite(row.low) else ""
    return f"{row.metric}: {row.correlation:.2f}{around}, p {row.p:.2g}, {row.models} models"


def _models(runs: pd.DataFrame, learned: np.ndarray, target: str, asked: list[str]):
    """method, strength, model, metric, x, y and their standard errors, seeds, learned."""
    by = ["method", "strength"]
    whole = runs.assign(learned=learned)
    some = whole.groupby(by)["learned"].transform("any")
    counted = whole[whole["learned"] | ~some]  # of a model without a run that learned all, pale
    index = ["study", "run", *by, "learned"]
    table = counted.pivot(index=index, columns="metric", values="score").reset_index()
    rows = []
    for metric in [metric for metric in asked if metric in table]:
        both = table.dropna(subset=[metric, target])
        for (method, strength), part in both.groupby(by, sort=False):
            model = {"method": method, "strength": strength, "model": model_of(method, strength)}
            x, y = part[metric], part[target]
            errors = [0.0 if len(part) < 2 else float(each.sem()) for each in (x, y)]
            place = {"x": x.mean(), "y": y.mean(), "x_error": errors[0], "y_error": errors[1]}
            more = {"metric": metric, "seeds": len(part), "learned": bool(part["learned"].all())}
            more |= {"label": "" if strength == NONE else strength.partition("=")[2]}
            rows.append(model | place | more)
    data = pd.DataFrame(rows)
    if len(data):
        for axis in "xy":
            data[f"{axis}_low"] = data[axis] - data[f"{axis}_error"]
            data[f"{axis}_high"] = data[axis] + data[f"{axis}_error"]
    return data


def _marks(data: pd.DataFrame, target: str, methods: list[str]) -> alt.FacetChart:
    colour, shape = colours(methods, list(data["method"].unique()))
    clear = alt.condition("datum.learned", alt.value(0.9), alt.value(0.25))
    base = alt.Chart(DATA).encode(opacity=clear)
    scale = alt.Scale(zero=False, padding=9)
    x, y = alt.X("x:Q", title=None, scale=scale), alt.Y("y:Q", title=target, scale=scale)
    numbers = [alt.Tooltip(f"{each}:Q", format=".3g") for each in ("x", "y")]
    marks = base.mark_point(filled=True, size=80).encode(
        x, y, colour, shape, tooltip=["model:N", *numbers, "seeds:Q", "learned:N"]
    )
    across = base.mark_rule().encode(
        alt.X("x_low:Q", title=None), alt.X2("x_high:Q"), alt.Y("y:Q"), colour
    )
    up = base.mark_rule().encode(
        alt.X("x:Q", title=None), alt.Y("y_low:Q", title=target), alt.Y2("y_high:Q"), colour
    )
    text = base.mark_text(align="left", dx=5, dy=-8, fontSize=10).encode(x, y, text="label:N")
    panels = list(dict.fromkeys(data["panel"]))
    return (
        alt.layer(across, up, marks, text)
        .properties(width=300, height=220)
        .facet(alt.Facet("panel:N", title=None, sort=panels), columns=3, spacing=30)
        .resolve_scale(x="independent")
        .transform_filter(SHOWN)
    )
