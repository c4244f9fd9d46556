"""Statistics of scores: of two samples, of many tasks together, of a study's tidy table.

Pure functions of arrays (`samples`, `permutation`, `power`, `aggregate`) and of tidy tables
(`study`, `predict`, `transfer`); what is random takes a JAX key.
"""

from dbench.stats.aggregate import aggregate_interval, iqm, performance_profile
from dbench.stats.permutation import joint_sign_test, least_seeds, permutation_test
from dbench.stats.power import detectable, power, seeds_needed
from dbench.stats.predict import prediction
from dbench.stats.samples import (
    LEAST,
    difference,
    holm,
    interval,
    probability_of_improvement,
    welch,
)
from dbench.stats.study import iqm_by_method, rank_correlations, selection, variance_shares, wide
from dbench.stats.transfer import transfer

__all__ = [
    "LEAST",
    "aggregate_interval",
    "detectable",
    "difference",
    "holm",
    "interval",
    "iqm",
    "iqm_by_method",
    "joint_sign_test",
    "least_seeds",
    "performance_profile",
    "permutation_test",
    "power",
    "prediction",
    "probability_of_improvement",
    "rank_correlations",
    "seeds_needed",
    "selection",
    "transfer",
    "variance_shares",
    "welch",
    "wide",
]
