"""evaluate(): bad tables, unknown ids, and keys that do not depend on company."""

import jax
import numpy as np
import pytest

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics import METRICS, allowed, evaluate

KEY = jax.random.key(0)


@pytest.fixture
def table(factors):
    codes = factors + 0.1 * np.random.default_rng(0).normal(size=(216, 3))
    return Table(codes, factors, np.full((216, 3), -4.0), ("shape", "size", "turn"))


def spoil(array, value, at=(5, 1)):
    array = array.copy()
    array[at] = value
    return array


BAD = {
    "mean of code 1 is NaN or infinite in 1 of 216 rows": lambda t: t._replace(
        mean=spoil(t.mean, np.nan)
    ),
    "logvar of code 2 is NaN or infinite in 3 of 216 rows": lambda t: t._replace(
        logvar=spoil(t.logvar, -np.inf, ([0, 1, 2], 2))
    ),
    "logvar of code 1 goes beyond": lambda t: t._replace(logvar=spoil(t.logvar, -1000)),
    "mean has 215 rows and factors 216": lambda t: t._replace(mean=t.mean[1:], logvar=t.logvar[1:]),
    r"mean must be \[rows, codes\]": lambda t: t._replace(mean=t.mean[:, 0]),
    "the table has no rows": lambda t: Table(t.mean[:0], t.factors[:0]),
    "has 1 code": lambda t: Table(t.mean[:, :1], t.factors),
    "no factors": lambda t: Table(t.mean, t.factors[:, :0]),
    "integers, not float64": lambda t: t._replace(factors=t.factors + 0.5),
    r"logvar is \[216, 2\] and mean \[216, 3\]": lambda t: t._replace(logvar=t.logvar[:, 1:]),
    "2 names are given for 3 factors": lambda t: t._replace(names=("a", "b")),
    "factor 'size' has the same value in all 216 rows: remove it": lambda t: t._replace(
        factors=t.factors * [1, 0, 1]
    ),
    "mig needs logvar.*use mig_histogram": lambda t: t._replace(logvar=None),
    "at least two factors": lambda t: Table(t.mean, t.factors[:, :1], t.logvar),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_table_is_one_clear_sentence(table, sentence):
    with pytest.raises(InputError, match=sentence) as error:
        evaluate(BAD[sentence](table), KEY, list(METRICS))
    assert "\n" not in str(error.value)


def test_unknown_metric_names_the_nearest(table):
    with pytest.raises(InputError, match="unknown metric 'mgi'.*did you mean 'mig'"):
        evaluate(table, KEY, ["mig", "mgi"])


def test_a_score_does_not_depend_on_the_others(table):
    both = evaluate(table, KEY, ["mig_histogram", "factor_vae"])
    assert both == evaluate(table, KEY, ["factor_vae"]) | evaluate(table, KEY, ["mig_histogram"])


def test_metrics_have_different_keys(table, monkeypatch):
    keys = []
    monkeypatch.setitem(METRICS, "higgins", lambda table, key: keys.append(key))
    monkeypatch.setitem(METRICS, "factor_vae", lambda table, key: keys.append(key))
    evaluate(table, KEY, ["higgins", "factor_vae"])
    assert keys[0] != keys[1] and keys[0] != KEY


def test_scores_come_in_the_order_asked_for(table):
    assert list(evaluate(table, KEY, ["mig_histogram", "mig"])) == ["mig_histogram", "mig"]


def test_allowed(table):
    assert allowed(table) == list(METRICS)
    assert allowed(table._replace(logvar=None)) == ["higgins", "factor_vae", "mig_histogram"]
    assert allowed(table._replace(factors=table.factors[:, :1])) == ["mig", "mig_histogram"]


def test_parts_use_the_names_of_factors(table):
    scores = evaluate(table, KEY, ["mig", "mig_histogram"])
    for score in scores.values():
        assert {"gap/shape", "gap/size", "gap/turn"} <= score.parts.keys()
        gaps = [score.parts[f"gap/{name}"] for name in table.names]
        assert np.mean(gaps) == pytest.approx(score.value)
