"""What `dbench status` says of a study, and how long the rest takes."""

import json
import time

import pytest

from dbench.cluster import forecast, record, written
from dbench.cluster.forecast import Part
from dbench.study import held, stages
from tests.cluster.here import Here, load
from tests.cluster.test_driver import drive


def attempt(**seconds):
    return {"host": "node7", "device": "1 x gpu (H100)", "job": "4711_0", "seconds": seconds}


def put(plan, index, state, **fields):
    """A record of a part."""
    told = {"state": state, "attempts": [attempt(training=60.0)], "seen": time.time(), **fields}
    (plan.part(index) / record.NAME).write_text(json.dumps(told))


@pytest.fixture
def plan(tmp_path):
    """Four parts of one run each that wait."""
    drive(tmp_path, Here(idle=9), most=1, wait=False)
    return written.plans(tmp_path / "mine", "own")[0]


def test_parts_and_runs(plan, dbench, tmp_path):
    folder = tmp_path / "mine"
    runs = [name for (name,) in plan.parts]
    stages.give_up(folder / runs[3], "training diverged")
    (folder / runs[0]).mkdir(parents=True)
    (folder / runs[0] / "config.json").write_text("{}")
    put(plan, 0, "running", done=0, left=120.0)
    put(plan, 1, "refused", why="the data file differs")
    code, out, err = dbench("status", folder)
    assert code == 0 and err == ""
    lines = out.splitlines()
    assert lines[0] == "mine at scale own: 0 of 4 runs are done, 1 failed, 1 begun, 2 not begun"
    assert lines[1].startswith(
        "1 parts running, 0 waiting, 1 done, 1 given up, 1 not at work; 1 of"
    )
    assert lines[2].startswith("part 1/0 runs on node7 as job 4711_0, 1 x gpu (H100): 0 of 1 runs,")
    assert "about 02:00 left, last heard of 00:0" in lines[2]
    assert lines[3].startswith("part 1/1 is given up: the data file differs; see ")
    assert lines[4].startswith("part 1/2 is not at work (nobody has begun it): the same command")
    assert lines[5] == f"failed: {folder / runs[3]}: training diverged"
    put(plan, 0, "running", done=0, left=120.0, seen=time.time() - 700)
    assert "nothing is at work here" in dbench("status", folder)[1]
    with held.alone(folder):
        assert "a dbench study on one machine is at work" in dbench("status", folder)[1]


@pytest.mark.slow
def test_of_a_whole_study_it_is_one_line(tmp_path, dbench):
    drive(tmp_path, Here(), most=2)
    _, out, _ = dbench("status", tmp_path / "mine")
    assert out == "mine at scale own: 4 of 4 runs are done, 0 failed, 0 begun, 0 not begun\n"
    assert load(tmp_path).seeds == 2


def test_no_study(refused, tmp_path):
    assert "is no folder of a study: it has no study.json" in refused("status", tmp_path)
    (tmp_path / "study.json").write_text('{"laptop": {"settings": {"a": 1}}}')
    assert "laptop is of another version of dbench" in refused("status", tmp_path)


def test_the_rest_takes_as_long_a_run_as_the_others_took():
    done = Part(10, "done", {"attempts": [attempt(training=50.0), attempt(scoring=50.0)]})
    begun = Part(10, "running", {"attempts": [attempt(training=40.0)], "left": 60.0})
    waiting = Part(10, "waiting", {})
    assert forecast.seconds_left([waiting, waiting]) is None
    assert forecast.seconds_left([begun]) == 60
    assert forecast.seconds_left([done, begun, waiting, waiting]) == 60 + 2 * 100
    assert forecast.seconds_left([begun, begun, waiting, waiting]) == (60 + 100) * 2 / 2
    said = forecast.text([done, begun, waiting], 40)
    assert said.startswith(
        "1 parts running, 1 waiting, 1 done; 20 of 40 runs are done; about 02:40"
    )
