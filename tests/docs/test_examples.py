"""What runs the pages' examples sees mistakes in them."""

import shutil
from types import SimpleNamespace

import click
import pytest

from dbench.errors import InputError
from tests.docs import commands, examples
from tests.docs.shown import difference
from tests.docs.studies import load_part


def block(code, before="", after=""):
    text = f"{before}```\n{code}```{after}"
    end = len(text) - len(after)
    document = SimpleNamespace(text=text)
    region = SimpleNamespace(parsed=SimpleNamespace(line_offset=0))
    where = {"path": "page.md", "line": 1, "start": len(before), "end": end}
    return SimpleNamespace(parsed=code, document=document, region=region, namespace={}, **where)


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("mig 0.12 of 3\n", "mig   0.12 of 3", True),
        ("mig 0.12", "mig 0.13", True),  # rounded the other way on another processor
        ("mig 0.12", "mig 0.14", False),
        ("mig 0.12", "sap 0.12", False),
        ("8 seeds", "10 seeds", False),
        ("p .034", "p .034\nmore", False),
    ],
)
def test_what_is_shown_is_what_is_printed(shown, printed, same):
    assert (difference(shown, printed) is None) == same


def test_a_block_that_prints_something_else_is_wrong():
    right = block("print('two words')\n", after="\n\n```text\ntwo words\n```")
    wrong = block("print('two words')\n", after="\n\n```text\nthree words\n```")
    assert examples.python(right) is None and "three words" in examples.python(wrong)


def test_a_block_that_is_not_run_must_compile():
    before = "<!-- not run: no torch -->\n"
    assert examples.python(block("import no_such_thing\n", before)) is None
    with pytest.raises(ModuleNotFoundError):
        examples.python(block("import no_such_thing\n"))
    with pytest.raises(SyntaxError):
        examples.python(block("def f(:\n", before))


@pytest.mark.parametrize(
    "line",
    [
        "dbench evalute",
        "dbench data shows dsprites",
        "make studies",
        "make study STUDIO=1",
        "pip install '.[gpu]'",
        "python benchmarks/none.py",
        "python benchmarks/train_speed.py --modle x",
        "conda install dbench",
    ],
)
def test_a_command_that_is_not_there_is_seen(line):
    (words,) = commands.lines(line)
    with pytest.raises(AssertionError):
        commands.command(words, run=False)


def test_a_loop_is_each_of_its_commands():
    text = (
        "for x in 0 1; do\n    dbench udr a_$x \\\n        --seed $x\n    git pull\ndone\nmake test"
    )
    one, two = (["dbench", "udr", f"a_{x}", "--seed", x] for x in "01")
    found = list(commands.lines(text))
    assert found == [one, ["git", "pull"], two, ["git", "pull"], ["make", "test"]]


def test_an_option_that_is_not_there_is_seen():
    (words,) = commands.lines("A=1 dbench study beta_sweep \\\n  --scales laptop  # comment")
    with pytest.raises(click.NoSuchOption):
        commands.command(words, run=False)


def test_a_command_that_is_refused_is_seen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssertionError, match="unknown study"):
        commands.command(["dbench", "study", "beta_swep"], run=True)


def test_a_part_of_a_study_must_load():
    assert load_part("Study.seeds = 3\n") is None
    assert "unknown model" in load_part("Study.sweep = {'beta_var': {'beta': [1]}}\n")
    assert "fields" in load_part("Study.sedes = 3\n")


def test_a_change_is_made_where_its_lines_are_and_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(commands.ROOT / "pyproject.toml", tmp_path)  # as in a copy
    (tmp_path / "list.py").write_text("a\nb\nc\nd\n")
    examples.diff(block("+++ list.py\n a\n+new\n ...\n-c\n+other\n d\n"))
    assert (tmp_path / "list.py").read_text() == "a\nnew\nb\nother\nd\n"
    with pytest.raises(AssertionError, match="no line 'c'"):
        examples.diff(block("+++ list.py\n c\n+new\n"))


def test_input_errors_of_a_page_are_not_hidden():
    with pytest.raises(InputError):
        examples.python(block("from dbench import data\ndata.load('no_such_set')\n"))
