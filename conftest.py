"""The examples of README.md, CONTRIBUTING.md and docs/ are tests (tests/docs/examples.py)."""

import pytest
from sybil import Sybil

from tests.docs.examples import PARSERS, enter, leave

pytest_collect_file = Sybil(
    parsers=PARSERS,
    patterns=["README.md", "CONTRIBUTING.md", "docs/*.md", "docs/*/*.md"],
    excludes=["results/*", "docs/_build/*"],
    setup=enter,
    teardown=leave,
).pytest()


def pytest_collection_modifyitems(items):
    """Pages that add something to a copy of the repository run its tests there: slow."""
    for item in items:
        if item.path.name.startswith("add-a-"):
            item.add_marker(pytest.mark.slow)
