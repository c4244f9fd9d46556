"""Logistic regressions, ours and scikit-learn's in turn: processor time and how far they are apart.

    python benchmarks/logistic_speed.py [--rounds 7]

Each row is a size of the training set and a penalty. The last line is one training set of one
factor as `downstream_lr_100` fits it, with its penalty chosen by cross-validation.
"""

import argparse
import statistics
import time
import warnings
from unittest.mock import patch

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from dbench.metrics.shared import regression
from dbench.metrics.shared.logistic import Search, logistic_predictions

SIZES = (
    (10, 10, 4),
    (100, 10, 2),
    (100, 10, 4),
    (1_000, 10, 15),
    (10_000, 10, 3),
    (10_000, 10, 40),
)
STRENGTHS = (1e-4, 1.0, 1e4)


def problem(n: int, d: int, values: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n + values)
    x = rng.normal(size=(n, d))
    y = (x @ rng.normal(size=(d, values)) + rng.gumbel(size=(n, values))).argmax(axis=1)
    y[:values] = np.arange(values)
    return x, y


def seconds(call) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


class Theirs:
    """scikit-learn's in the place of ours."""

    @staticmethod
    def fit(x, y, strength=1.0, begin=None):
        if begin is None:
            begin = LogisticRegression(warm_start=True)
        return begin.set_params(C=strength).fit(x, y)


def downstream() -> np.ndarray:
    x, y = problem(100, 10, 4)
    return logistic_predictions(x, y, problem(5_000, 10, 4)[0], Search())


def downstream_by_theirs() -> np.ndarray:
    with patch("dbench.metrics.shared.logistic.regression", Theirs):
        return downstream()


def main(rounds: int) -> None:
    downstream_by_theirs(), downstream()  # what is imported is there
    print("  rows codes values      C   theirs ms   ours ms   ratio   probabilities differ by")
    for n, d, values in SIZES:
        x, y = problem(n, d, values)
        for strength in STRENGTHS:
            theirs, ours = [], []
            for _ in range(rounds):
                theirs.append(seconds(lambda: LogisticRegression(C=strength).fit(x, y)))  # noqa: B023
                ours.append(seconds(lambda: regression.fit(x, y, strength)))  # noqa: B023
            expected = LogisticRegression(C=strength).fit(x, y).predict_proba(x)
            apart = np.abs(regression.fit(x, y, strength).probabilities(x) - expected).max()
            one, two = statistics.median(theirs), statistics.median(ours)
            print(
                f"{n:6} {d:5} {values:6} {strength:6g} {1e3 * one:11.2f} {1e3 * two:9.2f}"
                f" {one / two:7.2f}   {apart:.0e}"
            )
    theirs, ours = [], []
    for _ in range(rounds):
        theirs.append(seconds(downstream_by_theirs))
        ours.append(seconds(downstream))
    same = (downstream() == downstream_by_theirs()).mean()
    one, two = statistics.median(theirs), statistics.median(ours)
    print(
        f"a training set of a factor of downstream_lr_100: {1e3 * one:.0f} ms by theirs, "
        f"{1e3 * two:.0f} ms by ours, ratio {one / two:.2f}; "
        f"{same:.2%} of 5,000 predictions are the same"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        main(parser.parse_args().rounds)
