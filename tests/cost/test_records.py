"""What workers noted of their parts is a source for each model of its own."""

import json

import pytest

from dbench import data
from dbench.cluster import parts, record, written
from dbench.cost import records, speeds
from dbench.study import runs

DEVICE = "1 x gpu (Some GPU)"


@pytest.fixture
def place(study, tmp_path):
    """Results in which two parts of one model were done, and one was begun."""
    tiny = {"dsprites_tiny": data.load("dsprites_tiny")}
    plan = written.write(tmp_path / study.name, study, parts.cut(runs(study), tiny, 2), tiny)
    seconds = {"training": 2.0, "encoding": 0.5, "scoring": 3.0}
    for part, model, attempts in (
        (0, "beta_vae", [{"steps": 150, "scored": 0}, {"steps": 50, "scored": 2}]),
        (1, "beta_vae", [{"steps": 200, "scored": 2}]),
        (2, "factor_vae", [{"device": record.NONE}]),
    ):
        own = {"host": "one", "device": DEVICE, "seconds": seconds}
        told = {"state": "done", "attempts": [own | each for each in attempts]}
        told |= {"model": model, "data": "dsprites_tiny", "runs": 2}
        (plan.part(part) / record.NAME).write_text(json.dumps(told))
    return tmp_path


def test_attempts_add_up(place):
    (one,) = records.found([place])
    assert (one.platform, one.devices, one.training, one.encoding) == ("gpu", 1, 6.0, 1.5)
    (made,) = one.made
    assert (made.run.model, made.updates, made.scored) == ("beta_vae", 400, 4)
    assert one.said == f"parts of mine at scale own, beta_vae on dsprites_tiny: 4 runs, on {DEVICE}"


@pytest.mark.slow
def test_they_are_the_speed_of_the_model(study, place):
    run = runs(study)[0]
    speed = speeds.speed(run, "gpu", list(records.found([place])))
    known = speeds.known(run, data.load("dsprites_tiny"))
    assert speed.origin == speeds.MEASURED
    assert speed.train == pytest.approx(400 * known.sums.update / 6.0)


def test_what_cannot_be_read_is_no_source(study, place):
    path = place / study.name / ".parts" / "1" / written.NAME
    path.write_text(path.read_text().replace("beta_vae", "no_such_model"))
    assert not list(records.found([place]))
    path.write_text("{")
    assert not list(records.found([place]))
