"""The examples of README.md, CONTRIBUTING.md and docs/ are tests (tests/docs/examples.py).

All tests have a temporary folder of their own, and none may leave anything in it.
"""

import pytest
from sybil import Sybil

from tests import leftovers
from tests.docs.examples import PARSERS, enter, leave
from tests.leftovers import nothing_is_left as nothing_is_left  # a fixture, of all tests

leftovers.enter()

pytest_collect_file = Sybil(
    parsers=PARSERS,
    patterns=["README.md", "CONTRIBUTING.md", "docs/*.md", "docs/*/*.md"],
    excludes=["results/*", "docs/_build/*"],
    setup=enter,
    teardown=leave,
).pytest()


def pytest_unconfigure():
    leftovers.leave()


def pytest_collection_modifyitems(items):
    """Pages that add something to a copy of the repository run its tests there: slow."""
    for item in items:
        if item.path.name.startswith("add-a-"):
            item.add_marker(pytest.mark.slow)
