"""Metrics and models of a user's own that a test has named: they are forgotten after it."""

from dbench.metrics import METRICS
from dbench.models import MODELS


def forget() -> None:
    for known in (METRICS, MODELS):
        for name in [name for name in known if ":" in name]:
            del known[name]
