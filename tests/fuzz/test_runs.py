"""The files of a run and of a study, damaged: every command that reads them says so."""

import json
import shutil
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbench import study
from dbench.study import runner
from tests.fuzz.attempt import attempt
from tests.fuzz.values import cells, damaged, nested, replaced, scalars
from tests.study.test_runner import RUNS, TEXT

pytestmark = pytest.mark.slow

JSON = ["config.json", "scores.json", "failed.json", "../../../../../study.json"]
CSV = ["scores.csv", "log.csv", "../../../../../scores.csv"]
OTHER = ["parameters.safetensors", "scores.npz", "../../../../../scores.parquet"]
COMMANDS = {
    "evaluate": lambda folder, run: ("--checkpoint", run, "--metrics", "mig_histogram"),
    "study": lambda folder, run: (
        *(folder / "mine.gin", "--scale", "smoke"),
        *("--results", folder),
    ),
    "compare": lambda folder, run: (folder / "mine", folder / "other" / "mine"),
    "udr": lambda folder, run: (run, run.parents[1] / "beta=8" / "seed=0"),
}
commands = st.sampled_from(list(COMMANDS))


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A study that has been run."""
    folder = tmp_path_factory.mktemp("done")
    (folder / "mine.gin").write_text(TEXT)
    runner.run_study(study.load(str(folder / "mine.gin"), "smoke"), folder)
    shutil.copytree(folder / "mine", folder / "other" / "mine")
    return folder


def tried(done: Path, name: str, change, command: str) -> int:
    """One command on a copy of the study in which one file is changed."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(shutil.copytree(done, Path(temporary) / "results"))
        run = folder / "mine" / RUNS[0]
        path = run / name
        change(path)
        return attempt(folder, command, *COMMANDS[command](folder, run))


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_right_is_read(done, command):
    assert tried(done, "config.json", lambda path: None, command) == 0


@given(st.sampled_from(JSON), st.integers(0, 100), nested(scalars), commands)
def test_json_with_any_value_anywhere(done, name, at, value, command):
    def change(path):
        old = json.loads(path.read_text()) if path.exists() else {"reason": "diverged"}
        path.write_text(json.dumps(replaced(old, at, value)))

    tried(done, name, change, command)


@given(st.sampled_from(CSV), st.integers(0, 500), cells, commands)
def test_csv_with_any_cell_anywhere(done, name, at, cell, command):
    def change(path):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame.iat[at % len(frame), at // len(frame) % frame.shape[1]] = cell
        frame.to_csv(path, index=False)

    tried(done, name, change, command)


@given(st.sampled_from(JSON + CSV + OTHER), st.data(), commands)
def test_files_that_are_damaged(done, name, data, command):
    def change(path):
        path.write_bytes(data.draw(damaged(path.read_bytes() if path.exists() else b"{}")))

    tried(done, name, change, command)
