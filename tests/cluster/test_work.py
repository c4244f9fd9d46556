"""A part of a plan: what a worker refuses, and how it ends when it is asked to."""

import json
import os
import signal

import pytest

from dbench.cluster import parts, record, written
from dbench.cluster.work import _drop, setup, work
from dbench.errors import InputError
from dbench.study import held, runs, stages, stop, train_cohort
from dbench.study.plan import plan
from dbench.training import devices
from tests.cluster.here import TEXT, load

ONE = (
    TEXT.replace("[1, 8]", "[4]").replace("seeds = 2", "seeds = 1").replace(", 'udr_spearman'", "")
)


@pytest.fixture
def made(tmp_path):
    """A plan of one part."""
    study = load(tmp_path, ONE)
    todo = plan(tmp_path / "mine", study)
    return written.write(todo.folder, study, parts.cut(todo.todo, todo.datasets), todo.datasets)


def edit(plan, **fields):
    content = json.loads(plan.path.read_text())
    plan.path.write_text(json.dumps(content | fields))


@pytest.mark.slow
def test_sigterm_saves_and_the_next_goes_on(made, tmp_path, monkeypatch):
    add, steps = train_cohort.Log.add, []

    def asked(log, step, means):
        add(log, step, means)
        steps.append(step)
        if steps == [10]:
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(train_cohort.Log, "add", asked)
    with pytest.raises(stop.Stopped, match="ended by SIGTERM"):
        work(made.path, 0, "4711_0")
    told = record.read(made.part(0))
    assert told["state"] == "stopped" and told["attempts"][0]["steps"] == 10
    assert told["attempts"][0]["job"] == "4711_0"
    work(made.path, 0)
    assert steps == [10, 20, 30]  # nothing is trained twice
    told = record.read(made.part(0))
    assert told["state"] == "done" and told["done"] == 1 and len(told["attempts"]) == 2
    work(made.path, 0)  # does nothing
    assert steps == [10, 20, 30]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGUSR1"])
def test_a_job_that_is_asked_to_end(made, bin, dbench, monkeypatch, name):
    """SIGUSR1 says that its time is over: it is queued again. SIGTERM does not ask for that."""
    number = signal.Signals[name]

    def train(*_):
        signal.raise_signal(number)
        stop.check()

    monkeypatch.setattr("dbench.cluster.work.train", train)
    monkeypatch.setenv("SLURM_JOB_ID", "4713")
    code, _, err = dbench("work", made.path, 0)
    assert code == 128 + number and f"ended by {name}; what was trained is saved" in err
    assert record.read(made.part(0))["state"] == "stopped"
    calls = (bin / "calls").read_text() if (bin / "calls").exists() else ""
    assert calls == ("scontrol requeue 4713\n" if name == "SIGUSR1" else "")


def test_who_was_asked_to_end_did_not_die(tmp_path):
    """A job that is preempted before its first checkpoint may be begun as often as it takes."""
    for _ in range(2 * record.DEATHS):
        mine = record.Record(tmp_path)
        assert mine.begin({}, [0, 0], "1 x cpu (One)")
        mine.end(record.STOPPED)
    for more in (True, True, True, False):  # killed three times: nobody has said how it ended
        assert record.Record(tmp_path).begin({}, [0, 0], "1 x cpu (One)") == more


@pytest.mark.slow
@pytest.mark.parametrize("keep", [True, False])
def test_states_of_scored_runs_are_dropped_and_no_others(made, keep):
    whole = made._replace(keep_states=keep, study=load(made.path.parents[3]), parts=[[]])
    whole = whole._replace(parts=[[run.name for run in runs(whole.study)]])
    scored, failed, begun, _ = (whole.folder / name for name in whole.parts[0])
    for folder in (scored, failed, begun):
        folder.mkdir(parents=True)
        (folder / "training.safetensors").write_text("")
        (folder / "handed.npz").write_text("")
    (scored / "scores.csv").write_text("metric,score,stderr\nmig_histogram,0.1,0.01\n")
    (scored / "udr.npz").write_text("")
    stages.give_up(failed, "training diverged")
    _drop(whole, 0)
    kept = [
        folder for folder in (scored, failed, begun) if (folder / "training.safetensors").exists()
    ]
    assert kept == ([scored] if keep else []) + [failed, begun]
    assert [f for f in (scored, failed, begun) if (f / "handed.npz").exists()] == [begun]


@pytest.mark.slow
def test_a_part_ends_that_never_gets_on(made, monkeypatch):
    """So too where an engine starts it again and again by itself."""
    monkeypatch.setattr("dbench.cluster.work.train", lambda *_: 1 / 0)
    for _ in range(record.DEATHS):
        with pytest.raises(ZeroDivisionError):
            work(made.path, 0)
    with pytest.raises(InputError, match="3 times without getting to a new checkpoint; see .*log"):
        work(made.path, 0)
    assert record.read(made.part(0))["state"] == "ended"


def test_another_version_of_the_plan_is_refused(made):
    edit(made, made={"versions": made.made["versions"] | {"jax": "0.1"}, "commit": None})
    with pytest.raises(InputError, match="made with jax 0.1 and here is .* one environment"):
        work(made.path, 0)
    told = record.read(made.part(0))
    assert told["state"] == "refused" and "jax 0.1" in told["why"]


def test_another_commit_is_refused(made, monkeypatch):
    monkeypatch.setattr(written.provenance, "commit", lambda: "b" * 40)
    edit(made, made={**made.made, "commit": "a" * 40})
    with pytest.raises(InputError, match="made with commit aaaa.* and here is bbbb"):
        written.load(made.path)
    monkeypatch.setattr(written.provenance, "commit", lambda: None)  # no git on this machine
    written.load(made.path)


@pytest.mark.slow
def test_other_data_are_refused(made):
    edit(made, data={"dsprites_tiny": "0" * 64})
    with pytest.raises(InputError, match="the data file of dsprites_tiny here is another than"):
        work(made.path, 0)
    assert record.read(made.part(0))["state"] == "refused"


@pytest.mark.slow
def test_a_full_disk_is_said(made, monkeypatch):
    def full(*_):
        raise InputError("cannot write log.csv: No space left on device; free some space there")

    monkeypatch.setattr(train_cohort, "_save", full)
    with pytest.raises(InputError, match="No space left"):
        work(made.path, 0)
    assert "No space left" in record.read(made.part(0))["why"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"parts": [["own/none"]]}, "has a run own/none that its study has not"),
        ({"parts": 3}, "parts must be a list, not 3"),
        ({"more": 3}, "it must be a dict"),
        ({"study": {}}, "is of another version of dbench"),
    ],
)
def test_a_plan_that_was_edited(made, refused, fields, said):
    edit(made, **fields)
    assert said in refused("work", made.path, 0)


def test_no_such_plan_and_no_such_part(made, refused, tmp_path):
    assert "there is no plan" in refused("work", tmp_path / "plan.json", 0)
    assert "has the parts 0 to 0, and no 1" in refused("work", made.path, 1)


def test_two_workers_of_one_part(made, monkeypatch):
    monkeypatch.setattr("dbench.cluster.work.PATIENCE", 0.0)
    with held.one(made.part(0) / "lock", ""), pytest.raises(InputError, match="another worker is"):
        work(made.path, 0)
    assert record.read(made.part(0)) == {}


def test_the_whole_of_a_gpu_is_the_workers(monkeypatch):
    """Where an engine gave one; what the user has set stands."""
    monkeypatch.setattr(devices, "setup", lambda *_: None)
    name = "XLA_PYTHON_CLIENT_MEM_FRACTION"
    monkeypatch.setenv(name, "0.5")
    setup(2, whole_gpu=True)
    assert os.environ[name] == "0.5"
    monkeypatch.delenv(name)
    setup(2)
    assert name not in os.environ
    setup(2, whole_gpu=True)
    assert os.environ[name] == "0.92"
    monkeypatch.delenv(name)
