"""Scores of a study with a model's own groups of codes, each as one code: by hand, and a run."""

import numpy as np
import pytest

from dbench import study
from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics import METRICS
from dbench.scoring import apart, evaluate, grouped
from dbench.study import runner
from dbench.study.plan import plan
from dbench.tables import results
from dbench.tables.directions import base, direction

FACTORS = np.indices((3, 4, 20)).reshape(3, -1).T[:, :2]


def test_a_category_is_one_code_and_no_three():
    """One-hot codes of a factor: one code knows all of it, of three each a part."""
    codes = np.concatenate([np.eye(3)[FACTORS[:, 0]], FACTORS[:, 1:]], axis=1)
    table = Table(codes, FACTORS)
    name = "mig_histogram_all_grouped"
    found = grouped.scores(table, (("shape", (0, 1, 2)),), [name], 0)
    assert list(found) == [name] and found[name].value == pytest.approx(1)
    # Of three codes each knows ln 3 - 2/3 ln 2 nats of the shape, as the next one: no gap.
    alone = grouped.scores(table, (), [name], 0)[name]
    assert alone.value == METRICS["mig_histogram_all"](codes, FACTORS).value == pytest.approx(0.5)


def test_names():
    assert base("mig_grouped") == "mig" and base("my:mig_grouped") == "my:mig_grouped"
    assert direction("mig_grouped") == 1 and direction("mean_mi_grouped") == -1
    names = ["mig", "mig_grouped", "mig_seen", "my:a_grouped"]
    assert grouped.wanted(names) == ["mig_grouped"] and apart.wanted(names) == ["mig_seen"]


TEXT = """
Study.datasets = ['xy_blobs']
Study.sweep = {'disbm_unpaired': {}, 'pca': {}}
Study.model_options = {'disbm_unpaired': {
    'groups': 'size: size; place: x, y', 'units': '2, 3', 'interactions': 2, 'rounds': 1}}
Study.metrics = ['mig_histogram_all', 'mig_histogram_all_grouped']
Study.seeds = 1
Study.steps = 1
Study.options = {'latents': 2}
"""


def load_study(folder, text=TEXT):
    path = folder / "mine.gin"
    path.write_text(text)
    return study.load(str(path), "own")


@pytest.mark.slow
def test_a_study_has_both_and_they_are_those_of_the_checkpoint_with_groups(tmp_path, mesh):
    assert runner.run_study(load_study(tmp_path), tmp_path / "r") == {}
    folder = tmp_path / "r" / "mine"
    table = results.load(folder).set_index(["model", "metric"])
    names = "mig_histogram_all", "mig_histogram_all_grouped"
    plain, of_groups = (table.loc["disbm_unpaired"].loc[n] for n in names)
    codes, config, dataset = evaluate.read_checkpoint(folder / plain["run"], mesh)
    declared = evaluate.model_groups(config, dataset)
    assert declared == (("size", (0, 1)), ("place", (2, 3, 4)))
    for found, known in ((plain, ()), (of_groups, declared)):
        wanted = METRICS[names[0]](codes.mean, codes.factors, groups=dict(known))
        assert found["score"] == pytest.approx(wanted.value, abs=1e-6)
    assert plain["score"] != of_groups["score"]
    pca = table.loc["pca"]["score"]  # declares none: the same
    assert pca[names[0]] == pca[names[1]]


@pytest.mark.slow
def test_what_has_no_groups_to_take_is_refused_before_the_work(tmp_path):
    options = TEXT[TEXT.index("Study.model_options") : TEXT.index("Study.metrics")]
    text = TEXT.replace(options, "").replace("'disbm_unpaired': {}, ", "")
    with pytest.raises(InputError, match="no model of this study declares groups: name mig_"):
        plan(tmp_path / "r", load_study(tmp_path, text))
    one = {"categoricals": 1, "categories": 3, "continuous": 0}
    text = text.replace("'pca'", "'infogan'") + f"Study.model_options = {{'infogan': {one}}}"
    with pytest.raises(InputError, match="all 3 codes of infogan are in one group, .*_all_groupe"):
        plan(tmp_path / "r", load_study(tmp_path, text.replace("Study.options", "#")))
    for name in ("verification", "reconstruction", "udr_lasso"):
        with pytest.raises(InputError, match=f"{name} takes no groups as one code: name it withou"):
            load_study(tmp_path, TEXT.replace("'mig_histogram_all',", f"'{name}_grouped',"))
    assert not (tmp_path / "r").exists()
