"""Does one score predict another over models? What is counted, and permuted, is a model."""

from collections.abc import Sequence

import jax
import numpy as np
import pandas as pd
import scipy

from dbench.base import numpy_rng
from dbench.stats.study import CELL, spearman, wide

LEAST = 4  # models, for an interval


def prediction(
    frame: pd.DataFrame,
    target: str,
    key: jax.Array,
    *,
    metrics: Sequence[str] | None = None,
    level: float = 0.95,
    most: int = 20_000,
) -> pd.DataFrame:
    """How well each score ranks models as `target` does: Spearman's rho of means over seeds.

    Columns dataset, metric, target, correlation, low, high, p, models. A model is a method at one
    strength; its seeds are no models of their own, and count by their mean. `p`: two-sided, of
    scores dealt out anew among models, exact where these can be dealt in `most` ways or fewer, else
    of `most` random ones. The interval is by Fisher's z with variance (1 + rho^2 / 2) / (n - 3) of
    n models (Bonett and Wright, "Sample size requirements for estimating Pearson, Kendall and
    Spearman correlations", Psychometrika 2000); NaN for fewer than four models or for |rho| of 1.
    Both take models as independent, which strengths of one method hardly are. Scores enter as they
    are; NaN for one that does not vary. Runs that lack either score are left out.
    """
    rows = []
    for number, (dataset, runs) in enumerate(wide(frame).groupby(level="dataset", sort=False)):
        names = [name for name in metrics or runs.columns if name in runs and name != target]
        for at, name in enumerate(names if target in runs else ()):
            both = runs[[name, target]].dropna()
            means = both.groupby(level=CELL, sort=False, dropna=False).mean().to_numpy()
            own = jax.random.fold_in(jax.random.fold_in(key, number), at)
            rows.append((dataset, name, target, *_over(means, own, level, most), len(means)))
    columns = ["dataset", "metric", "target", "correlation", "low", "high", "p", "models"]
    return pd.DataFrame(rows, columns=columns)


def _over(means: np.ndarray, key: jax.Array, level: float, most: int) -> tuple[float, ...]:
    """rho of two columns [n, 2], its interval, and p."""
    nan, n = float("nan"), len(means)
    if n < 3 or (means == means[:1]).all(axis=0).any():
        return nan, nan, nan, nan
    one, other = means.T
    found = scipy.stats.permutation_test(
        (one,),
        lambda dealt, axis: spearman(dealt, other),
        permutation_type="pairings",
        vectorized=True,
        n_resamples=most,
        rng=numpy_rng(key),
    )
    rho = float(found.statistic)
    if n < LEAST or abs(rho) > 1 - 1e-9:
        return rho, nan, nan, float(found.pvalue)
    wide_by = scipy.stats.norm.ppf((1 + level) / 2) * np.sqrt((1 + rho**2 / 2) / (n - 3))
    low, high = np.tanh(np.arctanh(rho) + np.array([-wide_by, wide_by]))
    return rho, float(low), float(high), float(found.pvalue)
