"""The headline table and the facts of a study, as the page prints them."""

import math

import numpy as np
import pandas as pd

from dbench.metrics import METRICS
from dbench.metrics.udr import SET_METRICS
from dbench.report.material import Material
from dbench.scoring.reconstruction import MODEL_METRICS
from dbench.tables.directions import direction

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
                "text": _cell(*known.loc[metric, ["mean", "sem"]]) if metric in known.index else "",
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
    return {"title": title, "metrics": metrics, "ways": ways, "rows": rows}


def _cell(mean: float, sem: float) -> str:
    """With a digit of the standard error that is not 0, up to the fourth."""
    digits = 3 if abs(mean) < 10 else 1
    if 0 < sem < np.inf:
        digits = max(digits, min(4, -math.floor(math.log10(sem))))
    return f"{mean:.{digits}f}" + (f" ± {sem:.{digits}f}" if np.isfinite(sem) else "")


def meanings(metrics: list[str]) -> dict[str, str]:
    """What each score is, in a line, of those that dbench has."""
    known = METRICS | MODEL_METRICS | SET_METRICS
    found = {metric: (known[metric].__doc__ or "") for metric in metrics if metric in known}
    return {metric: said.strip().split("\n")[0] for metric, said in found.items()}


def origin(material: Material) -> dict[str, dict[str, str | None]]:
    """Facts of each study: settings, versions, commit, device, times."""
    facts = {}
    for name, folder in material.folders.items():
        entry = material.about.get(name, {})
        said = {"folder": folder.name, "scale": material.scale}
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
