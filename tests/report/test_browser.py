"""The page in a real browser: it draws with no network and no complaint, and its filters work."""

import pandas as pd
import pytest

from dbench import report
from dbench.report import page
from dbench.report.figure import Figure
from dbench.report.page import Group, Part
from tests.report import chrome
from tests.report.tables import folder, table

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not chrome.find(), reason="no Chromium here (Debian: package chromium)"),
]
MARKS = "document.querySelectorAll('#scores_mig .mark-symbol.role-mark path').length"


def choose(browser, selector, change):
    """A person's change of an input, and the time that the page takes for it."""
    browser.run(
        f"(async () => {{ const it = document.querySelector({selector!r}); {change}; "
        "it.dispatchEvent(new Event('change')); "
        "await new Promise(done => setTimeout(done, 500)); })()"
    )


def shown(browser, selector):
    """Whether something takes room on the page."""
    return browser.run(f"document.querySelector({selector!r}).checkVisibility()")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    path = tmp_path_factory.mktemp("page")
    written, _ = report.write([folder(path / "mine", table())], path / "report")
    with chrome.Chrome(path / "chrome") as browser:
        browser.open(written, "document.body.dataset.drawn === 'yes'")
        yield browser


def test_no_complaint_and_no_network(browser):
    assert browser.complaints() == ([], [])


def test_every_figure_has_content(browser):
    script = (
        "[...document.querySelectorAll('figure')].filter(f => !f.querySelector("
        "'.chart svg path, img, tbody td')).map(f => f.id)"
    )
    assert browser.run("document.querySelectorAll('figure').length") >= 8
    assert browser.run(script) == []
    assert browser.run(MARKS) == 12
    wide = "document.documentElement.scrollWidth <= window.innerWidth"
    assert browser.run(wide), "the page scrolls sideways"


def test_filters(browser):
    choose(browser, "#methods input[value=factor_vae]", "it.checked = false")
    assert browser.run(MARKS) == 6
    assert not shown(browser, "tr[data-method=factor_vae]")
    assert shown(browser, "tr[data-method=beta_vae]")
    choose(browser, "#methods input[value=factor_vae]", "it.checked = true")
    assert browser.run(MARKS) == 12 and shown(browser, "tr[data-method=factor_vae]")
    choose(browser, "#metric", "it.value = 'reconstruction'")
    assert not shown(browser, "#scores_mig") and shown(browser, "#scores_reconstruction")
    assert not shown(browser, ".group[data-metric=mig]") and not shown(
        browser, "th[data-metric=mig]"
    )
    choose(browser, "#metric", "it.value = ''")
    assert shown(browser, "#scores_mig")


def test_figures_of_a_score_stand_side_by_side(browser):
    figures = "[...document.querySelectorAll('#scores_mig, #violins_mig, #trade_off_mig')]"
    tops = browser.run(f"{figures}.map(e => Math.round(e.getBoundingClientRect().top))")
    assert len(tops) == 3 and len(set(tops)) == 1


def test_no_table_is_cut(tmp_path):
    """Many scores, methods and strengths on a screen of 1,300 pixels."""
    names = ("mig", "higgins", "sap", "modularity", "explicitness", "irs", "dci_completeness")
    names += ("dci_disentanglement", "dci_informativeness", "wasserstein_normalised_all")
    models = {f"method_{i}": ("lambda_od", [1, 2, 4]) for i in range(6)}
    study = folder(tmp_path / "mine", table(models, metrics=(*names, "reconstruction")))
    written, _ = report.write([study], tmp_path / "report")
    with chrome.Chrome(tmp_path / "chrome", width=1300) as browser:
        browser.open(written, "document.body.dataset.drawn === 'yes'")
        assert browser.run("document.documentElement.scrollWidth <= window.innerWidth")
        cut = "[...document.querySelectorAll('.wide, figure')].filter("
        cut += "e => e.scrollWidth > e.clientWidth + 1).map(e => e.id || e.innerText.slice(0, 40))"
        assert browser.run(cut) == []
        top = "document.getElementById('answers').getBoundingClientRect().top"
        assert browser.run(top) < 300  # what came out is seen first


def test_runs_are_folded_until_they_are_opened_or_printed(tmp_path):
    """The page of a study with checkpoints has pictures by the dozen."""
    some = Figure("seeds", "Seeds", "", pd.DataFrame({"score": ["mig"], "seeds": [4]}))
    groups = [Group([some], place, "said", folded=place != "best") for place in ("best", "worst")]
    groups[1] = groups[1]._replace(figures=[some._replace(name="more")])
    content = {"title": "t", "summary": "s", "methods": [], "metrics": [], "lacks": []}
    content |= {"tables": [], "meanings": {}, "origin": {}, "failures": [], "answers": []}
    parts = [Part("runs", "Runs", groups, dataset="d")]
    (tmp_path / "page.html").write_bytes(
        page.render(**content, parts=parts, files={"seeds": [], "more": ["more.csv"]})
    )
    with chrome.Chrome(tmp_path / "chrome") as browser:
        browser.open(tmp_path / "page.html", "document.body.dataset.drawn === 'yes'")
        assert shown(browser, "#seeds") and not shown(browser, "#more")
        browser.run("document.getElementById('unfold').click()")
        assert shown(browser, "#more")
        browser.run("document.querySelectorAll('details').forEach(fold => fold.open = false)")
        assert not shown(browser, "#seeds")
        browser.call("Page.printToPDF")
        assert shown(browser, "#seeds") and shown(browser, "#more")


def test_a_point_tells_its_run(browser):
    labels = browser.run(
        "[...document.querySelectorAll('#scores_mig .mark-symbol.role-mark path')]"
        ".map(p => p.getAttribute('aria-label')).join(' ')"
    )
    assert "run: laptop/d/beta_vae/beta=1/seed=0" in labels and "seed: 2" in labels
