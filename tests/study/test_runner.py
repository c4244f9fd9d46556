"""A study from its file to its table: continues, repeats nothing, survives a kill."""

import errno
import itertools
import os
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from dbench import files, study
from dbench.data import DATASETS
from dbench.data.official import stored
from dbench.errors import InputError
from dbench.study import collect, held, runner, score_cohort, stages, train_cohort, work
from dbench.study.study import runs
from dbench.tables import results
from dbench.tables.unfinished import unfinished
from tests.rounding import chain, rounding
from tests.study.killed import finished, killed

NEAR_KL = rounding(3 * 10)  # sums over latents and over steps of a chunk, nothing negative
# Correlations of codes are as near as the codes: the encoder's sums, 4 times, since both sides
# round and products of both signs cancel, to a half.
NEAR_UDR = 4 * chain(64, 64 * 32, 128)

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
def whole(tmp_path_factory):
    """A folder where the study has been run once and nothing else is done."""
    folder = tmp_path_factory.mktemp("whole")
    assert runner.run_study(load(folder), folder) == {}
    return folder


@pytest.fixture(scope="module")
def done(whole, tmp_path_factory):
    """The same, where tests go on with it."""
    return shutil.copytree(whole, tmp_path_factory.mktemp("done"), dirs_exist_ok=True)


def contents(folder):
    """Every file with its content and time of change, but for the lock."""
    return {
        path.relative_to(folder): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_a_score_that_the_data_set_has_no_factors_for_is_said_before_training(
    tmp_path, monkeypatch
):
    free = stored.dataset("free", np.zeros((9, 8, 8, 1), np.uint8), (), (), np.zeros((9, 0), int))
    monkeypatch.setitem(DATASETS, "dsprites_tiny", lambda source: free)
    with pytest.raises(InputError, match="data set free: mig_histogram needs the factors"):
        runner.run_study(load(tmp_path), tmp_path)
    assert not (tmp_path / "mine").exists()


def test_a_view_that_cannot_be_drawn_is_named(tmp_path):
    views = "Study.views = {'none': {'of': 'dsprites_tiny', 'part': [1e-9, 0]}}\n"
    text = TEXT.replace("'dsprites_tiny'", "'none'") + views
    with pytest.raises(InputError, match="mine.gin: the view none: a part of 1e-09 .* than one"):
        runner.run_study(load(tmp_path, text), tmp_path)


@pytest.mark.slow
def test_a_study_that_is_refused_after_all_leaves_no_folder(tmp_path, monkeypatch):
    def refuse(*_):
        raise InputError("too large for the devices")

    monkeypatch.setattr(runner, "prepare", refuse)
    with pytest.raises(InputError, match="too large"):
        runner.run_study(load(tmp_path), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "kept").mkdir()
    with pytest.raises(InputError, match="too large"):
        runner.run_study(load(tmp_path), tmp_path / "kept")
    assert not list((tmp_path / "kept").iterdir())


@pytest.mark.slow
def test_a_data_set_without_factors_is_trained_on_and_scored_by_its_codes(tmp_path, monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (200, 16, 16, 1), np.uint8)
    free = stored.dataset("free", images, (), (), np.zeros((200, 0), np.int32))
    monkeypatch.setitem(DATASETS, "dsprites_tiny", lambda source: free)
    text = TEXT.replace("mig_histogram", "total_correlation").replace("[1, 8]", "[1]")
    assert runner.run_study(load(tmp_path, text), tmp_path) == {}
    assert list(results.load(tmp_path / "mine")["metric"]) == ["total_correlation"]


@pytest.mark.slow
def test_table(done):
    frame = results.load(done / "mine")
    assert list(frame) == list(results.DTYPES)
    assert list(frame["run"]) == RUNS and list(frame["value"]) == [1.0, 8.0]
    assert frame["score"].between(0, 1).all() and (frame["stderr"] > 0).all()
    parquet = pd.read_parquet(done / "mine" / "scores.parquet")
    pd.testing.assert_frame_equal(parquet, frame)


@pytest.mark.slow
def test_a_study_at_work_has_a_table_of_what_is_done(whole, tmp_path, monkeypatch):
    """Whoever looks meanwhile reads the runs that are finished, and how many there will be."""
    seen, write = [], results.write

    def look(folder, frame):
        write(folder, frame)
        loaded, told = results.load(folder, "smoke"), files.read_json(folder / "study.json")
        seen.append((list(loaded["run"].unique()), unfinished(folder, loaded)))
        assert told["smoke"]["settings"]["seeds"] == 1

    monkeypatch.setattr(results, "write", look)
    text = TEXT.replace("[1, 8]", "[1, 2, 4, 8]")
    assert runner.run_study(load(tmp_path, text), tmp_path, at_once=2) == {}
    (first, said), (last, nothing) = seen
    assert len(first) == 2 and said == {"smoke": "smoke: 2 of 4 runs are done"}
    assert len(last) == 4 and nothing == {}


@pytest.mark.slow
def test_the_table_of_a_study_at_work_is_not_written_all_the_time(done, monkeypatch):
    calls = []
    monkeypatch.setattr(results, "write", lambda *_: calls.append(1))
    meanwhile = collect.Meanwhile()
    for _ in range(3):
        meanwhile.write(done / "mine", load(done))
    assert len(calls) == 1


def test_a_study_whose_file_is_edited_meanwhile_goes_on(tmp_path, monkeypatch):
    def refuse(*_):
        raise InputError("mine.gin: it was edited")

    monkeypatch.setattr(collect, "table", refuse)
    collect.Meanwhile().write(tmp_path, load(tmp_path))


@pytest.mark.slow
def test_log_has_a_line_a_chunk(done):
    log = pd.read_csv(done / "mine" / RUNS[0] / "log.csv")
    assert list(log["step"]) == [10, 20, 30]
    columns = ["loss", "elbo", "reconstruction", "kl", "kl_latent_0", "kl_latent_1", "kl_latent_2"]
    assert np.isfinite(log[columns]).all(axis=None)
    np.testing.assert_allclose(log.filter(like="kl_latent").sum(axis=1), log["kl"], rtol=NEAR_KL)


@pytest.mark.slow
def test_a_run_is_scored_while_it_trains(done, tmp_path):
    """On some lines of the log, at the last step as at the end; the rest is as ever."""
    text = TEXT + "Study.during = {'mig_histogram': [10, 30]}\n"
    assert runner.run_study(load(tmp_path, text), tmp_path) == {}
    frame = results.load(tmp_path / "mine")
    for name, score in zip(RUNS, frame["score"], strict=True):
        log = pd.read_csv(tmp_path / "mine" / name / "log.csv")
        assert list(log["mig_histogram"].notna()) == [True, False, True]
        early, _, late = log.pop("mig_histogram")
        assert late == score and early != late
        pd.testing.assert_frame_equal(log, pd.read_csv(done / "mine" / name / "log.csv"))


def test_a_score_of_the_name_of_a_log_is_refused(tmp_path):
    text = TEXT + "Study.during = {'kl': [10]}\n"
    with pytest.raises(InputError, match="beta_vae logs a kl of its own"):
        runner.run_study(load(tmp_path, text), tmp_path)
    assert not (tmp_path / "mine").exists()


@pytest.mark.slow
def test_a_run_that_cannot_be_scored_while_it_trains_stops_no_other(tmp_path, monkeypatch):
    """The first run is NaN where it stands at step 10; one run at a time fits."""
    honest, broken = score_cohort.evaluate.scores, []

    def scores(table, names, seed):
        if not broken:
            broken.append(table)
            table.mean[3, 1] = np.nan
        return honest(table, names, seed)

    monkeypatch.setattr(score_cohort.evaluate, "scores", scores)
    monkeypatch.setattr(stages, "parts", lambda some, *_: ([run] for run in some))
    text = TEXT + "Study.during = {'mig_histogram': [10, 30]}\n"
    assert runner.run_study(load(tmp_path, text), tmp_path, at_once=2) == {}
    frame = results.load(tmp_path / "mine")
    logs = [pd.read_csv(tmp_path / "mine" / name / "log.csv") for name in RUNS]
    assert [list(log["mig_histogram"].notna()) for log in logs] == [[False, False, True]] + [
        [True, False, True]
    ]
    assert [log["mig_histogram"].iloc[-1] for log in logs] == list(frame["score"])


@pytest.mark.slow
def test_a_killed_run_has_the_scores_of_one_that_was_not(tmp_path, monkeypatch):
    """Killed when it has been scored at step 20 and neither log nor checkpoint are written."""
    text = TEXT.replace("[1, 8]", "[1]") + "Study.during = {'mig_histogram': [10, 20]}\n"
    monkeypatch.setattr(train_cohort, "SAVE_EVERY", -1.0)
    assert runner.run_study(load(tmp_path, text), tmp_path / "whole") == {}
    during, calls = train_cohort._during, []

    def kill(*given):
        calls.append(during(*given))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return calls[-1]

    monkeypatch.setattr(train_cohort, "_during", kill)
    with pytest.raises(KeyboardInterrupt):
        runner.run_study(load(tmp_path, text), tmp_path / "killed")
    assert len(pd.read_csv(tmp_path / "killed" / "mine" / RUNS[0] / "log.csv")) == 1
    assert runner.run_study(load(tmp_path, text), tmp_path / "killed") == {}
    assert len(calls) == 3
    whole, killed = (tmp_path / k / "mine" / RUNS[0] / "log.csv" for k in ("whole", "killed"))
    assert killed.read_text() == whole.read_text()


@pytest.mark.slow
def test_a_view_is_trained_on_its_rows_and_scored_on_all(tmp_path):
    text = TEXT.replace("'beta': [1, 8]", "'beta': [1]").replace(
        "['dsprites_tiny']",
        "['some', 'dsprites_tiny']\n"
        "Study.views = {'some': {'of': 'dsprites_tiny', 'without': [{'shape': [0, 1]}]}}",
    )
    assert runner.run_study(load(tmp_path, text), tmp_path) == {}
    frame = results.load(tmp_path / "mine")
    assert list(frame["dataset"]) == ["some", "dsprites_tiny"]
    assert frame["score"].nunique() == 2
    for name in frame["run"]:
        assert files.read_json(tmp_path / "mine" / name / "scores.json")["rows"] == 2880
    assert runner.run_study(load(tmp_path, text), tmp_path) == {}


@pytest.mark.slow
def test_again_does_nothing(done):
    before = contents(done / "mine")
    assert runner.run_study(load(done), done) == {}
    assert contents(done / "mine") == before


@pytest.mark.slow
def test_killed_before_it_says_how_it_was_made(whole, tmp_path):
    """The runs are whole, and study.json has another scale alone."""
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    told = tmp_path / "mine" / "study.json"
    entry = files.read_json(told)["smoke"]
    files.write_json(told, {"paper": entry})
    assert runner.run_study(load(tmp_path), tmp_path) == {}
    again = files.read_json(told)
    assert again["paper"] == entry and again["smoke"]["settings"] == entry["settings"]


@pytest.mark.slow
def test_a_metric_more_only_adds_its_scores(done):
    before = {path: (done / "mine" / path / "scores.csv").read_text() for path in RUNS}
    trained = (done / "mine" / RUNS[0] / "parameters.safetensors").stat().st_mtime_ns
    runner.run_study(load(done, TEXT.replace("'mig_histogram'", "'mig_histogram', 'mig'")), done)
    for path in RUNS:
        assert (done / "mine" / path / "scores.csv").read_text().startswith(before[path])
        kept = files.read_json(done / "mine" / path / "scores.json")["scores"]
        assert list(kept) == ["mig_histogram", "mig"] and kept["mig"]["parts"]["gap/shape"] >= 0
        with np.load(done / "mine" / path / "scores.npz") as arrays:
            assert arrays["mig_histogram/information"].shape == arrays["mig/information"].shape
    assert set(results.load(done / "mine")["metric"]) == {"mig_histogram", "mig"}
    assert (done / "mine" / RUNS[0] / "parameters.safetensors").stat().st_mtime_ns == trained


@pytest.mark.slow
def test_scores_of_the_model_itself_need_few_codes(whole, tmp_path, capfd):
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    more = TEXT.replace("['mig_histogram']", "['mig_histogram', 'reconstruction']")
    assert runner.run_study(load(tmp_path, more), tmp_path) == {}
    assert "seed=0 and 1 more: 1,000 images by 2 models" in capfd.readouterr().err
    found, old = results.load(tmp_path / "mine"), results.load(whole / "mine")
    assert list(found["metric"]) == ["mig_histogram", "reconstruction"] * 2
    assert list(found["score"][::2]) == list(old["score"])


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_diverging_run_is_named_and_kept_out_of_the_table(tmp_path, monkeypatch):
    text = TEXT.replace("'beta': [1, 8]", "'learning_rate': [1e30, 1e-3]")
    wild = load(tmp_path, text.replace(", 'learning_rate': 1e-3", ""))
    failed = runner.run_study(wild, tmp_path)
    (name, reason), *others = failed.items()
    assert not others and "learning_rate=1e+30" in name and "training diverged by step 10" in reason
    frame = results.load(tmp_path / "mine")
    assert list(frame["value"]) == [1e-3] and np.isfinite(frame["score"]).all()
    monkeypatch.setattr(work, "train_cohort", None)  # it is given up for good
    assert runner.run_study(wild, tmp_path) == failed


def test_two_commands_at_once(done, tmp_path):
    with held.alone(tmp_path / "mine"), pytest.raises(InputError, match="another dbench"):
        runner.run_study(load(tmp_path), tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write results to .*--results"):
        runner.run_study(load(tmp_path), tmp_path / "file")


SETS = (
    TEXT.replace("[1, 8]", "[1]")
    .replace("seeds = 1", "seeds = 2")
    .replace("'mig_histogram'", "'mig_histogram', 'udr_lasso', 'udr_spearman'")
)
SET = "smoke/dsprites_tiny/beta_vae/beta=1"


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """A folder where a study of one set of two runs has been run once."""
    folder = tmp_path_factory.mktemp("sets")
    assert runner.run_study(load(folder, SETS), folder) == {}
    return folder


def udr_of(folder):
    frame = results.load(folder / "mine")
    return frame[frame["metric"].str.startswith("udr")]


@pytest.mark.slow
def test_a_set_of_runs_is_compared(sets):
    frame = results.load(sets / "mine")
    assert list(frame) == list(results.DTYPES)
    metrics = ["mig_histogram", "udr_lasso", "udr_spearman"]
    assert list(frame["metric"]) == 2 * metrics and list(frame["seed"]) == [0] * 3 + [1] * 3
    lasso, spearman = (udr_of(sets)[udr_of(sets)["metric"] == m] for m in metrics[1:])
    assert lasso["score"].between(0, 1).all() and (lasso["stderr"] > 0).all()
    assert spearman["score"].nunique() == 1  # of two models, symmetric
    before = contents(sets / "mine")
    assert runner.run_study(load(sets, SETS), sets) == {}
    assert contents(sets / "mine") == before


@pytest.mark.slow
def test_killed_before_a_set_is_compared(sets, tmp_path, monkeypatch):
    shutil.copytree(sets, tmp_path, dirs_exist_ok=True)
    (tmp_path / "mine" / SET / "udr.csv").unlink()
    before = contents(tmp_path / "mine")
    monkeypatch.setattr(work, "score_cohort", None)
    runner.run_study(load(tmp_path, SETS), tmp_path)
    assert udr_of(tmp_path).equals(udr_of(sets))
    again = contents(tmp_path / "mine")
    assert {path: again[path] for path in before} == before


@pytest.mark.slow
def test_a_set_that_grows_is_compared_anew_and_nothing_else(sets, tmp_path):
    shutil.copytree(sets, tmp_path, dirs_exist_ok=True)
    run = tmp_path / "mine" / SET / "seed=0"
    before = contents(run)
    runner.run_study(load(tmp_path, SETS.replace("seeds = 2", "seeds = 3")), tmp_path)
    assert contents(run) == before
    frame, old = udr_of(tmp_path), udr_of(sets)
    assert list(frame["seed"]) == [0, 0, 1, 1, 2, 2]
    assert not np.isin(frame["score"], old["score"]).any()


@pytest.mark.slow
def test_udr_added_later_encodes_only_its_rows(sets, tmp_path, monkeypatch, capfd):
    plain = SETS.replace(", 'udr_lasso', 'udr_spearman'", "")
    runner.run_study(load(tmp_path, plain), tmp_path)
    before = contents(tmp_path / "mine" / SET / "seed=0")
    capfd.readouterr()
    monkeypatch.setattr(work, "train_cohort", None)
    monkeypatch.setattr(score_cohort.evaluate, "scores", None)
    runner.run_study(load(tmp_path, SETS), tmp_path)
    assert "seed=0 and 1 more: 1,000 images by 2 models" in (err := capfd.readouterr().err)
    assert f"set of 2 runs  {SET}  udr_lasso 0." in err
    after = contents(tmp_path / "mine" / SET / "seed=0")
    assert {path: after[path] for path in before} == before
    frame, old = udr_of(tmp_path), udr_of(sets)
    np.testing.assert_allclose(frame["score"], old["score"], rtol=0, atol=NEAR_UDR)


@pytest.mark.slow
def test_a_failed_run_is_left_out_of_its_set(sets, tmp_path, capfd):
    shutil.copytree(sets, tmp_path, dirs_exist_ok=True)
    three = SETS.replace("seeds = 2", "seeds = 3")
    failed = tmp_path / "mine" / SET / "seed=2"
    files.write_json(failed / "failed.json", {"reason": "no good"})
    assert list(runner.run_study(load(tmp_path, three), tmp_path)) == [f"{SET}/seed=2"]
    assert udr_of(tmp_path).equals(udr_of(sets))
    files.write_json(failed.with_name("seed=1") / "failed.json", {"reason": "no good"})
    (failed.parent / "udr.csv").unlink()
    capfd.readouterr()
    runner.run_study(load(tmp_path, three), tmp_path)
    assert f"no udr_lasso and no udr_spearman of {SET}: there is only one" in capfd.readouterr().err
    assert not len(udr_of(tmp_path)) and len(results.load(tmp_path / "mine")) > 0


FILES = ("parameters.safetensors", "training.safetensors", "log.csv", "scores.csv")
FILES += ("scores.npz", "scores.json")
KILLS = [
    ("training.checkpoint", "write_training"),
    ("training.checkpoint", "write_parameters"),
    ("scoring.score_files", "write_scores"),
    ("tables.results", "write"),
    ("study.ledger", "record"),
]


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("module", "name"), KILLS)
def test_killed_anywhere_and_resumed_is_bit_identical(whole, tmp_path, module, name, when):
    """SIGKILL beside each kind of write, then the same command again."""
    study = load(tmp_path)
    # Training states are saved after each of 3 chunks: kill in the middle, between two members.
    killed(tmp_path, module, name, when, call=3 if "training" in name else 1)
    assert runner.run_study(study, tmp_path) == {}
    for run, file in itertools.product(RUNS, FILES):
        one, two = ((folder / "mine" / run / file).read_bytes() for folder in (tmp_path, whole))
        assert one == two, (run, file)
    for file in ("scores.csv", "scores.parquet"):
        assert (tmp_path / "mine" / file).read_bytes() == (whole / "mine" / file).read_bytes()
    assert results.load(tmp_path / "mine").shape == (2, 12)
    assert (tmp_path / "mine" / "study.json").exists()
    assert not list(tmp_path.rglob("*.part"))


TWO_NETWORKS = TEXT.replace(
    "{'beta_vae': {'beta': [1, 8]}}",
    "{'factor_vae': {'gamma': [1, 5, 10]}, 'beta_vae_dae': {'beta': [1, 8]}}",
)
TWO_NETWORKS += """
Study.model_options = {'factor_vae': {'discriminator_units': 8}, 'beta_vae_dae': {'dae_steps': 15}}
"""


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory):
    """A folder where a study of models of two networks has been run once, in cohorts.

    Runs do not depend on those that they train with, as programs are compiled for users.
    """
    folder = tmp_path_factory.mktemp("cohorts")
    load(folder, TWO_NETWORKS)
    finished(folder, "--at-once", "4")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("call", [5, 11])  # of 3 chunks by 3 runs, then 3 by 2 in their two stages
def test_cohorts_of_models_of_two_networks_killed_and_resumed(cohorts, tmp_path, call):
    study = load(tmp_path, TWO_NETWORKS)
    kill = ("training.checkpoint", "write_training", "after", call)
    killed(tmp_path, *kill, "--at-once", "4", full=True)
    finished(tmp_path, "--at-once", "4")
    for run, file in itertools.product(runs(study), FILES):
        path = f"mine/{run.name}/{file}"
        assert (cohorts / path).read_bytes() == (tmp_path / path).read_bytes()


@pytest.mark.slow
def test_a_full_disk_stops_the_study_and_nothing_is_lost(whole, tmp_path, monkeypatch):
    study = load(tmp_path)

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(InputError, match="No space left"):
            runner.run_study(study, tmp_path)
    assert not list(tmp_path.rglob("*.part"))
    assert runner.run_study(study, tmp_path) == {}
    assert results.load(tmp_path / "mine").equals(results.load(whole / "mine"))


@pytest.mark.slow
def test_smoke_and_the_same_scores_again_from_a_checkpoint(tmp_path):
    """What `make smoke` runs, then every score of a run by `dbench evaluate`."""
    dbench = [sys.executable, "-m", "dbench"]
    smoke = [*dbench, "study", "beta_sweep", "--scale", "smoke", "--results", str(tmp_path)]
    out = subprocess.run(smoke, capture_output=True, text=True)
    assert out.returncode == 0 and "mean ± standard error over seeds" in out.stdout, out.stderr
    frame = results.load(tmp_path / "beta_sweep")
    assert set(frame["metric"]) == {"higgins", "factor_vae", "mig", "mig_histogram"}
    assert frame["run"].nunique() == 2 and frame["score"].between(0, 1).all()
    run, again = tmp_path / "beta_sweep" / frame["run"][0], tmp_path / "again.csv"
    evaluate = [*dbench, "evaluate", "--checkpoint", str(run), "--output", str(again)]
    evaluate += ["--metrics", "higgins,factor_vae,mig,mig_histogram"]
    subprocess.run(evaluate, check=True, capture_output=True)
    for end in (".csv", ".npz", ".json"):
        one, two = again.with_suffix(end), (run / "scores.csv").with_suffix(end)
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("mistake", ["no other scale", "another scale wrong"])
def test_scales_that_were_not_run_do_not_matter(whole, mistake, tmp_path):
    only = TEXT.replace("Study.", "smoke/Study.")
    study = load(tmp_path, only + ("paper/Study.steps = 'many'" if "wrong" in mistake else ""))
    assert runner.run_study(study, tmp_path) == {}
    assert results.load(tmp_path / "mine").equals(results.load(whole / "mine"))


@pytest.mark.slow
def test_a_representation_that_cannot_be_scored_stops_no_other(tmp_path, monkeypatch):
    score = score_cohort.evaluate.scores

    def refuse_seed_0(table, names, seed):
        if seed == 0:
            raise InputError("no good")
        return score(table, names, seed)

    monkeypatch.setattr(score_cohort.evaluate, "scores", refuse_seed_0)
    study = load(tmp_path, TEXT.replace("seeds = 1", "seeds = 2"))
    failed = runner.run_study(study, tmp_path)
    assert list(failed) == RUNS and "cannot be scored: no good" in failed[RUNS[0]]
    assert set(results.load(tmp_path / "mine")["seed"]) == {1}
