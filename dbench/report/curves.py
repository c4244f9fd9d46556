"""Charts of training, of what runs have in their log.csv."""

import altair as alt
import pandas as pd

from dbench.report.figure import DATA, SHOWN, Figure

KINDS = {  # what models log -> what it is
    "elbo": "ELBO, nats",
    "reconstruction": "reconstruction error, nats",
    "kl": "KL in total, nats",
    "capacity": "capacity C, nats",
    "tc_estimate": "TC as the discriminator believes, nats",
    "tc": "TC as the minibatch estimates, nats",
}
LINES = 60  # points of a curve at most


def curves(logs: pd.DataFrame, end: str = "") -> list[Figure]:
    """One figure a kind: mean over seeds by strength, and the range of the seeds."""
    if not len(logs):
        return []
    logs = thinned(logs)
    kinds = [kind for kind in KINDS if kind in logs and logs[kind].notna().any()]
    return [_curve(logs[logs[kind].notna()], kind, end) for kind in kinds]


def thinned(logs: pd.DataFrame) -> pd.DataFrame:
    """At most LINES lines a run, the last one among them."""
    every = -(-logs.groupby(["study", "run"])["step"].transform("size") // LINES)
    back = logs.groupby(["study", "run"]).cumcount(ascending=False)
    return logs[back % every == 0]


def _curve(logs: pd.DataFrame, kind: str, end: str) -> Figure:
    by = ["method", "level", "strength", "step"]
    data = logs.groupby(by)[kind].agg(mean="mean", low="min", high="max", seeds="count")
    data = data.reset_index()
    last = data.groupby(["method", "strength"])["step"].transform("max")
    data["label"] = data["strength"].where(data["step"] == last, "")
    title = KINDS[kind]
    y = alt.Y("mean:Q", title=title, scale=alt.Scale(zero=False))
    base = alt.Chart(DATA).encode(alt.X("step:Q", axis=alt.Axis(tickCount=4, format="~s")))
    colour = alt.Color(
        "level:O",
        scale=alt.Scale(scheme="viridis", reverse=True),
        legend=alt.Legend(
            title="strength", labelExpr="datum.value == 0 ? '0, weakest' : datum.label"
        ),
    )
    band = base.mark_area(opacity=0.2).encode(alt.Y("low:Q", title=title), alt.Y2("high:Q"), colour)
    line = base.mark_line(strokeWidth=2).encode(y, colour)
    numbers = [alt.Tooltip(f"{name}:Q", format=".4g") for name in ("mean", "low", "high")]
    dots = base.mark_point(size=60, opacity=0).encode(
        y, tooltip=["method:N", "strength:N", "step:Q", *numbers, "seeds:Q"]
    )  # fmt: skip
    text = base.mark_text(align="left", dx=4, fontSize=10).encode(y, text="label:N")
    methods = list(dict.fromkeys(logs["method"]))
    chart = (
        alt.layer(band, line, dots, text)
        .properties(width=250, height=200)
        .facet(column=alt.Column("method:N", title=None, sort=methods), spacing=40)
        .transform_filter(SHOWN)
    )
    caption = "Lines are means over seeds, bands reach from the least to the greatest seed."
    return Figure(f"curve_{kind}{end}", title.split(",")[0], caption, data, chart)


def kl_by_latent(logs: pd.DataFrame, chosen: pd.DataFrame, end: str = "") -> Figure | None:
    """KL of each latent while the chosen runs train, and C where there is one.

    `chosen`: study, run, place ("best", ...); a column `latents` names each latent by the factor it
    carries, [d] or None.
    """
    columns = [name for name in logs if name.startswith("kl_latent_")]
    keys = ["study", "run", "method", "step"]
    lines = thinned(logs).merge(chosen[["study", "run", "place"]], on=["study", "run"])
    if not columns or not len(lines):
        return None
    told = [*keys, "place", "strength", "seed"]
    data = lines[[*told, *columns]].melt(told, columns, "latent", "kl").dropna(
        subset="kl"
    )
    data["latent"] = data["latent"].str.removeprefix("kl_latent_").astype(int)
    final = data.groupby(["study", "run", "latent"])["kl"].transform("last")
    last = data["step"] == data.groupby(["study", "run"])["step"].transform("max")
    data["label"] = ("z" + data["latent"].astype(str)).where(last & (final > 0.1), "")
    if "capacity" in lines:
        capacity = lines[[*keys, "place", "strength", "seed", "capacity"]].dropna(subset="capacity")
        data = pd.concat([data, capacity], ignore_index=True)
    data["shown"] = data["place"] + ": " + data["strength"] + ", seed " + data["seed"].astype(str)
    return Figure(
        f"kl_by_latent{end}",
        "KL of each latent in training",
        "The order in which latents rise is the order in which factors are coded. Latents of less "
        "than 0.1 nats at the end bear no name; the dashed line is the capacity C.",
        data,
        _kl_chart(data),
    )


def _kl_chart(data: pd.DataFrame) -> alt.FacetChart:
    base = alt.Chart(DATA).encode(alt.X("step:Q", axis=alt.Axis(tickCount=4, format="~s")))
    y = alt.Y("kl:Q", title="KL, nats")
    line = base.mark_line(strokeWidth=1.5, color="#0072B2").encode(y, detail="latent:N")
    dots = base.mark_point(size=60, opacity=0).encode(
        y, tooltip=["run:N", "latent:Q", "step:Q", alt.Tooltip("kl:Q", format=".3f")]
    )  # fmt: skip
    text = base.mark_text(align="left", dx=4, fontSize=10).encode(y, text="label:N")
    layers = [line, dots, text]
    if "capacity" in data:
        layers.append(
            base.mark_line(strokeDash=[4, 3], color="#D55E00").encode(alt.Y("capacity:Q"))
        )
    order = ["best", "median", "worst"]
    return (
        alt.layer(*layers)
        .properties(width=250, height=160)
        .facet(
            row=alt.Row("method:N", title=None),
            column=alt.Column("place:N", title=None, sort=order),
            spacing=30,
        )
        .transform_filter(SHOWN)
    )
