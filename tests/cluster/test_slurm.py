"""Slurm's commands as dbench uses them, with programs in their place that answer from files."""

import pytest

from dbench.cluster import commands, driver, parts, slurm, written
from dbench.cluster.driver import Given
from dbench.cluster.settings import Slurm
from dbench.errors import InputError
from dbench.study.plan import plan
from tests.cluster.here import load


@pytest.fixture(scope="module")
def todo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planned")
    return plan(folder / "mine", load(folder))


@pytest.fixture
def made(todo, tmp_path):
    cut = parts.cut(todo.todo, todo.datasets, 1)
    return written.write(tmp_path / "mine", todo.study, cut, todo.datasets)


@pytest.mark.slow
def test_an_array_is_submitted_with_what_the_site_says(bin, made):
    site = Slurm("gpu", "lab", "8:00:00", "gpu:1", 8, "32G", 2, options=("--nice",))
    engine = slurm.Arrays(site._replace(setup=("module load cuda",)))
    assert engine.start(made, [0, 1, 3]) == "array 4711"
    call = (bin / "calls").read_text()
    for option in (
        *("--array=0-1,3%2", "--requeue", "--partition=gpu", "--account=lab", "--time=8:00:00"),
        *(
            "--gres=gpu:1",
            "--cpus-per-task=8",
            "--mem=32G",
            "--nice",
            f"--job-name={slurm._job(made)}",
        ),
        *(f"--output={made.path.parent}/%a/log", "--signal=B:USR1@120", "--open-mode=append"),
    ):
        assert f" {option} " in call
    script = made.path.with_name("job.sh").read_text()
    assert script.index("module load cuda") < script.index("exec ")
    assert f'-m dbench work {made.path} "$SLURM_ARRAY_TASK_ID"' in script
    assert slurm.arrays(made) == {"4711": [0, 1, 3]}


def says(bin, plan, **jobs):
    """Has squeue say the states of jobs of a plan, called _ARRAY_PART."""
    lines = [f"{slurm._job(plan)}{job.replace('_', ' ')} {state}\n" for job, state in jobs.items()]
    (bin / "squeue.says").write_text("".join(lines))


@pytest.mark.slow
def test_states_are_those_of_the_last_array_of_a_part(bin, made):
    engine = slurm.Arrays(Slurm(poll=0))
    engine.start(made, [0, 1, 2, 3])
    (bin / "sbatch.says").write_text("4712\n")
    engine.start(made, [1])
    said = {"_4711_0": "PENDING", "_4711_1": "FAILED", "_4711_2": "CANCELLED"}
    said |= {"_4711_3": "COMPLETED", "_4712_1": "COMPLETING", "_99_N/A": "RUNNING"}
    says(bin, made, **said)
    assert engine.states(made) == {0: "waiting", 1: "running", 2: "cancelled"}
    assert engine.left([made]).endswith("to end that: scancel 4711 4712")
    (bin / "squeue.fails").write_text("Unable to contact slurm controller\n")
    assert engine.states(made)[1] == "running"  # as it was
    with pytest.raises(InputError, match="squeue does not say .*Unable to contact"):
        slurm.Arrays(Slurm()).states(made)


@pytest.mark.slow
def test_every_state_of_slurm(bin, made):
    """All of its manual (squeue, JOB STATE CODES): who waits, who is at work, whom it has no more.

    A job that is taken for gone while it is there would be submitted twice.
    """
    waits = "PENDING CONFIGURING REQUEUED REQUEUE_FED REQUEUE_HOLD RESV_DEL_HOLD SPECIAL_EXIT"
    found = dict.fromkeys([*waits.split(), "SUSPENDED", "STOPPED"], "waiting")
    works = "RUNNING COMPLETING SIGNALING STAGE_OUT RESIZING"
    found |= dict.fromkeys(works.split(), "running")
    gone = "BOOT_FAIL DEADLINE FAILED NODE_FAIL OUT_OF_MEMORY PREEMPTED REVOKED TIMEOUT CANCELLED"
    found |= {state: state.lower() for state in gone.split()}
    for state, known in found.items():
        says(bin, made, _4711_0=state)
        assert slurm.Arrays(Slurm()).states(made) == {0: known}


@pytest.mark.slow
def test_an_array_that_nobody_wrote_down_is_found_by_its_name(bin, made, todo):
    """The driver died between `sbatch` and its record."""
    other = written.write(made.folder, todo.study, [todo.todo], todo.datasets)
    assert slurm._job(other) != slurm._job(made)
    says(bin, made, _4711_0="RUNNING", _4711_1="PENDING", _4711_3="PENDING", _4711_99="PENDING")
    engine = slurm.Arrays(Slurm(poll=0))
    assert engine.states(made) == {0: "running", 1: "waiting", 3: "waiting"}
    assert engine.states(other) == {}
    assert slurm._job(made) in (bin / "calls").read_text()
    assert engine.left([made, other]).endswith("to end that: scancel 4711")
    assert slurm.arrays(made) == {}  # who only looks writes nothing
    (bin / "sbatch.says").write_text("4712\n")
    engine.start(made, [1])
    assert slurm.arrays(made) == {"4711": [0, 1, 3], "4712": [1]}
    says(bin, made, _4711_1="FAILED", _4712_1="PENDING", _4713_1="RUNNING")
    assert engine.states(made) == {1: "running"}  # 4713: the same happened once more


def test_a_driver_finds_what_another_began_and_did_not_write_down(bin, made, todo):
    here = todo._replace(folder=made.folder)
    says(bin, made, _4711_0="RUNNING", _4711_1="PENDING", _4711_2="PENDING")
    watches = driver._begun(here, slurm.Arrays(Slurm()), Given(most=1), print)
    assert [watch.open for watch in watches] == [{0, 1, 2}, {0}]
    assert watches[1].written.parts == made.parts[3:]  # which alone is submitted
    assert (bin / "calls").read_text().count("sbatch") == 1


def test_all_plans_are_asked_for_at_once(bin, made, todo):
    other = written.write(made.folder, todo.study, [todo.todo], todo.datasets)
    engine = slurm.Arrays(Slurm())
    for _ in range(3):
        engine.states(made)
        engine.states(other)
    calls = (bin / "calls").read_text().splitlines()
    names = ",".join(sorted(map(slurm._job, (made, other))))
    assert len(calls) == 2 and f" -n {names} " in calls[1]
    (bin / "squeue.fails").write_text("Unable to contact slurm controller\n")
    third = written.write(made.folder, todo.study, [todo.todo], todo.datasets)
    with pytest.raises(InputError, match="squeue does not say"):  # of it nothing is known
        engine.states(third)


def test_what_slurm_refuses_is_a_sentence(bin, made):
    (bin / "sbatch.fails").write_text("sbatch: error: Invalid account\n")
    with pytest.raises(
        InputError, match=r"refuses the array \(Invalid account\): correct \[slurm\]"
    ):
        slurm.Arrays(Slurm()).start(made, [0])
    assert slurm.arrays(made) == {}


def test_an_array_over_the_limit(bin):
    (bin / "scontrol.says").write_text("Other = 3\nMaxArraySize            = 101\n")
    slurm.Arrays(Slurm()).check(101)
    with pytest.raises(
        InputError, match="these are 102 parts, and an array has 101 at most .*--part"
    ):
        slurm.Arrays(Slurm()).check(102)
    with pytest.raises(InputError, match="has 50 at most"):
        slurm.Arrays(Slurm(array_limit=50)).check(51)


def test_no_slurm(refused, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is no Slurm here (no sbatch on" in refused("study", "beta_sweep", "--on", "slurm")


@pytest.mark.slow
def test_parts_in_the_queue_are_not_trained_here(bin, made, refused, todo):
    slurm.Arrays(Slurm()).start(made, [0])
    says(bin, made, _4711_0="PENDING")
    words = ("study", todo.study.path, "--results", made.folder.parent)
    assert "parts of this study are in Slurm's queue (array 4711 goes on" in refused(*words)
    made.path.with_name(slurm.ARRAYS).unlink()  # its driver died
    assert "parts of this study are in Slurm's queue (array 4711 goes on" in refused(*words)
    slurm.Arrays(Slurm()).start(made, [0])
    (bin / "squeue.fails").write_text("Unable to contact slurm controller\n")
    assert "squeue does not say what is at work (Unable to contact" in refused(*words)


def test_a_job_that_has_had_its_time_is_queued_again(bin, monkeypatch):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    assert not commands.requeue() and commands.job() == ""
    for name, value in (("JOB_ID", "4713"), ("ARRAY_JOB_ID", "4711"), ("ARRAY_TASK_ID", "2")):
        monkeypatch.setenv(f"SLURM_{name}", value)
    assert commands.requeue() and commands.job() == "4711_2"
    assert (bin / "calls").read_text() == "scontrol requeue 4713\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["beta_sweep", "--on", "kubernetes"], "unknown engine of --on 'kubernetes' (known:"),
        (["beta_sweep", "--part", "5"], "--part is of --on"),
        (["beta_sweep", "--no-wait"], "--no-wait is of --on"),
        (["--on", "slurm"], "Missing argument 'NAME'"),
        (["beta_sweep", "--on", "slurm", "--cluster", "none.toml"], "there is no file none.toml"),
    ],
)
def test_options_that_say_nothing(refused, words, said):
    assert said in refused("study", *words)
