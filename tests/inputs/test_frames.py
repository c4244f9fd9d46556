"""Columns of a .csv or .parquet: their names, many of them, and what is text."""

import time

import pandas as pd
import pytest

from dbench.codes import from_file
from dbench.errors import InputError
from dbench.inputs import columns, frames

MANY = 200_000


@pytest.mark.slow
def test_the_time_of_many_columns_grows_with_their_number(tmp_path):
    """By hours it would be too much, if every name were held against every other."""
    names = [f"mean_{i}" for i in range(MANY)]
    (tmp_path / "a.csv").write_text(",".join([*names, "factor_a"]) + "\n")
    began = time.process_time()
    known = frames.header(tmp_path / "a.csv")
    assert known == [*names, "factor_a"]
    assert columns.default_codes(known) == names
    assert columns.default_logvars([f"logvar_{i}" for i in range(MANY)], names)[-1] == "logvar_" + (
        str(MANY - 1)
    )
    columns._check_apart({"a code": names, "a factor": ["factor_a"]}, known)
    with pytest.raises(InputError, match="no column is named 'mean_x'"):
        columns.pick(known, ["mean_x"], "codes")
    assert time.process_time() - began < 30


@pytest.mark.slow
def test_many_columns_of_text_are_read_in_time_that_grows_with_their_number(tmp_path):
    names = [f"factor_{i}" for i in range(60_000)]
    row = ",".join("01" for _ in names)
    (tmp_path / "a.csv").write_text(",".join([*names, "mean_0"]) + f"\n{row},1\n{row},2\n")
    began = time.process_time()
    found = frames.read(tmp_path / "a.csv", text=names)
    assert list(found) == [*names, "mean_0"] and found["mean_0"].tolist() == [1, 2]
    assert found["factor_59999"].tolist() == ["01", "01"]
    assert time.process_time() - began < 30


@pytest.mark.slow
def test_a_name_twice_is_found_among_many(tmp_path):
    text = ",".join([*(f"mean_{i}" for i in range(MANY)), " mean_7 "])
    (tmp_path / "a.csv").write_text(text + "\n")
    with pytest.raises(InputError, match="two columns are named 'mean_7'"):
        frames.header(tmp_path / "a.csv")


@pytest.mark.slow
def test_ten_thousand_codes_are_read(tmp_path):
    n = 10_000
    lines = [",".join([f"mean_{i}" for i in range(n)] + ["factor_a"])]
    lines += [",".join(["0.5", "1.25"][(i + r) % 2] for i in range(n)) + ",NA" for r in range(3)]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    table = from_file.read(tmp_path / "a.csv")
    assert table.mean.shape == (3, n) and table.mean[0, :2].tolist() == [0.5, 1.25]


@pytest.mark.slow
def test_a_small_parquet_that_is_large_in_memory(tmp_path, monkeypatch):
    frame = pd.DataFrame({"mean_0": [0.0] * 10**6, "mean_1": 0.0, "factor_a": 1})
    frame.to_parquet(tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 50_000
    monkeypatch.setattr("dbench.memory.free", lambda: 2 * 10**7)
    with pytest.raises(InputError, match="a.parquet takes 0.0 GB of memory, and 0.0 GB are free"):
        from_file.read(tmp_path / "a.parquet")


def test_text_of_a_parquet_that_is_not_utf_8(tmp_path):
    frame = pd.DataFrame({"mean_0": [0.5, 1.5], "mean_1": 0.0, "factor_a": ["wxyz", "b"]})
    frame.to_parquet(tmp_path / "a.parquet", compression=None, use_dictionary=False)
    content = (tmp_path / "a.parquet").read_bytes().replace(b"wxyz", b"w\xff\xfez")
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(InputError, match="cannot read .*a.parquet"):
        from_file.read(tmp_path / "a.parquet")


NAMES = ["NA", "nan", "None", "True", "inf", "1", "=x", "#N/A"]


@pytest.mark.parametrize("end", ["csv", "parquet"])
def test_names_of_columns_are_what_is_written(end, tmp_path):
    frame = pd.DataFrame({name: [0.5, 1.5, 2.5] for name in NAMES[:4]})
    frame = frame.assign(**{name: [1, 0, 1] for name in NAMES[4:]})
    path = tmp_path / f"a.{end}"
    frame.to_csv(path, index=False) if end == "csv" else frame.to_parquet(path)
    assert frames.header(path) == list(frames.read(path, text=NAMES[5:])) == NAMES
    table = from_file.read(path, codes=NAMES[:4], factors=NAMES[4:])
    assert table.names == tuple(NAMES[4:]) and table.mean.shape == (3, 4)


def test_a_header_as_spreadsheets_write_it(tmp_path):
    """With a mark of UTF-8, empty lines before it, quotes, and a name that is empty."""
    content = b'\xef\xbb\xbf\r\n\r\n"mean_0", mean_1 ,"factor_a, b",\r\n1,2,x,\r\n3,4,y,\r\n'
    (tmp_path / "a.csv").write_bytes(content)
    assert frames.header(tmp_path / "a.csv") == ["mean_0", "mean_1", "factor_a, b", "Unnamed: 3"]
    table = from_file.read(tmp_path / "a.csv")
    assert table.mean.tolist() == [[1, 2], [3, 4]] and table.names == ("a, b",)
    assert table.factors[:, 0].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("", "the column 'mean_0' lacks a value in 1 of 2 rows, the first in row 1"),
        ("NA", "the column 'mean_0' lacks a value in 1 of 2 rows, the first in row 1"),
        ("nan", "the column 'mean_0' lacks a value in 1 of 2 rows, the first in row 1"),
        ("red", "the column 'mean_0' holds 'red', not numbers"),
        ("0x10", "the column 'mean_0' holds '0x10', not numbers"),
        ("True", "the column 'mean_0' holds 'True', not numbers"),
    ],
)
def test_a_code_that_is_no_number(cell, said, tmp_path):
    (tmp_path / "a.csv").write_text(f"mean_0,mean_1,factor_a\n1,2,a\n{cell},3,b\n")
    with pytest.raises(InputError, match=said):
        from_file.read(tmp_path / "a.csv")


def test_codes_that_are_text_in_a_parquet_are_numbers_as_in_a_csv(tmp_path):
    frame = pd.DataFrame({"mean_0": ["0.1", "1e3"], "mean_1": ["2", "123456789012345678901234"]})
    frame["factor_a"] = [0, 1]
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_csv(tmp_path / "a.csv", index=False)
    one, two = (from_file.read(tmp_path / f"a.{end}").mean.tolist() for end in ("csv", "parquet"))
    assert one == two == [[0.1, 2], [1000, 123456789012345678901234.0]]
