"""All figures of scores of one data set, with what cannot be drawn said instead."""

import pandas as pd

from dbench.report import charts, distributions, trade_off
from dbench.report.figure import Figure


def figures(
    scores: pd.DataFrame, logs: pd.DataFrame, lacks: list[str], end: str = "", of: str = ""
) -> list[Figure]:
    """Strips and violins of each metric, and the trade-off where runs have a reconstruction."""
    metrics = list(scores["metric"].unique())
    errors = reconstruction(scores, logs)
    if not len(errors):
        lacks.append(
            f"No run{of} has a reconstruction error: no trade-off of scores against it. It takes "
            "'reconstruction' in Study.metrics, or the runs' log.csv."
        )
    elif left := _without(scores, errors):
        lacks.append(f"{left} have no reconstruction error{of}: they are in no trade-off.")
    if scores.groupby(["method", "strength"])["seed"].nunique().max() < 2:
        lacks.append(f"One seed a strength{of}: no error bars.")
    made = []
    for metric in metrics:
        made.append(charts.strips(scores, metric, end))
        if spread := distributions.violins(scores, metric, end):
            made.append(spread)
        runs = scores[scores["metric"] == metric]
        if metric != "reconstruction" and len(runs.merge(errors, on=["study", "run"])):
            made.append(trade_off.trade_off(scores, metric, errors, end))
    return made


def _without(scores: pd.DataFrame, errors: pd.DataFrame) -> str:
    """Which methods have runs without a reconstruction error, and how many of how many."""
    runs = scores.drop_duplicates(["study", "run"])[["study", "run", "method"]]
    runs = runs.merge(errors, on=["study", "run"], how="left")
    count = runs.groupby("method", sort=False)["reconstruction"].agg(["size", "count"])
    left = count[count["count"] < count["size"]]
    return ", ".join(
        f"{size - has} of {size} runs of {name}" for name, size, has in left.itertuples()
    )


def reconstruction(scores: pd.DataFrame, logs: pd.DataFrame) -> pd.DataFrame:
    """study, run, reconstruction [nats]: the score, or the last line of the log without it."""
    own = scores[scores["metric"] == "reconstruction"]
    if len(own):
        return own[["study", "run"]].assign(reconstruction=own["score"])
    if "reconstruction" not in logs:
        return pd.DataFrame(columns=["study", "run", "reconstruction"])
    return logs.groupby(["study", "run"])["reconstruction"].last().dropna().reset_index()
