"""A plan is made without a device: on a cluster it is made where there is none."""

import os
import subprocess
import sys

import pytest

from dbench.study import studies

PLAN = """
import sys
from pathlib import Path
from dbench.study import load
from dbench.study.plan import plan
for name in sys.argv[2:]:
    print(name, len(plan(Path(sys.argv[1]) / name, load(name, "smoke")).todo))
"""


@pytest.mark.slow
def test_every_study_is_planned_without_a_device(tmp_path):
    """JAX is told of a platform that does not exist: whatever asks for a device fails."""
    env = os.environ | {"JAX_PLATFORMS": "no_such_platform"}
    names = list(studies())
    ran = subprocess.run(
        [sys.executable, "-c", PLAN, tmp_path, *names], env=env, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    counts = dict(line.split() for line in ran.stdout.splitlines())
    assert list(counts) == names and all(int(count) > 0 for count in counts.values())
    assert not list(tmp_path.iterdir())
