"""A study on a real Slurm of one node: jobs are preempted and killed, the table is the local one.

It needs root and Debian's packages slurmctld, slurmd, slurm-client and munge. Where they are
missing it is skipped, but not where DBENCH_SLURM is "needed", as .ci/run says.
"""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cluster import one_node

TEXT = """
Study.datasets = ['dsprites_tiny']
Study.sweep = {'beta_vae': {'beta': [4]}}
Study.metrics = ['mig_histogram', 'udr_spearman']
Study.seeds = 3
Study.steps = 400
Study.chunk = 20
Study.options = {'net': 'small', 'latents': 10, 'learning_rate': 1e-3}
"""
CLUSTER = '[slurm]\ngres = "gpu:1"\npoll = 1\n'
LIMIT = 500  # seconds to wait for anything
COMMAND = [sys.executable, "-m", "dbench", "study", "ci.gin"]
ON = ["--on", "slurm", "--cluster", "cluster.toml", "--part", "1"]

LACKS = one_node.lacks()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(LACKS) and os.environ.get("DBENCH_SLURM") != "needed",
        reason=f"no Slurm to start here: {LACKS}",
    ),
]


@pytest.fixture
def environ(tmp_path):
    assert not LACKS, LACKS
    (tmp_path / "ci.gin").write_text(TEXT)
    (tmp_path / "cluster.toml").write_text(CLUSTER)
    with one_node.slurm(tmp_path / "slurm") as given:
        yield given


def records(folder):
    """Part -> its record, of those that were begun."""
    found = sorted((folder / "results/ci/.parts/1").glob("*/record.json"))
    return {path.parent.name: json.loads(path.read_text()) for path in found}


def wait(until, driver, log):
    """The first true answer of a function."""
    end = time.monotonic() + LIMIT
    while not (found := until()):
        assert driver.poll() is None and time.monotonic() < end, log.read_text()
        time.sleep(0.2)
    return found


def of_state(folder, state):
    return {part: told for part, told in records(folder).items() if told["state"] == state}


def again(folder, besides=""):
    """A part that is at work for the second time, and its record."""
    found = of_state(folder, "running").items()
    return next(((p, t) for p, t in found if len(t["attempts"]) == 2 and p != besides), None)


def test_a_study_on_slurm(environ, tmp_path):
    log, states = tmp_path / "driver.log", tmp_path / "results" / "ci" / "own"
    with log.open("w") as file:
        driver = subprocess.Popen(
            [*COMMAND, *ON], cwd=tmp_path, env=environ, stdout=file, stderr=subprocess.STDOUT
        )
    # Two jobs begin, each with a GPU of its own; an urgent one takes the node from them.
    wait(lambda: len(list(states.rglob("config.json"))) == 2, driver, log)
    begun = records(tmp_path)
    assert sorted(told["attempts"][0]["visible"] for told in begun.values()) == ["0", "1"]
    urgent = ["sbatch", "-p", "urgent", "-n2", "-o", "/dev/null", "--wrap", "sleep 0.1"]
    subprocess.run(urgent, env=environ, check=True, capture_output=True)
    wait(lambda: len(of_state(tmp_path, "stopped")) == 2, driver, log)
    assert len(list(states.rglob("training.safetensors"))) == 2  # SIGTERM saved them
    # Slurm has queued them again. One that goes on is killed, which Slurm leaves to the driver.
    killed, told = wait(lambda: again(tmp_path), driver, log)
    os.kill(told["attempts"][-1]["pid"], signal.SIGKILL)
    # The other one is told what Slurm tells a job before its time is over.
    warned, told = wait(lambda: again(tmp_path, killed), driver, log)
    job = ["scancel", "--batch", "--signal=USR1", told["attempts"][-1]["job"]]
    subprocess.run(job, env=environ, check=True)
    assert driver.wait(LIMIT) == 0, log.read_text()
    said = log.read_text()
    assert (
        "parts again, which had ended before they were done: 1" in said and "mig_histogram" in said
    )
    arrays = json.loads((tmp_path / "results/ci/.parts/1/arrays.json").read_text())
    assert list(arrays.values()) == [[0, 1, 2], [int(killed)]]
    told = records(tmp_path)
    assert {each["state"] for each in told.values()} == {"done"}
    for part in (killed, warned):
        assert len(told[part]["attempts"]) == 3
        assert told[part]["attempts"][-1]["steps"] < 400  # it went on from its checkpoint
    # The same on this machine.
    subprocess.run(
        [*COMMAND, "--results", "here"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=LIMIT,
    )
    for name in ("scores.csv", "scores.parquet"):
        here = (tmp_path / "here" / "ci" / name).read_bytes()
        assert (tmp_path / "results" / "ci" / name).read_bytes() == here


def test_what_slurm_does_not_take_is_one_sentence(environ, tmp_path):
    (tmp_path / "cluster.toml").write_text(CLUSTER.replace("gpu:1", "abacus:1"))
    done = subprocess.run(
        [*COMMAND, *ON], cwd=tmp_path, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stdout == ""
    assert "dbench: Slurm refuses the array (Invalid generic resource (gres)" in done.stderr
    assert not (tmp_path / "results" / "ci").exists()
