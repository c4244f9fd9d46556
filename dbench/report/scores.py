"""All figures of scores of one data set, with what cannot be drawn said instead."""

import pandas as pd

from dbench.report import charts
from dbench.report.figure import Figure


def figures(
    scores: pd.DataFrame, logs: pd.DataFrame, lacks: list[str], end: str = "", of: str = ""
) -> list[Figure]:
    """Strips of each metric, and the trade-off of those that runs with a reconstruction have."""
    metrics = list(scores["metric"].unique())
    errors = reconstruction(scores, logs)
    if not len(errors):
        lacks.append(f"No run{of} has a reconstruction error: no trade-off of scores against it.")
    if scores.groupby(["method", "strength"])["seed"].nunique().max() < 2:
        lacks.append(
            f"One seed a strength{of}: no error bars, and no share of the variance is a seed's."
        )
    made = []
    for metric in metrics:
        made.append(charts.strips(scores, metric, end))
        runs = scores[scores["metric"] == metric]
        if metric != "reconstruction" and len(runs.merge(errors, on=["study", "run"])):
            made.append(charts.trade_off(scores, metric, errors, end))
    return made


def reconstruction(scores: pd.DataFrame, logs: pd.DataFrame) -> pd.DataFrame:
    """study, run, reconstruction [nats]: the score, or the last line of the log without it."""
    own = scores[scores["metric"] == "reconstruction"]
    if len(own):
        return own[["study", "run"]].assign(reconstruction=own["score"])
    if "reconstruction" not in logs:
        return pd.DataFrame(columns=["study", "run", "reconstruction"])
    return logs.groupby(["study", "run"])["reconstruction"].last().dropna().reset_index()
