"""A temporary folder of this process's own, and who left something in it.

What a test puts into the temporary folder of the machine stays there: nobody tidies up. So the
tests get a folder of their own in its place, which goes when they end, and a file of tests that
leaves something in it fails.
"""

import os
import shutil
import tempfile
from multiprocessing.util import Finalize
from pathlib import Path

import pytest

# What a process keeps to its end and takes away itself: joblib's arrays for its workers; the socket
# of the process that tests fork (tests/study/killed.py); and the folder of a page, which goes when
# all else of the page has ended (tests/docs/examples.py).
OWN = ("joblib_memmapping_folder_", "pymp-", "dbench-page-")


def enter() -> None:
    """From here on the temporary folder is a new one, of child processes too."""
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())  # pytest keeps its own
    os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix="dbench-")


def leave() -> None:
    """The folder goes: now, or when multiprocessing has put away its own in there."""
    folder = Path(tempfile.gettempdir())
    if any(folder.glob("pymp-*")):
        Finalize(None, shutil.rmtree, (folder, True), exitpriority=-200)  # its own has -100
    else:
        shutil.rmtree(folder, ignore_errors=True)


def there() -> set[str]:
    return {p.name for p in Path(tempfile.gettempdir()).iterdir() if not p.name.startswith(OWN)}


@pytest.fixture(autouse=True, scope="module")
def nothing_is_left(request):
    """The first of a file's fixtures, and so the last that ends."""
    before = there()
    yield
    left = sorted(there() - before)
    assert not left, f"{request.node.nodeid} left {', '.join(left)} in the temporary folder"
