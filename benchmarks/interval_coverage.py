"""How often intervals of a difference of means hold the truth with few seeds.

    python benchmarks/interval_coverage.py

Two samples of n scores each, normal or skewed (exponential); nominal level 95%. `ours` is
stats.interval; percentile and BCa are those of scipy.stats.bootstrap, t is Welch's.
"""

import argparse
import warnings

import jax
import numpy as np
from scipy import stats as scipy_stats

from dbench import stats

METHODS = ("ours", "percentile", "bca", "t", "ours, medians")


def bounds(name: str, a: np.ndarray, b: np.ndarray, trial: int, resamples: int):
    if name.startswith("ours"):
        statistic = np.median if name.endswith("medians") else np.mean
        return stats.interval(a, b, jax.random.key(trial), statistic=statistic, resamples=resamples)
    if name == "t":
        return scipy_stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    gap = lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis)  # noqa: E731
    return scipy_stats.bootstrap(
        (a, b), gap, method=name, n_resamples=resamples, rng=trial
    ).confidence_interval


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=2_000)
    parser.add_argument("--resamples", type=int, default=999)
    given = parser.parse_args()
    print("shape        n  " + "  ".join(f"{name:>14}" for name in METHODS))
    warnings.simplefilter("ignore")
    for shape in ("normal", "exponential"):
        for n in (3, 5, 6, 8, 20, 50):
            rng = np.random.default_rng(0)
            held = dict.fromkeys(METHODS, 0)
            for trial in range(given.trials):
                # The two have different spreads, as strengths do; both have the mean (median) 0.
                a, b = getattr(rng, f"standard_{shape}")((2, n)) * [[1.0], [2.0]]
                if shape == "exponential":
                    mean, median = np.array([1.0, 2.0]), np.log(2) * np.array([1.0, 2.0])
                else:
                    mean = median = np.zeros(2)
                for name in METHODS:
                    truth = median if name.endswith("medians") else mean
                    low, high = bounds(name, a, b, trial, given.resamples)
                    held[name] += low <= truth[0] - truth[1] <= high
            shares = "  ".join(f"{held[name] / given.trials:14.3f}" for name in METHODS)
            print(f"{shape:11} {n:2}  {shares}", flush=True)


if __name__ == "__main__":
    main()
