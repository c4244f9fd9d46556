"""The examples of README.md, CONTRIBUTING.md and docs/ are tests (tests/docs/examples.py)."""

from sybil import Sybil

from tests.docs.examples import PARSERS, enter, leave

pytest_collect_file = Sybil(
    parsers=PARSERS,
    patterns=["README.md", "CONTRIBUTING.md", "docs/*.md", "docs/*/*.md"],
    excludes=["results/*", "docs/_build/*"],
    setup=enter,
    teardown=leave,
).pytest()
