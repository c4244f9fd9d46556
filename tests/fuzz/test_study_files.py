"""Study files: a study or one sentence; no code runs, nothing is written."""

import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbench import study
from dbench.study.plan import plan
from tests.fuzz.attempt import calls
from tests.fuzz.values import names, nested, scalars, text

pytestmark = pytest.mark.slow

GOOD = {
    "datasets": ["dsprites_tiny"],
    "sweep": {"beta_vae": {"beta": [1, 8]}},
    "metrics": ["mig_histogram"],
    "seeds": 1,
    "steps": 30,
    "chunk": 10,
    "batch_size": 8,
    "options": {"net": "small", "latents": 3, "learning_rate": 1e-3},
    "model_options": {},
    "views": {},
    "during": {},
}
view = st.dictionaries(
    st.sampled_from(["without", "joint", "part", "x"]), nested(scalars), max_size=3
).map(lambda spec: {"of": "dsprites_tiny"} | spec)
TRAPS = [
    "import dbench_trap",
    "from dbench_trap import x",
    "include 'dbench_trap.gin'",
    "Study.seeds = @dbench_trap.x()",
    "x = 3\nStudy.seeds = %x",
    "smoke/Study.metrics = ['it\\'s']\nimport dbench_trap\nStudy.views = {'a': {}}",
]


def planned(folder: Path, content: str) -> bool:
    (folder / "mine.gin").write_text(content, encoding="utf-8", errors="surrogateescape")
    sys.modules.pop("dbench_trap", None)
    path = str(folder / "mine.gin")
    taken = calls(folder, lambda: plan(folder / "r", study.load(path, "smoke")))
    assert "dbench_trap" not in sys.modules
    return taken


def file_of(fields: dict) -> str:
    return "".join(f"Study.{name} = {value!r}\n" for name, value in fields.items())


def test_what_is_right_is_planned(tmp_path):
    right = {"views": {"v": {"of": "dsprites_tiny", "part": [0.5, 0]}}, "datasets": ["v"]}
    assert planned(tmp_path, file_of(GOOD)) and planned(tmp_path, file_of(GOOD | right))


@given(st.dictionaries(st.sampled_from(list(GOOD)), nested(scalars), min_size=1, max_size=2))
def test_any_literal_in_any_field(changes):
    with tempfile.TemporaryDirectory() as folder:
        planned(Path(folder), file_of(GOOD | changes))


@given(st.dictionaries(names, view, min_size=1, max_size=2))
def test_any_view(views):
    with tempfile.TemporaryDirectory() as folder:
        planned(Path(folder), file_of(GOOD | {"views": views, "datasets": list(views)}))


@given(st.data())
def test_lines_that_are_no_setting(data):
    lines = file_of(GOOD).splitlines()
    extra = data.draw(st.one_of(st.sampled_from(TRAPS), text, st.text(max_size=60)))
    lines.insert(data.draw(st.integers(0, len(lines))), extra)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "dbench_trap.py").write_text("x = int\n")
        sys.path.insert(0, folder)
        try:
            planned(Path(folder), "\n".join(lines) + "\n")
        finally:
            sys.path.remove(folder)
