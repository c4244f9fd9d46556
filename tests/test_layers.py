"""Imports point one way: a module may import only modules of lower layers."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = [
    {"errors", "conv", "devices", "losses", "directions"},
    {"base", "files", "frames", "functions", "pictures"},
    {"data", "metrics", "nets", "plots", "sheet", "stats"},
    {"gan_codes", "gan_nets"},
    {"models", "checkpoint", "results", "progress", "columns", "tidy", "options", "tabled"},
    {"train", "board", "tables_in", "outputs", "score_files"},
    {"encode", "matching", "comparable", "effects", "pooling", "legend"},
    {"category_error"},
    {"reconstruction", "compare"},
    {"study", "representation", "encoder", "compare_text"},
    {"provenance", "cohorts", "cli_compare"},
    {"evaluate"},
    {"sets", "traverse", "utilisation"},
    {"stages", "ranking", "equivariance"},
    {"runner", "report"},
    {"claims"},
    {"cli_claims", "cli_data", "cli_evaluate", "cli_show"},
    {"cli"},
    {"__main__"},
]
LEVEL = {name: i for i, layer in enumerate(LAYERS) for name in layer}
FILES = [
    p for p in sorted((ROOT / "dbench").rglob("*.py")) if p.parent.name + p.stem != "dbench__init__"
]


def imports(path):
    """Dotted names of what a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from (
                [f"{module}.{a.name}" for a in node.names] if module == "dbench" else [module]
            )
        elif isinstance(node, ast.Import):
            yield from [alias.name for alias in node.names]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path):
    own = path.relative_to(ROOT).with_suffix("").parts[1]
    for name in imports(path):
        if name.startswith("dbench.") and name != "dbench.__version__":
            other = name.split(".")[1]
            assert other == own or LEVEL[other] < LEVEL[own], f"{own} must not import {name}"


def test_metrics_never_see_models_or_images():
    for path in (ROOT / "dbench" / "metrics").glob("*.py"):
        seen = {name.split(".")[1] for name in imports(path) if name.startswith("dbench.")}
        assert seen <= {"base", "errors", "metrics"}, path


def test_pictures_see_scores_alone():
    names = imports(ROOT / "dbench" / "plots.py")
    seen = {name.split(".")[1] for name in names if name.startswith("dbench.")}
    assert seen <= {"base", "errors", "files", "pictures"}


def test_gin_lives_in_one_module():
    users = [p.name for p in FILES if any(name.split(".")[0] == "gin" for name in imports(p))]
    assert users == ["study.py"]
