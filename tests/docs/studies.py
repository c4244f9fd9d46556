"""Studies on the pages: each must load, whole or in part."""

import re
import tempfile
from pathlib import Path

from dbench import study
from dbench.errors import InputError

# What a part of a study leaves out.
REST = """
Study.datasets = ['dsprites']
Study.sweep = {'beta_vae': {'beta': [1, 4]}}
Study.metrics = ['mig']
Study.seeds = 1
Study.steps = 10000
"""


def load_file(path: Path) -> str | None:
    """What is wrong with a study's file at the scales that it names (or laptop)."""
    scales = sorted(set(re.findall(r"^(\w+)/Study\.", path.read_text(), re.MULTILINE)))
    try:
        for scale in scales or ["laptop"]:
            assert study.runs(study.load(str(path), scale))
    except InputError as error:
        return str(error)
    return None


def load_part(text: str) -> str | None:
    """What is wrong with some lines of a study, after those that they leave out."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "part.gin"
        path.write_text(REST + text)
        return load_file(path)
