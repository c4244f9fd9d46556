"""How the scores of a method's runs are spread, over all its strengths and seeds: violins.

Locatello et al., "Challenging Common Assumptions in the Unsupervised Learning of Disentangled
Representations", ICML 2019, show scores so.
"""

import altair as alt
import pandas as pd

from dbench.report.axes import NAMES, axis_of
from dbench.report.charts import SAID
from dbench.report.figure import DATA, SHOWN, Figure, colours
from dbench.tables.directions import direction

LEAST = 5  # runs of a method: of fewer a smooth outline would be made up
WIDE = 110  # pixels of a violin
ACROSS = 9  # violins side by side


def violins(scores: pd.DataFrame, metric: str, end: str = "") -> Figure | None:
    """Density, quartiles and median of each method's runs; None of fewer than two such methods."""
    columns = ["method", "strength", "seed", "score", "run"]
    chosen = scores.loc[scores["metric"] == metric, columns]
    runs = chosen.groupby("method")["score"]
    enough = (runs.transform("size") >= LEAST) & (runs.transform("nunique") >= 3)
    few = [name for name in chosen["method"].unique() if name in set(chosen["method"][~enough])]
    chosen = chosen[enough].reset_index(drop=True)
    methods = [name for name in scores["method"].unique() if name in set(chosen["method"])]
    if len(methods) < 2:
        return None
    colour = colours(list(dict.fromkeys(scores["method"])))[0].legend(None)  # the panels say it
    y = axis_of(alt.Y, "score", NAMES.get(metric, metric), chosen["score"], "")
    base = alt.Chart(DATA)
    outline = (
        base.transform_density("score", groupby=["method"], as_=["score", "density"])
        .transform_calculate(left="-datum.density")
        .mark_area(orient="horizontal", opacity=0.45)
        .encode(y, alt.X("left:Q", axis=None), alt.X2("density:Q"), colour)
    )
    box = base.mark_boxplot(size=12, extent="min-max", color="#333", opacity=0.8)
    chart = (
        alt.layer(outline, box.encode(y, x=alt.value(WIDE / 2)))
        .properties(width=WIDE, height=260)
        .facet(alt.Facet("method:N", title=None, sort=methods), columns=ACROSS, spacing=4)
        .transform_filter(SHOWN)
    )
    caption = (
        "The runs of each method at all its strengths and seeds: their density (Gaussian kernel), "
        f"least to greatest, quartiles and median. {SAID[direction(metric)]}"
    )
    if few:
        caption += f" Left out, of fewer than {LEAST} runs or of equal scores: {', '.join(few)}."
    title = f"{metric} by method"
    name = f"violins_{metric}{end}"
    return Figure(name, title, caption, chosen, chart, metric=metric, broad=len(methods) > 4)
