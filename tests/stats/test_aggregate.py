import jax
import numpy as np
import pytest
from scipy import stats as scipy_stats

from dbench import stats
from dbench.errors import InputError

KEY = jax.random.key(0)


def test_interquartile_mean_by_hand():
    assert stats.iqm([100, 1, 2, 3, 4, 5, 6, -100]) == 3.5  # 2 .. 5 are left
    assert stats.iqm(np.array([[0.0, 1, 2, 3], [4, 5, 6, 70]]), axis=1).tolist() == [1.5, 5.5]


def test_stratified_interval():
    """Tasks far apart: of their mean only the seeds' spread is uncertain, not that of the tasks."""
    rng = np.random.default_rng(0)
    tasks = [rng.normal(level, 1.0, 20) for level in (0, 100, 200)]
    value, low, high = stats.aggregate_interval(tasks, KEY, statistic=np.mean)
    assert value == pytest.approx(np.concatenate(tasks).mean())
    error = np.sqrt(np.mean([task.var() for task in tasks]) / 60)
    assert (low, high) == pytest.approx((value - 1.96 * error, value + 1.96 * error), abs=0.05)
    _, low, high = stats.aggregate_interval([np.concatenate(tasks)], KEY, statistic=np.mean)
    assert high - low > 20


def test_one_stratum_is_scipys_bootstrap():
    scores = np.random.default_rng(3).gamma(2.0, size=30)
    _, low, high = stats.aggregate_interval([scores], KEY, resamples=9_999)
    found = scipy_stats.bootstrap(
        (scores,),
        lambda x, axis: scipy_stats.trim_mean(x, 0.25, axis=axis),
        method="percentile",
        rng=0,
    ).confidence_interval
    assert (low, high) == pytest.approx(tuple(found), abs=0.05)


def test_performance_profile_by_hand():
    tasks = [[0.1, 0.4, 0.6, 0.9], [0.5, 0.5]]
    share, low, high = stats.performance_profile(tasks, [0.0, 0.5, 1.0], KEY)
    assert share.tolist() == [1.0, 0.25, 0.0]  # above .5: half of the first task, none of the other
    assert (low <= share).all() and (share <= high).all() and low[1] < 0.25 < high[1]
    share, low, _ = stats.performance_profile([[1.0], [2.0]], [1.5], KEY)
    assert share == 0.5 and np.isnan(low).all()


def test_bad_strata():
    for bad in ([], [[]], [1.0, 2.0]):
        with pytest.raises(InputError, match="list of tasks"):
            stats.aggregate_interval(bad, KEY)
    with pytest.raises(InputError, match="NaN"):
        stats.performance_profile([[1.0, np.nan]], [0.5], KEY)
    with pytest.raises(InputError, match="seeds as the scores"):
        stats.aggregate_interval([[1.0, 2.0]], KEY, seeds=[[0]])
