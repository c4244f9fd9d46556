"""Parts that train and parts that score: the table of one machine, whatever died on the way."""

import json

import numpy as np
import pytest

from dbench import data
from dbench.base import Table
from dbench.cluster import driver, ray, record, slurm, watch, work, written
from dbench.cluster.settings import Ray, Slurm, read
from dbench.codes import tabled
from dbench.errors import InputError
from dbench.scoring import evaluate
from dbench.study import handed, held, runner, runs, sets, stages
from tests.cluster.here import TEXT, Here, load, tables
from tests.cluster.test_driver import drive


def plans(folder):
    return written.plans(folder / "mine", "own")


def left(folder):
    """What lies there of the work of parts."""
    return [*folder.rglob("handed.npz"), *folder.rglob("training.safetensors")]


@pytest.mark.slow
def test_the_table_is_that_of_one_machine(whole, tmp_path):
    """Each part dies once before it begins; those that score begin when theirs is trained."""
    trained = []

    def die(part, times):
        (trains, _) = plans(tmp_path)
        if part[0] == 2:
            trained.append(record.read(trains.part(part[1]))["state"])
        if times == 1:
            raise RuntimeError

    engine = Here(die, plans=2)
    failed, said = drive(tmp_path, engine, most=2, apart=True)
    assert failed == {} and tables(tmp_path) == whole and left(tmp_path) == []
    assert said[0] == "batch 1: 4 runs in 2 parts of 2 runs at most, to train"
    assert sum("parts that are trained, to score" in line for line in said) == 2
    assert engine.times == {(plan, part): 2 for plan in (1, 2) for part in (0, 1)}
    assert trained == ["done"] * 4
    for plan in plans(tmp_path):
        told = [record.read(plan.part(i))["attempts"][-1] for i in (0, 1)]
        does = plan.does == "score"
        assert [each["steps"] for each in told] == [0 if does else 60] * 2
        assert [each["scored"] for each in told] == [2 if does else 0] * 2


@pytest.mark.slow
def test_by_hand_a_part_that_scores_waits_for_its_training(whole, dbench, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "SHOWN", 0.0)
    words = ("study", load(tmp_path).path, "--on", "other", "--results", tmp_path)
    code, _, err = dbench(*words, "--score", "apart")
    assert code == 0
    first, second = (plan.path for plan in plans(tmp_path))
    assert f"have `dbench work {first} INDEX` started for each INDEX from 0 to 0: 4 runs" in err
    assert f"`dbench work {second} INDEX` started for each INDEX from 0 to 0, each when" in err
    code, _, err = dbench("work", second, 0)
    assert code == 2 and "scores, and 4 of its 4 runs are not trained: have part 0 of" in err
    assert record.read(second.parent / "0") == {} and not (tmp_path / "mine" / "own").exists()
    assert dbench("work", first, 0)[0] == 0
    handed_over = [tmp_path / "mine" / run.name / "handed.npz" for run in runs(load(tmp_path))]
    assert all(path.exists() for path in handed_over)
    assert not list((tmp_path / "mine" / "own").rglob("scores.csv"))
    lines = dbench("status", tmp_path / "mine")[1].splitlines()
    assert "1 done, 1 not at work; 0 of 4 runs are done" in lines[1]
    assert lines[2].startswith("part 2/0 is not at work (nobody has begun it)")
    assert dbench("work", second, 0)[0] == 0
    assert dbench(*words)[0] == 0 and tables(tmp_path) == whole and left(tmp_path) == []


@pytest.mark.slow
def test_what_was_trained_apart_is_scored_by_whoever_comes(whole, tmp_path):
    """The driver goes when all is trained; a new one plans scores alone, one machine does too."""
    drive(tmp_path, Here(idle=9), most=4, apart=True, wait=False)
    work.work(plans(tmp_path)[0].path, 0)
    engine = Here(plans=2)
    todo = driver.plan(tmp_path / "mine", load(tmp_path))
    assert [does for _, does in driver._kinds(todo, todo.todo, True)] == [("score",)]
    one = tmp_path / "mine" / todo.todo[0].name
    handed.drop(one)  # of one the codes are not there: it goes to who has a device
    assert [does for _, does in driver._kinds(todo, todo.todo, True)] == [
        ("train", "score"),
        ("score",),
    ]
    failed, _ = drive(tmp_path, engine, apart=True)
    assert failed == {} and tables(tmp_path) == whole and left(tmp_path) == []
    assert [(p.does, p.follows, len(p.parts[0])) for p in plans(tmp_path)[2:]] == [
        ("train", None, 1),
        ("score", 3, 1),
        ("score", None, 3),
    ]


@pytest.mark.slow
def test_a_part_that_is_not_trained_is_not_scored(whole, tmp_path, monkeypatch):
    train = work.train

    def boom(todo, *given):
        if "beta=8/seed=1" in todo.todo[0].name and given[-1]:  # who trains
            raise RuntimeError("boom")
        train(todo, *given)

    monkeypatch.setattr(work, "train", boom)
    failed, _ = drive(tmp_path, Here(plans=2), most=1, apart=True)
    ((run, why),) = failed.items()
    assert run.endswith("beta=8/seed=1") and f"{held.PARTS}/1/3/log" in why
    assert record.read(plans(tmp_path)[1].part(3)) == {}
    assert runner.run_study(load(tmp_path), tmp_path) == {} and tables(tmp_path) == whole


@pytest.mark.slow
def test_codes_that_were_handed_over_are_not_made_again(whole, tmp_path, monkeypatch):
    drive(tmp_path, Here(idle=9), most=4, apart=True, wait=False)
    work.work(plans(tmp_path)[0].path, 0)
    monkeypatch.setattr("dbench.study.score_cohort._tables", lambda *_: 1 / 0)
    assert runner.run_study(load(tmp_path), tmp_path) == {} and tables(tmp_path) == whole
    assert not list(tmp_path.rglob("handed.npz"))


def test_a_part_is_held_while_it_trains(tmp_path):
    study = load(tmp_path)
    todo = [[run] for run in runs(study)]
    folder = tmp_path / "mine"
    first = written.write(folder, study, todo, {}, does="train")
    second = written.write(folder, study, todo, {}, does="score", follows=first.number)
    assert second.before == first.path and written.read(second.path) == second
    engine = Here()
    trains = watch.Watch(first, engine, range(4))
    scores = watch.Watch(second, engine, range(4), trains)
    engine.states = lambda plan: {0: "running", 1: "cancelled"}
    assert scores.look() == [] and scores.due() == [] and scores.open == {0, 1, 2, 3}
    trains.open = {3}
    trains.ended[2] = watch.Ended("it died", False)
    # 0 is at work already; 1 was cancelled with a job that was begun again; 2 is given up.
    assert scores.due() == [1] and scores.open == {0, 1, 3}
    assert scores.ended == {2: watch.Ended("it was not trained: it died", False)}
    stages.give_up(folder / todo[3][0].name, "training diverged")
    trains.open = set()
    assert scores.due() == [] and scores.open == {0, 1}  # nothing to score


@pytest.mark.parametrize("rows", [None, sets.rows(1000)])
def test_codes_are_handed_over_bit_by_bit(tmp_path, rows):
    dataset = data.load("dsprites_tiny")
    count = dataset.size if rows is None else len(rows)
    draw = np.random.default_rng(0)
    mean, logvar = (draw.standard_normal((count, 3)).astype(np.float32) for _ in range(2))
    mean[0, 0] = np.nan  # a run that diverged
    whole = tabled.table(dataset, mean, logvar, rows=np.arange(count) if rows is None else rows)
    for given in (whole, whole._replace(logvar=None)):
        handed.save(tmp_path, given)
        found = handed.read(tmp_path, dataset, rows)
        assert found is not None
        for name in Table._fields:
            one, other = getattr(found, name), getattr(given, name)
            if isinstance(other, np.ndarray):
                assert one.dtype == other.dtype and np.array_equal(one, other, other.dtype == "f4")
            else:
                assert one == other
    assert handed.read(tmp_path, dataset, np.arange(7)) is None  # of other rows
    handed.drop(tmp_path)
    assert handed.read(tmp_path, dataset, rows) is None


def test_of_very_many_codes_some_rows_are_handed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate, "TABLE", 4 * 3 * 100)  # 100 rows of 3 codes
    dataset = data.load("dsprites_tiny")
    rows = evaluate.drawn(3, dataset.size)
    assert rows is not None and len(rows) == 100 and (np.diff(rows) > 0).all()
    assert evaluate.drawn(3, 100) is None
    handed.save(tmp_path, tabled.table(dataset, np.zeros((100, 3), np.float32), rows=rows))
    found = handed.read(tmp_path, dataset, None)
    assert found is not None
    assert np.array_equal(found.factors, dataset.factors[rows][:, dataset.varying])


def test_a_damaged_file_is_one_sentence(tmp_path):
    (tmp_path / "handed.npz").write_text("no npz")
    with pytest.raises(InputError, match=r"handed.npz is damaged .*: delete it"):
        handed.read(tmp_path, data.load("dsprites_tiny"), None)


def test_slurm_is_given_an_array_that_depends(bin, tmp_path):
    path = tmp_path / "cluster.toml"
    path.write_text(
        '[slurm]\npartition = "gpu"\naccount = "lab"\ngres = "gpu:1"\noptions = ["--nice"]\n'
        'setup = ["module load cuda"]\n[slurm.score]\npartition = "cpu"\ncpus = 4\n'
    )
    study = load(tmp_path)
    todo = [[run] for run in runs(study)]
    first = written.write(tmp_path / "mine", study, todo, {}, does="train")
    second = written.write(tmp_path / "mine", study, todo, {}, does="score", follows=1)
    engine = slurm.Arrays(read(path).slurm)
    engine.start(first, [0, 1, 2, 3])
    (bin / "calls").unlink()
    (bin / "sbatch.says").write_text("4712\n")
    engine.start(second, [0, 1, 2, 3], first)
    call = (bin / "calls").read_text().splitlines()[-1]
    for option in ("partition=cpu", "account=lab", "cpus-per-task=4", "dependency=aftercorr:4711"):
        assert f" --{option} " in call
    assert " --kill-on-invalid-dep=yes " in call
    assert "gres" not in call and "nice" not in call
    assert "module load cuda" in second.path.with_name("job.sh").read_text()
    (bin / "sbatch.fails").write_text("sbatch: error: invalid partition specified: cpu\n")
    with pytest.raises(InputError, match=r"correct \[slurm.score\] in the file"):
        engine.start(second, [1])


def test_an_array_of_scores_that_slurm_refuses_is_said_with_the_one_at_work(
    bin, tmp_path, monkeypatch
):
    """What trains goes on; when the line is corrected, the same command has it scored."""

    def start(engine, written, parts, after=None):
        if after:
            raise InputError("Slurm refuses the array")
        return begin(engine, written, parts)

    begin = slurm.Arrays.start
    monkeypatch.setattr(slurm.Arrays, "start", start)
    name = f"$(sed -n 's/.*--job-name=\\([^ ]*\\).*/\\1/p' {bin}/calls)"
    (bin / "squeue").write_text(f"#!/bin/sh\necho {name} 4711 0 PENDING\n")
    with pytest.raises(InputError, match="refuses the array; array 4711 goes on without"):
        drive(tmp_path, slurm.Arrays(Slurm()), apart=True)
    (plan,) = plans(tmp_path)
    assert plan.does == "train" and slurm.arrays(plan) == {"4711": [0]}


def test_a_task_of_ray_that_scores_asks_for_no_gpu(stand, tmp_path):
    path = tmp_path / "cluster.toml"
    path.write_text("[ray]\nnum_gpus = 1\nretries = 2\n[ray.score]\nnum_cpus = 6\n")
    study = load(tmp_path)
    todo = [[run] for run in runs(study)]
    second = written.write(tmp_path / "mine", study, todo, {}, does="score", follows=1)
    engine = ray.Tasks(read(path).ray, "auto")
    assert not engine.ahead
    engine.start(second, [2])
    ((asked, given),) = stand.started
    assert (asked["num_cpus"], asked["num_gpus"], asked["max_retries"]) == (6, 0, 2)
    assert given == (str(second.path), 2, 6, False)
    engine.check(4, "score")
    stand.there[0]["Resources"]["CPU"] = 4.0
    engine.check(4, "train")
    with pytest.raises(InputError, match=r"asks for 6 cores and 0 GPUs.*correct \[ray.score\]"):
        engine.check(4, "score")
    assert Ray().scoring == Ray()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--score", "apart"], "--score is of --on: say --on slurm too"),
        (["--score", "later", "--on", "other"], "'later' is not 'apart'"),
    ],
)
def test_bad_input(refused, words, said):
    assert said in refused("study", "beta_sweep", *words)


def test_a_plan_that_does_something_else(tmp_path, refused):
    study = load(tmp_path)
    plan = written.write(tmp_path / "mine", study, [[run] for run in runs(study)], {})
    content = json.loads(plan.path.read_text())
    plan.path.write_text(json.dumps(content | {"does": "paint"}))
    assert "does must be train, score or null, not 'paint'" in refused("work", plan.path, 0)


@pytest.mark.slow
def test_what_it_costs_apart(dbench, tmp_path):
    path = load(tmp_path, TEXT).path
    words = ("study", path, "--plan", "--results", tmp_path)
    beside, apart = (dbench(*words, *more)[1] for more in ((), ("--score", "apart")))
    assert "to score on 8 cores beside each" in beside
    assert "and none to score, which takes" in apart and "core hours apart: <0.01 GPU" in apart
