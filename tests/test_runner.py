"""A study from its file to its table: continues, repeats nothing, survives a kill."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from dbench import checkpoint, results, runner, study
from dbench.errors import InputError

TEXT = """
Study.datasets = ['dsprites_tiny']
Study.sweep = {'beta_vae': {'beta': [1, 8]}}
Study.metrics = ['mig_histogram']
Study.seeds = 1
Study.steps = 30
Study.chunk = 10
Study.batch_size = 8
Study.options = {'net': 'small', 'latents': 3, 'learning_rate': 1e-3}
"""
RUNS = [f"smoke/dsprites_tiny/beta_vae/beta={beta}/seed=0" for beta in (1, 8)]


def load(folder, text=TEXT):
    path = folder / "mine.gin"
    path.write_text(text)
    return study.load(str(path), "smoke")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A folder where the study has been run once."""
    folder = tmp_path_factory.mktemp("done")
    assert runner.run_study(load(folder), folder) == {}
    return folder


def contents(folder):
    """Every file with its content and time of change, but for the lock."""
    return {
        path.relative_to(folder): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_table(done):
    frame = results.load(done / "mine")
    assert list(frame) == list(results.DTYPES)
    assert list(frame["run"]) == RUNS and list(frame["value"]) == [1.0, 8.0]
    assert frame["score"].between(0, 1).all() and (frame["stderr"] > 0).all()
    parquet = pd.read_parquet(done / "mine" / "scores.parquet")
    pd.testing.assert_frame_equal(parquet, frame)


def test_log_has_a_line_a_chunk(done):
    log = pd.read_csv(done / "mine" / RUNS[0] / "log.csv")
    assert list(log["step"]) == [10, 20, 30]
    columns = ["loss", "elbo", "reconstruction", "kl", "kl_latent_0", "kl_latent_1", "kl_latent_2"]
    assert np.isfinite(log[columns]).all(axis=None)
    np.testing.assert_allclose(log.filter(like="kl_latent").sum(axis=1), log["kl"], rtol=1e-4)


def test_again_does_nothing(done):
    before = contents(done / "mine")
    assert runner.run_study(load(done), done) == {}
    assert contents(done / "mine") == before


def test_a_metric_more_only_adds_its_scores(done):
    before = {path: (done / "mine" / path / "scores.csv").read_text() for path in RUNS}
    trained = (done / "mine" / RUNS[0] / "parameters.safetensors").stat().st_mtime_ns
    runner.run_study(load(done, TEXT.replace("'mig_histogram'", "'mig_histogram', 'mig'")), done)
    for path in RUNS:
        assert (done / "mine" / path / "scores.csv").read_text().startswith(before[path])
    assert set(results.load(done / "mine")["metric"]) == {"mig_histogram", "mig"}
    assert (done / "mine" / RUNS[0] / "parameters.safetensors").stat().st_mtime_ns == trained


def test_scales_live_side_by_side(done):
    path = str(done / "mine.gin")
    load(done)
    runner.run_study(study.load(path, "laptop"), done)
    frame = results.load(done / "mine")
    assert frame.groupby("scale")["run"].nunique().to_dict() == {"smoke": 2, "laptop": 2}
    assert set(results.load(done / "mine", scale="laptop")["scale"]) == {"laptop"}


def test_changed_settings_are_refused(done):
    with pytest.raises(InputError, match="was made with steps 30 and the study now says 40"):
        runner.run_study(load(done, TEXT.replace("steps = 30", "steps = 40")), done)
    load(done)


def test_a_diverging_run_is_named_and_kept_out_of_the_table(tmp_path):
    wild = load(tmp_path, TEXT.replace("'beta': [1, 8]", "'learning_rate': [1e30, 1e-3]"))
    failed = runner.run_study(wild, tmp_path)
    (name, reason), *others = failed.items()
    assert not others and "learning_rate=1e+30" in name and "training diverged by step 10" in reason
    frame = results.load(tmp_path / "mine")
    assert list(frame["value"]) == [1e-3] and np.isfinite(frame["score"]).all()
    assert runner.run_study(wild, tmp_path) == failed


def test_two_commands_at_once(done, tmp_path):
    with runner._alone(tmp_path / "mine"), pytest.raises(InputError, match="another dbench"):
        runner.run_study(load(tmp_path), tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write results to .*--results"):
        runner.run_study(load(tmp_path), tmp_path / "file")


COMMAND = "import dbench.runner as r; r.SAVE_EVERY = 0; from dbench.cli import main; main()"


def test_killed_and_resumed_is_bit_identical(tmp_path):
    """SIGKILL in the middle of training, then the same command again."""
    text = TEXT.replace("steps = 30", "steps = 400").replace("chunk = 10", "chunk = 40")
    load(tmp_path, text)
    paths = {}
    for name in ("killed", "whole"):
        command = [sys.executable, "-c", COMMAND, "study", str(tmp_path / "mine.gin")]
        command += ["--scale", "smoke", "--results", str(tmp_path / name)]
        paths[name] = tmp_path / name / "mine" / RUNS[1]
        if name == "killed":
            _kill_in_training(command, paths[name])
        subprocess.run(command, check=True, capture_output=True, env=os.environ)
    for file in ("parameters.safetensors", "training.safetensors", "log.csv", "scores.csv"):
        one, two = ((paths[name] / file).read_bytes() for name in paths)
        assert one == two, file
    assert not list((tmp_path / "killed").rglob("*.part"))


def _kill_in_training(command, run):
    """Starts the command and kills it between two checkpoints, neither the first nor the last."""
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ)
    _, parameters, training = checkpoint.paths(run)
    deadline = time.monotonic() + 240
    while not training.exists():
        assert process.poll() is None and time.monotonic() < deadline, "it never got to train"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not parameters.exists(), "it ended before it could be killed"
