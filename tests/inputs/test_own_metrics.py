"""Metrics of a user's own: what they may be, what they get, and a sentence for each mistake."""

import jax
import numpy as np
import pytest

from dbench.base import Table
from dbench.errors import InputError
from dbench.inputs import own_metrics
from dbench.metrics import METRICS, evaluate, select
from tests.own_code import forget

CODE = """
import numpy as np
from dbench.base import Score
from dbench.metrics.shared.metric import metric
from dbench.metrics.shared.validate import need_two_factors

def best(codes, factors):
    \"\"\"The best.\"\"\"
    k = factors.shape[1]
    return abs(np.corrcoef(codes.T, factors.T)[:-k, -k:]).max(axis=0).mean()

def drawn(codes, factors, *, rng):
    return rng.random()

def spread(codes, factors, logvar):
    return np.exp(logvar).mean()

def maybe(codes, factors, logvar=None):
    return Score(float(logvar is None), 0.5, {"a": [1, 2], "b": 3}, ("careful",))

def changing(codes, factors):
    codes[:] = 0
    factors[:] = 0
    return 1

@metric(need_two_factors)
def ours(work, *, rows: int = 5):
    return Score(rows, 0.0, {})

def text(codes, factors): return "much"
def arrays(codes, factors): return np.ones(3)
def none(codes, factors): return None
def nan(codes, factors): return Score(np.nan, 0.0, {})
def odd_parts(codes, factors): return Score(1.0, 0.0, {"a": "b"})
def raises(codes, factors): raise KeyError("a\\nb")
def leaves(codes, factors): raise SystemExit(3)
def one(codes): return 1
def three(codes, factors, what): return 1
number = 3
"""
KEY = jax.random.key(0)


@pytest.fixture(autouse=True)
def module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    name = f"metrics_{abs(hash(str(tmp_path)))}"
    (tmp_path / f"{name}.py").write_text(CODE)
    yield name
    forget()


@pytest.fixture
def table():
    factors = np.stack(np.meshgrid(range(4), range(5), indexing="ij"), -1).reshape(-1, 2)
    mean = factors * np.array([1.0, -2.0])
    return Table(mean, factors, np.full(mean.shape, -4.0))


def score(module, name, table, key=KEY, **more):
    own_metrics.register([f"{module}:{name}"])
    return evaluate(table, key, [f"{module}:{name}"], **more)[f"{module}:{name}"]


def test_a_function_of_codes_and_factors(module, table):
    found = score(module, "best", table)
    assert found.value == pytest.approx(1) and found.stderr == 0 and not found.parts
    metric = METRICS[f"{module}:best"]
    assert metric.__name__ == f"{module}:best" and metric.__doc__ == "The best."
    assert select([f"{module}:best", "mig"]) == [f"{module}:best", "mig"]
    assert f"{module}:best" not in select(["all"])  # a group is what dbench has


def test_log_variances_and_a_generator_where_they_are_asked_for(module, table):
    assert score(module, "spread", table).value == pytest.approx(np.exp(-4))
    one, again, other = (score(module, "drawn", table, jax.random.key(i)) for i in (0, 0, 1))
    assert one.value == again.value != other.value
    assert score(module, "drawn", table, repeats=5).stderr > 0
    bare = table._replace(logvar=None)
    assert score(module, "maybe", table).value == 0 and score(module, "maybe", bare).value == 1
    with pytest.raises(InputError, match="spread needs logvar"):
        score(module, "spread", bare)
    with pytest.raises(InputError, match="best needs the factors"):
        score(module, "best", table._replace(factors=np.zeros((20, 0), int)))


def test_a_score_with_what_is_behind_it(module, table):
    found = score(module, "maybe", table)
    assert found.stderr == 0.5 and found.warnings == ("careful",)
    assert found.parts["a"].tolist() == [1, 2] and found.parts["b"] == 3.0


def test_a_function_under_metric(module, table):
    assert score(module, "ours", table).value == 5
    assert score(module, "ours", table, options={"rows": 7}).value == 7
    with pytest.raises(InputError, match=f"{module}:ours needs at least two factors"):
        score(module, "ours", table._replace(factors=table.factors[:, :1]))


def test_what_a_function_gets_is_its_own(module, table):
    before = table.mean.copy(), table.factors.copy()
    assert score(module, "changing", table).value == 1
    assert (table.mean == before[0]).all() and (table.factors == before[1]).all()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("text", "returned what is no score: TypeError: str, and neither a number nor a Score"),
        ("arrays", "returned what is no score: TypeError: ndarray"),
        ("none", "returned what is no score: TypeError: NoneType"),
        ("nan", "returned what is no score: ValueError: nan; where there is no score, raise"),
        ("odd_parts", "returned what is no score: TypeError: the part 'a' holds <U1"),
        ("raises", "raised KeyError: "),
        ("leaves", "raised SystemExit: 3"),
        ("one", "must be a function of codes and factors, and maybe of logvar and rng"),
        ("three", "must be a function of codes and factors"),
        ("number", "is no function but of type int"),
        ("gone", "has no 'gone'"),
    ],
)
def test_mistakes(module, table, name, said):
    with pytest.raises(InputError, match=said) as caught:
        score(module, name, table)
    assert module in str(caught.value) and "\n" not in str(caught.value)


def test_a_name_that_is_no_function():
    own_metrics.register(["mig", "default", 3])  # others say what is wrong with them
    with pytest.raises(InputError, match="the metric 'a b:c' is not module:function"):
        own_metrics.register(["a b:c"])
    with pytest.raises(InputError, match="there is no module 'no_such_module'"):
        own_metrics.register(["no_such_module:f"])
