"""The commands as typed: what they print, and one sentence and exit code 2 for bad input."""

import re
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

from dbench import cli, runner, study
from tests.test_runner import RUNS, TEXT


@pytest.fixture
def dbench(monkeypatch, capfd):
    """Runs a command; returns (exit code, stdout, stderr)."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["dbench", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def refused(dbench):
    """Runs a command that must be refused; returns its sentence."""

    def run(*arguments):
        code, out, err = dbench(*arguments)
        assert (code, out) == (2, ""), err
        (line,) = err.strip().splitlines()
        assert line.startswith("dbench: ")
        return line

    return run


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    (folder / "mine.gin").write_text(TEXT)
    runner.run_study(study.load(str(folder / "mine.gin"), "smoke"), folder)
    return folder


@pytest.fixture
def npz(tmp_path):
    """Writes a representation with some arrays changed or left out (None)."""

    def write(**changes):
        factors = np.stack(np.meshgrid(range(4), range(5), indexing="ij"), -1).reshape(-1, 2)
        arrays = {"mean": factors * [1.0, 0.5], "factors": factors, **changes}
        path = tmp_path / "codes.npz"
        np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
        return path

    return write


def test_list_shows_everything_with_a_line_each(dbench):
    code, out, _ = dbench("list")
    assert code == 0
    for name in ("beta_vae", "conv", "higgins", "factor_vae", "mig", "mig_histogram"):
        assert re.search(rf"^  {name} +\S.*\S$", out, re.MULTILINE)
    assert re.search(r"^  dsprites +dSprites.*737,280", out, re.MULTILINE)
    assert re.search(r"^  beta_sweep +How do beta", out, re.MULTILINE)


def test_study_prints_the_pivot(dbench, results):
    code, out, _ = dbench("study", results / "mine.gin", "--scale", "smoke", "--results", results)
    assert code == 0
    assert re.search(r"seeds +mig_histogram", out)
    assert re.search(r"dsprites_tiny beta_vae beta=8 +1 +0\.\d{3}$", out, re.MULTILINE)


def test_study_with_a_failed_run_ends_with_1(dbench, tmp_path):
    (tmp_path / "wild.gin").write_text(TEXT.replace("'beta': [1, 8]", "'learning_rate': [1e30]"))
    code, _, err = dbench("study", tmp_path / "wild.gin", "--scale", "smoke", "--results", tmp_path)
    assert code == 1 and "learning_rate=1e+30/seed=0: training diverged" in err


def test_evaluate_gives_the_numbers_of_the_study_exactly(dbench, results, tmp_path):
    run = results / "mine" / RUNS[1]
    out = tmp_path / "again.csv"
    metrics = ("--metrics", "mig_histogram", "--output", out)
    code, printed, _ = dbench("evaluate", "--checkpoint", run, *metrics)
    assert code == 0 and "mig_histogram" in printed
    assert out.read_text() == (run / "scores.csv").read_text()
    dbench("evaluate", "--checkpoint", run, "--seed", 5, *metrics)
    assert out.read_text() != (run / "scores.csv").read_text()


def test_evaluate_a_representation_of_any_rows(dbench, npz, tmp_path):
    rows = np.random.default_rng(0).integers(0, 20, 300)
    factors = np.stack([rows % 4, rows // 4], 1).astype(np.int16)
    path = npz(mean=factors.astype(np.float32), factors=factors, other=np.array([{}], object))
    out = tmp_path / "scores.csv"
    code, _, err = dbench("evaluate", "--representation", path, "--output", out)
    assert code == 0, err
    frame = pd.read_csv(out)
    assert list(frame)[:3] == ["metric", "score", "stderr"]
    assert set(frame["metric"]) == {"higgins", "factor_vae", "mig_histogram"}  # no logvar: no mig
    assert (frame["score"] > 0.97).all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mean": None}, r"no array 'mean' \(it has: factors\)"),
        ({"factors": np.zeros((3, 2), int)}, "20 rows and factors 3"),
        ({"factors": np.zeros((20, 2))}, "factors must be integers"),
        ({"factors": np.full((20, 2), 7), "factor_names": ["a", "b"]}, "factor 'a' has the same"),
        ({"mean": np.full((20, 2), np.nan)}, "NaN"),
        ({"mean": np.zeros((20, 1))}, "at least two"),
        ({"mean": np.array([None] * 40).reshape(20, 2)}, "holds pickled objects"),
        ({"mean": np.full((20, 2), 1j)}, "must hold real numbers, not complex128"),
        ({"logvar": np.zeros((20, 3))}, "logvar"),
        ({"logvar": np.full((20, 2), np.inf)}, "logvar.*infinite"),
        ({"factor_names": ["a"]}, "1 names"),
        ({"factor_names": "a"}, "'factor_names' of .* must be a list of strings"),
    ],
)
def test_bad_representations(refused, npz, tmp_path, changes, said):
    out = tmp_path / "out.csv"
    assert re.search(said, refused("evaluate", "--representation", npz(**changes), "--output", out))
    assert not out.exists()


def test_damaged_representations(refused, npz, tmp_path):
    path = npz()
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert "cannot read" in refused("evaluate", "--representation", path)
    path.write_bytes(b"")
    assert "cannot read" in refused("evaluate", "--representation", path)
    broken = bytearray(content)
    with zipfile.ZipFile(npz()) as archive:
        start = archive.getinfo("mean.npy").header_offset
    broken[start + 200] ^= 255
    path.write_bytes(broken)
    assert "is damaged" in refused("evaluate", "--representation", path)
    np.save(tmp_path / "one.npy", np.zeros(3))
    assert "single array" in refused("evaluate", "--representation", tmp_path / "one.npy")
    assert "there is no file" in refused("evaluate", "--representation", tmp_path / "none.npz")


def test_bad_checkpoints(refused, results, tmp_path):
    assert "there is no checkpoint folder" in refused("evaluate", "--checkpoint", tmp_path / "no")
    assert "no config.json" in refused("evaluate", "--checkpoint", tmp_path)
    run = results / "mine" / RUNS[0]
    config = (run / "config.json").read_text()
    for change, said in (
        (config.replace('"version": 1', '"version": 99'), "checkpoint version 99"),
        (config.replace('"beta_vae"', '"gamma_vae"'), "config.json: unknown model 'gamma_vae'"),
        (config.replace('"small"', '"rnn"'), "unknown net 'rnn'"),
        (config[:50], "not valid JSON"),
        (config.replace('"seed": 0', '"seed": "x"'), "seed must be a int, not 'x'"),
        (config.replace('"latents": 3', '"latents": 0'), "must be at least 1, not 0"),
    ):
        (tmp_path / "config.json").write_text(change)
        assert said in refused("evaluate", "--checkpoint", tmp_path)
    (tmp_path / "config.json").write_text(config)
    assert "no finished checkpoint" in refused("evaluate", "--checkpoint", tmp_path)
    content = (run / "parameters.safetensors").read_bytes()
    (tmp_path / "parameters.safetensors").write_bytes(content[:-9])
    assert "is damaged" in refused("evaluate", "--checkpoint", tmp_path)
    (tmp_path / "parameters.safetensors").write_bytes(content)
    (tmp_path / "config.json").write_text(config.replace('"latents": 3', '"latents": 4'))
    assert "does not fit its config.json" in refused("evaluate", "--checkpoint", tmp_path)


def test_unknown_words(refused, results, npz):
    assert "did you mean 'beta_sweep'" in refused("study", "beta_swep")
    assert "unknown scale 'big'" in refused("study", "beta_sweep", "--scale", "big")
    assert "did you mean 'study'" in refused("studdy")
    line = refused("evaluate", "--representation", npz(), "--metrics", "mig_histgram")
    assert "known: factor_vae, higgins, mig, mig_histogram" in line
    assert "did you mean 'mig_histogram'" in line
    assert "mig needs logvar" in refused("evaluate", "--representation", npz(), "--metrics", "mig")
    assert "give either --checkpoint" in refused("evaluate")
    assert "usage" not in refused("evaluate", "--seed", "x").lower()
    assert "No such option" in refused("evaluate", "--chekpoint", "x")
    assert "unknown data set" in refused("data", "check", "shapes")


def test_mistyped_field_of_a_study(refused, tmp_path):
    (tmp_path / "mine.gin").write_text(TEXT.replace("Study.seeds", "Study.seed"))
    assert "mine.gin" in refused("study", tmp_path / "mine.gin", "--results", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_bad_data_writes_nothing(refused, tmp_path):
    (tmp_path / "mine.gin").write_text(TEXT.replace("dsprites_tiny", "dsprites"))
    nowhere = ("--data", tmp_path / "nowhere")
    out = ("--results", tmp_path / "out")
    assert "--data is" in refused(
        "study", tmp_path / "mine.gin", "--scale", "smoke", *out, *nowhere
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", [[], ["data"]])
def test_no_command_shows_help(dbench, command):
    code, out, _ = dbench(*command)
    assert code == 0 and "Commands:" in out


def test_results_folder_that_cannot_be_written(refused, tmp_path):
    (tmp_path / "mine.gin").write_text(TEXT)
    (tmp_path / "file").write_text("")
    line = refused("study", tmp_path / "mine.gin", "--results", tmp_path / "file")
    assert "cannot write results to" in line


def test_output_that_cannot_be_written(dbench, npz, tmp_path):
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "scores.csv"
    code, _, err = dbench("evaluate", "--representation", npz(), "--output", out)
    assert code == 2 and "cannot write" in err


def test_official_file_that_is_not_there(refused, tmp_path):
    assert "--data is" in refused("data", "check", "dsprites", "--data", tmp_path / "none.npz")
