"""Where a command starts: streams that are closed, a folder that is gone, odd names, Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LONG = "n" * 300


def start(*words, before="", **more):
    """The command in a shell of its own, after the shell's line `before`."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        ["/bin/sh", "-c", f'{before}\nexec "$@"', "sh", sys.executable, "-m", "dbench", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path} | more,
    )


def run(*words, before="", **more):
    process = start(*words, before=before, **more)
    out, err = process.communicate(timeout=120)
    return process.returncode, out.decode(), err.decode(errors="replace")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sentence(found):
    code, out, err = found
    assert (code, out) == (2, ""), err
    (line,) = err.strip().splitlines()
    assert line.startswith("dbench: ") and len(line) < 700
    return line


SHOW = ("data", "show", "xy_blobs")


def test_a_closed_stderr_takes_nothing_away(here):
    code, out, _ = run(*SHOW, before="exec 2>&-")
    assert code == 0 and out == "wrote xy_blobs.png\n"
    picture = (here / "xy_blobs.png").read_bytes()
    run(*SHOW)
    assert (here / "xy_blobs.png").read_bytes() == picture  # nothing of stderr went into it


def test_a_closed_stderr_in_bad_input_and_closed_stdin(here):
    assert run("list", "--nothing", before="exec 2>&-")[0] == 2
    assert run("data", before="exec <&-")[0] == 0
    assert run("data", before="exec >&- 2>&- <&-")[0] == 0


def test_a_full_disk_of_stdout():
    assert "No space left" in sentence(run("list", before="exec >/dev/full"))


def test_a_current_folder_that_was_deleted(here):
    gone = "mkdir gone && cd gone && rmdir ../gone"
    assert "the current folder is not there any more" in sentence(run("list", before=gone))


def test_a_backend_of_figures_that_is_none(here):
    assert run(*SHOW, MPLBACKEND="nope")[0] == 0 and (here / "xy_blobs.png").exists()


@pytest.mark.parametrize("platform", ["cuda", "nope"])
def test_devices_that_are_not_there(here, platform):
    import jax

    if platform == "cuda" and jax.default_backend() == "gpu":
        pytest.skip("there is one")
    said = sentence(run(*SHOW, JAX_PLATFORMS=platform))
    assert "JAX cannot start its devices" in said and f"JAX_PLATFORMS is {platform!r}" in said
    assert not list(here.iterdir())


def test_files_of_the_current_folder_are_no_libraries(here):
    for name in ("numpy.py", "click.py", "tensorboard.py"):
        (here / name).write_text("open('ran', 'w').close()")
    (here / "jax_plugins" / "mine").mkdir(parents=True)
    (here / "jax_plugins" / "mine" / "__init__.py").write_text("open('ran', 'w').close()")
    assert run(*SHOW)[0] == 0
    assert not (here / "ran").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["report", "one"],
        ["report", "one/two"],
        ["compare", "one@beta=1", "b"],
        ["compare", "a", "b", "--csv=one"],
        ["evaluate", "--checkpoint", "one"],
        ["data", "show", "xy_blobs", "--output", "one/x.png"],
        ["study", "one.gin"],
        ["study", "beta_sweep", "--results", "one"],
        ["claims", "--results", "one"],
    ],
)
def test_links_that_go_round(here, refused, words):
    (here / "one").symlink_to("two")
    (here / "two").symlink_to("one")
    (here / "one.gin").symlink_to("one.gin")
    said = refused(*words)
    assert "circle of links" in said


@pytest.mark.parametrize(
    "words",
    [
        ["report", LONG],
        ["compare", LONG, "b"],
        ["compare", "a", "b", "--csv", LONG],
        ["evaluate", "--checkpoint", LONG],
        ["evaluate", "--representation", LONG + ".npz"],
        ["data", "show", LONG + ".npz"],
        ["data", "show", "xy_blobs", "--output", "n" * 240 + ".png"],
        ["study", LONG + ".gin"],
        ["study", "beta_sweep", "--scale", "smoke", "--results", LONG],
        ["claims", "--results", LONG],
        ["traverse", "--checkpoint", LONG],
        ["utilisation", LONG],
        ["udr", LONG, LONG],
    ],
)
def test_names_that_are_too_long(here, refused, words):
    said = refused(*words)
    assert len(said) < 700
    assert any(why in said for why in ("too long", "text that can name a file"))
    assert not list(here.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ["study", b"m\xff.gin"],
        ["study", "beta_sweep", "--results", b"r\xff"],
        ["data", "show", "xy_blobs", "--output", b"o\xff.png"],
        ["compare", "a", "b", b"--csv=o\xff"],
        ["report", b"r\xff"],
    ],
)
def test_names_that_are_not_utf8(here, refused, words):
    assert "is not UTF-8" in refused(*map(os.fsdecode, words))
    assert not list(here.iterdir())


def test_a_study_whose_name_is_not_utf8_is_not_listed(here, dbench):
    (here / "studies").mkdir()
    (here / "studies" / os.fsdecode(b"m\xff.gin")).write_text("# What is this?")
    code, out, err = dbench("list")
    assert code == 0 and "What is this?" not in out, err


@pytest.mark.slow
@pytest.mark.parametrize("wait", [0.1, 1.0, 2.5])
def test_ctrl_c_in_compare(here, wait):
    """At any moment after dbench has begun to load its libraries."""
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        rows = {"seed": np.arange(3_000), "mig": rng.normal(size=3_000)}
        pd.DataFrame(rows).to_csv(f"{name}.csv", index=False)
    process = start("compare", "a.csv", "b.csv", "--csv", "out.csv")
    while process.poll() is None and "numpy" not in Path(f"/proc/{process.pid}/maps").read_text():
        time.sleep(0.02)
    time.sleep(wait)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    err = err.decode()
    if process.returncode in (0, -signal.SIGINT) and (here / "out.csv").exists():
        return  # it was ready; Python puts its own handler away as it ends
    assert process.returncode == 130 and err.strip() == "stopped", err
    assert not (here / "out.csv").exists() and not list(here.glob(".*"))
