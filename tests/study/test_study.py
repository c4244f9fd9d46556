"""Study files: every one loads at every scale; mistakes get a sentence."""

import pytest

from dbench import study
from dbench.data import DATASETS
from dbench.errors import InputError
from dbench.metrics import GROUPS, METRICS
from dbench.models import MODELS
from dbench.tables.results import SCALES

GOOD = """
Study.datasets = ['dsprites_tiny']
Study.sweep = {'beta_vae': {'beta': [1, 2.5]}}
Study.metrics = ['mig']
Study.seeds = 2
Study.steps = 10
paper/Study.steps = 20
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "mine.gin"
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", study.studies())
def test_every_study_loads_and_its_models_can_be_made(name, scale):
    runs = study.runs(study.load(name, scale))
    assert len({run.name for run in runs}) == len(runs) > 0
    for run in runs:
        assert run.dataset in DATASETS
        MODELS[run.model]((64, 64, 1), **run.options)


def test_paper_scale_is_the_grid_of_locatello_et_al():
    paper = study.load("beta_sweep", "paper")
    assert paper.sweep == {"beta_vae": {"beta": [1, 2, 4, 6, 8, 16]}}
    assert (paper.seeds, paper.steps, paper.batch_size) == (50, 300_000, 64)
    assert paper.options == {"net": "conv", "latents": 10, "learning_rate": 1e-4}
    assert paper.datasets == ["dsprites"] and len(study.runs(paper)) == 300


def test_names_and_scopes(write):
    path = write(GOOD)
    laptop, paper = (study.load(path, scale) for scale in ("laptop", "paper"))
    assert (laptop.steps, paper.steps) == (10, 20)
    assert [run.name for run in study.runs(laptop)] == [
        "laptop/dsprites_tiny/beta_vae/beta=1/seed=0",
        "laptop/dsprites_tiny/beta_vae/beta=2.5/seed=0",
        "laptop/dsprites_tiny/beta_vae/beta=1/seed=1",
        "laptop/dsprites_tiny/beta_vae/beta=2.5/seed=1",
    ]


def test_groups_of_metrics_are_spelled_out(write):
    path = write(GOOD.replace("['mig']", "['mig', 'study', 'udr_lasso', 'mig']"))
    others = [metric for metric in GROUPS["study"] if metric != "mig"]
    assert study.load(path, "laptop").metrics == ["mig", *others, "udr_lasso"]
    everything = study.load(write(GOOD.replace("'mig'", "'all'")), "laptop").metrics
    assert everything == list(METRICS)


def test_a_long_number_stays_whole_in_the_name(write):
    path = write(GOOD.replace("2.5", "2.123456789"))
    assert "beta=2.123456789" in study.runs(study.load(path, "laptop"))[1].name


VIEWS = """
Study.datasets = ['dsprites_tiny', 'band']
Study.views = {'band': {'of': 'dsprites_tiny', 'joint': {'posX,posY': 0.2}}}
"""


def test_a_view_has_a_folder_and_a_name_of_its_own(write):
    text = GOOD.replace("Study.datasets = ['dsprites_tiny']", VIEWS)
    text = text.replace("{'beta': [1, 2.5]}", "{'beta': [1]}, 'pca': {}")
    plain, pca, *_, view, last = study.runs(study.load(write(text), "laptop"))
    assert plain.name == "laptop/dsprites_tiny/beta_vae/beta=1/seed=0"
    assert pca.name == "laptop/dsprites_tiny/pca/seed=0"
    assert view.name == "laptop/band/beta_vae/beta=1/seed=1"
    assert last.name == "laptop/band/pca/seed=1" and last.value is None
    assert (view.data, view.dataset) == ("band", "dsprites_tiny")
    assert view.config["drawn"] == {"joint": {"posX,posY": 0.2}}
    assert not {"view", "drawn"} & plain.config.keys()


@pytest.mark.parametrize(
    ("views", "said"),
    [
        ("{'a/b': {'of': 'dsprites_tiny'}}", "a name of its own, of letters"),
        ("{'xy_blobs': {'of': 'dsprites_tiny'}}", "a name of its own, of letters"),
        ("{'band': {}}", "'band'. must be a dict with its data set, as 'of'"),
        ("{'band': {'of': 'dsprite'}}", "'band'.: unknown data set 'dsprite'"),
        ("{'band': {'of': 'dsprites', 'joined': 3}}", "unknown part of a view 'joined'"),
        ("{'band': {'of': 'dsprites', 'joint': 3}}", "joint of a view must be a dict"),
        (
            "{'new': {'of': 'rooms', 'without': ['heldout']}}",
            "'new'.: .*'held_out', not of 'heldout'",
        ),
        ("['band']", "views must be a dict"),
    ],
)
def test_bad_views(write, views, said):
    text = GOOD + f"Study.views = {views}\n"
    with pytest.raises(InputError, match=said):
        study.load(write(text), "laptop")


def test_options_of_all_go_to_the_models_that_have_them(write):
    text = GOOD.replace("'beta_vae': {'beta': [1, 2.5]}", "'raw_pixels': {}, 'beta_vae': {}")
    text += "Study.options = {'net': 'small', 'latents': 4}\n"
    raw, vae, *_ = study.runs(study.load(write(text), "laptop"))
    assert raw.options == {} and vae.options["latents"] == 4 and vae.options["beta"] == 4.0
    with pytest.raises(InputError, match="no model of this study has an option 'laetnts'"):
        study.load(write(text.replace("'latents'", "'laetnts'")), "laptop")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Study.steps = 10", "Study.step = 10", "step.*a study has the fields: .*steps"),
        ("Study.steps = 10\npaper/Study.steps = 20", "", "steps"),
        ("paper/", "papr/", "unknown scale 'papr'.*did you mean 'paper'"),
        ("Study.seeds = 2", "Study.seeds = 'two'", "seeds must be a int, not 'two'"),
        ("Study.seeds = 2", "Study.seeds = 2\nStudy.during = {'migg': [10]}", "did you mean 'mig'"),
        (
            "Study.seeds = 2",
            "Study.seeds = 2\nStudy.chunk = 5\nStudy.during = {'mig': [7]}",
            r"during\['mig'\] must be .* steps, multiples of chunk \(5\) up to 10, not \[7\]",
        ),
        ("Study.seeds = 2", "Study.seeds = 0", "seeds must be at least 1"),
        ("Study.seeds = 2", "Study.seeds = ", "mine.gin"),
        ("['mig']", "[]", "metrics is empty"),
        ("['mig']", "['mog']", "unknown metric 'mog'.*did you mean 'mig'"),
        ("['dsprites_tiny']", "['dsprite']", "unknown data set 'dsprite'"),
        ("'beta_vae'", "'betavae'", "unknown model 'betavae'.*'beta_vae'"),
        ("'beta'", "'gamma'", "no option 'gamma'"),
        ("Study.seeds = 2", "import\\\n os\nStudy.seeds = 2", "plain settings only, no import"),
        ("Study.seeds = 2", "Study.seeds = @Study()", "plain settings only, no @"),
        ("[1, 2.5]", "[1, 1.0]", "in a list twice"),
        ("[1, 2.5]", "[-1]", "'beta' of 'beta_vae' must be at least 0"),
        ("['mig']", "[3]", "unknown metric 3"),
        ("['mig']", "['udr']", "unknown metric 'udr'.*udr_lasso"),
        ("Study.seeds = 2", "Study.seeds = 2\nStudy.options = {'latents': 1}", "latents must be"),
        ("Study.seeds = 2", "Study.seeds = 2\nStudy.options = {'latents': 0}", "at least 1"),
        ("[1, 2.5]", "4", "must be one hyperparameter with a list"),
        ("[1, 2.5]", "[1, 1e999]", "'beta' of 'beta_vae' must be finite, not inf"),
        ("{'beta': [1, 2.5]}", "{'latents': [4, 5]}", "latents cannot be swept"),
        ("[1, 2.5]", "['high']", "'beta' of 'beta_vae' must be float"),
        ("Study.seeds = 2", "Studi.seeds = 2", "Studi"),
        ("Study.seeds = 2", "import os\nStudy.seeds = 2", "plain settings only, no import"),
        ("Study.seeds = 2", "Study.seeds = 2\nStudy.options = {'net': 'cnv'}", "unknown net 'cnv'"),
        ("Study.seeds = 2", "Study.seeds = 2\nStudy.model_options = {'vae': {}}", "model of this"),
        ("Study.seeds = 2", "Study.seeds = 2\nStudy.model_options = {'beta_vae': 1}", "be a dict"),
        (
            "Study.seeds = 2",
            "Study.seeds = 2\nStudy.model_options = {'beta_vae': {'learning_rate': -1}}",
            "'learning_rate' of 'beta_vae' must be at least 0, not -1",
        ),
        (
            "{'beta_vae': {'beta': [1, 2.5]}}",
            "{'beta_vae': {'beta': [1]}, 'factor_vae': {'gamma': [1]}}\n"
            "Study.model_options = {'factor_vae': {'net': 'small'}}",
            "one net, .* {'beta_vae': 'conv', 'factor_vae': 'small'}: set it in Study.options",
        ),
        (
            "{'beta_vae': {'beta': [1, 2.5]}}",
            "{'beta_vae_dae': {'beta': [1]}}",
            "autoencoder alone: dae_steps is 200000 of 10 steps",
        ),
    ],
)
def test_mistakes(write, old, new, said):
    assert old in GOOD
    with pytest.raises(InputError, match=f"(?s).*{said}"):
        study.load(write(GOOD.replace(old, new)), "laptop")


def test_unknown_names():
    with pytest.raises(InputError, match="unknown study 'beta_swep'.*did you mean 'beta_sweep'"):
        study.load("beta_swep", "laptop")
    with pytest.raises(InputError, match="unknown scale 'huge'"):
        study.load("beta_sweep", "huge")
    with pytest.raises(InputError, match="cannot read the study nowhere.gin"):
        study.load("nowhere.gin", "laptop")


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "mine.gin").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot read the study"):
        study.load(str(tmp_path / "mine.gin"), "laptop")


def test_options_of_one_model_come_before_those_of_all(write):
    text = GOOD.replace("{'beta_vae': {'beta': [1, 2.5]}}", "{'beta_tcvae': {'beta': [4]}}")
    text += "Study.options = {'net': 'small', 'learning_rate': 1e-3}\n"
    text += "Study.model_options = {'beta_tcvae': {'learning_rate': 2e-3, 'alpha': 3}}\n"
    run = study.runs(study.load(write(text), "laptop"))[0]
    known = {"net": "small", "learning_rate": 2e-3, "alpha": 3, "beta": 4, "gamma": 1.0}
    assert {**run.options, **known} == run.options


@pytest.fixture(scope="module")
def locatello2019():
    paper = study.load("locatello2019", "paper")
    return paper, study.runs(paper)


@pytest.mark.parametrize(
    ("model", "swept", "values"),
    [
        ("beta_vae", "beta", [1, 2, 4, 6, 8, 16]),
        ("annealed_vae", "c_max", [5, 10, 25, 50, 75, 100]),
        ("factor_vae", "gamma", [10, 20, 30, 40, 50, 100]),
        ("dip_vae_i", "lambda_od", [1, 2, 5, 10, 20, 50]),
        ("dip_vae_ii", "lambda_od", [1, 2, 5, 10, 20, 50]),
        ("beta_tcvae", "beta", [1, 2, 4, 6, 8, 10]),
    ],
)
def test_locatello2019_has_the_grids_of_the_paper(model, swept, values, locatello2019):
    paper, everything = locatello2019
    assert paper.sweep[model] == {swept: values}
    assert (paper.seeds, paper.steps, paper.batch_size) == (50, 300_000, 64)
    runs = [run for run in everything if run.dataset == "dsprites"]
    mine = [run for run in runs if run.model == model]
    assert len(mine) == 300
    assert {run.options["net"] for run in mine} == {"conv"}
    assert {run.options["learning_rate"] for run in mine} == {1e-4}
