"""The light installation scores without the libraries of the extras, and names what is missing."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import dbench
from dbench import extras
from dbench.errors import InputError

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "results" / "reference" / "beta_sweep"
IMPORTED = {"gin": "gin-config", "PIL": "pillow", "sklearn": "scikit-learn"}
FEW = "--metrics mig_histogram,sap_continuous"
ROWS = "--output mine.csv --append --model-name mine"
WORK = {  # a command -> what it prints
    f"evaluate --representation one.npz {FEW} {ROWS} --seed-of-model 0": "sap_continuous",
    f"evaluate --encoder own:encode --dataset dsprites_tiny {FEW} --save-codes kept.npz": "±",
    "evaluate --representation codes.csv --metrics own:best": "own:best",
    f"compare {REFERENCE}@beta=1 {REFERENCE}@beta=4": "Holm",
    "claims kim2018": "claims:",
    "udr one.npz two.npz --method spearman --output udr.csv": "udr_spearman",
    "list": "mig_histogram",
}
LACK = {  # a command -> the extra that it names
    "evaluate --checkpoint run": "studies",
    "evaluate --representation codes.parquet": "parquet",
    "evaluate --representation one.npz --plots pictures": "report",
    "study beta_sweep --scale smoke": "studies",
    "reference": "studies",
    f"report {REFERENCE} --output page": "report",
    "data show dsprites_tiny": "report",
    "traverse --checkpoint run": "report",
    "equivariance --checkpoint run": "report",
    "utilisation run": "report",
}
NOT_LIGHT = {"models": "studies", "study": "studies", "report": "report"}
OWN = """
import numpy as np

def encode(images):
    return images.mean(axis=1)[:, 20:40:4, 0]

def best(codes, factors):
    return 0.5
"""


@pytest.fixture(scope="module")
def light(tmp_path_factory):
    """What each command and room did, in one process without the extras."""
    folder = tmp_path_factory.mktemp("light")
    factors = np.indices((8, 9)).reshape(2, -1).T
    for seed, name in enumerate(("one", "two")):
        noise = np.random.default_rng(seed).normal(size=factors.shape)
        np.savez(folder / f"{name}.npz", mean=factors + 0.1 * noise, factors=factors)
    rows = np.hstack([factors, factors])
    header = "mean_0,mean_1,factor_0,factor_1"
    np.savetxt(folder / "codes.csv", rows, delimiter=",", header=header, comments="")
    (folder / "codes.parquet").write_bytes(b"PAR1")
    (folder / "own.py").write_text(OWN)
    (folder / "run").mkdir()
    return without(extras.OF, folder, [*WORK, *LACK], [*sorted(dbench.__all__), "help"])


def without(libraries, folder, commands=(), rooms=()):
    """What commands and rooms did in a process that lacks these libraries."""
    given = {"without": list(libraries), "commands": list(commands), "rooms": list(rooms)}
    command = [sys.executable, ROOT / "tests" / "light_commands.py", json.dumps(given)]
    path = {"PYTHONPATH": str(ROOT), "DBENCH_CACHE": str(folder / "cache")}
    env = os.environ | path
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("command", WORK)
def test_what_scores_needs_no_extra(command, light):
    code, out, err = light[command]
    assert code == 0, err
    assert WORK[command] in out


@pytest.mark.slow
@pytest.mark.parametrize("command", LACK)
def test_what_needs_an_extra_says_which_in_one_sentence(command, light):
    code, out, err = light[command]
    assert (code, out) == (2, ""), err
    assert re.fullmatch(
        rf"dbench: this needs \w+, .*pip install 'dbench\[{LACK[command]}\]'\n", err
    )


@pytest.mark.slow
@pytest.mark.parametrize("room", dbench.__all__)
def test_rooms_are_imported_or_say_what_is_missing(room, light):
    code, _, err = light[room]
    assert code == (2 if room in NOT_LIGHT else 0), err
    if room in NOT_LIGHT:
        assert err.startswith("Missing: this needs ") and f"'dbench[{NOT_LIGHT[room]}]'" in err


@pytest.mark.slow
def test_help_of_the_package_shows_the_rooms_that_are_there(light):
    code, shown, err = light["help"]
    assert code == 0, err
    assert "train, encode and score" in shown and "metrics" in shown


@pytest.mark.slow
def test_a_report_of_scores_needs_no_models(tmp_path):
    lacking = [library for library, extra in extras.OF.items() if extra != "report"]
    assert without(lacking, tmp_path, rooms=["report"])["report"] == [0, "", ""]


@pytest.mark.slow
def test_the_list_says_what_it_lacks(light):
    _, out, err = light["list"]
    assert "models, nets and studies are not listed: this needs" in err
    assert "data sets" in out and "\nmodels\n" not in out


def test_a_library_that_is_of_no_extra_stays_an_import_error():
    with pytest.raises(ModuleNotFoundError, match="no_such"), extras.said():
        import no_such  # noqa: F401
    with pytest.raises(InputError, match="this needs flax"):
        raise extras.missing("flax")
    assert issubclass(extras.Missing, ImportError)
    extras.need("flax", "altair")  # here they are


def of_the_project():
    """{extra or "": libraries as they are called when installed}."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = {"": project["dependencies"]} | project["optional-dependencies"]
    return {extra: {re.match(r"[\w-]+", n)[0] for n in names} for extra, names in found.items()}


def test_the_sentence_names_the_extra_that_has_the_library():
    wanted = of_the_project()
    for library, extra in extras.OF.items():
        names = {name.removesuffix("-python").replace("-", "_") for name in wanted[extra]}
        assert library in names
        assert library not in {name.replace("-", "_") for name in wanted[""]}


@pytest.mark.slow
def test_all_that_is_imported_is_installed_or_of_an_extra():
    light = of_the_project()[""]
    for path in (ROOT / "dbench").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in {name.partition(".")[0] for name in names} - {"dbench", "tensorboard"}:
                known = name in sys.stdlib_module_names or name in extras.OF
                assert known or IMPORTED.get(name, name) in light, f"{name} in {path}"


@pytest.mark.slow
def test_libraries_of_extras_are_imported_where_they_are_used():
    """At once by the rooms that are of the extra alone; elsewhere in the function that needs it."""
    rooms = {"models": "studies", "nets": "studies", "report": "report", "pictures": "report"}
    for path in (ROOT / "dbench").rglob("*.py"):
        room = path.relative_to(ROOT / "dbench").parts[0]
        for node in ast.parse(path.read_text()).body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for extra in filter(None, (extras.OF.get(name.partition(".")[0]) for name in names)):
                assert rooms.get(room) == extra, f"{', '.join(names)} in {path}"
