"""Charts of training, of what runs have in their log.csv."""

import altair as alt
import pandas as pd

from dbench.report.figure import DATA, SHOWN, Figure
from dbench.report.material import NONE

KINDS = {  # what models log -> what it is
    "elbo": "ELBO, nats",
    "reconstruction": "reconstruction error, nats",
    "kl": "KL in total, nats",
    "capacity": "capacity C, nats",
    "tc_estimate": "TC as the discriminator believes, nats",
    "tc": "TC as the minibatch estimates, nats",
    "total_correlation": "true TC, scored in training, nats",
    "bound_categorical": "bound on the information of categories, nats",
    "bound_continuous": "bound on the information of continuous codes, nats",
    "wasserstein": "Wasserstein distance as the critic sees it",
}
NOTES = {  # what a reader could take for something else
    "tc": "Of the loss's own estimate the height means little (with the paper's weights it is too "
    "high by up to the logarithm of the data set's size for each latent), its change does.",
    "tc_estimate": "The discriminator may be wrong by much while it learns.",
}
PANELS = 3  # side by side, of a method each
LINES = 60  # points of a curve at most
EARLY = 0.1  # share of training whose extremes do not set the axis
LEAST = 0.1  # nats that a latent must have to be named
SPECIFIC = 0.5  # the same of a concept that is taught by sets, which latents leave one by one


def curves(logs: pd.DataFrame, end: str = "") -> list[Figure]:
    """One figure a kind: mean over seeds by strength, and the range of the seeds."""
    if not len(logs):
        return []
    kinds = [kind for kind in KINDS if kind in logs and logs[kind].notna().any()]
    # Thinned of the lines that have it: scores in training stand on few of a log's lines.
    return [_curve(thinned(logs[logs[kind].notna()]), kind, end) for kind in kinds]


def thinned(logs: pd.DataFrame) -> pd.DataFrame:
    """At most LINES lines a run, the last one among them."""
    every = -(-logs.groupby(["study", "run"])["step"].transform("size") // LINES)
    back = logs.groupby(["study", "run"]).cumcount(ascending=False)
    return logs[back % every == 0]


def apart(ends: pd.Series, gap: float) -> pd.Series:
    """Heights for labels at the ends of lines: at least `gap` from one to the next, order kept."""
    placed = ends.sort_values().copy()
    for i in range(1, len(placed)):
        placed.iloc[i] = max(placed.iloc[i], placed.iloc[i - 1] + gap)
    return placed.reindex(ends.index) - (placed.mean() - ends.mean())


def _labelled(
    data: pd.DataFrame, y: str, names: pd.Series, by: list[str], span: float | None = None
) -> pd.DataFrame:
    """With `label` and `label_y` at the last step of each line; `by` names the panel of a line.

    `span`: of the axis [that of `y` after the first tenth of training].
    """
    late = data["step"] >= data["step"].max() * EARLY
    gap = 0.07 * (span or data.loc[late, y].max() - data.loc[late, y].min())
    ends = data["step"] == data.groupby([*by, names.name])["step"].transform("max")
    data = data.assign(label=names.where(ends & (names != ""), ""))
    shown = data[data["label"] != ""]
    groups = shown.groupby(by)[y] if by else [("", shown[y])]
    heights = [apart(each, gap) for _, each in groups]
    return data.assign(label_y=pd.concat(heights) if heights else float("nan"))


def _curve(logs: pd.DataFrame, kind: str, end: str) -> Figure:
    by = ["method", "level", "strength", "step"]
    data = logs.groupby(by)[kind].agg(mean="mean", low="min", high="max", seeds="count")
    data = data.reset_index()
    named = data["strength"].where(data["strength"] != NONE, "")  # the panel says which method
    data = _labelled(data, "mean", named, ["method"])
    late = data[data["step"] >= data["step"].max() * EARLY]
    title, (low, high) = KINDS[kind], (late["low"].min(), late["high"].max())
    margin = 0.05 * (high - low) or 1.0
    scale = alt.Scale(domain=[low - margin, high + margin], nice=False)
    y = alt.Y("mean:Q", title=title, scale=scale)
    base = alt.Chart(DATA).encode(alt.X("step:Q", axis=alt.Axis(tickCount=4, format="~s")))
    colour = alt.Color("level:O", scale=alt.Scale(scheme="viridis", reverse=True), legend=None)
    band = base.mark_area(opacity=0.2, clip=True).encode(
        alt.Y("low:Q", title=title, scale=scale), alt.Y2("high:Q"), colour
    )
    line = base.mark_line(strokeWidth=2, clip=True).encode(y, colour)
    numbers = [alt.Tooltip(f"{name}:Q", format=".4g") for name in ("mean", "low", "high")]
    tooltip = ["method:N", "strength:N", "step:Q", *numbers, "seeds:Q"]
    dots = base.mark_point(size=60, opacity=0, clip=True).encode(y, tooltip=tooltip)
    text = base.mark_text(align="left", dx=4, fontSize=10).encode(
        alt.Y("label_y:Q", title=title, scale=scale), text="label:N"
    )
    methods = list(dict.fromkeys(logs["method"]))
    chart = (
        alt.layer(band, line, dots, text)
        .properties(width=260, height=200)
        .facet(alt.Facet("method:N", title=None, sort=methods), columns=PANELS, spacing=40)
        .transform_filter(SHOWN)
    )
    caption = (
        "Lines are means over seeds, bands reach from the least to the greatest seed. The axis "
        f"spans what comes after the first tenth of training. {NOTES.get(kind, '')}"
    ).strip()
    title = title.split(",")[0]
    title = title[0].upper() + title[1:]
    broad = len(methods) > 1
    return Figure(f"curve_{kind}{end}", title, caption, data, chart, broad=broad)


def kl_by_latent(log: pd.DataFrame, names: dict[int, str], name: str) -> Figure | None:
    """KL of each latent as one run trains, and C or sets, if any. `names`: what each carries."""
    columns = [name for name in log if name.startswith("kl_latent_") and log[name].notna().any()]
    if not columns:  # a GAN, say, whose codes have no KL
        return None
    lines, turns = thinned(log), _turns(log)
    least = SPECIFIC if len(turns) else LEAST
    data = lines[["step", *columns]].melt("step", columns, "latent", "kl").dropna(subset="kl")
    data["latent"] = data["latent"].str.removeprefix("kl_latent_").astype(int)
    last = data["step"] == data["step"].max()
    final = data["latent"].map(data[last].set_index("latent")["kl"])
    said = data["latent"].map(lambda j: f"z{j} {names.get(j, '')}".strip())
    has_capacity = "capacity" in lines and lines["capacity"].notna().any()
    span = max([data["kl"].max(), *([lines["capacity"].max()] if has_capacity else [])])
    data = _labelled(data, "kl", said.where(final > least, "").rename("latent"), [], span)
    base = alt.Chart(DATA).encode(alt.X("step:Q", axis=alt.Axis(tickCount=4, format="~s")))
    y = alt.Y("kl:Q", title="KL, nats")
    line = base.mark_line(strokeWidth=1.5, color="#0072B2").encode(y, detail="latent:N")
    tooltip = ["latent:Q", "step:Q", alt.Tooltip("kl:Q", format=".3f")]
    dots = base.mark_point(size=60, opacity=0).encode(y, tooltip=tooltip)
    text = base.mark_text(align="left", dx=4, fontSize=10).encode(
        alt.Y("label_y:Q"), text="label:N"
    )
    layers = [line, dots, text]
    caption = f"Latents of less than {least} nats at the end bear no name."
    if has_capacity:
        capacity = lines[["step", "capacity"]].dropna()
        data = pd.concat([data, capacity], ignore_index=True)
        # The rows of latents have no capacity, and a line breaks at each one that lacks it.
        own = base.transform_filter("isValid(datum.capacity)")
        layers.append(own.mark_line(strokeDash=[4, 3], color="#D55E00").encode(y="capacity:Q"))
        caption += " Dashed: the capacity C. Latents rise in the order in which factors are coded."
    if len(turns):
        data = pd.concat([data, turns], ignore_index=True)
        own = base.transform_filter("isValid(datum.turn)").encode(alt.X("turn:Q", title="step"))
        layers.append(own.mark_rule(strokeDash=[4, 3], color="#D55E00"))
        caption += " Dashed: where the images that a concept is taught by change to the next set."
    chart = alt.layer(*layers).properties(width=300, height=260)
    return Figure(name, "KL of each latent in training", caption, data, chart)


def _turns(log: pd.DataFrame) -> pd.DataFrame:
    """The last step of each set but the last one, of a run that is taught by sets."""
    if "set" not in log or not log["set"].notna().any():
        return pd.DataFrame({"turn": []})
    known = log.dropna(subset="set")
    last = known.groupby(known["set"] // 1)["step"].max().sort_index()
    return pd.DataFrame({"turn": last.iloc[:-1].to_numpy()})
