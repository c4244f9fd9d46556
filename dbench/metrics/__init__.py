"""Scores of a representation: `(table, key, **options) -> Score`, and as functions of arrays.

In: a `Table` of codes and factors, or the arrays `(codes, factors, logvar=None, **options)`; never
a model or an image. Out: a `Score`. registry.py has the list of all; the folder `shared` is what
they stand on.
"""

from dbench.metrics.one_pass import evaluate
from dbench.metrics.registry import GROUPS, METRICS, allowed, select
from dbench.metrics.shared.metric import Metric, ScoreWarning

globals().update(METRICS)  # from dbench.metrics import sap, downstream_gbt_100, ...

__all__ = [
    "GROUPS",
    "METRICS",
    "Metric",
    "ScoreWarning",
    "allowed",
    "evaluate",
    "select",
    *METRICS,
]
