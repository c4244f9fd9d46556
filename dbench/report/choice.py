"""Which runs are shown: the best, the median and the worst of each method by one score."""

import pandas as pd

from dbench.errors import InputError, choose
from dbench.metrics.udr import SET_METRICS
from dbench.tables.directions import direction


def supervised(metric: str) -> bool:
    """Whether it is a score of codes against factors."""
    of_factors = direction(metric) == 1 and metric not in (*SET_METRICS, "elbo")
    return of_factors or metric in ("unfairness", "category_error")


def headline(metrics: list[str], wanted: str | None = None) -> str | None:
    """The score that runs are chosen by: `wanted`, else the first that sees factors, else any.

    None where there are no scores.
    """
    if wanted is not None and metrics:
        choose("metric of these tables", wanted, metrics)
        if not direction(wanted):
            raise InputError(
                f"of {wanted} neither more nor less is better: choose another --metric"
            )
        return wanted
    directed = [metric for metric in metrics if direction(metric)]
    return next(filter(supervised, directed), next(iter(directed), None))


def chosen(scores: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Three runs of each data set and method, or as many as there are, with a column `place`.

    The median is the worse one of two. Ties go to the first in the table.
    """
    rows = []
    for _, group in scores[scores["metric"] == metric].groupby(["dataset", "method"], sort=False):
        ranked = group.sort_values("score", ascending=direction(metric) < 0, kind="stable")
        count = len(ranked)
        places = {count // 2: "median", count - 1: "worst", 0: "best"}  # of one run: best
        rows += [ranked.iloc[at].to_dict() | {"place": places[at]} for at in sorted(places)]
    return pd.DataFrame(rows, columns=[*scores.columns, "place"])
