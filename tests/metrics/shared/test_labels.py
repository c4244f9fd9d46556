"""The one rule for the values of a factor: which are one, which are missing, which are refused."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from dbench.errors import InputError
from dbench.metrics.shared.labels import integers, labels, names, real, standing_for

BIG = 2**53 + 1
DAY = datetime.date(2024, 2, 29)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["None", "NA", "null", "NA"], [1, 0, 2, 0]),
        (["nan", "n/a", "#N/A", "<NA>", "inf"], [4, 3, 0, 1, 2]),
        (["True", "true", "TRUE"], [1, 2, 0]),
        (["1", "01", "2"], [1, 0, 2]),
        (["1", "1.0", "+1", "1e0", "2"], [0, 0, 0, 0, 1]),
        (["10", "9", "-3"], [2, 1, 0]),  # numbers, not text
        (["0x10", "16", "1_6"], [0, 1, 2]),
        ([" a", "a ", "b"], [0, 0, 1]),
        (["1e20", "1e25", "-3e22", "7"], [2, 3, 0, 1]),
        (["1e400", "1e401", "0"], [1, 2, 0]),
        (["0.1", "0.10", "0.10000000000000000001"], [0, 0, 1]),
        (["-0.0", "0", "0.0"], [0, 0, 0]),
        (["2024-01-02", "2023-12-31"], [1, 0]),
        ([b"b", "a", "b"], [1, 0, 1]),
        ([BIG, BIG - 1, float(BIG - 1)], [1, 0, 0]),
        ([2**70, 2**70 + 1, 0], [1, 2, 0]),
        ([Decimal("0.5"), 0.5, 1], [0, 0, 1]),
        ([DAY, datetime.date(2023, 1, 1), DAY], [1, 0, 1]),
        ([True, False, True], [1, 0, 1]),
        (np.array([1.0, -0.0, 0.0]), [1, 0, 0]),
        (np.array([1, 2, 1], np.float16), [0, 1, 0]),
        (np.array([2**63, 2**63 + 1, 0], np.uint64), [1, 2, 0]),
        (np.array(["b", "a", "b"]), [1, 0, 1]),
        (np.array([b"b", b"a", b"b"]), [1, 0, 1]),
        (np.array(["2024-01-02", "2023-12-31"], "M8[D]"), [1, 0]),
        (np.array([1, "1", 2], object), [0, 0, 1]),
        (pd.Series([3, 1, 3], dtype="Int64"), [1, 0, 1]),
        (pd.Series([True, False], dtype="boolean"), [1, 0]),
        (pd.Series(["b", "a"], dtype="string"), [1, 0]),
        (pd.Series(["b", "a"], dtype=pd.CategoricalDtype(["b", "a"])), [1, 0]),
        (pd.Series(["10", "9"], dtype="category"), [1, 0]),
        (pd.Series(pd.to_datetime(["2024-01-02", "2023-12-31"])), [1, 0]),
        (range(5, 2, -1), [2, 1, 0]),
    ],
    ids=str,
)
def test_which_values_are_one_and_their_order(given, expected):
    assert labels(given, "x").at.tolist() == expected


@pytest.mark.parametrize(
    "given",
    [
        [1, None, 2],
        [1.0, np.nan, 2.0],
        ["a", "", "b"],
        ["a", "  ", "b"],
        ["a", None, "b"],
        ["a", np.nan, "b"],
        [True, pd.NA, False],
        ["1", "nan", "2"],  # among numbers a missing one
        ["1", "NA", "2"],
        ["1", "#N/A", "2.5"],
        [DAY, pd.NaT, DAY],
        [Decimal(1), Decimal("NaN"), Decimal(2)],
        np.array(["2024-01-01", "NaT", "2024-01-02"], "M8[D]"),
        np.ma.masked_array([1, 2, 3], [0, 1, 0]),
        pd.Series([1, None, 2], dtype="Int64"),
        pd.Series([True, None, True], dtype="boolean"),
        pd.Series(["a", None, "b"], dtype="string"),
        pd.Series(["a", None, "b"], dtype="category"),
        np.array([1, np.nan, 2], np.float16),
    ],
    ids=str,
)
def test_a_missing_value_is_called_missing(given):
    said = "^x lacks a value in 1 of 3 rows, the first in row 1( .* among numbers.)?: .* missing "
    for function in (labels, integers):
        with pytest.raises(InputError, match=said):
            function(given, "x")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([[1], [2]], "x holds lists"),
        ([1, [2]], "x holds lists"),
        ([{"a": 1}, 2], "x holds lists"),
        (np.array([1j]), "x holds complex128: give numbers or text"),
        ([np.inf, 1], "x is infinite in row 0"),
        (["1", "-inf"], "x is infinite in row 1"),
        ([b"\xff", b"a"], "x has an entry that cannot be read as text"),
        (["0.5", "1"], r"no integers \(0.5, say\): .*--continuous"),
        ([1e-400, 0.25], "x has values that are no integers"),
        (["1e-400", "1"], "x has values that are no integers"),
    ],
    ids=str,
)
def test_what_is_no_label_is_one_sentence(given, said):
    with pytest.raises(InputError, match=said):
        integers(given, "x")


def test_integers_stand_for_themselves_where_int64_holds_them():
    assert integers(["30", "10"], "x").tolist() == [30, 10]
    assert integers(np.array([2.0, -5.0]), "x").tolist() == [2, -5]
    assert integers([2**63 - 1, -(2**63) + 1], "x").tolist() == [2**63 - 1, -(2**63) + 1]
    assert integers([2**63, 7], "x").tolist() == [1, 0]
    assert integers(np.array([2**63, 7], np.uint64), "x").tolist() == [1, 0]
    assert integers(["1e400", "-7"], "x").tolist() == [1, 0]


def test_numbers_of_a_continuous_factor():
    assert real(["0.1", "1e3"], "x").tolist() == [0.1, 1000]
    assert real(pd.Series([1, 2], dtype="Int64"), "x").tolist() == [1, 2]
    assert real([Decimal("0.5")], "x").tolist() == [0.5]
    for given, said in (
        (["1", "red"], "x holds 'red', not numbers"),
        (["1", "01"], "x holds '01', not numbers"),
        ([True, False], "x holds 'False', not numbers"),
        (["1", "nan"], "x lacks a value in 1 of 2 rows"),
        (["1e400", "1"], "x is infinite in row 0"),
    ):
        with pytest.raises(InputError, match=said):
            real(given, "x")


def test_what_values_stand_for():
    assert standing_for(labels(["2.5", "10"], "x")).tolist() == [2.5, 10]
    assert standing_for(labels(["b", "a"], "x")).tolist() == [0, 1]
    assert standing_for(labels(["1e400", "1"], "x")).tolist() == [0, 1]  # no float64


def test_names_are_text():
    assert names(np.array([b"a", "b"], object), "n") == ("a", "b")
    assert names([" a", 1], "n") == ("a", "1")
    for given in ("abc", 3, np.array("a"), [["a"]]):
        with pytest.raises(InputError, match="n must be a list of names"):
            names(given, "n")
    with pytest.raises(InputError, match="cannot be read as text"):
        names([b"\xff"], "n")


@pytest.mark.parametrize("huge", ["1e99999999", "-1e5000000", "1e400"])
def test_numbers_of_any_size_are_numbers(huge):
    """Beyond all floats, and beyond what Python's decimals compute with."""
    values = [huge, "2", huge, "3"]
    found = labels(values, "x")
    assert found.numbers and len(found.distinct) == 3
    expected = [2, 0, 2, 1] if huge[0] == "1" else [0, 1, 0, 2]
    assert integers(values, "x").tolist() == expected


def test_a_fraction_is_shown_as_it_is():
    with pytest.raises(InputError, match=r"no integers \(1E-99999999, say\)"):
        integers(["1e-99999999", "2"], "x")
