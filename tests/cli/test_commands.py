"""The commands as typed: what they print, and one sentence and exit code 2 for bad input."""

import json
import re
import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dbench import study
from dbench.pictures import plots
from dbench.study import runner
from tests.study.test_runner import NEAR_UDR, RUNS, SET, SETS, TEXT


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    text = TEXT.replace("'mig_histogram'", "'mig_histogram', 'reconstruction'")
    (folder / "mine.gin").write_text(text)
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


@pytest.mark.slow
def test_list_shows_everything_with_a_line_each(dbench):
    code, out, _ = dbench("list")
    assert code == 0
    for name in ("beta_vae", "conv", "higgins", "factor_vae", "mig", "mig_histogram"):
        assert re.search(rf"^  {name} +\S.*\S$", out, re.MULTILINE)
    assert re.search(r"^  dsprites +dSprites.*737,280", out, re.MULTILINE)
    assert re.search(r"^  beta_sweep +How do beta", out, re.MULTILINE)
    assert re.search(r"^  infomec +infomec_m, infomec_e, infomec_c$", out, re.MULTILINE)


@pytest.mark.slow
def test_study_prints_the_pivot(dbench, results):
    code, out, _ = dbench("study", results / "mine.gin", "--scale", "smoke", "--results", results)
    assert code == 0
    assert re.search(r"seeds +mig_histogram +reconstruction", out)
    row = r"dsprites_tiny beta_vae beta=8 +1 +0\.\d{3} +\d+\.\d{3}$"
    assert re.search(row, out, re.MULTILINE)


@pytest.mark.slow
def test_a_study_without_scales_is_not_called_laptop(dbench, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain.gin").write_text(f"# Is it plain?{TEXT}")
    code, out, err = dbench("study", "plain.gin")
    assert code == 0 and "plain at scale own: mean" in out, err
    frame = pd.read_csv("results/plain/scores.csv")
    assert set(frame["scale"]) == {"own"} and frame["run"][0].startswith("own/dsprites_tiny/")
    code, out, _ = dbench("study", "plain.gin", "--scale", "smoke")
    assert code == 0 and "plain at scale smoke" in out
    (tmp_path / "studies").mkdir()
    (tmp_path / "plain.gin").rename("studies/plain.gin")
    assert re.search(r"^  plain +Is it plain\?$", dbench("list")[1], re.MULTILINE)


@pytest.mark.slow
def test_study_with_a_failed_run_ends_with_1(dbench, refused, tmp_path):
    text = TEXT.replace("'beta': [1, 8]", "'learning_rate': [1e30]")
    (tmp_path / "wild.gin").write_text(text.replace(", 'learning_rate': 1e-3", ""))
    code, _, err = dbench("study", tmp_path / "wild.gin", "--scale", "smoke", "--results", tmp_path)
    assert code == 1 and "learning_rate=1e+30/seed=0: training diverged" in err
    last = "a failed run is not tried again unless its folder is deleted"
    assert last in err
    run = tmp_path / "wild/smoke/dsprites_tiny/beta_vae/learning_rate=1e+30/seed=0"
    for command in ("evaluate", "traverse", "equivariance"):
        said = refused(command, "--checkpoint", run)
        assert "it was given up: training diverged by step 10" in said and said.endswith(last)
        assert "run its study again" not in said
    for command in (("udr", run, run.parent), ("utilisation", run)):
        assert refused(*command).endswith(last)


@pytest.mark.slow
def test_a_run_that_was_given_up_with_its_parameters_is_shown_and_said_so(
    dbench, results, tmp_path
):
    """Its codes may still be looked at; its study does not count it."""
    run = shutil.copytree(results / "mine" / RUNS[0], tmp_path / "seed=0")
    other = results / "mine" / RUNS[1]
    (run / "failed.json").write_text('{"reason": "its representation cannot be scored: flat"}')
    said = f"warning: its study has given {run} up, and its table lacks it: its representation"
    for command in (
        ("evaluate", "--metrics", "mig_histogram", "--checkpoint", run),
        ("traverse", "--output", tmp_path / "t", "--checkpoint", run),
        ("udr", run, other),
    ):
        code, _, err = dbench(*command)
        assert code == 0 and said in err
    words = ("evaluate", "--metrics", "mig_histogram", "--checkpoint", other)
    assert "its study" not in dbench(*words)[2]


@pytest.mark.slow
def test_evaluate_gives_the_numbers_of_the_study_exactly(dbench, results, tmp_path):
    run = results / "mine" / RUNS[1]
    out = tmp_path / "again.csv"
    metrics = ("--metrics", "mig_histogram,reconstruction", "--output", out)
    code, printed, _ = dbench("evaluate", "--checkpoint", run, *metrics)
    assert code == 0 and "mig_histogram" in printed and "reconstruction" in printed
    assert out.read_text() == (run / "scores.csv").read_text()
    dbench("evaluate", "--checkpoint", run, "--seed", 5, *metrics)
    one, two = (pd.read_csv(path)["score"] for path in (out, run / "scores.csv"))
    assert (one != two).all()


@pytest.mark.slow
def test_evaluate_a_representation_of_any_rows(dbench, npz, tmp_path):
    rows = np.random.default_rng(0).integers(0, 20, 300)
    factors = np.stack([rows % 4, rows // 4], 1).astype(np.int16)
    path = npz(mean=factors.astype(np.float32), factors=factors, other=np.array([{}], object))
    out = tmp_path / "scores.csv"
    three = ("--metrics", "higgins,factor_vae,mig_histogram", "--output", out)
    code, _, err = dbench("evaluate", "--representation", path, *three)
    assert code == 0, err
    frame = pd.read_csv(out)
    assert list(frame)[:3] == ["metric", "score", "stderr"]
    assert list(frame["metric"]) == ["higgins", "factor_vae", "mig_histogram"]
    assert (frame["score"] > 0.97).all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mean": None}, r"no array 'mean' \(it has: factors\)"),
        ({"factors": np.zeros((3, 2), int)}, "20 rows and factors 3"),
        (
            {"factors": np.full((20, 2), 0.5)},
            "no integers .* .--continuous factor0",
        ),
        ({"factors": np.array([["a", "b"]] * 20)}, "'factor0' has the same value in all 20 rows"),
        ({"factor_names": ["a", "a"]}, "has a name twice"),
        ({"factors": np.full((20, 2), 7), "factor_names": ["a", "b"]}, "factor 'a' has the same"),
        ({"mean": np.full((20, 2), np.nan)}, "NaN"),
        ({"mean": np.zeros((20, 1))}, "at least two"),
        ({"mean": np.full((20, 2), 0.7)}, "all 2 codes are constant over all 20 rows"),
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
    assert "must end in one of" in refused("evaluate", "--representation", tmp_path / "one.npy")
    (tmp_path / "one.npy").rename(tmp_path / "one.npz")
    assert "single array" in refused("evaluate", "--representation", tmp_path / "one.npz")
    assert "there is no file" in refused("evaluate", "--representation", tmp_path / "none.npz")


@pytest.mark.slow
def test_bad_checkpoints(refused, results, tmp_path):
    assert "there is no checkpoint folder" in refused("evaluate", "--checkpoint", tmp_path / "no")
    assert "no config.json" in refused("evaluate", "--checkpoint", tmp_path)
    inside = results / "mine" / RUNS[0] / "config.json"
    for command in ("evaluate", "traverse", "equivariance"):
        assert f"; give its folder {inside.parent}" in refused(command, "--checkpoint", inside)
    run = results / "mine" / RUNS[0]
    config = (run / "config.json").read_text()
    for change, said in (
        (config.replace('"version": 1', '"version": 99'), "checkpoint version 99"),
        (config.replace('"beta_vae"', '"gamma_vae"'), "config.json: unknown model 'gamma_vae'"),
        (config.replace('"small"', '"rnn"'), "unknown net 'rnn'"),
        (config[:50], "not valid JSON"),
        (
            config.replace('"seed": 0', '"seed": "x"'),
            "seed must be a whole number from 0 to 2,147,483,647, not 'x'",
        ),
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
    line = refused("evaluate", "--representation", npz(), "--metrics", "zzz")
    assert re.search("known: .*all, .*factor_vae, .*higgins, .*mig, mig_histogram.*study", line)
    line = refused("evaluate", "--representation", npz(), "--metrics", "mig_histgram")
    assert line.endswith("did you mean 'mig_histogram'?") and len(line) < 500
    assert "--representation FILE" in refused("evaluate", npz())
    line = refused("evaluate", "--representation", npz(), "--metrics", "reconstruction")
    assert "reconstruction is a score of a model: it needs --checkpoint" in line
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


def test_official_file_that_is_not_there(refused, tmp_path, monkeypatch):
    assert "--data is" in refused("data", "check", "dsprites", "--data", tmp_path / "none.npz")
    monkeypatch.delenv("DBENCH_DATA", raising=False)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert "give 3dshapes.h5 or its folder" in refused("data", "check", "shapes3d")
    for name, file in (("cars3d", "nips2015-analogy-data.tar.gz"), ("mpi3d_toy", "mpi3d_toy.npz")):
        assert f"{name} needs {file}" in refused("data", "show", name)


def test_how_near_the_drawn_3d_shapes_are(dbench, monkeypatch, tmp_path):
    from dbench.data.official import check, likeness

    off = {"whole images": np.array([40.0, 30.0])}
    found = likeness.Likeness(tmp_path, np.array([[0] * 6, [1, 1, 1, 1, 3, 1]]), off, off)
    monkeypatch.setitem(check.CHECKS, "shapes3d", lambda source: found)
    code, out, _ = dbench("data", "check", "shapes3d")
    assert code == 0 and "PSNR 35.00 dB (mean of images; cube 40.0, capsule 30.0)" in out


@pytest.mark.slow
def test_udr_gives_the_numbers_of_the_study_best_first(dbench, tmp_path):
    (tmp_path / "mine.gin").write_text(SETS)
    runner.run_study(study.load(str(tmp_path / "mine.gin"), "smoke"), tmp_path)
    folder, out = tmp_path / "mine" / SET, tmp_path / "udr.csv"
    code, printed, _ = dbench("udr", folder / "seed=0", folder / "seed=1", "--output", out)
    assert code == 0
    title, best, other = printed.splitlines()
    assert title.split() == ["run", "informative", "udr_lasso", "udr_spearman"]
    assert re.match(r" *\S+/seed=[01] +3 +0\.\d{3} ± 0\.\d{3} +0\.\d{3} ± 0\.\d{3}$", best)
    assert float(best.split()[2]) >= float(other.split()[2])
    found, compared = pd.read_csv(out), pd.read_csv(folder / "udr.csv")
    assert list(found) == ["run", "metric", "score", "stderr"]
    assert [name[-6:] for name in found["run"]] == ["seed=0"] * 2 + ["seed=1"] * 2
    np.testing.assert_allclose(found["score"], compared["score"], rtol=0, atol=NEAR_UDR)
    both = (folder / "seed=0", folder / "seed=1")
    _, few, err = dbench("udr", *both, "--method", "spearman", "--rows", 50, "--seed", 1)
    assert "udr_lasso" not in few and "seed=1: 50 images" in err


def test_udr_of_files_of_codes(dbench, npz, tmp_path):
    paths = []
    for name, change in (("a", {}), ("b", {}), ("c", {"logvar": np.full((20, 2), -2.0)})):
        paths.append(npz(**change).rename(tmp_path / f"{name}.npz"))
    code, out, err = dbench("udr", *paths)
    assert code == 0 and all(f"{name}.npz" in out for name in "abc")
    warned = [line for line in err.splitlines() if "without logvar" in line]
    assert len(warned) == 2 and all(re.match(r"warning: \S+[ab].npz: ", line) for line in warned)


def test_bad_sets_for_udr(refused, results, npz, tmp_path):
    assert "give two runs or more" in refused("udr")
    one = npz().rename(tmp_path / "one.npz")
    assert "there are 1" in refused("udr", one)
    assert "there is no run folder and no file" in refused("udr", one, tmp_path / "none")
    assert "is given twice" in refused("udr", one, one)
    fewer = npz(mean=np.eye(3), factors=np.eye(3, dtype=int)).rename(tmp_path / "fewer.npz")
    assert re.search("fewer.npz has 3 rows and .*one.npz has 20", refused("udr", one, fewer))
    other = npz(factors=np.arange(40).reshape(20, 2)).rename(tmp_path / "other.npz")
    assert re.search("other.npz has other factors than .*one.npz", refused("udr", one, other))
    assert "is no checkpoint" in refused("udr", one, tmp_path)
    assert "would replace one of the runs" in refused("udr", one, other, "--output", one)
    assert "--method" in refused("udr", one, other, "--method", "pearson")
    run, copy = results / "mine" / RUNS[0], tmp_path / "copy"
    shutil.copytree(run, copy)
    config = (copy / "config.json").read_text()
    (copy / "config.json").write_text(config.replace('"dsprites_tiny"', '"dsprites"'))
    assert re.search("data set dsprites_tiny and .*copy of dsprites:", refused("udr", run, copy))


@pytest.mark.slow
def test_all_that_is_behind_scores_is_written_beside_them(dbench, npz, tmp_path):
    path = npz(logvar=np.full((20, 2), -9.0), factor_names=["shape", "size"])
    command = ("evaluate", "--representation", path, "--metrics", "mig,factor_vae", "--output")
    code, printed, err = dbench(*command, tmp_path / "new" / "scores")  # .csv is added
    assert code == 0, err
    one, two = tmp_path / "new", tmp_path / "again"
    assert sorted(p.name for p in one.iterdir()) == ["scores.csv", "scores.json", "scores.npz"]
    frame, found = pd.read_csv(one / "scores.csv"), json.loads((one / "scores.json").read_text())
    assert list(frame["metric"]) == ["mig", "factor_vae"]
    assert (found["seed"], found["repeats"], found["rows"], found["codes"]) == (0, 1, 20, 2)
    assert found["factors"] == ["shape", "size"] and "numpy" in found["versions"]
    for row in frame.itertuples():
        entry = found["scores"][row.metric]
        assert (entry["score"], entry["stderr"]) == (row.score, row.stderr)
    assert found["scores"]["mig"]["parts"]["gap/size"] > 0.9
    with np.load(one / "scores.npz", allow_pickle=False) as arrays:
        assert list(arrays["factor_names"]) == ["shape", "size"]
        assert arrays["mig/information"].shape == arrays["factor_vae/votes"].shape == (2, 2)
        assert arrays["mig/gap/size"] == found["scores"]["mig"]["parts"]["gap/size"]
    dbench(*command, two / "scores.csv")
    for file in one.iterdir():
        assert file.read_bytes() == (two / file.name).read_bytes()


@pytest.mark.slow
def test_warnings_are_a_line_each_with_the_metrics_that_say_them(dbench, npz, tmp_path):
    two = ("--metrics", "factor_vae,mig_histogram", "--output", tmp_path / "scores.csv")
    code, _, err = dbench("evaluate", "--representation", npz(), *two)
    lines = [line for line in err.splitlines() if line.startswith("warning: ")]
    assert code == 0 and len(set(lines)) == len(lines) > 0
    shared = [line for line in lines if "rows are drawn" in line]
    assert len(shared) == 1 and shared[0].endswith(" (factor_vae, mig_histogram)")
    kept = json.loads((tmp_path / "scores.json").read_text())["scores"]
    for name in ("factor_vae", "mig_histogram"):
        assert shared[0].split(": ", 1)[1].rsplit(" (")[0] in kept[name]["warnings"]


@pytest.mark.slow
def test_repeats_and_seed(dbench, npz, tmp_path):
    def csv(*options):
        command = ("evaluate", "--representation", npz(mean=codes), "--metrics", "mig_histogram")
        code, _, err = dbench(*command, "--output", tmp_path / "out.csv", *options)
        assert code == 0, err
        return (tmp_path / "out.csv").read_text()

    codes = np.random.default_rng(0).standard_normal((20, 2))
    assert csv("--repeats", 3) == csv("--repeats", 3, "--seed", 0)
    assert len({csv(), csv("--repeats", 3), csv("--repeats", 3, "--seed", 1)}) == 3
    assert json.loads((tmp_path / "out.json").read_text())["repeats"] == 3
    assert np.load(tmp_path / "out.npz")["mig_histogram/draws"].shape == (3,)


@pytest.mark.slow
def test_named_columns_and_pictures(dbench, tmp_path, monkeypatch):
    most, draw = [], plots.draw
    monkeypatch.setattr(plots, "draw", lambda *given: most.append(given[3]) or draw(*given))
    factors = np.stack(np.meshgrid(range(4), range(5), indexing="ij"), -1).reshape(-1, 2)
    frame = pd.DataFrame(factors * [1.0, 0.5], columns=["u1", "u2"])
    frame["kind"], frame["place"] = factors[:, 0], factors[:, 1] / 3
    frame.to_csv(tmp_path / "codes.csv")
    columns = ("--codes", "u*", "--factors", "kind, place", "--continuous", "place")
    command = ("evaluate", "--representation", tmp_path / "codes.csv", *columns)
    code, out, err = dbench(*command, "--metrics", "mig_histogram", "--plots", tmp_path / "plots")
    assert code == 0, err
    assert re.search(r"mig_histogram +0\.\d{5} +± 0\.\d{5} +higher\n", out)
    assert "continuous factors are taken by 20 equal-width bins: place" in err
    names = sorted(path.name for path in (tmp_path / "plots").iterdir())
    assert names == ["mig_histogram_gap.png", "mig_histogram_information.png"]
    assert most == [pytest.approx(np.log(5))]  # of the places, of which there are more than kinds


def test_cyclic_factors_of_a_file(dbench, refused, tmp_path):
    factors = np.stack(np.meshgrid(range(3), range(6), indexing="ij"), -1).reshape(-1, 2)
    angle = 2 * np.pi * factors[:, 1] / 6
    mean = np.stack([np.cos(angle), np.sin(angle)], -1)
    np.savez(tmp_path / "codes.npz", mean=mean, factors=factors, factor_names=["kind", "hue"])
    command = ("evaluate", "--representation", tmp_path / "codes.npz", "--metrics", "d_lsbd")
    code, out, err = dbench(*command, "--cyclic", "hue")
    assert code == 0, err
    assert re.search(r"d_lsbd +0\.0000", out)
    refused("declared cyclic, and this table has none.*--cyclic NAMES", *command)
    refused("unknown factor 'hues'.*did you mean 'hue'", *command, "--cyclic", "hues")


@pytest.mark.slow
def test_an_encoder_of_ones_own(dbench, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    code = "def encode(x): return x.mean((2, 3))[:, ::16] + 0.1\ndef wrong(x): return x"
    (tmp_path / "mine_cli.py").write_text(code)
    tiny = ("--dataset", "dsprites_tiny", "--metrics", "mig_histogram", "--output", "out.csv")
    code, out, err = dbench("evaluate", "--encoder", "mine_cli:encode", *tiny, "--batch", 1000)
    assert code == 0 and "mig_histogram" in out and "mine_cli:encode: 2,880 images" in err
    (tmp_path / "out.csv").unlink()
    code, out, err = dbench("evaluate", "--encoder", "mine_cli:wrong", *tiny)
    assert (code, out) == (2, "") and "mine_cli:wrong, batch 0" in err
    assert not (tmp_path / "out.csv").exists()
    assert "no module 'mine_x'" in refused("evaluate", "--encoder", "mine_x:encode")
    line = refused("evaluate", "--encoder", "mine_cli:encode", "--dataset", "dsprite")
    assert "unknown data set 'dsprite'" in line and "did you mean 'dsprites'" in line


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--encoder", "a:b"], "give either --checkpoint DIR, --representation FILE, --encoder"),
        (["--batch", 2], "--batch goes with --encoder, not with --representation"),
        (["--dataset", "dsprites"], "--dataset goes with --encoder, not"),
        (["--data", "x"], "--data goes with --checkpoint or --encoder, not with --representation"),
        (["--codes", "z*"], "--codes names columns, and an .npz has none"),
        (["--continuous", "a"], "unknown factor 'a'"),
        (["--repeats", 0], "--repeats"),
        (["--metrics", "mig_histogram,x"], "unknown metric 'x'"),
        (["--metrics", "mig_histogram,"], "--metrics 'mig_histogram,' has an empty name"),
        (["--output", "scores.parquet"], "scores.parquet must end in .csv"),
        (["--output", "codes.csv"], "would replace .*codes.npz: choose another name"),
        (["--output", "other.csv"], "would replace other.npz, which has no scores"),
        (["--plots", "codes.npz"], "--plots: cannot write to .*codes.npz: it is no folder"),
        (["--plots", "codes.npz/new"], "--plots: cannot write to .*codes.npz: it is no folder"),
    ],
)
def test_options_that_do_not_go_together(dbench, npz, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    content = npz().read_bytes()
    (tmp_path / "other.npz").write_bytes(content)
    code, out, err = dbench("evaluate", "--representation", "codes.npz", *options)
    assert (code, out) == (2, "") and re.search(said, err)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["codes.npz", "other.npz"]
    assert (tmp_path / "codes.npz").read_bytes() == content


@pytest.mark.slow
def test_a_sheet_of_a_data_set(dbench, tmp_path, monkeypatch):
    monkeypatch.delenv("DBENCH_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    code, out, err = dbench("data", "show", "xy_blobs")
    assert (code, out) == (0, "wrote xy_blobs.png\n"), err
    first = (tmp_path / "xy_blobs.png").read_bytes()
    assert first.startswith(b"\x89PNG")
    assert dbench("data", "show", "xy_blobs")[1] == "replaced xy_blobs.png\n"
    assert (tmp_path / "xy_blobs.png").read_bytes() == first
    code, out, _ = dbench("data", "show", "dsprites_tiny", "--output", "new/tiny", "--seed", 3)
    assert (code, out) == (0, "wrote new/tiny.png\n") and (tmp_path / "new/tiny.png").exists()


@pytest.mark.slow
def test_a_sheet_of_the_users_picture(dbench, refused, tmp_path, monkeypatch):
    monkeypatch.delenv("DBENCH_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    show = ("data", "show", "scream_dsprites")
    assert "scream_dsprites needs The Scream" in refused(*show)
    Image.new("RGB", (80, 70), "red").save("scream.png")
    content = (tmp_path / "scream.png").read_bytes()
    for given in ("scream.png", "."):
        line = refused(*show, "--data", given, "--output", "scream.png")
        assert "would replace a file of the data" in line
    code, out, err = dbench(*show, "--data", "scream.png")
    assert (code, out) == (0, "wrote scream_dsprites.png\n"), err
    assert (tmp_path / "scream.png").read_bytes() == content


def test_sheets_that_cannot_be_drawn(refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    show = ("data", "show", "xy_blobs")
    assert "did you mean 'xy_blobs'" in refused("data", "show", "xy_blob")
    assert "must end in .png" in refused(*show, "--output", "sheet.pdf")
    assert "is a folder: name a .png file" in refused(*show, "--output", tmp_path)
    line = refused(*show, "--output", "file/sheet.png")
    assert "--output: cannot write to" in line and "it is no folder" in line
    assert "--seed" in refused(*show, "--seed", -1)
    nowhere = refused("data", "show", "dsprites", "--data", tmp_path / "nowhere")
    assert "--data is" in nowhere
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.slow
def test_reference_makes_every_table_of_a_scale_and_the_claims(dbench, tmp_path, monkeypatch):
    """Two studies in studies/ here, one of which has no such scale."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("dbench.files.shipped", lambda name: [])
    (tmp_path / "studies").mkdir()
    text = (
        "Study.datasets = ['dsprites_tiny']\nStudy.sweep = {'ground_truth': {}}\n"
        "Study.metrics = ['mig_histogram']\nStudy.steps = 1\nStudy.chunk = 1\n"
    )
    (tmp_path / "studies" / "one.gin").write_text(text + "quick/Study.seeds = 2\n")
    (tmp_path / "studies" / "two.gin").write_text(text + "paper/Study.seeds = 2\n")
    code, out, err = dbench("reference", "--scale", "quick")
    assert code == 0, err
    assert "study 1 of 1: one" in err and "claims: " in out
    made = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert made == ["claims.csv", "claims.md", "one"]
    assert (tmp_path / "results" / "one" / "report" / "report.html").exists()
    code, _, err = dbench("reference", "two", "--scale", "quick")
    assert code == 2 and "no scale quick in it, but paper" in err
    code, _, err = dbench("reference", "--scale", "quik")
    assert code == 2 and "did you mean 'quick'?" in err
    code, _, err = dbench("reference", "--scale", "laptop")
    assert code == 2 and "no study has the scale laptop" in err
