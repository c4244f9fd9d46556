"""Charts of scores. They see the table alone: each function takes scores and gives one figure."""

import altair as alt
import jax
import pandas as pd

from dbench import stats
from dbench.errors import InputError
from dbench.report.axes import NAMES, axis_of
from dbench.report.figure import DATA, SHOWN, Figure, colours
from dbench.tables.directions import direction

ONE_RUN = "one run a strength: the spread over seeds is not known"
SAID = {1: "Higher is better.", -1: "Lower is better.", 0: "Neither more nor less is better."}
ACROSS = 1060  # pixels that a chart takes, its legend beside it, where the page is 1,300 wide
RUN = ["method", "strength", "level", "value", "seed", "score", "stderr", "run"]
TOOLTIP = [
    *("method:N", "strength:N", "seed:Q"),
    *(alt.Tooltip(f"{name}:Q", format=".4g") for name in ("score", "stderr")),
    "run:N",
]


def strips(scores: pd.DataFrame, metric: str, end: str = "") -> Figure:
    """Every run's score by method and strength, with mean and standard error over seeds."""
    chosen = scores[scores["metric"] == metric][RUN].reset_index(drop=True)
    chosen["aside"] = _spread(chosen)
    groups = chosen.groupby(["method", "strength"])["score"]
    chosen["mean"], error = groups.transform("mean"), groups.transform("sem")
    chosen["low"], chosen["high"] = chosen["mean"] - error, chosen["mean"] + error
    alone = chosen["value"].isna()  # a method without a strength
    chosen["place"] = chosen["method"] + "|" + chosen["strength"].mask(alone, chosen["method"])
    methods = list(dict.fromkeys(scores["method"]))
    colour, shape = colours(methods, list(chosen["method"].unique()))
    order = chosen.sort_values("level", kind="stable")
    order = pd.concat([order[order["method"] == method] for method in methods])
    axis = alt.Axis(labelAngle=-40, labelExpr="split(datum.label, '|')[1]")
    x = alt.X("place:N", sort=list(order["place"].unique()), title=None, axis=axis)
    y = axis_of(alt.Y, "score", NAMES.get(metric, metric), chosen["score"], metric)
    base = alt.Chart(DATA).encode(x)
    points = base.mark_point(filled=True, size=34, opacity=0.6).encode(
        y, colour, shape, tooltip=TOOLTIP,
        xOffset=alt.XOffset("aside:Q", scale=alt.Scale(domain=[-1, 1])),
    )  # fmt: skip
    layers = [points, base.mark_tick(thickness=2, width=22, color="black").encode(alt.Y("mean:Q"))]
    if error.notna().any():  # of one seed there is none, and Vega complains of an empty axis
        bars = base.mark_rule(strokeWidth=1.5).encode(alt.Y("low:Q"), alt.Y2("high:Q"))
        layers.insert(1, bars)
    step = max(ACROSS // max(len(order["place"].unique()), 1), 12)
    chart = alt.layer(*layers).properties(width=alt.Step(min(step, 44)), height=280)
    chart = chart.transform_filter(SHOWN)
    better = SAID[direction(metric)]
    caption = f"A point is a run; bar and line: mean ± standard error over seeds. {better}"
    title = f"{metric} by method and strength"
    return Figure(f"scores_{metric}{end}", title, caption, chosen, chart, metric=metric)


def _spread(chosen: pd.DataFrame) -> pd.Series:
    """Where points of one strength lie beside each other, in [-0.6, 0.6], by seed."""
    groups = chosen.groupby(["method", "strength"])["seed"]
    rank, count = groups.rank("first") - 1, groups.transform("count")
    return ((rank + 0.5) / count - 0.5) * 1.2


def heat(scores: pd.DataFrame, key: jax.Array, end: str = "") -> Figure:
    """Rank correlation of each two scores over runs."""
    found = stats.rank_correlations(as_runs(scores), key, resamples=500)
    found = found.drop(columns="dataset").dropna(subset="correlation")
    if not len(found):
        raise InputError("no two scores vary together over three runs or more")
    turned = found.rename(columns={"metric_a": "metric_b", "metric_b": "metric_a"})
    data = pd.concat([found, turned], ignore_index=True)
    tooltip = [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("correlation", "low", "high")]
    title = "rank correlation"
    chart = cells(data, "metric_b", "metric_a", "correlation", title, [*tooltip, "runs:Q"])
    caption = (
        "Spearman's rank correlation over runs, scores as they are: of two of which one is better "
        "when lower, a negative one is agreement. Hover for the 95% interval over seeds."
    )
    return Figure(f"correlations{end}", "Do scores rank runs alike?", caption, data, chart)


def cells(
    data: pd.DataFrame, x: str, y: str, value: str, title: str, tooltip: list, domain=(-1, 1)
) -> alt.LayerChart | alt.FacetChart:
    """A heat map with its numbers; white is the middle of the domain."""
    rows, columns = (list(data[name].unique()) for name in (y, x))
    columns = sorted(columns, key=lambda name: rows.index(name) if name in rows else len(rows))
    across = alt.X(f"{x}:N", sort=columns, title=None, axis=alt.Axis(labelAngle=-40))
    down = alt.Y(f"{y}:N", sort=rows, title=None)
    low, high = domain
    # Blue and orange: no kind of colour vision confuses them.
    scale = alt.Scale(scheme="blueorange", domain=[low, high], reverse=True)
    colour = alt.Color(f"{value}:Q", scale=scale, title=title)
    names = [f"{y}:N", f"{x}:N"]
    rects = alt.Chart(DATA).mark_rect().encode(across, down, colour, tooltip=[*names, *tooltip])
    far = f"abs(datum.{value} - {(low + high) / 2}) > {0.35 * (high - low)}"
    ink = alt.condition(far, alt.value("white"), alt.value("black"))
    number = alt.Text(f"{value}:Q", format=".2f")
    text = alt.Chart(DATA).mark_text(fontSize=11).encode(across, down, number, color=ink)
    return alt.layer(rects, text).properties(width=alt.Step(46), height=alt.Step(28))


PARTS = {"method": "#0072B2", "strength": "#E69F00", "seed": "#BBBBBB"}


def shares(scores: pd.DataFrame, end: str = "") -> Figure:
    """Shares of the variance of each score over runs."""
    if scores.groupby(["method", "strength", "metric"]).size().max() < 2:
        raise InputError(ONE_RUN)  # all would seem to be the strength's, and nothing the seed's
    found = stats.variance_shares(as_runs(scores)).drop(columns="dataset")
    found = found.dropna(subset="method").assign(
        strength=lambda table: table["method_strength"] - table["method"]
    )
    if not len(found):
        raise InputError("no score varies over runs")
    kept = ["metric", "method_adjusted", "method_strength_adjusted", "runs"]
    data = found.melt(kept, list(PARTS), "part", "share")
    data["order"] = data["part"].map({part: i for i, part in enumerate(PARTS)})
    colours = alt.Scale(domain=list(PARTS), range=list(PARTS.values()))
    adjusted = (alt.Tooltip(f"{name}:Q", format=".1%") for name in kept[1:3])
    bars = alt.Chart(DATA).mark_bar(stroke="white").encode(
        alt.X("share:Q", title="share of the variance over runs", axis=alt.Axis(format="%")),
        alt.Y("metric:N", sort=list(found["metric"]), title=None),
        alt.Color("part:N", title="due to", scale=colours, sort=list(PARTS)),
        order="order:Q",
        tooltip=["metric:N", "part:N", alt.Tooltip("share:Q", format=".1%"), *adjusted, "runs:Q"],
    )  # fmt: skip
    caption = (
        "How much of a score's variance the method explains, how much more the strength of its "
        "regularisation, and what is left to the seed (Locatello et al. 2019). With few seeds "
        "chance alone explains much: adjusted shares, in the tooltip, allow for that."
    )
    chart = bars.properties(width=420, height=alt.Step(24))
    return Figure(f"variance{end}", "Method, strength or seed?", caption, data, chart)


def as_runs(scores: pd.DataFrame) -> pd.DataFrame:
    """The table as `stats` takes it; a method of two studies is two there too."""
    return scores.assign(model=scores["method"]).drop(columns=["scale", "steps"])
