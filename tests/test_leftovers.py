"""A file of tests that leaves something in the temporary folder fails."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FINE = "import tempfile\ndef test(tmp_path):\n    tempfile.TemporaryDirectory().cleanup()\n"
LEAVES = "import tempfile\ndef test(): tempfile.mkdtemp(suffix='mine')\n"
CHILD = "import subprocess, sys\ndef test():\n    subprocess.run([sys.executable, '-c', CODE])\n"
CHILD += "CODE = 'import tempfile; tempfile.mkdtemp(suffix=\"mine\")'\n"


@pytest.mark.slow
def test_what_is_left_is_said(tmp_path):
    (tmp_path / "temporary").mkdir()
    for name, code in (("fine", FINE), ("leaves", LEAVES), ("child", CHILD)):
        (tmp_path / f"test_{name}.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "-p", "tests.leftovers", "-p", "no:cacheprovider"]
    env = os.environ | {"TMPDIR": str(tmp_path / "temporary"), "PYTHONPATH": str(ROOT)}
    command += ["--rootdir", tmp_path]  # whatever project files lie above
    ran = subprocess.run([*command, tmp_path], env=env, capture_output=True, text=True)
    said = re.findall(r"AssertionError: test_(\w+).py left tmp\w+mine in the temporary", ran.stdout)
    assert ran.returncode == 1 and sorted(set(said)) == ["child", "leaves"]
