"""Agents on what models see: how they learned."""

from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd

from dbench.report.figure import DATA, SHOWN, Figure
from dbench.report.material import NONE
from dbench.scoring import score_files
from dbench.tables import results
from dbench.tables.agents import RULE, RUN, able, known

DOMAINS = {"source": "#0072B2", "target": "#D55E00"}
ACROSS = 4  # panels side by side, of a model each
LEARNING = (
    "Mean return of an episode while agents learn in the source, measured after each tenth of "
    "their training; the target is only looked at. Lines are means over seeds of the model, bands "
    "one standard error. Dotted: the random policy; dashed: the best one. The head of a panel says "
    f"how many learned where agents of some runs have {RULE}: those say nothing about transfer."
)


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
    heads = _heads(scores, agent)
    data["panel"] = [heads[row] for row in data[["method", "strength"]].itertuples(index=False)]
    return data


def _heads(scores: pd.DataFrame, agent: str) -> dict[tuple, str]:
    """(method, strength) -> "pca, 2 of 5 learned"; the model alone where all did."""
    target, source = scores[scores["metric"] == f"{agent}_target"], able(scores, agent)
    found = {}
    for keys, runs in target.groupby(["method", "strength"], sort=False):
        did = source.reindex(pd.MultiIndex.from_frame(runs[RUN]), fill_value=False)
        some = "" if did.all() else f", {int(did.sum())} of {len(did)} learned"
        found[keys] = f"{model_of(*keys)}{some}"
    return found


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
