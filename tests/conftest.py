"""All tests: two JAX devices on a CPU, strict shapes, programs that are compiled quickly."""

import sys
from collections import Counter

import jax
import pytest

from dbench.cli import commands as cli
from dbench.training import devices
from tests import compiling

compiling.start()
# Not strict dtype promotion too: optax's Adam raises a float to an integer power.
jax.config.update("jax_numpy_rank_promotion", "raise")


def pytest_collection_modifyitems(items):
    """Files of many slow tests first: begun last, one would keep a worker when all else is done.

    Before them those on a real Slurm or Ray, which wait most of the time: others work meanwhile.
    """
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: (not item.path.name.startswith("test_real_"), -slow[item.path]))


@pytest.fixture(scope="session")
def mesh():
    return devices.mesh()


@pytest.fixture
def dbench(monkeypatch, capfd):
    """Runs a command; returns (exit code, stdout, stderr)."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["dbench", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def refused(dbench):
    """Runs a command that must be refused; returns its sentence."""

    def run(*arguments):
        code, out, err = dbench(*arguments)
        assert (code, out) == (2, ""), err
        (line,) = err.strip().splitlines()
        assert line.startswith("dbench: ")
        return line

    return run
