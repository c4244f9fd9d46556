"""The examples of README.md, CONTRIBUTING.md and docs/ are tests (tests/docs/examples.py).

All tests have a temporary folder of their own, and none may leave anything in it.

What is compiled is kept for all tests in one folder, small programs too. The variables tell it to
the commands that tests start, and keep `devices.setup` from setting another: the folder is part
of what JAX finds a program by, so that one kept in another is compiled again.
"""

import gc
import os

import jax
import pytest
from sybil import Sybil

from dbench.data import cache
from dbench.training import devices
from tests import leftovers
from tests.docs.examples import PARSERS, enter, leave
from tests.leftovers import nothing_is_left as nothing_is_left  # a fixture, of all tests

leftovers.enter()

KEPT = {
    "jax_compilation_cache_dir": str(cache.folder() / "compiled"),
    "jax_persistent_cache_min_compile_time_secs": 0,
}
for name, value in KEPT.items():
    if name.upper() not in os.environ:  # set where a page runs tests in a copy of the repository
        jax.config.update(name, value)
        os.environ[name.upper()] = str(value)

SLOW_PAGES = ("add-a-", "own-", "agents.md", "claims.md", "cost.md", "metrics.md", "report.md")

pytest_collect_file = Sybil(
    parsers=PARSERS,
    patterns=["README.md", "CONTRIBUTING.md", "docs/*.md", "docs/*/*.md"],
    excludes=["results/*", "docs/_build/*"],
    setup=enter,
    teardown=leave,
).pytest()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Of all tests one more than there are cores, which so have work while a worker waits."""
    return None if config.option.markexpr else devices.cores() + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is imported stays: Python need not look through it for garbage, now or in the tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_unconfigure():
    leftovers.leave()


def pytest_collection_modifyitems(items):
    """Pages that test a copy of the repository, train, reckon, report or score much are slow."""
    for item in items:
        if item.path.name.startswith(SLOW_PAGES):
            item.add_marker(pytest.mark.slow)
