"""Imports point one way: rooms stand in order and know of none after them. Slow ones wait."""

import ast
import functools
from pathlib import Path

import pytest

from dbench.metrics.shared import fits

ROOT = Path(__file__).parents[1]
# In order: a room may import only rooms that stand before it.
ROOMS = [
    "errors",
    "extras",
    "bounds",
    "memory",
    "schemas",
    "environment",
    "base",
    "provenance",
    "files",
    "kept",
    "metrics",
    "inputs",
    "nets",
    "data",
    "models",
    "training",
    "codes",
    "agents",
    "tables",
    "stats",
    "compare",
    "scoring",
    "study",
    "cluster",
    "cost",
    "pictures",
    "claims",
    "report",
    "cli",
    "__main__",
]
LEVEL = {name: i for i, name in enumerate(ROOMS)}
FILES = [
    p for p in sorted((ROOT / "dbench").rglob("*.py")) if p.parent.name + p.stem != "dbench__init__"
]


@functools.cache
def parsed(path):
    return ast.parse(path.read_text())


def imports(path):
    """Dotted names of what a file imports, wherever in it."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from (
                [f"{module}.{a.name}" for a in node.names] if module == "dbench" else [module]
            )
        elif isinstance(node, ast.Import):
            yield from [alias.name for alias in node.names]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path):
    own = path.relative_to(ROOT / "dbench").with_suffix("").parts[0]
    for name in imports(path):
        if name.startswith("dbench.") and name != "dbench.__version__":
            other = name.split(".")[1]
            assert other == own or LEVEL[other] < LEVEL[own], f"{own} must not import {name}"


def test_metrics_never_see_models_or_images():
    for path in (ROOT / "dbench" / "metrics").rglob("*.py"):
        seen = {name.split(".")[1] for name in imports(path) if name.startswith("dbench.")}
        assert seen <= {"base", "environment", "errors", "memory", "metrics"}, path


def test_pictures_of_scores_see_scores_alone():
    names = imports(ROOT / "dbench" / "pictures" / "plots.py")
    seen = {name for name in names if name.startswith("dbench.")}
    assert {name.split(".")[1] for name in seen} <= {"base", "errors", "files", "pictures"}


def test_threads_of_blas_are_limited_in_one_place():
    """Which loads SciPy's too; `fits.parallel` loads all that its tasks use."""
    users = [p for p in FILES if any(name.startswith("threadpoolctl") for name in imports(p))]
    assert [p.stem for p in users] == ["environment", "fits"]


def test_gin_lives_in_one_module():
    users = [p.name for p in FILES if any(name.split(".")[0] == "gin" for name in imports(p))]
    assert users == ["study.py"]


def at_once(path):
    """Dotted names of what a file imports when it is imported itself."""
    for node in parsed(path).body:
        if isinstance(node, ast.ImportFrom):
            yield from [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from [alias.name for alias in node.names]


def test_what_takes_long_to_import_is_imported_where_it_is_used():
    """Or every command waits for it. SciPy, imported whole, loads its parts when they are used."""
    dotted = {p: ".".join(p.relative_to(ROOT).with_suffix("").parts) for p in FILES}
    compiled = {dotted[p] for p in FILES if any(n.startswith("numba") for n in at_once(p))}
    assert compiled and all(not name.endswith("__init__") for name in compiled)
    for path in FILES:
        for name in at_once(path):
            assert not name.startswith(("sklearn", "scipy.", "joblib")), f"{name} in {path}"
            assert not any(f"{name}.".startswith(f"{slow}.") for slow in compiled), path


def test_what_fits_use_is_imported_before_their_threads_begin():
    """Imported in a thread it would take the filters of warnings away that others stand under."""
    for path in (ROOT / "dbench" / "metrics").rglob("*.py"):
        used = {name for name in imports(path) if name.startswith(("sklearn.", "scipy."))}
        assert used - {"sklearn.exceptions"} <= set(fits.USED), path
