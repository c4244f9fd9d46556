"""The headline table and the facts of a study, as the page prints them."""

import numpy as np
import pandas as pd

from dbench.directions import direction
from dbench.report.material import Material


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
    caption = (
        "Mean ± standard error over seeds. Bold: the best mean of a score, where more or less of "
        "it is better; whether it is better than the next is another question."
    )
    return {"title": title, "caption": caption, "metrics": metrics, "rows": rows}


def _cell(mean: float, sem: float) -> str:
    digits = 3 if abs(mean) < 10 else 1
    return f"{mean:.{digits}f}" + (f" ± {sem:.{digits}f}" if np.isfinite(sem) else "")


def origin(material: Material) -> dict[str, dict[str, str]]:
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
