"""`dbench study NAME --plan`: on no device, with nothing written; bad input is one sentence."""

import os
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_a_study_that_is_planned_is_not_begun(dbench, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = dbench("study", "beta_sweep", "--scale", "smoke", "--plan")
    assert code == 0 and out.startswith("beta_sweep at scale smoke: 2 runs of 40 steps, 0 done")
    assert "assumed: " in out and not list(tmp_path.iterdir())


@pytest.mark.slow
def test_what_was_measured_here_is_said(dbench, tmp_path):
    code, out, err = dbench(
        *("study", "beta_sweep", "--scale", "smoke", "--results", tmp_path / "new"),
        *("--plan", "--measure"),
    )
    assert code == 0 and "measuring 1 of 1: beta_vae on dsprites_tiny" in err
    assert "measured: a chunk of each program" in out and not (tmp_path / "new").exists()


def test_bad_input(refused):
    assert refused("study", "beta_sweep", "--measure").endswith("give both, or leave it out")
    assert refused("study", "beta_sweep", "--plan", "--tensorboard").endswith("leave one out")
    assert "unknown study" in refused("study", "no_such_study", "--plan")


@pytest.mark.slow
def test_the_largest_study_needs_no_device_and_draws_nothing(tmp_path):
    """JAX is told of a platform that does not exist: whatever asks for a device fails."""
    env = os.environ | {"JAX_PLATFORMS": "no_such_platform", "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "dbench", "study", "locatello2019", "--scale", "paper"]
    ran = subprocess.run(
        [*command, "--plan", "--results", tmp_path], env=env, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "runs of 300,000 steps, 0 done" in ran.stdout.splitlines()[0]
    assert not list(tmp_path.iterdir())


SITE = """price_per_gpu_hour = 2.0
[slurm]
gres = "gpu:1"
cpus = 4
parts_at_once = 8
[ray]
num_cpus = 2
"""


@pytest.mark.slow
def test_a_site_has_a_price_and_an_end(dbench, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cluster.toml").write_text(SITE)
    command = ["study", "beta_sweep", "--scale", "smoke", "--plan", "--cluster", "cluster.toml"]
    code, out, _ = dbench(*command, "--part", 1)
    assert code == 0 and "on 4 cores beside each" in out and "8 parts at a time" in out
    assert "at 2.00 a GPU hour" in out and "without GPUs" not in out
    (row,) = (line.split() for line in out.splitlines() if line.startswith("dsprites_tiny"))
    assert row[2:4] == ["2", "2"]  # runs and parts
    code, out, _ = dbench(*command, "--on", "ray=auto")  # no Ray is asked
    assert code == 0 and "on GPUs" not in out and "without GPUs" in out and "price" not in out
    (tmp_path / "cluster.toml").write_text(SITE.replace("2.0", "-2.0"))
    assert "price_per_gpu_hour must be a number, 0 or more" in refused(*command)
    assert "no file" in refused(*command[:-1], "none.toml")
    assert "say --on" in refused(*command[:-3], "--cluster", "cluster.toml")
