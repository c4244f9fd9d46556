"""A study in parts: the table of one machine, whatever died on the way."""

import json
import os
import time

import pytest

from dbench.cluster import driver, record, watch, work, written
from dbench.cluster.driver import Given
from dbench.errors import InputError
from dbench.study import held, runner, runs
from tests.cluster.here import TEXT, Here, load, tables


def drive(folder, engine, text=TEXT, **given):
    said = []
    failed = driver.drive(load(folder, text), folder, engine, Given(**given), said.append)
    return failed, said


@pytest.mark.slow
def test_the_table_is_that_of_one_machine(whole, tmp_path):
    """Part 1 dies before it begins, part 2 in the middle; each is started again."""

    def die(part, times):
        if part == 1 and times == 1:
            raise RuntimeError

    failed, said = drive(tmp_path, Here(die), most=1)
    assert failed == {} and tables(tmp_path) == whole
    assert said[0] == "batch 1: 4 runs in 4 parts of 1 runs at most"
    assert "batch 2: parts again, which had ended before they were done: 1" in said
    told = json.loads((tmp_path / "mine" / "study.json").read_text())["own"]
    (plan,) = written.plans(tmp_path / "mine", "own")
    assert list(told["hosts"].values()) == [told["device"]] and told["seconds"]["training"] > 0
    assert told["commit"] == plan.made["commit"]
    assert [record.read(plan.part(i))["state"] for i in range(4)] == ["done"] * 4
    assert not list((tmp_path / "mine").rglob("training.safetensors"))
    again, said = drive(tmp_path, Here(limit=0))  # there is nothing to do
    assert again == {} and said == []


@pytest.mark.slow
def test_who_does_not_wait_finds_the_parts_at_work(whole, tmp_path):
    engine = Here(idle=2)
    assert drive(tmp_path, engine, most=2, keep_states=True, wait=False)[0] is None
    failed, said = drive(tmp_path, engine)
    assert len(list((tmp_path / "mine").rglob("training.safetensors"))) == 4  # as was asked
    assert failed == {} and said[0] == "parts of an earlier command are at work: 2"
    assert tables(tmp_path) == whole and len(written.plans(tmp_path / "mine", "own")) == 1


@pytest.mark.slow
def test_any_engine_can_run_the_command(whole, dbench, tmp_path):
    words = ("study", load(tmp_path).path, "--on", "other", "--part", "2", "--results", tmp_path)
    code, out, err = dbench(*words)
    path = tmp_path / "mine" / held.PARTS / "1" / "plan.json"
    assert code == 0 and out == ""
    assert f"have `dbench work {path} INDEX` started for each INDEX from 0 to 1" in err
    assert dbench("work", path, 0)[0] == 0
    assert "0 parts running, 1 waiting, 0 done; 2 of 4 runs are done" in dbench(*words)[2]
    assert dbench("work", path, 1)[0] == 0
    code, out, _ = dbench(*words)
    assert code == 0 and "mig_histogram" in out and tables(tmp_path) == whole


@pytest.mark.slow
def test_other_settings_wait_for_the_parts_at_work(tmp_path):
    engine = Here(idle=2)
    drive(tmp_path, engine, wait=False)
    with pytest.raises(InputError, match="are at work with other settings .*nothing is left"):
        drive(tmp_path, engine, TEXT.replace("steps = 30", "steps = 40"))


@pytest.mark.slow
def test_a_part_that_dies_again_and_again_is_given_up(tmp_path, monkeypatch):
    train, calls = work.train, []

    def boom(todo, *given):
        calls.append(todo.todo[0].name)
        if "beta=8/seed=1" in calls[-1]:
            raise RuntimeError("boom")
        train(todo, *given)

    monkeypatch.setattr(work, "train", boom)
    failed, _ = drive(tmp_path, Here(), most=1)
    ((run, why),) = failed.items()
    assert run.endswith("beta=8/seed=1") and len(calls) == 3 + 3
    assert "it died 3 times without a new checkpoint (RuntimeError: boom); see " in why
    assert why.endswith(f"{held.PARTS}/1/3/log")
    assert (tmp_path / "mine" / "scores.csv").read_text().count("mig_histogram") == 3


@pytest.mark.slow
def test_a_part_that_no_machine_begins(tmp_path):
    def unseen(part, times):
        if part == 0:
            raise RuntimeError

    with pytest.raises(
        InputError, match="no machine wrote to .*/1/0: --results must lie on a disk"
    ):
        drive(tmp_path, Here(unseen), most=2)
    assert (tmp_path / "mine" / "scores.csv").exists()  # what could be done is done


@pytest.mark.slow
def test_what_a_worker_refuses_is_said_once(tmp_path, monkeypatch):
    other = {"dbench": "9.9", "python": "3.99"}
    engine = Here(lambda *_: monkeypatch.setattr(written.provenance, "versions", lambda: other))
    with pytest.raises(InputError, match=r"was made with dbench .* and here is 9.9: give .* see "):
        drive(tmp_path, engine)
    assert engine.times == {0: 1}


@pytest.mark.slow
def test_files_that_are_on_their_way_are_waited_for(tmp_path, monkeypatch):
    """A disk of many machines shows them late."""
    engine = Here()
    drive(tmp_path, engine, wait=False)
    (plan,) = written.plans(tmp_path / "mine", "own")
    seen = watch.Watch(plan, Here(), [0])
    Here.states(engine, plan)
    monkeypatch.setattr(watch.stages, "over", lambda *_: False)
    assert seen.look() == [] and seen.open == {0}
    monkeypatch.setattr(watch, "PATIENCE", 0.0)
    assert seen.look() == [0]


@pytest.mark.slow
def test_two_drivers_and_a_study_on_one_machine(tmp_path):
    folder = tmp_path / "mine"
    busy = pytest.raises(InputError, match="another driver of this study is at work")
    with held.one(folder / held.PARTS / held.DRIVER, ""), busy:
        drive(tmp_path, Here())
    with held.together(folder), pytest.raises(InputError, match="study, or a part of one, is at"):
        runner.run_study(load(tmp_path), tmp_path)
    with held.alone(folder), pytest.raises(InputError, match="study on one machine is at work"):
        drive(tmp_path, Here())


@pytest.mark.slow
def test_a_part_that_another_engine_has_begun_is_not_begun_again(tmp_path):
    drive(tmp_path, Here(idle=9), most=2, wait=False)
    (plan,) = written.plans(tmp_path / "mine", "own")
    mine = record.Record(plan.part(1))
    mine.begin({}, [], "1 x cpu (One)")
    busy = pytest.raises(InputError, match=rf"part 1 of .* at work, .*process {os.getpid()} on ")
    with held.one(plan.part(1) / record.LOCK, ""), busy:
        drive(tmp_path, Here())
    assert len(written.plans(tmp_path / "mine", "own")) == 1


@pytest.mark.slow
def test_a_part_that_a_person_cancelled_is_begun_by_the_next_command(whole, tmp_path):
    engine = Here()
    start = engine.start

    def cancelled(plan, parts, after=None):
        engine.ended = {plan.number: {1: "cancelled"}}
        return start(plan, [part for part in parts if part != 1])

    engine.start = cancelled
    failed, _ = drive(tmp_path, engine, most=2)
    assert len(failed) == 2 and engine.times == {0: 1}
    assert all("it was cancelled; the same command starts it again" in w for w in failed.values())
    assert drive(tmp_path, Here(), most=2)[0] == {} and tables(tmp_path) == whole


def test_only_deaths_without_a_new_checkpoint_count(tmp_path):
    study = load(tmp_path)
    run = runs(study)[0]
    plan = written.write(tmp_path / "mine", study, [[run]], {})
    record.Record(plan.part(0)).begin({}, [], "1 x cpu (One)")
    engine = Here()
    engine.states = lambda plan: {0: "failed"}
    seen = watch.Watch(plan, engine, [0])
    state = plan.folder / run.name / "training.safetensors"
    state.parent.mkdir(parents=True)

    def again(moved):
        if moved:
            state.write_text("")
            os.utime(state, (0, len(engine.times) + engine.times.get(0, 0)))
        found = seen.look()
        seen.start(found) if found else None
        return found == [0]

    assert [again(True) for _ in range(2 * record.DEATHS)] == [True] * 2 * record.DEATHS
    assert [again(False) for _ in range(record.DEATHS)] == [True] * (record.DEATHS - 1) + [False]
    assert "it died 3 times without a new checkpoint" in seen.ended[0].why


def test_too_many_parts_leave_nothing_behind(tmp_path):
    with pytest.raises(InputError, match="4 parts are too many"):
        drive(tmp_path, Here(limit=3), most=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.gin"]


def test_what_workers_may_be_writing_is_not_swept(tmp_path):
    """Where locks do not reach other machines, time tells."""
    folder = tmp_path / "mine"
    (folder / held.PARTS).mkdir(parents=True)
    young, old = (folder / f".{name}.{'0' * 32}.part" for name in ("young", "old"))
    for path in (young, old):
        path.write_text("")
    os.utime(old, (0, time.time() - 2 * held.HOUR))
    with held.alone(folder):
        assert young.exists() and not old.exists()
