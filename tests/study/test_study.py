"""Study files: every one loads at every scale; mistakes get a sentence."""

import sys

import pytest

from dbench import study
from dbench.data import DATASETS
from dbench.errors import InputError
from dbench.kept import OWN, SCALES
from dbench.metrics import GROUPS, METRICS
from dbench.models import MODELS
from dbench.study import find

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


EVERY = [(name, scale) for name in study.studies() for scale in study.scales_of(name)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "scale"), EVERY)
def test_every_study_loads_and_its_models_can_be_made(name, scale):
    runs = study.runs(study.load(name, scale))
    assert len({run.name for run in runs}) == len(runs) > 0
    for run in runs:
        assert run.dataset in DATASETS
        MODELS[run.model]((64, 64, 1), **run.options)


@pytest.mark.slow
def test_every_study_has_the_scales_that_there_are():
    for name in study.studies():
        assert {"smoke", "laptop", "paper"} <= set(study.scales_of(name)) <= set(SCALES)


@pytest.mark.parametrize("line", ["", "quick/Study.chunk = 5"])
def test_a_scale_that_a_study_does_not_have(write, line):
    text = GOOD.replace("Study.steps = 10\n", "laptop/Study.steps = 10\n") + line
    path = write(text)
    assert study.scales_of(path) == ["laptop", "paper"]
    said = "nothing is said of steps at scale quick" if line else "no scale quick in it, but laptop"
    with pytest.raises(InputError, match=said):
        study.load(path, "quick")


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
    parts = study.load(write(GOOD.replace("['mig']", "['dci_unseen', 'mig_seen']")), "laptop")
    assert parts.metrics == [*(f"{metric}_unseen" for metric in GROUPS["dci"]), "mig_seen"]
    everything = study.load(write(GOOD.replace("'mig'", "'all'")), "laptop").metrics
    # d_lsbd needs cyclic factors, which hardly any data set has: it is there where it is named.
    assert everything == [metric for metric in METRICS if metric != "d_lsbd"]
    named = study.load(write(GOOD.replace("['mig']", "['all', 'd_lsbd']")), "laptop").metrics
    assert named[-1] == "d_lsbd" and sorted(named) == sorted(METRICS)


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


def test_a_count_may_be_swept(write):
    text = GOOD.replace(
        "'beta_vae': {'beta': [1, 2.5]}", "'annealed_vae': {'anneal_steps': [5, 10]}"
    )
    found = study.runs(study.load(write(text), "laptop"))
    assert {run.options["anneal_steps"] for run in found} == {5, 10}
    assert any("annealed_vae/anneal_steps=5/seed=0" in run.name for run in found)


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
        ("Study.seeds = 2", "Study.seeds = 'two'", "seeds must be a whole number, not 'two'"),
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
        (
            "{'beta': [1, 2.5]}",
            "4}\nStudy.options = {'latents': 3",
            r"sweep\['beta_vae'\] must be one hyperparameter with a list of values",
        ),
        ("['mig']", "['mog_unseen']", "unknown metric 'mog'.*did you mean 'mig'"),
        ("['mig']", "['udr_lasso_seen']", "udr_lasso is of all rows: name it without _seen"),
        ("['mig']", "['udr_lasso_grouped']", "udr_lasso takes no groups as one code: name it wi"),
        ("['dsprites_tiny']", "['dsprite']", "unknown data set 'dsprite'"),
        ("'beta_vae'", "'betavae'", "unknown model 'betavae'.*'beta_vae'"),
        ("'beta'", "'gamma'", "no option 'gamma'"),
        ("Study.seeds = 2", "import\\\n os\nStudy.seeds = 2", "plain settings only, no import"),
        ("Study.seeds = 2", "Study.seeds = @Study()", "plain settings only, no @"),
        ("[1, 2.5]", "[1, 1.0]", "in a list twice"),
        ("[1, 2.5]", "[-1]", "'beta' of 'beta_vae' must be at least 0"),
        ("['mig']", "[3]", r"metrics\[0\] must be text .*, not 3"),
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


HOSTILE = """
laptop/Study.datasets = ['it\\'s']
import this
laptop/Study.views = {'a': {}}
"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (HOSTILE, "plain settings only, no import .line 10"),
        (
            "Study.options = {'net': 'it\\'s'}\nfrom os import path",
            "plain settings only, no import",
        ),
        ('Study.options = {\'net\': """\'"""}\ninclude \'other.gin\'', "settings only, no include"),
        ("Study.options = {'net': '\\\\'}; import this", "Expected newline"),
        ("Study.chunk = [3, {'a': @Study()}]", "plain settings only, no @"),
        ("Study.chunk = %steps", "plain settings only, no %"),
        ("steps = 3", "nothing called steps to set"),
        ("gin.singleton.constructor = 3", "nothing called gin.singleton.constructor"),
        ("Study.name = 'other'", "nothing called Study.name to set"),
        ("laptop/smoke/Study.steps = 3", "unknown scale 'laptop/smoke'"),
        ("Study.chunk = " + "[" * 5_000, "a study file holds lines as Study.seeds = 5"),
        ("Study.chunk = {[1]: 2}", "a study file holds lines as Study.seeds = 5"),
        ("Study.chunk = 1" + "0" * 5_000, "a study file holds lines as Study.seeds = 5"),
        ("Study.chunk = (1", "a study file holds lines as Study.seeds = 5"),
        ("Study.chunk = 1\0", "a study file holds lines as Study.seeds = 5"),
    ],
)
def test_a_study_file_binds_fields_to_literals_and_does_nothing_else(write, capsys, line, said):
    with pytest.raises(InputError, match=said) as caught:
        study.load(write(GOOD + line + "\n"), "laptop")
    assert "\n" not in str(caught.value)
    assert not capsys.readouterr().out and "this" not in sys.modules


def test_what_is_wrong_names_the_study_file(write):
    path = write(GOOD + "Study.options = {'latents': 3.0}\n")
    with pytest.raises(
        InputError, match="gin: option 'latents' of 'beta_vae' must be int"
    ) as error:
        study.load(path, "smoke")
    assert str(error.value).startswith(path)


def test_a_study_may_be_written_as_a_block(write):
    path = write(GOOD + "laptop/Study:\n  steps = 30\n  # the lines of a log\n  chunk = 15\n")
    laptop, smoke = (study.load(path, scale) for scale in ("laptop", "smoke"))
    assert (laptop.steps, laptop.chunk) == (30, 15) and (smoke.steps, smoke.chunk) == (10, 1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Study.datasets = [['a']]", r"datasets\[0\] must be text .*, not \['a'\]"),
        ("Study.datasets = [3]", r"datasets\[0\] must be text .*, not 3"),
        ("Study.datasets = ['a\\0.npz']", r"datasets\[0\] must be text .*, not 'a.x00.npz'"),
        ("Study.datasets = ['\\ud800.npz']", r"datasets\[0\] must be text"),
        (f"Study.datasets = ['{'n' * 300}.npz']", r"datasets\[0\] must be text"),
        ("Study.datasets = [{'of': 'dsprites'}]", r"datasets\[0\] must be text"),
        ("Study.metrics = [['mig']]", r"metrics\[0\] must be text .*, not \['mig'\]"),
        ("Study.sweep = {3: {'beta': [1]}}", "unknown model 3"),
        ("Study.sweep = {'beta_vae': {3: [1]}}", "'beta_vae' has no option 3"),
        ("Study.sweep = {'beta_vae': {'beta': [[1]]}}", r"'beta' of .* must be float, not \[1\]"),
        (
            "Study.sweep = {'beta_vae': {'beta': {'a': 1}}}",
            "must be one hyperparameter with a list",
        ),
        ("Study.options = {'latents': [4]}", r"'latents' of 'beta_vae' must be int, not \[4\]"),
        ("Study.options = {'net': 3}", "'net' of 'beta_vae' must be str, not 3"),
        ("Study.options = {3: 4}", "no model of this study has an option 3"),
        ("Study.model_options = {'beta_vae': [1]}", r"model_options\['beta_vae'\] must be a dict"),
        ("Study.during = {'mig': [[10]]}", r"during\['mig'\]\[0\] must be a whole number"),
        ("Study.during = {'mig': [10.0]}", r"during\['mig'\]\[0\] must be a whole number"),
        ("Study.during = {'mig': 10}", r"during\['mig'\] must be a list, not 10"),
        ("Study.during = {3: [10]}", "during must be a dict"),
        ("Study.seeds = 2.0", "seeds must be a whole number, not 2.0"),
        ("Study.seeds = True", "seeds must be a whole number, not True"),
        ("Study.views = {1: {'of': 'dsprites'}}", "views must be a dict"),
        ("Study.views = {'v': {'of': ['dsprites']}}", "must be a dict with its data set"),
        ("Study.views = {'v': {'of': 'a\\0.npz'}}", "its name must be text"),
        ("Study.views = {'v': {'of': 'dsprites', 3: 4}}", "unknown part of a view 3"),
        ("PART = ['a', 0]", r"part\[0\] must be a number, not 'a'"),
        ("PART = [0.5, 'a']", r"part\[1\] must be a whole number from 0 to .*, not 'a'"),
        ("PART = [0.5, 1.5]", r"part\[1\] must be a whole number"),
        ("PART = [0.5, -1]", r"part\[1\] must be a whole number"),
        ("PART = [0.5, 1" + "0" * 30 + "]", r"part\[1\] must be a whole number"),
        ("PART = 'ab'", "part of a view must be a list, not 'ab'"),
        ("PART = []", r"part must be \[fraction, seed\], not \[\]"),
        ("JOINT = [[1, 0], [0]]", "must be a table, its rows of one length"),
        ("JOINT = [1, 0]", r"joint\['posX,posY'\]\[0\] must be a list, not 1"),
        ("JOINT = [['a']]", r"joint\['posX,posY'\]\[0\]\[0\] must be a number, not 'a'"),
        ("JOINT = []", "must be a table, its rows of one length"),
        ("JOINT = {'a': 1}", "must be the name of a joint, a number above 0, or a table"),
        ("JOINT = 1e400", "sigma of a Gaussian band must be above 0 and finite, not inf"),
        ("JOINT = -1", "sigma of a Gaussian band must be above 0 and finite, not -1"),
        ("JOINT = 'E'", "unknown joint of Chen et al. 'E'"),
        ("WITHOUT = [{'shape': 'heart'}]", r"without\[0\]\['shape'\] must be an index or a list"),
        ("WITHOUT = [{'shape': [0.5]}]", r"without\[0\]\['shape'\]\[0\] must be a whole number"),
        ("Study.chunk = 5\nStudy.during = {'mig_histogram': [5, 5]}", "has a step twice"),
        ("WITHOUT = [{3: 1}]", r"without\[0\] must be a dict of factors and indices"),
    ],
)
def test_what_a_field_holds(write, line, said):
    view = "Study.views = {'v': {'of': 'dsprites_tiny', "
    line = line.replace("PART = ", view + "'part': ").replace("WITHOUT = ", view + "'without': ")
    line = line.replace("JOINT = ", view + "'joint': {'posX,posY': ")
    line += "}" * (line.count("{") - line.count("}"))
    with pytest.raises(InputError, match=f"(?s){said}") as caught:
        study.load(write(GOOD + line + "\n"), "laptop")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Study.seeds = 1000000000", "seeds must be .* from 1 to 100,000, not 1000000000"),
        ("Study.seeds = 1" + "0" * 30, "seeds must be a whole number from 1 to 100,000"),
        ("Study.seeds = 0x" + "f" * 5_000, "seeds is far too large"),
        ("Study.seeds = 100000", "these are 200,000 runs, and a study has 100,000 at most"),
        ("Study.steps = 1" + "0" * 18, "steps must be a whole number from 1 to 100,000,000"),
        ("Study.seeds = 40000\nStudy.steps = 100000000", "would take more than a year"),
        ("Study.batch_size = 1" + "0" * 12, "batch_size must be a whole number"),
        ("Study.chunk = 1" + "0" * 12, "chunk must be a whole number"),
        ("Study.options = {'latents': 1" + "0" * 12 + "}", "'latents' .* at most 100,000"),
        (
            "Study.sweep = {'factor_vae': {}}\nStudy.options = {'discriminator_layers': 1000}",
            "'discriminator_layers' of 'factor_vae' must be at most 100, not 1000",
        ),
        ("Study.sweep = {'beta_vae': {'beta': [1" + "0" * 400 + "]}}", "'beta' .* must be at most"),
        ("Study.sweep = {'beta_vae': {'beta': [1e39]}}", "'beta' .* must be at most 3.4e"),
    ],
)
def test_numbers_beyond_all_bounds(write, line, said):
    with pytest.raises(InputError, match=said) as caught:
        study.load(write(GOOD + line + "\n"), "laptop")
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Study.options = {'learning_rate': 0}", "learning_rate of 'beta_vae' is 0"),
        ("Study.sweep = {'beta_vae': {'learning_rate': [1e-4, 0]}}", "learning_rate .* is 0"),
        (
            "Study.model_options = {'beta_vae': {'beta': 4}}",
            r"model_options\['beta_vae'\] sets 'beta', which sweep varies",
        ),
        (
            "Study.options = {'net': 'small', 'latents': 3, 'beta': 2}",
            "options sets 'beta', which sweep varies for every model",
        ),
    ],
)
def test_settings_that_would_do_nothing(write, line, said):
    with pytest.raises(InputError, match=said):
        study.load(write(GOOD + line + "\n"), "laptop")


def test_names_that_no_folder_can_have(write):
    views = f"Study.views = {{'{'v' * 250}': {{'of': 'dsprites_tiny'}}}}\n"
    text = GOOD + views + f"Study.datasets = ['{'v' * 250}']\n"
    with pytest.raises(InputError, match="too long for a folder: shorten it"):
        study.load(write(text), "laptop")


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


@pytest.mark.slow
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


def test_a_file_without_scales_is_of_a_scale_of_its_own(write, tmp_path):
    path = write(GOOD.replace("paper/Study.steps = 20", ""))
    assert find.default_scale(path) == OWN and study.load(path, OWN).scale == OWN
    assert study.runs(study.load(path, OWN))[0].name.startswith("own/")
    (tmp_path / "mine" / "laptop").mkdir(parents=True)  # begun by an earlier version
    assert find.default_scale(path, tmp_path) == "laptop"
    (tmp_path / "mine" / OWN).mkdir()
    assert find.default_scale(path, tmp_path) == OWN
    path = write(GOOD)
    assert find.default_scale(path) == "laptop"
    with pytest.raises(InputError, match="has scales of its own: choose one .smoke, quick, laptop"):
        study.load(path, OWN)
    with pytest.raises(InputError, match="unknown scale 'own'"):
        study.load(write(GOOD + "own/Study.steps = 3\n"), "laptop")
