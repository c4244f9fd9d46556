"""Slurm's commands as dbench uses them, with programs in their place that answer from files."""

import os

import pytest

from dbench.cluster import commands, parts, slurm, written
from dbench.cluster.settings import Slurm
from dbench.errors import InputError
from dbench.study.plan import plan
from tests.cluster.here import load

PROGRAM = """#!/bin/sh
echo "$(basename "$0") $*" >> {folder}/calls
test ! -f {folder}/$(basename "$0").fails || {{ cat {folder}/$(basename "$0").fails >&2; exit 1; }}
cat {folder}/$(basename "$0").says 2>/dev/null || true
"""


@pytest.fixture
def bin(tmp_path, monkeypatch):
    """A folder of programs: what each is to say is in NAME.says, its error in NAME.fails."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sbatch", "squeue", "scontrol"):
        (folder / name).write_text(PROGRAM.format(folder=folder))
        (folder / name).chmod(0o755)
    (folder / "sbatch.says").write_text("4711;site\n")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


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
        *("--gres=gpu:1", "--cpus-per-task=8", "--mem=32G", "--nice", "--job-name=dbench-mine"),
        *(f"--output={made.path.parent}/%a/log", "--signal=B:USR1@120", "--open-mode=append"),
    ):
        assert f" {option} " in call
    script = made.path.with_name("job.sh").read_text()
    assert script.index("module load cuda") < script.index("exec ")
    assert f'-m dbench work {made.path} "$SLURM_ARRAY_TASK_ID"' in script
    assert slurm.arrays(made) == {"4711": [0, 1, 3]}


def test_states_are_those_of_the_last_array_of_a_part(bin, made):
    engine = slurm.Arrays(Slurm(poll=0))
    engine.start(made, [0, 1, 2, 3])
    (bin / "sbatch.says").write_text("4712\n")
    engine.start(made, [1])
    said = {"4711 0": "PENDING", "4711 1": "FAILED", "4711 2": "CANCELLED", "4711 3": "COMPLETED"}
    said |= {"4712 1": "COMPLETING", "99 N/A": "RUNNING"}
    (bin / "squeue.says").write_text("".join(f"{k} {v}\n" for k, v in said.items()))
    assert engine.states(made) == {0: "waiting", 1: "running", 2: "cancelled"}
    assert engine.left([made]).endswith("to end that: scancel 4711 4712")
    (bin / "squeue.fails").write_text("Unable to contact slurm controller\n")
    assert engine.states(made)[1] == "running"  # as it was
    with pytest.raises(InputError, match="squeue does not say .*Unable to contact"):
        slurm.Arrays(Slurm()).states(made)


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


def test_parts_in_the_queue_are_not_trained_here(bin, made, refused, todo):
    slurm.Arrays(Slurm()).start(made, [0])
    (bin / "squeue.says").write_text("4711 0 PENDING\n")
    folder = made.folder.parent
    said = refused("study", todo.study.path, "--results", folder)
    assert "parts of this study are in Slurm's queue (array 4711 goes on" in said


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
