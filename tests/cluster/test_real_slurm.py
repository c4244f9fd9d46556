"""A study on a real Slurm of one node: jobs are preempted and killed, the table is the local one.

It needs root and Debian's packages slurmctld, slurmd, slurm-client and munge. Where they are
missing it is skipped, but not where DBENCH_SLURM is "needed", as .ci/run says.
"""

import json
import os
import shutil
import signal
import subprocess

import pytest

from tests.cluster import one_node, real

CLUSTER = '[slurm]\ngres = "gpu:1"\npoll = 1\n'
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
    real.write(tmp_path, CLUSTER)
    own = real.sockets()
    try:
        with one_node.slurm(own / "slurm") as given:
            yield given
    finally:
        shutil.rmtree(own, ignore_errors=True)


def of_state(driver, state):
    return {part: told for part, told in driver.records().items() if told["state"] == state}


def again(driver, besides=""):
    """A part that is at work for the second time, and its record."""
    found = of_state(driver, "running").items()
    return next(((p, t) for p, t in found if len(t["attempts"]) == 2 and p != besides), None)


def test_a_study_on_slurm(environ, tmp_path):
    states = tmp_path / "results" / "ci" / "own"
    driver = real.Driver(tmp_path, environ, ON)
    # Two jobs begin, each with a GPU of its own; an urgent one takes the node from them.
    driver.wait(lambda: len(list(states.rglob("config.json"))) == 2)
    begun = driver.records()
    assert sorted(told["attempts"][0]["visible"] for told in begun.values()) == ["0", "1"]
    urgent = ["sbatch", "-p", "urgent", "-n2", "-o", "/dev/null", "--wrap", "sleep 0.1"]
    subprocess.run(urgent, env=environ, check=True, capture_output=True)
    driver.wait(lambda: len(of_state(driver, "stopped")) == 2)
    assert len(list(states.rglob("training.safetensors"))) == 2  # SIGTERM saved them
    # Slurm has queued them again. One that goes on is killed, which Slurm leaves to the driver.
    killed, told = driver.wait(lambda: again(driver))
    os.kill(told["attempts"][-1]["pid"], signal.SIGKILL)
    # The other one is told what Slurm tells a job before its time is over.
    warned, told = driver.wait(lambda: again(driver, killed))
    job = ["scancel", "--batch", "--signal=USR1", told["attempts"][-1]["job"]]
    subprocess.run(job, env=environ, check=True)
    told = driver.end()
    said = driver.log.read_text()
    assert "parts again, which had ended before they were done: 1" in said
    assert "mig_histogram" in said
    arrays = json.loads((tmp_path / "results/ci/.parts/1/arrays.json").read_text())
    assert list(arrays.values()) == [[0, 1, 2], [int(killed)]]
    for part in (killed, warned):
        assert len(told[part]["attempts"]) == 3
        assert told[part]["attempts"][-1]["steps"] < 400  # it went on from its checkpoint


def test_scores_apart_on_slurm(environ, tmp_path):
    """A job that trains is killed: Slurm cancels the one that was to score, and both come again."""
    real.write(tmp_path, CLUSTER + "[slurm.score]\ncpus = 1\n")
    driver = real.Driver(tmp_path, environ, [*ON, "--score", "apart"])
    told = driver.wait(lambda: of_state(driver, "running").get("0"))
    os.kill(told["attempts"][-1]["pid"], signal.SIGKILL)
    told, scored = driver.end(), driver.records("2")
    said = driver.log.read_text()
    assert "parts again, which had ended before they were done: 1" in said
    assert "parts that are trained, to score: 1" in said
    arrays = [tmp_path / f"results/ci/.parts/{plan}/arrays.json" for plan in "12"]
    assert [[*json.loads(path.read_text()).values()] for path in arrays] == [[[0, 1, 2], [0]]] * 2
    assert {each["attempts"][0]["visible"] for each in told.values()} <= {"0", "1"}
    assert [(a["steps"], a["scored"]) for p in scored.values() for a in p["attempts"]] == [
        (0, 1)
    ] * 3
    assert not list(tmp_path.rglob("handed.npz"))


def test_what_slurm_does_not_take_is_one_sentence(environ, tmp_path):
    real.write(tmp_path, CLUSTER.replace("gpu:1", "abacus:1"))
    said = real.refused(tmp_path, environ, ON)
    assert "dbench: Slurm refuses the array (Invalid generic resource (gres)" in said
    assert not (tmp_path / "results" / "ci").exists()
