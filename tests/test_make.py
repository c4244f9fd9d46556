"""The Makefile: `make` alone says what there is, and starts nothing."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(not shutil.which("make"), reason="no make here")
def test_make_alone_prints_help():
    makefile = (ROOT / "Makefile").read_text()
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = re.findall(r"^([a-z]+):", makefile, re.MULTILINE)
    assert {"help", "study", "test", "clean"} <= set(targets)
    said = dict(re.findall(r"^  make ([a-z]+) +(\S.*)$", done.stdout, re.MULTILINE))
    assert set(said) == set(targets)  # each target has its line
    dry = subprocess.run(["make", "-n"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "dbench" not in dry.stdout and "pip" not in dry.stdout
