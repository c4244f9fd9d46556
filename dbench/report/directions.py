"""Which way a score is better, and which scores see factors. A test holds them to the docstrings."""

from dbench.metrics.udr import SET_METRICS

LOWER = {
    "gaussian_tc",
    "wasserstein",
    "wasserstein_normalised",
    "mean_mi",
    "total_correlation",
    "unfairness",
    "reconstruction",
}
NEITHER = {"active_units", "kl", "index_code_mi", "dimension_wise_kl"}


def direction(metric: str) -> int:
    """1: higher is better, -1: lower, 0: neither. Of a metric that is not known, 1."""
    metric = metric.removesuffix("_all")
    return 0 if metric in NEITHER else -1 if metric in LOWER else 1


def supervised(metric: str) -> bool:
    """Whether it is a score of codes against factors."""
    return metric in ("unfairness",) or (direction(metric) == 1 and metric not in SET_METRICS)
