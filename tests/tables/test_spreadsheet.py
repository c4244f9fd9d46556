"""Names that a spreadsheet would carry out are written so that it does not, and read back."""

import csv
import io

import pandas as pd
import pytest

from dbench.tables import reading, results, spreadsheet
from tests.tables.test_results import frame

NAMES = ["=1+1", "+cmd|' /C calc'!A0", "-1-1", "@SUM(A1)", "\tx", "\r=x", "'=1+1", "''@x", "'", "-"]
NAMES += [" =1+1", "\n=1", "\u00a0=1", "\uff1d1", "--1", "-1,2"]
LEFT = ["a=1", "-3.5", "+1", "'a", "a\tb", "", "NA"]


@pytest.mark.parametrize("name", NAMES + LEFT)
def test_every_name_reads_back_as_it_was(name, tmp_path):
    table = frame().assign(dataset=name)
    results.write(tmp_path, table)
    assert set(results.load(tmp_path)["dataset"]) == {name}
    with (tmp_path / "scores.csv").open(newline="") as file:
        written = next(csv.DictReader(file))["dataset"]
    assert written.strip(" ")[:1] not in tuple("=@\t\r\n\uff1d")
    assert name in LEFT or name == "'" or written == f"'{name}"
    assert pd.read_parquet(tmp_path / "scores.parquet")["dataset"].eq(name).all()
    if name.strip():
        assert set(reading.read(str(tmp_path)).frame["dataset"]) == {name}


def test_names_of_columns_are_marked_too_and_numbers_are_not():
    text = spreadsheet.csv(pd.DataFrame({"=a": [-1.5], "b": ["-1.5"], "c": [-2]}))
    assert text == "'=a,b,c\n-1.5,-1.5,-2\n"


@pytest.mark.slow
def test_comparisons_are_written_so(tmp_path, dbench, monkeypatch):
    """By the names of tables, which are those of their files."""
    for name in ("=one", "=two"):
        table = frame([(1.0, s, s / 10) for s in range(4)])
        table.assign(model=name).to_csv(tmp_path / f"{name}.csv", index=False)
    monkeypatch.chdir(tmp_path)
    code, out, err = dbench("compare", "=one.csv", "=two.csv", "--csv", "-")
    assert code == 0, err
    assert not any(cell[:1] in ("=", "@") for row in csv.reader(io.StringIO(out)) for cell in row)
    assert "'=one" in out
