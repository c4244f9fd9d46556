"""The headline table and the facts of a study, as the page prints them."""

import math

import numpy as np
import pandas as pd

from dbench.metrics import METRICS
from dbench.metrics.udr import SET_METRICS
from dbench.report import summary
from dbench.report.material import Material
from dbench.scoring.registry import MODEL_METRICS
from dbench.tables.directions import base, direction

LINE = 150  # characters across a page of 1,300 pixels
WAYS = {1: "↑", -1: "↓", 0: ""}


def table(scores: pd.DataFrame, title: str) -> dict:
    """Mean ± standard error over seeds by method and strength; best means are marked."""
    metrics = list(scores["metric"].unique())
    by = scores.groupby(["method", "level", "strength", "metric"], sort=False)["score"]
    found = by.agg(["mean", "sem", "count"])
    best = {}
    for metric, means in found["mean"].groupby("metric", sort=False):
        if direction(metric):
            best[metric] = (means * direction(metric)).max() * direction(metric)
    rows = []
    for (method, _, strength), some in found.groupby(["method", "level", "strength"], sort=False):
        known = some.droplevel([0, 1, 2])
        cells = [
            {
                "metric": metric,
                "text": cell(*known.loc[metric, ["mean", "sem"]]) if metric in known.index else "",
                "best": metric in known.index and known.loc[metric, "mean"] == best.get(metric),
            }
            for metric in metrics
        ]
        rows.append(
            {
                "method": method,
                "strength": strength,
                "seeds": int(known["count"].max()),
                "cells": cells,
            }
        )
    ways = {metric: WAYS[direction(metric)] for metric in metrics}
    found = {"title": title, "metrics": metrics, "ways": ways, "rows": rows}
    return found | {"blocks": blocks(metrics, rows)}


def blocks(metrics: list[str], rows: list[dict]) -> list[dict]:
    """The table in parts that a page of LINE characters shows whole: some scores each, all rows."""
    beside = sum(
        max((len(row[name]) for row in rows), default=0) for name in ("method", "strength")
    )
    room = max(LINE - beside - 10, 1)  # the column of seeds, and what is between columns
    texts = [[row["cells"][i]["text"] for row in rows] for i in range(len(metrics))]
    wide = [
        max(len(metric) + 2, *map(len, own), 1) + 2
        for metric, own in zip(metrics, texts, strict=True)
    ]
    found: list[list[int]] = [[]]
    for i, width in enumerate(wide):
        if found[-1] and sum(wide[j] for j in found[-1]) + width > room:
            found.append([])
        found[-1].append(i)
    return [
        {
            "metrics": [metrics[i] for i in some],
            "rows": [row | {"cells": [row["cells"][i] for i in some]} for row in rows],
        }
        for some in found
    ]


OF_PART = {
    "_seen": " Of the rows that training saw.",
    "_unseen": " Of the rows that training never saw.",
    "_grouped": " With each group of codes that the model declares as one code.",
}


def cell(mean: float, sem: float) -> str:
    """With a digit of the standard error that is not 0, up to the fourth."""
    digits = 3 if abs(mean) < 10 else 1
    if 0 < sem < np.inf:
        digits = max(digits, min(4, -math.floor(math.log10(sem))))
    return f"{mean:.{digits}f}" + (f" ± {sem:.{digits}f}" if np.isfinite(sem) else "")


def meanings(metrics: list[str]) -> dict[str, str]:
    """What each score is, in a line, of those that dbench has."""
    known = METRICS | MODEL_METRICS | SET_METRICS
    found = {m: (known[base(m)].__doc__ or "") for m in metrics if base(m) in known}
    said = {metric: text.strip().split("\n")[0] for metric, text in found.items()}
    return {
        metric: text + OF_PART.get(metric[len(base(metric)) :], "") for metric, text in said.items()
    }


def origin(material: Material) -> dict[str, dict[str, str | None]]:
    """Facts of each study: settings, versions, commit, device, times."""
    facts = {}
    for name, folder in material.folders.items():
        entry = material.about.get(name, {})
        said: dict[str, str | None] = {"folder": folder.name}
        if scale := summary.scale_of(material, name):
            said["scale"] = scale
        settings = entry.get("settings")
        for key, value in settings.items() if isinstance(settings, dict) else ():
            said[key] = _text(value)
        for key, value in entry.items():
            if key == "seconds":
                said["time"] = _times(value)
            elif key != "settings":
                said[key] = _text(value)
        facts[name] = said
    return facts


def _text(value) -> str:
    if value in ({}, [], "", None):
        return "none"
    if isinstance(value, dict):
        return ", ".join(f"{k} {_text(v)}" for k, v in value.items())
    return ", ".join(map(_text, value)) if isinstance(value, list) else str(value)


def _times(seconds) -> str:
    seconds = seconds if isinstance(seconds, dict) else {"all": seconds}
    return ", ".join(f"{stage} {_minutes(s)}" for stage, s in seconds.items())


def _minutes(seconds) -> str:
    if not isinstance(seconds, int | float):
        return str(seconds)
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
