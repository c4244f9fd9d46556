"""What the pages name is there; what there is has a row on its page."""

import re
from pathlib import Path

import pytest

from dbench.claims import PAPERS
from dbench.cli.commands import cli
from dbench.data import DATASETS
from dbench.data.official import OFFICIAL
from dbench.metrics import GROUPS, METRICS
from dbench.metrics.udr import SET_METRICS
from dbench.models import MODELS
from dbench.nets.gans import GAN_NETS
from dbench.nets.vaes import NETS
from dbench.scoring.registry import MODEL_METRICS
from dbench.study import studies

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
SCORES = [*METRICS, *SET_METRICS, *MODEL_METRICS]
ROWS = {  # page of the reference -> what has a row there
    "metrics": SCORES,
    "models": MODELS,
    "datasets": DATASETS,
    "studies": studies(),
}
KNOWN = {*SCORES, *GROUPS, *MODELS, *DATASETS, *studies(), *NETS, *GAN_NETS, *PAPERS}


def first_cells(text):
    """The names in backticks that the rows of tables begin with."""
    cells = re.findall(r"^\| ((?:`[a-z0-9_]+`(?:, )?)+)", text, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([a-z0-9_]+)`", cell)]


def test_no_page_has_the_marks_of_a_merge():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*/*.md"), *(ROOT / "results").rglob("*.md")]
    assert len(pages) > 25
    for page in pages:
        marked = re.findall(r"^(?:<{7}|>{7}|={7}$).*", page.read_text(), re.MULTILINE)
        assert not marked, page


@pytest.mark.parametrize("page", ROWS)
def test_everything_has_a_row_on_its_page(page):
    rows = first_cells((REFERENCE / f"{page}.md").read_text())
    assert not [name for name in ROWS[page] if name not in rows]


@pytest.mark.parametrize("page", ROWS)
def test_everything_that_has_a_row_is_there(page):
    assert not set(first_cells((REFERENCE / f"{page}.md").read_text())) - KNOWN


def test_the_page_of_data_says_where_every_official_file_is_from():
    page = (REFERENCE / "datasets.md").read_text()
    urls = {name: official.url for name, official in OFFICIAL.items() if "mpi3d" not in name}
    urls["mpi3d_toy"] = OFFICIAL["mpi3d_toy"].url  # the other two are beside it
    for name, url in urls.items():
        assert re.search(rf"^\| `{name}`.*\| {re.escape(url)}", page, re.MULTILINE), name
    assert all(f"mpi3d_{kind}.npz" in page for kind in ("toy", "realistic", "real"))


def test_the_page_of_the_command_line_has_every_command():
    page = (ROOT / "docs" / "guides" / "command-line.md").read_text()
    every = [*cli.commands, *(f"data {name}" for name in cli.commands["data"].commands)]
    every.remove("data")
    assert not [name for name in every if not re.search(rf"^dbench {name}\b", page, re.MULTILINE)]


def test_the_page_of_the_command_line_has_every_option_of_evaluate():
    page = (ROOT / "docs" / "guides" / "command-line.md").read_text()
    rows = "\n".join(line for line in page.splitlines() if line.startswith("| `--"))
    every = [name for option in cli.commands["evaluate"].params for name in option.opts]
    assert not [name for name in every if f"`{name}" not in rows]


def test_the_page_of_a_study_has_every_field():
    from dbench.study import Study

    page = (ROOT / "docs" / "guides" / "own-study.md").read_text()
    fields = list(Study.__dataclass_fields__)[3:]  # name, scale and path are no settings
    assert not [name for name in fields if f"\n| `{name}`" not in page]


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_of_pages_at_the_root_lead_to_files(page):
    """Those within docs/ are checked by `make docs`."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text())
    assert not [link for link in links if not (ROOT / link).is_file()]
