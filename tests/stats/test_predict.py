"""Rank correlation over models: SciPy's, with a p by enumeration and an interval by hand."""

import itertools

import jax
import numpy as np
import pandas as pd
import pytest
import scipy

from dbench import stats

KEY = jax.random.key(0)
ONE, OTHER = [0.1, 0.2, 0.3, 0.4, 0.5], [2.0, 1.0, 4.0, 5.0, 3.0]


def frame(one=ONE, other=OTHER, seeds=2):
    """A model a number; seeds lie around it."""
    rows = [
        ("d", f"model{m}", "", float("nan"), seed, metric, values[m] + 0.001 * (seed - 0.5))
        for metric, values in (("mig", one), ("dqn_target", other))
        for m in range(len(values))
        for seed in range(seeds)
    ]
    columns = ["dataset", "model", "hyperparameter", "value", "seed", "metric", "score"]
    return pd.DataFrame(rows, columns=columns)


def found(*given, **more):
    (row,) = stats.prediction(frame(*given, **more), "dqn_target", KEY).to_dict("records")
    return row


@pytest.mark.slow
def test_rho_and_p_are_those_of_all_ways_to_deal_scores_among_models():
    row = found()
    rho = scipy.stats.spearmanr(ONE, OTHER).statistic
    dealt = [scipy.stats.spearmanr(x, OTHER).statistic for x in itertools.permutations(ONE)]
    assert row["correlation"] == pytest.approx(rho) and row["models"] == 5
    # SciPy's two-sided p is twice the smaller tail.
    assert row["p"] == pytest.approx(2 * np.mean(np.array(dealt) >= rho - 1e-9))
    spread = 1.959964 * np.sqrt((1 + rho**2 / 2) / 2)
    wanted = np.tanh(np.arctanh(rho) + np.array([-spread, spread]))
    assert [row["low"], row["high"]] == pytest.approx(wanted, rel=1e-5)


def test_more_seeds_of_the_same_models_are_no_more_models():
    assert found(seeds=6) == found(seeds=2)


def test_what_has_no_correlation_or_no_interval():
    flat = found([0.1] * 5, seeds=1)
    assert np.isnan([flat[name] for name in ("correlation", "low", "high", "p")]).all()
    same = found(OTHER)
    assert same["correlation"] == pytest.approx(1) and np.isnan(same["low"])
    assert same["p"] == pytest.approx(2 / 120)
    assert np.isnan(found(ONE[:2], OTHER[:2])["correlation"])
    assert stats.prediction(frame(), "a2c_target", KEY).empty
