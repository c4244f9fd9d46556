"""Agents on what models see: how they learned, and whether a score of codes says who transfers."""

from pathlib import Path

import altair as alt
import jax
import numpy as np
import pandas as pd

from dbench import stats
from dbench.agents.environments.seek_avoid import BEST
from dbench.errors import InputError
from dbench.metrics import METRICS
from dbench.metrics.udr import SET_METRICS
from dbench.report.charts import as_runs
from dbench.report.figure import DATA, SHOWN, Figure, colours
from dbench.report.material import NONE
from dbench.scoring import score_files
from dbench.scoring.registry import MODEL_METRICS
from dbench.scoring.transfer import LEARNED
from dbench.tables import results
from dbench.tables.directions import base, direction

DOMAINS = {"source": "#0072B2", "target": "#D55E00"}
ACROSS = 4  # panels side by side, of a model each
RULE = f"less than {LEARNED:.0%} of the best return in the source"
LEARNING = (
    "Mean return of an episode while agents learn in the source, measured after each tenth of "
    "their training; the target is only looked at. Lines are means over seeds of the model, bands "
    "one standard error. Dotted: the random policy; dashed: the best one."
)


def known(scores: pd.DataFrame) -> list[str]:
    """The agents whose return in both domains is in the table."""
    there = set(scores["metric"]) & MODEL_METRICS.keys()
    names = (name.removesuffix("_target") for name in scores["metric"].unique() if name in there)
    return [name for name in names if {f"{name}_source", f"{name}_target"} <= there]


def learning(
    scores: pd.DataFrame, folders: dict[str, Path], lacks: list[str], end: str = ""
) -> list[Figure]:
    """A figure an agent: return in source and target over its training, by model."""
    return [
        Figure(
            f"learning_{agent}{end}",
            f"Learning of {agent}",
            LEARNING,
            data,
            _panels(data),
            metric=f"{agent}_target",
            broad=True,
        )
        for agent in known(scores)
        if len(data := _curves(scores, agent, folders, lacks))
    ]


def _curves(scores: pd.DataFrame, agent: str, folders: dict, lacks: list[str]) -> pd.DataFrame:
    """method, strength, level, panel, domain, share, mean, low, high, floor, ceiling, seeds."""
    runs = scores[scores["metric"] == f"{agent}_target"].to_dict("records")
    rows, without = [], []
    for run in runs:
        npz, _ = score_files.beside(folders[run["study"]] / run["run"] / results.TABLE)
        parts = score_files.read_arrays(npz)
        curve = parts.get(f"{agent}_target/curve")
        if curve is None:
            without.append(run["run"])
            continue
        ceiling = float(parts[f"{agent}_target/ceiling"])
        for at, domain in enumerate(DOMAINS):
            floor = float(parts.get(f"{agent}_{domain}/floor", np.nan))
            own = {name: run[name] for name in ("method", "strength", "level")}
            rows += [
                own | {"domain": domain, "share": share, "value": value}
                | {"floor": floor, "ceiling": ceiling}
                for share, value in zip(_shares(len(curve)), curve[:, at], strict=True)
            ]  # fmt: skip
    if without:
        lacks.append(
            f"{len(without)} of {len(runs)} runs have no learning curve of {agent} here, which is "
            f"in their scores.npz ({without[0]})."
        )
    if not rows:
        return pd.DataFrame()
    by = ["method", "strength", "level", "domain", "share"]
    groups = pd.DataFrame(rows).groupby(by, sort=False)
    data = groups["value"].agg(mean="mean", error="sem", seeds="count").reset_index()
    data[["floor", "ceiling"]] = groups[["floor", "ceiling"]].mean().to_numpy()
    error = data.pop("error").fillna(0)  # of one seed
    data["low"], data["high"] = data["mean"] - error, data["mean"] + error
    data["panel"] = [model_of(*row) for row in data[["method", "strength"]].itertuples(index=False)]
    return data


def model_of(method: str, strength: str) -> str:
    """A model: a method at a strength, if it has one."""
    return method if strength == NONE else f"{method} {strength}"


def _shares(count: int) -> np.ndarray:
    return np.arange(1, count + 1) / count


def _panels(data: pd.DataFrame) -> alt.FacetChart:
    shades = alt.Scale(domain=list(DOMAINS), range=list(DOMAINS.values()))
    legend = alt.Legend(symbolOpacity=1)  # not the band's
    colour = alt.Color("domain:N", title=None, scale=shades, legend=legend)
    axis = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    x = alt.X("share:Q", title="share of training", axis=axis, scale=alt.Scale(domain=[0, 1]))
    y, base = alt.Y("mean:Q", title="return of an episode"), alt.Chart(DATA).encode(x)
    band = base.mark_area(opacity=0.2).encode(
        alt.Y("low:Q", title="return of an episode"), alt.Y2("high:Q"), colour
    )
    line = base.mark_line(strokeWidth=2).encode(y, colour)
    floor = base.mark_line(strokeWidth=1, strokeDash=[1, 3]).encode(alt.Y("floor:Q"), colour)
    best = base.mark_line(strokeWidth=1, strokeDash=[5, 4], color="#555").encode(alt.Y("ceiling:Q"))
    numbers = [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("mean", "low", "high")]
    dots = base.mark_point(size=50, opacity=0).encode(
        y, tooltip=["panel:N", "domain:N", "share:Q", *numbers, "seeds:Q"]
    )
    return (
        alt.layer(band, floor, best, line, dots)
        .properties(width=190, height=130)
        .facet(
            alt.Facet("panel:N", title=None, sort=list(dict.fromkeys(data["panel"]))),
            columns=ACROSS,
            spacing=24,
        )
        .transform_filter(SHOWN)
    )


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
    keys = ["study", "run"]
    source = scores[scores["metric"] == f"{agent}_source"].set_index(keys)["score"]
    able = source >= LEARNED * BEST
    runs = scores[scores["metric"].isin([target, *asked])]
    learned = pd.MultiIndex.from_frame(runs[keys]).isin(able.index[able])
    found = stats.prediction(as_runs(runs[learned]), target, key, metrics=asked)
    said = {row.metric: _said(row) for row in found.itertuples()}
    data = _models(runs, learned, target, asked)
    if not len(data):
        raise InputError(f"no run has both {target} and a score of codes")
    data["panel"] = data["metric"].map(lambda metric: said.get(metric, f"{metric}: no model"))
    wide = scores[scores["metric"] == target].set_index(keys)
    out = int((~wide.index.isin(able.index[able])).sum())
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
    text = base.mark_text(align="left", dx=8, fontSize=10).encode(x, y, text="label:N")
    panels = list(dict.fromkeys(data["panel"]))
    return (
        alt.layer(across, up, marks, text)
        .properties(width=300, height=220)
        .facet(alt.Facet("panel:N", title=None, sort=panels), columns=3, spacing=30)
        .resolve_scale(x="independent")
        .transform_filter(SHOWN)
    )
