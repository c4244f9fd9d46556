"""A small study, and folders of results as studies leave them."""

import dataclasses
import json

import pytest

from dbench.study import load, runs

STUDY = """# What does it cost?
Study.datasets = ['dsprites_tiny']
Study.sweep = {'beta_vae': {'beta': [1, 4]}, 'factor_vae': {'gamma': [10]}}
Study.metrics = ['mig_histogram']
Study.options = {'net': 'small', 'latents': 4}
Study.seeds = 2
Study.steps = 100
Study.chunk = 10
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    path = tmp_path_factory.mktemp("study") / "mine.gin"
    path.write_text(STUDY)
    return load(str(path), "own")


@pytest.fixture
def ran(tmp_path):
    """Writes what a study leaves: (study, seconds by stage, names of finished runs) -> results."""

    def write(study, seconds, finished=None, device="2 x cpu (Some Processor)"):
        folder = tmp_path / "results" / study.name
        folder.mkdir(parents=True)
        settings = {k: v for k, v in dataclasses.asdict(study).items() if k != "path"}
        entry = {"settings": settings, "device": device, "seconds": seconds}
        (folder / "study.json").write_text(json.dumps({study.scale: entry}))
        names = [run.name for run in runs(study)] if finished is None else finished
        (folder / "scores.csv").write_text("run,score\n" + "".join(f"{n},0\n" for n in names))
        return tmp_path / "results"

    return write
