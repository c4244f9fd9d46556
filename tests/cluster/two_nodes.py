"""A real Ray on this machine, for tests: a head, and two nodes of a core and a GPU that is none.

By hand:

    python -m tests.cluster.two_nodes FOLDER     # until Ctrl-C; says the address
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.cluster import real

RAY = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--disable-usage-stats"]
ROOT = Path(__file__).parents[2]
UP = 200  # seconds that a node may take to start


class Nodes(NamedTuple):
    """A Ray that is up."""

    address: str
    started: list[subprocess.Popen]  # the head, and the nodes

    def lose(self, number: int) -> None:
        """A node is gone at once, with all that runs on it."""
        _kill(self.started[number])


def lacks() -> str:
    """What keeps it from being started here; "" for nothing."""
    return "" if importlib.util.find_spec("ray") else "no ray (pip install '.[ray]')"


@contextlib.contextmanager
def ray(logs: Path) -> Iterator[Nodes]:
    """Starts it. Each node has an address of its own: 127.0.0.1 Ray would take for another."""
    logs.mkdir(parents=True)
    port, started = _free_port(), []
    own = real.sockets()
    head = f"127.0.0.2:{port}"
    try:
        options = ["--head", f"--port={port}", f"--temp-dir={own}", "--include-dashboard=false"]
        started.append(_node(logs / "head", "127.0.0.2", *options, cpus=0))
        for number in (1, 2):  # one after the other: two at once race for the name of a socket
            where = f"127.0.0.{number + 2}"
            started.append(_node(logs / f"node{number}", where, f"--address={head}", cpus=1))
        yield Nodes(head, started)
    finally:
        for node in reversed(started):
            _kill(node)
        shutil.rmtree(own, ignore_errors=True)


def _node(log: Path, address: str, *options: str, cpus: int) -> subprocess.Popen:
    command = [*RAY, f"--node-ip-address={address}", f"--num-cpus={cpus}", f"--num-gpus={cpus}"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with log.open("w") as file:
        node = subprocess.Popen(
            [*command, "--object-store-memory=80000000", *options],
            env=environ,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that all of a node can be ended at once
        )
    until = time.monotonic() + UP
    while "Ray runtime started" not in log.read_text():
        if node.poll() is not None or time.monotonic() > until:
            _kill(node)
            raise AssertionError(f"no node of Ray came up: {log.read_text()}")
        time.sleep(0.1)
    return node


def _kill(node: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(node.pid, signal.SIGKILL)
    node.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.2", 0))
        return found.getsockname()[1]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ray(Path(sys.argv[1]).resolve()) as given:
        print(given.address, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
