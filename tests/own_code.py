"""Metrics and models of a user's own that a test has named: they are forgotten after it.

So is which way such metrics are better, as a test has said it or as a file that it read says.
"""

from dbench.metrics import METRICS
from dbench.models import MODELS
from dbench.tables import directions


def forget() -> None:
    for known in (METRICS, MODELS):
        for name in [name for name in known if ":" in name]:
            del known[name]
    directions.say({}, ())
    directions.learned.clear()
