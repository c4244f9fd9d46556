"""What several tests of studies on many machines start from."""

import os
import sys

import pytest

from dbench.study import runner
from tests.cluster.here import load, tables
from tests.cluster.stands import PROGRAM, Stand


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The tables of the study on one machine."""
    folder = tmp_path_factory.mktemp("whole")
    assert runner.run_study(load(folder), folder) == {}
    return tables(folder)


@pytest.fixture
def bin(tmp_path, monkeypatch):
    """A folder of programs: what each is to say is in NAME.says, its error in NAME.fails."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sbatch", "squeue", "scontrol"):
        (folder / name).write_text(PROGRAM.format(folder=folder))
        (folder / name).chmod(0o755)
    (folder / "sbatch.says").write_text("4711;site\n")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


@pytest.fixture
def stand(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", found := Stand())
    return found
