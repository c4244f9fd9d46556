"""A study on a real Ray of two nodes: a worker is told to end, one is killed, a node is lost, and
the table is the local one.

It needs ray. Where that is missing it is skipped, but not where DBENCH_RAY is "needed", as .ci/run
says.
"""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cluster import two_nodes

TEXT = """
Study.datasets = ['dsprites_tiny']
Study.sweep = {'beta_vae': {'beta': [4]}}
Study.metrics = ['mig_histogram', 'udr_spearman']
Study.seeds = 3
Study.steps = 400
Study.chunk = 20
Study.options = {'net': 'small', 'latents': 10, 'learning_rate': 1e-3}
"""
CLUSTER = "[ray]\nnum_gpus = 1\nnum_cpus = 1\n"
LIMIT = 500  # seconds to wait for anything
COMMAND = [sys.executable, "-m", "dbench", "study", "ci.gin"]

LACKS = two_nodes.lacks()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(LACKS) and os.environ.get("DBENCH_RAY") != "needed",
        reason=f"no Ray to start here: {LACKS}",
    ),
]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    assert not LACKS, LACKS
    with two_nodes.ray(tmp_path_factory.mktemp("ray") / "logs") as found:
        yield found


@pytest.fixture
def environ(tmp_path):
    (tmp_path / "ci.gin").write_text(TEXT)
    (tmp_path / "cluster.toml").write_text(CLUSTER)
    return {**os.environ, "PYTHONPATH": str(two_nodes.ROOT)}


def on(nodes):
    return ["--on", f"ray={nodes.address}", "--cluster", "cluster.toml", "--part", "1"]


class Study:
    """A driver at work, and what is known of its parts."""

    def __init__(self, folder, environ, options):
        self.folder, self.log = folder, folder / "driver.log"
        with self.log.open("w") as file:
            self.driver = subprocess.Popen(
                [*COMMAND, *options], cwd=folder, env=environ, stdout=file, stderr=subprocess.STDOUT
            )

    def records(self):
        """Part -> its record, of those that were begun."""
        found = (self.folder / "results/ci/.parts/1").glob("*/record.json")
        return {path.parent.name: json.loads(path.read_text()) for path in sorted(found)}

    def trains(self, part, attempt):
        """The number of the process of an attempt that has begun to train; None before."""
        told = self.records().get(part)
        if told and len(told["attempts"]) >= attempt and told["state"] == "running":
            said = (self.folder / f"results/ci/.parts/1/{part}/log").read_text()
            if said.count("at once on") >= attempt:
                return told["attempts"][-1]["pid"]
        return None

    def wait(self, until):
        """The first true answer of a function."""
        end = time.monotonic() + LIMIT
        while not (found := until()):
            assert self.driver.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)
        return found


def test_a_study_on_ray(nodes, environ, tmp_path):
    study = Study(tmp_path, environ, on(nodes))
    # Two parts begin, a node each. One is told to end, as by a machine that is taken away: it
    # saves, and is begun again. The other is killed.
    first = study.wait(lambda: study.trains("0", 1))
    os.kill(first, signal.SIGTERM)
    os.kill(study.wait(lambda: study.trains("1", 1)), signal.SIGKILL)
    # A node is lost with whatever part is on it.
    study.wait(lambda: study.trains("0", 2) or study.trains("1", 2))
    nodes.lose(1)
    assert study.driver.wait(LIMIT) == 0, study.log.read_text()
    told = study.records()
    assert {each["state"] for each in told.values()} == {"done"}
    assert {each["attempts"][0]["visible"] for each in told.values()} == {"0"}
    assert min(len(told[part]["attempts"]) for part in ("0", "1")) >= 2
    assert told["0"]["attempts"][-1]["steps"] < 400  # it went on from its checkpoint
    # The same on this machine.
    subprocess.run(
        [*COMMAND, "--results", "here"],
        cwd=tmp_path,
        env=environ,
        check=True,
        capture_output=True,
        timeout=LIMIT,
    )
    for name in ("scores.csv", "scores.parquet"):
        here = (tmp_path / "here" / "ci" / name).read_bytes()
        assert (tmp_path / "results" / "ci" / name).read_bytes() == here


def test_what_no_node_has_is_one_sentence(nodes, environ, tmp_path):
    (tmp_path / "cluster.toml").write_text(CLUSTER.replace("num_gpus = 1", "num_gpus = 3"))
    done = subprocess.run(
        [*COMMAND, *on(nodes)], cwd=tmp_path, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("dbench: a part asks for 1 cores and 3 GPUs, and no node of this Ray")


def test_where_there_is_no_ray_is_one_sentence(environ, tmp_path):
    done = subprocess.run(
        [*COMMAND, "--on", "ray=127.0.0.1:1"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and done.stdout == ""
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith("dbench: there is no Ray at 127.0.0.1:1 to work with")
