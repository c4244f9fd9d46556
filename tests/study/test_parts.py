"""A study of a view that leaves rows out scores what training saw apart from what it did not."""

import numpy as np
import pytest

from dbench import study
from dbench.data import load
from dbench.metrics import METRICS
from dbench.study import runner
from dbench.tables import results

TEXT = """
Study.datasets = ['part']
Study.views = {'part': {'of': 'xy_blobs', 'without': [{'size': 2, 'x': [0, 1, 2, 3, 4, 5, 6, 7]}]}}
Study.sweep = {'untrained_vae': {}, 'ground_truth': {}}
Study.metrics = ['mig_histogram_all_seen', 'mig_histogram_all_unseen']
Study.seeds = 1
Study.steps = 1
Study.options = {'net': 'mlp', 'latents': 2}
"""


def run(folder, text):
    path = folder / "parts.gin"
    path.write_text(text)
    assert runner.run_study(study.load(str(path), "own"), folder / "r") == {}
    return results.load(folder / "r" / "parts").set_index(["model", "metric"])["score"]


@pytest.mark.slow
def test_scores_of_both_parts_stand_in_the_table(tmp_path):
    found = run(tmp_path, TEXT)
    blobs = load("xy_blobs")
    factors = blobs.factors
    unseen = (factors[:, 0] == 2) & (factors[:, 1] < 8)
    truth = (factors - factors.mean(axis=0)) / factors.std(axis=0)
    for part, rows, columns in (("seen", ~unseen, [0, 1, 2]), ("unseen", unseen, [1, 2])):
        alone = METRICS["mig_histogram_all"](truth[rows], factors[rows][:, columns])
        value = found["ground_truth", f"mig_histogram_all_{part}"]
        assert value == pytest.approx(alone.value, abs=1e-6)


@pytest.mark.slow
def test_so_does_the_reconstruction(tmp_path):
    text = TEXT.replace(", 'ground_truth': {}", "").replace("mig_histogram_all", "reconstruction")
    found = run(tmp_path, text.replace("_unseen']", "_unseen', 'reconstruction']"))["untrained_vae"]
    assert len(set(found)) == 3  # of 640, 128 and 768 images
    parts = found[["reconstruction_seen", "reconstruction_unseen"]].to_numpy()
    assert np.average(parts, weights=[640, 128]) == pytest.approx(found["reconstruction"], rel=1e-3)
