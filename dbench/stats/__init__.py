"""Statistics of scores: of two samples, of many tasks together, of a study's tidy table.

Pure functions of arrays (`samples`, `aggregate`) and of tidy tables (`study`); what is random
takes a JAX key.
"""

from dbench.stats.aggregate import aggregate_interval, iqm, performance_profile
from dbench.stats.samples import (
    LEAST,
    detectable,
    difference,
    holm,
    interval,
    permutation_test,
    power,
    probability_of_improvement,
    seeds_needed,
    welch,
)
from dbench.stats.study import (
    iqm_by_method,
    rank_correlations,
    selection,
    transfer,
    variance_shares,
)

__all__ = [
    "LEAST",
    "aggregate_interval",
    "detectable",
    "difference",
    "holm",
    "interval",
    "iqm",
    "iqm_by_method",
    "performance_profile",
    "permutation_test",
    "power",
    "probability_of_improvement",
    "rank_correlations",
    "seeds_needed",
    "selection",
    "transfer",
    "variance_shares",
    "welch",
]
