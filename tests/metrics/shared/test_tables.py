"""Arrays to tables, and the two ways to call a metric."""

import inspect
import warnings

import jax
import numpy as np
import pytest

from dbench.base import Score, Table
from dbench.errors import InputError
from dbench.metrics import METRICS, ScoreWarning
from dbench.metrics.shared.metric import combine, metric, repeat_keys, variant
from dbench.metrics.shared.tables import cut, table

KEY = jax.random.key(0)


def test_lists_and_single_columns_will_do():
    made = table([[1, 2], [3, 4]], [0, 1], names=["shape"])
    assert made.mean.dtype == np.float64 and made.factors.tolist() == [[0], [1]]
    assert made.names == ("shape",) and made.logvar is None is made.values
    assert table([[1.5, 2]]).factors.shape == (1, 0)


def test_float32_codes_stay_what_they_are():
    codes = np.zeros((3, 2), np.float32)
    assert table(codes).mean is codes


def test_continuous_factors_are_binned_in_factors_and_kept_in_values():
    value = np.array([[0.0, 7], [0.049, 8], [0.051, 7], [1.0, 9]])
    made = table(np.zeros((4, 2)), value, names=("size", "shape"), continuous=["size"])
    assert made.factors.tolist() == [[0, 7], [0, 8], [1, 7], [19, 9]]
    assert np.array_equal(made.values, value) and made.continuous == ("size",)
    by_number = table(np.zeros((4, 2)), value, continuous=(0, "factor1"))
    assert by_number.continuous == ("factor0", "factor1")
    assert by_number.factors[:, 1].tolist() == [0, 10, 0, 19]


def test_bins_have_equal_width_and_all_twenty_are_met():
    labels = cut(np.linspace(-3, 5, 4000))
    assert np.bincount(labels).tolist() == pytest.approx([200] * 20, abs=1)


BAD = {
    "codes must hold real numbers, not complex128": {"codes": np.zeros((4, 2), complex)},
    "codes must hold real numbers, not object": {"codes": np.array([[None, 1.0]] * 4)},
    "logvar must hold real numbers, not <U1": {"logvar": np.full((4, 2), "x")},
    "'factor0' is declared continuous and holds 'x', not numbers": {
        "factors": np.full((4, 1), "x"),
        "continuous": [0],
    },
    "did you mean 'size'": {"names": ("size",), "continuous": ["siz"]},
    "there is no factor 1: the table has 1": {"continuous": [1]},
    "there is no factor -1": {"continuous": [-1]},
    "'factor0' is declared continuous and lacks a value in 1 of 4 rows, the first in row 1": {
        "factors": [0.1, np.nan, 1, 2],
        "continuous": [0],
    },
    "factor 'b' has values that are no integers": {
        "factors": np.full((4, 2), 0.5),
        "names": ("a", "b"),
        "continuous": ["a"],
    },
}


@pytest.mark.parametrize("message", BAD)
def test_bad_arrays_are_one_sentence(message):
    given = {"codes": np.eye(4)[:, :2], "factors": np.arange(4)} | BAD[message]
    with pytest.raises(InputError, match=message.replace("<", ".")):
        table(**given)


FAULTS = {
    "must be [rows, codes]": {"codes": np.zeros(4)},
    "mean has 5 rows and factors 4": {"codes": np.zeros((5, 2))},
    "at least two are needed": {"codes": np.zeros((4, 1))},
    "has values that are no integers (0.5, say): give the index of each value, or declare it": {
        "factors": np.arange(4) / 2
    },
    "mean of code 1 is NaN or infinite in 1 of 4 rows": {"codes": np.diag([1, np.nan, 1, 1])},
    "logvar is [4, 3] and mean [4, 4]": {"logvar": np.zeros((4, 3))},
    "the table has one row": {
        "codes": np.zeros((1, 4)),
        "factors": np.zeros(1, int),
        "logvar": np.zeros((1, 4)),
    },
    "factor 'factor0' has the same value in all 4 rows": {"factors": np.zeros(4, int)},
    "2 names are given for 1 factors": {"names": ("a", "b")},
    "needs logvar": {"logvar": None},
    "and this table has no factors": {"factors": None},
}


@pytest.mark.parametrize("message", FAULTS)
def test_a_call_says_what_is_wrong_with_its_table(message):
    given = {"codes": np.eye(4), "factors": np.arange(4), "logvar": np.zeros((4, 4))}
    with pytest.raises(InputError) as error:
        METRICS["mig"](**given | FAULTS[message])
    assert message in str(error.value) and "\n" not in str(error.value)


def test_continuous_factors_of_a_call():
    rng = np.random.default_rng(0)
    value = rng.uniform(size=1000)
    codes = np.stack([value**3, rng.normal(size=1000)], axis=1)
    score = METRICS["mig_histogram_all"](codes, value, names=["size"], continuous=["size"])
    binned = METRICS["mig_histogram_all"](Table(codes, cut(value)[:, None]), KEY)
    assert score.value == binned.value and set(score.parts) == {"gap/size", "information"}
    assert METRICS["sap_continuous_all"](codes, value, continuous=[0]).parts["r2"][0, 0] == (
        pytest.approx(np.corrcoef(value**3, value)[0, 1] ** 2)
    )


@pytest.mark.slow
def test_a_seed_is_a_key(factors):
    irs = METRICS["irs"]
    noisy = factors + np.random.default_rng(0).normal(size=factors.shape)
    by_key = irs(Table(noisy, factors), jax.random.key(5), rows=100)
    assert irs(noisy, factors, seed=5, rows=100).value == by_key.value
    assert irs(noisy, factors, rows=100).value == irs(noisy, factors, seed=0, rows=100).value
    assert irs(noisy, factors, seed=6, rows=100).value != by_key.value


def test_signature_is_that_of_the_call_and_the_options():
    parameters = inspect.signature(METRICS["irs_all"]).parameters
    assert list(parameters)[:3] == ["codes", "factors", "logvar"]
    assert parameters["rows"].default is None and parameters["quantile"].default == 0.99
    assert "work" not in parameters and "options" not in parameters
    assert METRICS["irs_all"].options == {"rows": None, "quantile": 0.99}


def test_an_unknown_option_is_an_error(factors):
    with pytest.raises(InputError, match="unknown option of irs 'rowz'.*did you mean 'rows'"):
        METRICS["irs"](factors * 1.0, factors, rowz=3)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("irs", {"rows": 0}, "irs: rows must be a whole number of at least 2, not 0"),
        ("irs", {"rows": 1e4}, "irs: rows must be a whole number"),
        ("irs", {"quantile": -1}, "irs: quantile must be a number of at least 0"),
        ("dci_completeness", {"train": 4}, "train must be a whole number of at least 20"),
        ("unfairness", {"points": 1}, "points must be a whole number of at least 2"),
        ("mig_histogram", {"bins": None}, "bins must be a whole number"),
        ("total_correlation", {"points": 5}, "5 points are too few"),
        ("irs", {"repeats": 0}, "repeats must be a whole number of 1 to"),
        ("irs", {"seed": 2**40}, "seed must be a whole number of 0 to"),
        ("irs", {"seed": "a"}, "seed must be a whole number"),
        ("irs", {"names": ["a", "a", "b"]}, "two factors have the same name"),
        ("irs", {"names": "abc"}, "names must be a list of names"),
    ],
)
def test_bad_options_are_one_clear_sentence(factors, name, options, said):
    with pytest.raises(InputError, match=said):
        METRICS[name](factors * 1.0, factors, np.zeros((216, 3)), **options)


@pytest.mark.parametrize(
    ("codes", "factors_of", "said"),
    [
        (lambda f: f * 1e40, lambda f: f, "mean goes beyond"),
        (lambda f: np.ma.masked_array(f * 1.0, f > 4), lambda f: f, "codes have masked"),
        (lambda f: f * 1.0, lambda f: np.ma.masked_array(f, f > 4), "'factor0' lacks a value in"),
        (lambda f: f * 1.0, lambda f: np.arange(648).reshape(216, 3), "so it numbers the rows"),
        (lambda f: [[1, 2], [1]], lambda f: f, "codes must be one array of numbers"),
    ],
)
def test_bad_tables_are_one_clear_sentence(factors, codes, factors_of, said):
    with pytest.raises(InputError, match=said):
        METRICS["irs"](codes(factors), factors_of(factors))


def test_large_labels_are_labels(factors):
    """Beyond 2^53 float64 merges neighbours."""
    small, large = (METRICS["sap_continuous"](factors * 1.0, f) for f in (factors, factors + 2**60))
    assert small.value == large.value > 0.99


@metric()
def toy(work, *, plus: float = 0.0) -> Score:
    """A number of a generator."""
    value = float(work.rng("toy").random()) + plus
    said = ("small",) if value < 0.5 else ("large", "odd")
    return Score(value, 0.1, {"value": value, "pair": np.array([value, 1.0])}, said)


def test_warnings_point_at_the_caller():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        toy(np.zeros((3, 2)), plus=1)
    assert [str(w.message) for w in caught] == ["toy: large", "toy: odd"]
    assert all(w.category is ScoreWarning and w.filename == __file__ for w in caught)


def test_repeats_begin_with_the_call_itself():
    once, thrice = toy(np.zeros((3, 2)), seed=4), toy(np.zeros((3, 2)), seed=4, repeats=3)
    draws = thrice.parts["draws"]
    assert once.stderr == 0.1 and draws[0] == once.value and len(set(draws)) == 3
    assert thrice.value == pytest.approx(draws.mean())
    assert thrice.stderr == pytest.approx(draws.std(ddof=1) / np.sqrt(3))
    assert thrice.parts["value"] == pytest.approx(draws.mean())
    assert thrice.parts["pair"] == pytest.approx([draws.mean(), 1])
    assert next(repeat_keys(KEY, 2)) is KEY
    assert len({jax.random.key_data(key).tobytes() for key in repeat_keys(KEY, 5)}) == 5


def test_repeats_say_each_sentence_once_and_leave_out_parts_that_differ():
    one = Score(1.0, 0, {"a": 1.0, "b": np.zeros(2)}, ("x", "y"))
    other = Score(2.0, 0, {"a": 3.0, "b": np.zeros(3)}, ("y", "z"))
    found = combine([one, other])
    assert found.warnings == ("x", "y", "z") and found.value == 1.5
    assert found.parts["a"] == 2 and "b" not in found.parts


def test_a_variant_is_the_metric_with_other_defaults():
    more = variant(toy, "toy_more", "Half more.", plus=0.5)
    codes = np.zeros((3, 2))
    assert more(codes).value == toy(codes).value + 0.5 == toy(codes, plus=0.5).value
    assert more(codes, plus=2.0).value == toy(codes).value + 2
    assert more.__name__ == "toy_more" and more.options == {"plus": 0.5}
    assert more.__doc__.startswith("Half more.") and "plus=0.5" in more.__doc__
