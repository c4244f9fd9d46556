"""The whole report, without a browser: files, page, what it lacks, and bad input."""

import json
import os
import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from dbench import report, study
from dbench.report import charts, figure, page, stale
from dbench.report.assemble import PAGE
from dbench.study import runner
from tests.report.tables import folder, table, without_strength
from tests.study.test_runner import TEXT
from tests.test_files import killed


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Without the bundled JavaScript, which takes seconds to bundle."""
    monkeypatch.setattr(page, "library", lambda: "/* charts */")


@pytest.fixture
def undrawn(monkeypatch):
    """Without the files of charts, where a test is of the page alone."""
    monkeypatch.setattr(figure, "render", lambda _: {"png": b"png", "svg": b"<svg"})


class Page(HTMLParser):
    """What the tests look at of a page."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.loads, self.open = [], [], [], []
        self.text = path.read_text()
        self.feed(self.text)
        assert not self.open, self.open  # every element is closed

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag not in ("meta", "link", "img", "input"):
            self.open.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" else []
        self.loads += [found["src"]] if "src" in found else []
        self.loads += [found["href"]] if tag == "link" else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def specs(self):
        found = re.findall(
            r'<script type="application/json" id="spec-(.*?)">(.*?)</script>', self.text
        )
        return {name: json.loads(text) for name, text in found}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A tiny study with checkpoints, and its report."""
    path = tmp_path_factory.mktemp("trained")
    metrics = "'mig_histogram', 'mig', 'reconstruction'"
    (path / "mine.gin").write_text(TEXT.replace("'mig_histogram'", metrics))
    runner.run_study(study.load(str(path / "mine.gin"), "smoke"), path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "library", lambda: "/* charts */")
        return report.write([path / "mine"], path / "report")


@pytest.mark.slow
def test_the_page_and_its_files(trained):
    path, lacks = trained
    read = Page(path)
    assert all(load.startswith("data:") for load in read.loads)  # nothing from elsewhere
    assert len(read.ids) == len(set(read.ids))
    for link in read.links:
        there = link[1:] in read.ids if link[0] == "#" else (path.parent / link).stat().st_size > 9
        assert there, link
    names = {file.name for file in path.parent.iterdir()}
    assert names == {path.name} | {link for link in read.links if link[0] != "#"}
    assert path.stat().st_size < 1e6
    assert [lack.partition(":")[0] for lack in lacks] == [
        "One seed a strength",
        "No figure of rank correlations and selection without factors (no two scores vary together "
        "over three runs or more), of shares of variance and seeds needed (one run a strength",
    ]
    assert "of the transfer of strengths (transfer chooses on some seeds and judges" in lacks[1]


@pytest.mark.slow
def test_pictures_of_the_best_and_the_worst_run(trained):
    path, _ = trained
    assert "Decoded means as one latent goes from -2 to 2 and " in path.read_text()
    for place in ("best", "worst"):
        end = f"beta_vae_dsprites_tiny_{place}"
        shown = ("reconstructions", "traversal", "information", "importance", "posterior_means")
        for kind in (*shown, "maps"):
            assert (path.parent / f"{kind}_{end}.png").read_bytes().startswith(b"\x89PNG")
        kl = pd.read_csv(path.parent / f"traversal_{end}.csv")
        assert kl["kl"].is_monotonic_decreasing and len(kl) == 3
        for kind in ("information", "importance"):  # shares, a row a latent and a column a factor
            shares = pd.read_csv(path.parent / f"{kind}_{end}.csv").set_index("latent")
            assert shares.shape == (3, 5) and shares.to_numpy().min() >= 0
            assert shares.to_numpy().max() <= 1
        means = pd.read_csv(path.parent / f"posterior_means_{end}.csv")
        assert (means["low"] <= means["high"]).all() and means["latent"].nunique() == 3


@pytest.mark.slow
def test_charts_hold_the_table(tmp_path):
    frame = table()
    path, lacks = report.write([folder(tmp_path / "mine", frame)], tmp_path / "report")
    assert len(lacks) == 1 and "have no checkpoint here" in lacks[0]
    read = Page(path)
    rows = read.specs()["scores_mig"]["data"]["values"]
    assert [row["score"] for row in rows] == list(frame[frame["metric"] == "mig"]["score"])
    assert {"curve_elbo", "curve_kl", "trade_off_mig", "correlations", "variance"} <= set(read.ids)
    assert "0.020 ± 0.012" in read.text  # beta=1: 0, 0.02, 0.04
    assert (tmp_path / "report" / "curve_elbo.svg").read_bytes().startswith(b"<svg")
    assert "90 s" in read.text and "jax 1" in read.text


@pytest.mark.slow
def test_agents_that_did_not_learn_the_source_are_counted_nowhere(tmp_path, undrawn):
    frame = table(metrics=("dqn_source", "dqn_target"))
    source, first = frame["metric"].eq("dqn_source"), frame["seed"].eq(0)
    low = np.where(first, 2.4, 4.5)
    frame = frame.assign(score=np.where(source, low, np.where(first, 9.0, frame["score"])))
    path, lacks = report.write([folder(tmp_path / "mine", frame)], tmp_path / "report")
    said = next(lack for lack in lacks if "best return" in lack)
    assert said.startswith(
        f"In {first.sum() // 2} of {len(frame) // 2} runs agents (dqn) have less"
    )
    runs = Page(path).specs()["scores_dqn_target"]["data"]["values"]
    assert len(runs) == (~first).sum() // 2 and max(run["score"] for run in runs) < 1
    returns = pd.read_csv(tmp_path / "report" / "agents.csv")
    assert set(returns["learned the source"]) == {"2 of 3"}


@pytest.mark.slow
def test_two_data_sets_and_names_of_any_kind(tmp_path, undrawn):
    odd = {"<b>a</b> '\"/../x": ("h|p", [1e-7, 3])}
    frame = table(odd, metrics=("a/b", "</script><i>"), data=("d", "e"))
    path, _ = report.write([folder(tmp_path / "<u>", frame, logs=False)], tmp_path / "report")
    read = Page(path)
    assert not {"<b>a", "<i>", "<u>"} & set(re.findall(r"<b>a|<i>|<u>", read.text))
    assert {"scores_a_b_d", "scores_a_b_e"} <= set(read.ids)
    assert re.findall(r"<b>(\w+):</b>", read.text) == ["d", "e", "together"]  # lines of links
    assert (tmp_path / "report" / "scores_a_b_d.csv").exists()


@pytest.mark.slow
def test_data_sets_with_scores_of_their_own(tmp_path, undrawn):
    """Each has the runs that are best by its own scores, and its own sentences."""
    one = table({"beta_vae": ("beta", [1])}, metrics=("mig",), data=("d",))
    two = table({"infogan": ("", [1])}, metrics=("category_error",), data=("e",))
    frame = pd.concat([one, without_strength(two, "infogan")])
    path, lacks = report.write([folder(tmp_path / "a", frame, logs=False)], tmp_path / "report")
    assert len(set(lacks)) == len(lacks)
    assert sum("3 of the runs to show have no checkpoint" in lack for lack in lacks) == 2
    assert "6 runs on d, e, 2 methods, 3 seeds, 100 steps" in path.read_text()
    _, lacks = report.write([tmp_path / "a"], tmp_path / "other", metric="mig")  # e has none
    assert sum("3 of the runs to show have no checkpoint" in lack for lack in lacks) == 2


@pytest.mark.slow
def test_methods_that_lack_the_score_that_runs_are_chosen_by(tmp_path, undrawn):
    frame = table(seeds=1)
    frame = frame[(frame["model"] == "beta_vae") | (frame["metric"] == "reconstruction")]
    path, lacks = report.write([folder(tmp_path / "a", frame)], tmp_path / "report")
    assert "No runs of factor_vae are shown: they have no mig." in lacks
    assert "4 runs on d, 2 methods, 1 seed, 100 steps" in path.read_text()


@pytest.mark.slow
def test_tables_with_nothing_in_them(tmp_path):
    path, lacks = report.write([folder(tmp_path / "a", table()[:0])], tmp_path / "report")
    assert lacks[0] == "The table has no scores." and "no scored runs" in path.read_text()
    frame = table().assign(score=float("nan"))
    path, lacks = report.write([folder(tmp_path / "b", frame)], tmp_path / "other")
    assert "mig is NaN or infinite in 12 runs" in lacks[0]
    assert lacks[0].replace("<", "&lt;") in path.read_text()


@pytest.mark.slow
def test_figures_of_an_earlier_report_go_and_what_the_user_has_stays(tmp_path, undrawn):
    there = tmp_path / "report"
    report.write([folder(tmp_path / "a", table(), logs=False)], there)
    before = {path.name for path in there.iterdir()}
    (there / "notes.csv").write_text("mine\n")
    changed = there / "scores_reconstruction.csv"
    changed.write_text("mine\n")
    later = (there / PAGE).stat().st_mtime + 1
    os.utime(changed, (later, later))
    report.write([folder(tmp_path / "b", table(metrics=("mig",)), logs=False)], there)
    names = {path.name for path in there.iterdir()}
    assert names - before == {"notes.csv"}
    assert before - names >= {"scores_reconstruction.svg", "correlations.csv", "correlations.png"}
    assert changed.read_text() == (there / "notes.csv").read_text() == "mine\n"
    linked = {link for link in Page(there / PAGE).links if link[0] != "#"}
    assert names == linked | {PAGE, "notes.csv", changed.name}


def test_a_page_that_is_none_of_ours_takes_nothing_away(tmp_path):
    (tmp_path / "a.csv").write_text("mine")
    (tmp_path / "b").mkdir()
    page = tmp_path / "b" / PAGE
    for text in (
        '<a href="../a.csv">a</a>',
        '<span class="files"><a href="../a.csv">a</a></span>',
        '<span class="files"><a href="..&#47;a.csv">a</a></span>',
        f'<span class="files"><a href="{tmp_path}/a.csv">a</a></span>',
    ):
        page.write_text(text)
        assert stale.figures(page) == []
    page.write_bytes(b"\xff")
    assert stale.figures(page) == [] == stale.figures(tmp_path / "none.html")


@pytest.mark.slow
def test_a_fault_in_one_figure_leaves_the_others(tmp_path, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(charts, "heat", broken)
    path, lacks = report.write([folder(tmp_path / "a", table())], tmp_path / "report")
    assert "by a fault of dbench: ZeroDivisionError: by zero" in " ".join(lacks)
    assert {"scores_mig", "variance"} <= set(Page(path).ids)


BASELINES = """
Study.datasets = ['xy_blobs']
Study.sweep = {'raw_pixels': {}, 'pca': {}}
Study.metrics = ['mig_histogram']
Study.seeds = 1
Study.steps = 1
Study.options = {'latents': 3}
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*:dbench.metrics.ScoreWarning")  # few rows
def test_baselines_without_strength_log_or_kl(tmp_path):
    """Raw pixels have no decoder; of components the variance is known, and called that."""
    (tmp_path / "mine.gin").write_text(BASELINES)
    runner.run_study(study.load(str(tmp_path / "mine.gin"), "smoke"), tmp_path)
    path, lacks = report.write([tmp_path / "mine"], tmp_path / "report")
    assert "No pictures of raw_pixels's runs: raw_pixels has no decoder" in " ".join(lacks)
    assert "2 of 2 runs have no log.csv" in " ".join(lacks)
    assert not any("fault" in lack for lack in lacks)
    read = Page(path)
    assert not re.search(r"with most KL|posterior mean|Posterior mean", read.text)
    assert "with most variance first" in read.text
    codes = pd.read_csv(path.parent / "traversal_pca_xy_blobs_best.csv")
    assert list(codes) == ["latent", "variance", "factor"] and len(codes) == 3


@pytest.mark.slow
def test_damaged_checkpoints_are_said(trained, tmp_path, undrawn):
    mine = tmp_path / "mine"
    shutil.copytree(trained[0].parents[1] / "mine", mine)
    for file in mine.rglob("parameters.safetensors"):
        file.write_bytes(b"")
    path, lacks = report.write([mine], tmp_path / "report")
    assert any("is damaged" in lack for lack in lacks) and path.exists()


@pytest.mark.slow
def test_a_damaged_run_hides_no_other(trained, tmp_path, undrawn):
    mine = tmp_path / "mine"
    shutil.copytree(trained[0].parents[1] / "mine", mine)
    damaged, other = (mine / pd.read_csv(mine / "scores.csv")["run"].unique()[i] for i in (0, 1))
    (damaged / "scores.npz").write_text("no archive")
    path, lacks = report.write([mine], tmp_path / "report")
    said = " ".join(lacks)
    assert f"{damaged / 'scores.npz'} is damaged (it is no .npz, or cut off): delete it" in said
    shown = [id for id in Page(path).ids if id.startswith("traversal_")]
    assert len(shown) == 1 and "pickle" not in said and str(other) not in said


@pytest.mark.slow
def test_the_command(dbench, refused, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    mine = folder(tmp_path / "mine", table(metrics=("mig",)), logs=False)
    code, out, err = dbench("report", mine)
    assert code == 0 and f"report: {mine / 'report' / 'report.html'}" in out
    assert "lacks: 12 of 12 runs have no log.csv" in err
    assert "name the folder of a study" in refused("report")
    assert "there is no folder nowhere" in refused("report", "nowhere")
    assert "is a file: give the folder" in refused("report", mine / "scores.csv")
    (tmp_path / "odd" / "report.html").mkdir(parents=True)
    assert "is a folder" in refused("report", mine, "--output", "odd")
    assert [each.name for each in (tmp_path / "odd").iterdir()] == ["report.html"]
    assert "did you mean 'mig'" in refused("report", mine, "--metric", "mgi", "--output", "new")
    assert "unknown scale" in refused("report", mine, "--scale", "paper", "--output", "new")
    assert "it is no folder" in refused("report", mine, "--output", mine / "scores.csv")
    empty = folder(tmp_path / "empty", table()[:0])
    assert "scores.csv has no rows: there is nothing to report" in refused("report", empty)
    assert not (empty / "report").exists()
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_what_a_killed_report_left_half_written_goes(tmp_path, undrawn):
    study = folder(tmp_path / "mine", table())
    (study / "report").mkdir()
    for name in ("report.html", "heat.png", "of_an_earlier_study.csv"):
        killed(study / "report" / name)
    report.write([study], study / "report")
    assert (study / "report" / PAGE).exists() and not list(study.rglob(".*.part"))
