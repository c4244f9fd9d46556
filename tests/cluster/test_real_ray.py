"""A study on a real Ray of two nodes: a worker is told to end, one is killed, a node is lost, and
the table is the local one.

It needs ray. Where that is missing it is skipped, but not where DBENCH_RAY is "needed", as .ci/run
says.
"""

import os
import signal

import pytest

from tests.cluster import real, two_nodes

CLUSTER = "[ray]\nnum_gpus = 1\nnum_cpus = 1\n"

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
    real.write(tmp_path, CLUSTER)
    return {**os.environ, "PYTHONPATH": str(two_nodes.ROOT)}


def on(nodes):
    return ["--on", f"ray={nodes.address}", "--cluster", "cluster.toml", "--part", "1"]


def trains(driver, part, attempt):
    """The number of the process of an attempt that has begun to train; None before."""
    told = driver.records().get(part)
    if told and len(told["attempts"]) >= attempt and told["state"] == "running":
        said = (driver.folder / f"results/ci/.parts/1/{part}/log").read_text()
        if said.count("at once on") >= attempt:
            return told["attempts"][-1]["pid"]
    return None


def test_a_study_on_ray(nodes, environ, tmp_path):
    driver = real.Driver(tmp_path, environ, on(nodes))
    # Two parts begin, a node each. One is told to end, as by a machine that is taken away: it
    # saves, and is begun again. The other is killed.
    first = driver.wait(lambda: trains(driver, "0", 1))
    os.kill(first, signal.SIGTERM)
    os.kill(driver.wait(lambda: trains(driver, "1", 1)), signal.SIGKILL)
    # A node is lost with whatever part is on it.
    driver.wait(lambda: trains(driver, "0", 2) or trains(driver, "1", 2))
    nodes.lose(1)
    told = driver.end()
    assert {each["attempts"][0]["visible"] for each in told.values()} == {"0"}
    assert min(len(told[part]["attempts"]) for part in ("0", "1")) >= 2
    assert told["0"]["attempts"][-1]["steps"] < 400  # it went on from its checkpoint


def test_scores_apart_on_ray(nodes, environ, tmp_path):
    """On what is left of the nodes."""
    real.write(tmp_path, CLUSTER)
    driver = real.Driver(tmp_path, environ, [*on(nodes), "--score", "apart"])
    told, scored = driver.end(), driver.records("2")
    assert {each["attempts"][0]["visible"] for each in told.values()} == {"0"}
    assert {each["state"] for each in scored.values()} == {"done"} and len(scored) == 3
    assert all(each["attempts"][0]["steps"] == 0 for each in scored.values())
    assert not list(tmp_path.rglob("handed.npz"))


def test_what_no_node_has_is_one_sentence(nodes, environ, tmp_path):
    real.write(tmp_path, CLUSTER.replace("num_gpus = 1", "num_gpus = 3"))
    (line,) = real.refused(tmp_path, environ, on(nodes)).splitlines()
    assert line.startswith("dbench: a part asks for 1 cores and 3 GPUs, and no node of this Ray")


def test_where_there_is_no_ray_is_one_sentence(environ, tmp_path):
    line = real.refused(tmp_path, environ, ["--on", "ray=127.0.0.1:1"]).splitlines()[-1]
    assert line.startswith("dbench: there is no Ray at 127.0.0.1:1 to work with")
