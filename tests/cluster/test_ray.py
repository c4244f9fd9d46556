"""What the engine asks of Ray, and what it makes of the answers. Ray is in test_real_ray.py."""

import sys
import time

import pytest

from dbench import data
from dbench.cluster import parts, ray, record, written
from dbench.cluster.engine import RUNNING, WAITING
from dbench.cluster.settings import Ray
from dbench.errors import InputError
from dbench.study import runs
from tests.cluster import here
from tests.cluster.stands import RayError


@pytest.fixture
def plan(tmp_path):
    study = here.load(tmp_path)
    tiny = {"dsprites_tiny": data.load("dsprites_tiny")}
    return written.write(tmp_path / "mine", study, parts.cut(runs(study), tiny, 2), tiny)


def test_a_part_is_a_task_with_what_the_site_gives_it(stand, plan):
    engine = ray.Tasks(Ray(num_gpus=1, num_cpus=4, retries=2), "auto")
    engine.check(2)
    assert engine.start(plan, [0, 1]) == "Ray at 127.0.0.2:6379"
    asked = {"num_cpus": 4, "num_gpus": 1, "max_calls": 1, "max_retries": 2, "name": "dbench-mine"}
    assert stand.started == [(asked, (str(plan.path), part, 4, True)) for part in (0, 1)]


@pytest.mark.slow
def test_states(stand, plan):
    engine = ray.Tasks(Ray(), "auto")
    assert engine.states(plan) == {}
    engine.start(plan, [0, 1])
    assert engine.states(plan) == {0: WAITING, 1: WAITING}
    record.Record(plan.part(0)).begin({}, [], "1 x cpu (One)")
    assert engine.states(plan) == {0: RUNNING, 1: WAITING}
    assert "go" in engine.left([plan])
    stand.over = {0: None, 1: RayError("a long story\n  its end\n")}
    assert engine.states(plan) == {1: "its end"}  # what ended well is known by its files
    assert engine.left([plan]) == ""


def test_a_part_that_is_silent_is_not_at_work(stand, plan, monkeypatch):
    """Its machine is gone, and Ray has not begun it again."""
    engine = ray.Tasks(Ray(), "auto")
    engine.start(plan, [0])
    record.Record(plan.part(0)).begin({}, [], "1 x cpu (One)")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + ray.FRESH + 1)
    assert engine.states(plan) == {0: WAITING}


def test_what_no_node_has_is_refused(stand):
    with pytest.raises(InputError, match=r"asks for 1 cores and 2 GPUs, .* \(they have 8 and 1\)"):
        ray.Tasks(Ray(num_gpus=2), "auto").check(1)
    stand.there[0]["Alive"] = False
    with pytest.raises(InputError, match="they have none"):
        ray.Tasks(Ray(), "auto").check(1)


def test_bad_input(stand, refused, tmp_path, monkeypatch):
    def on(*given):
        return refused(
            "study", "beta_sweep", "--scale", "smoke", "--results", tmp_path / "r", *given
        )

    assert on("--on", "ray").endswith("say where Ray is, as ray=auto, or ray=HOST:PORT")
    assert "there is no Ray at 127.0.0.1:1 to work with" in on("--on", "ray=127.0.0.1:1")
    assert "any running Ray instance" in on("--on", "ray=nowhere")
    assert "start the command by `ray job submit`" in on("--on", "ray=auto", "--no-wait")
    assert "slurm has no address" in on("--on", "slurm=auto")
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install 'dbench[ray]'" in on("--on", "ray=auto")
    assert not (tmp_path / "r").exists()
