"""A study in parts: the table of one machine, whatever died on the way."""

import json

import pytest

from dbench.cluster import driver, written
from dbench.cluster.driver import Given
from dbench.study import runner
from tests.cluster.here import Here, load

TABLES = ("scores.csv", "scores.parquet")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The tables of the study on one machine."""
    folder = tmp_path_factory.mktemp("whole")
    assert runner.run_study(load(folder), folder) == {}
    return {name: (folder / "mine" / name).read_bytes() for name in TABLES}


def drive(folder, engine, **given):
    said = []
    failed = driver.drive(load(folder), folder, engine, Given(**given), said.append)
    return failed, said


def test_the_table_is_that_of_one_machine(whole, tmp_path):
    failed, said = drive(tmp_path, Here(), most=1)
    assert failed == {} and said[0] == "batch 1: 4 runs in 4 parts of 1 runs at most"
    assert {name: (tmp_path / "mine" / name).read_bytes() for name in TABLES} == whole
    told = json.loads((tmp_path / "mine" / "study.json").read_text())["own"]
    assert list(told["hosts"].values()) == [told["device"]] and told["seconds"]["training"] > 0
    assert (
        "seconds" in told
        and told["commit"] == written.plans(tmp_path / "mine", "own")[0].made["commit"]
    )
    # Again there is nothing to do.
    again, said = drive(tmp_path, Here(limit=0))
    assert again == {} and said == []
