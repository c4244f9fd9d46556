"""`help` of everything that a page names works after `import dbench`, and shows what to give."""

import inspect
import pydoc
import re
from pathlib import Path

import click
import pytest

import dbench
from dbench.cli.commands import cli
from dbench.metrics import METRICS
from dbench.scoring.registry import MODEL_METRICS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
DOTTED = re.compile(r"\bdbench(?:\.[A-Za-z_]\w*)+")
IMPORT = re.compile(r"^from (dbench[\w.]*) import (?:\(([^)]+)\)|([^(\n]+))", re.MULTILINE)
SHARED = ("seed", "names", "continuous", "repeats")  # of every metric


def named(text):
    """Dotted names of a page, but for those of files that it makes, and of programs."""
    text = re.sub(r"^```\{click.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    found = set(DOTTED.findall(text))
    for module, many, few in IMPORT.findall(text):
        names = (many or few).partition("#")[0].replace("\n", " ").split(",")
        found |= {f"{module}.{name.split()[0]}" for name in names if name.split()}
    own = {
        path.replace("/", ".") for path in re.findall(r"^# (dbench/\S+)\.py$", text, re.MULTILINE)
    }
    own = {name for name in own if not (ROOT / f"{name.replace('.', '/')}.py").exists()}
    return {name for name in found if not name.startswith(tuple(own))}


NAMES = sorted(set().union(*(named(page.read_text()) for page in PAGES)))


def thing(name):
    """What a name is, found as a user finds it who has typed `import dbench`."""
    found = dbench
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    return found


def test_names_are_found_on_pages():
    text = "# dbench/metrics/made.py\nfrom dbench.data import (\n    load,\n    label,\n)  # so\n"
    text += "from dbench.metrics.made import made\ndbench.stats.LEAST. dbench/base.py"
    assert named(text) == {"dbench.data", "dbench.data.load", "dbench.data.label"} | {
        "dbench.stats.LEAST"
    }
    assert {"dbench.metrics.mig", "dbench.tables.load", "dbench.study"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_help_of_what_a_page_names(name):
    found = thing(name)
    text = pydoc.render_doc(found, renderer=pydoc.plaintext)
    if inspect.ismodule(found) or inspect.isroutine(found) or inspect.isclass(found):
        assert inspect.getdoc(found), f"{name} says nothing of itself"
        assert name.rpartition(".")[2] in text
    if inspect.isroutine(found):
        taken = inspect.signature(found).parameters
        kinds = {parameter.kind for parameter in taken.values()}
        assert inspect.Parameter.VAR_KEYWORD not in kinds and "args" not in taken, name


@pytest.mark.parametrize("name", METRICS)
def test_help_of_a_score_shows_all_that_it_takes(name):
    text = pydoc.render_doc(getattr(dbench.metrics, name), renderer=pydoc.plaintext)
    signature = text.split("\n", 4)[2]
    assert signature.startswith(f"{name}(codes, factors=None, logvar=None, *, ")
    for option in (*SHARED, *METRICS[name].options):
        assert f"{option}=" in signature or f"{option}: " in signature, option


def test_a_score_in_a_class_is_itself():
    class Mine:
        score = METRICS["mig"]

    assert Mine.score is Mine().score is METRICS["mig"]


@pytest.mark.parametrize("group", [cli, cli.commands["data"]], ids=["dbench", "data"])
def test_no_line_of_the_list_of_commands_is_cut(group):
    told = group.get_help(click.Context(group, terminal_width=80)).split("Commands:")[1]
    assert "..." not in told
    assert all(name in told for name in group.commands)


def test_help_and_page_of_claims_name_every_paper():
    from dbench.claims import CLAIMS, PAPERS

    page = (ROOT / "docs" / "guides" / "claims.md").read_text()
    assert f"It knows {len(CLAIMS)} claims of" in page
    for text in (cli.commands["claims"].help, page):
        words = re.findall(r"\w+", text)
        assert [name for name in PAPERS if name not in words] == []


def test_data_is_said_by_each_command_as_it_takes_them():
    def said(*names):
        command = cli
        for name in names:
            command = command.commands[name]
        return next((o.help for o in command.params if o.name == "data"), None)

    assert said("play") is None  # its images are drawn
    assert "a run's images" in said("traverse") and "official file of a" not in said("traverse")
    assert "official file of a data set" in said("study") and "run" not in said("study")
    assert said("claims").startswith("For --run: ") and "painting" not in said("data", "check")


def test_the_page_of_studies_has_every_score_of_a_model():
    docs = ROOT / "docs"
    page = (docs / "guides" / "own-study.md").read_text()
    (row,) = [line for line in page.splitlines() if line.startswith("| `metrics` |")]
    linked = (docs / "reference" / "metrics.md").read_text().split("## Scores of symbols")[1]
    linked = linked.split("\n## ")[0]
    linked += (docs / "reference" / "agents.md").read_text()
    assert [name for name in MODEL_METRICS if f"`{name}`" not in row + linked] == []
