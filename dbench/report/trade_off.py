"""A score against reconstruction error: what a strength costs and what it gains."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dbench.report.axes import NAMES, SIDES, axis_of, logarithmic, sides
from dbench.report.charts import RUN, TOOLTIP
from dbench.report.figure import DATA, SHOWN, Figure, colours
from dbench.tables.strength import written

WIDE, HIGH = 360, 280  # pixels


def trade_off(scores: pd.DataFrame, metric: str, errors: pd.DataFrame, end: str = "") -> Figure:
    """A score against reconstruction error: runs, and the means of each method along its strengths.

    `errors`: study, run, reconstruction.
    """
    chosen = scores[scores["metric"] == metric][["study", *RUN]]
    chosen = chosen.merge(errors, on=["study", "run"]).sort_values(["method", "level", "seed"])
    by = ["method", "strength"]
    groups = chosen.groupby(by)
    chosen["mean_score"] = groups["score"].transform("mean")
    chosen["mean_reconstruction"] = groups["reconstruction"].transform("mean")
    chosen["first"] = ~chosen.duplicated(by)
    chosen["label"] = [written(value) if value == value else "" for value in chosen["value"]]
    present = list(chosen["method"].unique())
    colour, shape = colours(list(dict.fromkeys(scores["method"])), present)
    y = axis_of(alt.Y, "score", NAMES.get(metric, metric), chosen["score"], metric)
    title = "reconstruction error, nats of an image"
    x = axis_of(alt.X, "reconstruction", title, chosen["reconstruction"], "reconstruction")
    points = alt.Chart(DATA).mark_point(filled=True, opacity=0.45, size=30).encode(
        x, y, colour, shape, tooltip=[*TOOLTIP, alt.Tooltip("reconstruction:Q", format=".4g")]
    )  # fmt: skip
    means = alt.Chart(DATA).transform_filter("datum.first").encode(
        alt.X("mean_reconstruction:Q"), alt.Y("mean_score:Q"), colour
    )  # fmt: skip
    line = means.mark_line(strokeWidth=1.5).encode(order="level:Q")
    big = means.mark_point(filled=True, size=90, opacity=1).encode(shape)
    chart = alt.layer(points, line, big, *_labels(chosen)).properties(width=WIDE, height=HIGH)
    caption = (
        "A small mark is a run, a large one the mean over seeds with its strength; lines join the "
        "strengths of a method. Further left is better reconstruction."
    )
    title = f"{metric} against reconstruction"
    name = f"trade_off_{metric}{end}"
    chart = chart.transform_filter(SHOWN)
    return Figure(name, title, caption, chosen.drop(columns="study"), chart, metric=metric)


def _labels(chosen: pd.DataFrame) -> list[alt.Chart]:
    """The strengths beside their means, on the side of `side`, which is added to `chosen`.

    A white rim below each, so that it is read over lines and small marks.
    """
    means = chosen[chosen["first"]]
    far = np.log if logarithmic(chosen["reconstruction"], "reconstruction") else np.asarray
    x = _pixels(far(means["mean_reconstruction"]), far(chosen["reconstruction"]), WIDE)
    y = HIGH - _pixels(means["mean_score"], chosen["score"], HIGH)
    found = sides(x, y, list(means["label"]))
    chosen["side"] = pd.Series(found, index=means.index)
    layers = []
    for side in dict.fromkeys(found):
        dx, dy, align, baseline = SIDES[side]
        place: dict[str, Any] = {"dx": dx, "dy": dy, "align": align, "baseline": baseline}
        place["fontSize"] = 11
        base = alt.Chart(DATA).transform_filter(f"datum.first && datum.side == '{side}'").encode(
            alt.X("mean_reconstruction:Q"), alt.Y("mean_score:Q"), alt.Text("label:N")
        )  # fmt: skip
        layers += [base.mark_text(**place, stroke="white", strokeWidth=3), base.mark_text(**place)]
    return layers


def _pixels(values, of, size: int) -> np.ndarray:
    """Where values lie on an axis of `size` pixels that spans `of`."""
    low, high = np.min(of), np.max(of)
    return (np.asarray(values) - low) / ((high - low) or 1.0) * size
