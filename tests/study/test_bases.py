"""Runs that build on others: these must be there, whole and unchanged, and then are not needed."""

import shutil

import jax
import numpy as np
import pytest

from dbench import study
from dbench.data import DATASETS
from dbench.errors import InputError
from dbench.models import defaults, standing
from dbench.scoring import evaluate
from dbench.study import run_study
from dbench.training import checkpoint, devices, programs
from tests.data.concepts.words import pictured

WORDS = pictured()
BASE = {"net": "small", "latents": 3, "learning_rate": 1e-3}
SIGHT = """
Study.datasets = ['words']
Study.sweep = {'beta_vae': {'beta': [1, 4]}}
Study.metrics = ['kl']
Study.options = {'net': 'small', 'latents': 3}
Study.seeds = 2
smoke/Study.steps = 10
"""
SCAN = """
Study.datasets = ['words']
Study.sweep = {'scan': {'base_beta': [1, 4]}}
Study.metrics = ['kl']
Study.options = {'concepts': 20, 'images': 2, 'instructions': 4, 'symbol_steps': 4, 'units': 8,
                 'operator_units': 8}
Study.seeds = 2
smoke/Study.steps = 8
smoke/Study.builds_on = {'scan': 'sight/smoke/words/beta_vae'}
"""


@pytest.fixture(autouse=True)
def words(monkeypatch):
    monkeypatch.setitem(DATASETS, "words", lambda _: WORDS)


@pytest.fixture
def write(tmp_path):
    """Writes the studies sight and mine; text of `mine` -> mine, loaded."""
    (tmp_path / "sight.gin").write_text(SIGHT)

    def write(text=SCAN):
        (tmp_path / "mine.gin").write_text(text)
        return study.load(str(tmp_path / "mine.gin"), "smoke")

    return write


def trained(folder, model="beta_vae", options=None, dataset="words", seed=0):
    """A run's folder with parameters as they are drawn."""
    options = defaults(model) | (options or BASE)
    program = programs.program(WORDS, model, options)
    config = {"dataset": dataset, "model": model, "options": options, "seed": seed}
    checkpoint.write_config(folder, config | {"steps": 10, "batch_size": 64})
    shapes, rng = programs.template(program).params, np.random.default_rng(seed)
    params = jax.tree.map(lambda leaf: rng.normal(size=leaf.shape).astype(np.float32) / 9, shapes)
    checkpoint.write_parameters(folder, params)
    return params


@pytest.fixture
def made(tmp_path):
    """The four runs of sight, by (beta, seed), and the folder of results."""
    found = {}
    for beta in (1, 4):
        for seed in (0, 1):
            place = tmp_path / "results/sight/smoke/words/beta_vae" / f"beta={beta}/seed={seed}"
            found[beta, seed] = trained(place, seed=10 * beta + seed)
    return tmp_path / "results", found


def same(one, two):
    return jax.tree.all(jax.tree.map(lambda a, b: bool((np.asarray(a) == b).all()), one, two))


@pytest.mark.slow
def test_a_run_has_a_copy_of_its_base_and_needs_it_no_more(write, made):
    results, bases = made
    mine = write()
    assert run_study(mine, results) == {}
    sight = results / "sight"
    hashes = {
        (beta, seed): checkpoint.sha256(sight / f"smoke/words/beta_vae/beta={beta}/seed={seed}")
        for beta, seed in bases
    }
    shutil.rmtree(sight)
    for run in study.runs(mine):
        folder = results / "mine" / run.name
        config = checkpoint.read_config(folder)
        assert (
            config["builds_on"] == f"sight/smoke/words/beta_vae/beta={run.value:g}/seed={run.seed}"
        )
        assert config["base_sha256"] == hashes[run.value, run.seed]
        _, _, params = evaluate.rebuilt(folder, config, WORDS)
        assert same(params["base"], bases[run.value, run.seed])
    (table,) = evaluate.tables_of([folder], [config], WORDS, devices.mesh())
    program = programs.program(WORDS, "beta_vae", defaults("beta_vae") | BASE)
    mean, _ = program.build().encode(bases[4, 1], WORDS.arrays)
    np.testing.assert_allclose(table.mean, mean, atol=1e-5)
    assert run_study(mine, results) == {}  # nothing is left to do


def refused(mine, results, said):
    before = sorted(results.rglob("*"))
    with pytest.raises(InputError, match=said) as error:
        run_study(mine, results)
    assert "\n" not in str(error.value) and sorted(results.rglob("*")) == before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("'base_beta': [1, 4]", "'base_beta': [1, 'x']", "base_beta cannot be swept over 'x'"),
        ("'base_beta': [1, 4]", "'base_beta': [[1]]", "base_beta cannot be swept over .1."),
        ("'base_beta': [1, 4]", "'base_beta': 4", "must be one hyperparameter with a list"),
        ("{'base_beta': [1, 4]}", "4", "must be one hyperparameter with a list"),
        ("'base_beta': [1, 4]", "3: [1]", "'scan' has no option 3"),
        ("'base_beta': [1, 4]", "'base_beta': [7]", "sight has no run .*beta=7"),
        ("Study.seeds = 2", "Study.seeds = 'two'", "seeds must be a whole number, not 'two'"),
        ("'sight/smoke/words/beta_vae'", "3", "must be text"),
    ],
)
def test_what_cannot_be_looked_up_is_one_sentence(write, old, new, said):
    assert old in SCAN
    with pytest.raises(InputError, match=said):
        write(SCAN.replace(old, new))


@pytest.mark.slow
def test_a_base_that_is_not_finished_is_named_with_its_command(write, made):
    results, _ = made
    (results / "sight/smoke/words/beta_vae/beta=4/seed=1/parameters.safetensors").unlink()
    said = "beta=4/seed=1, which is not finished: first run `dbench study sight --scale smoke`"
    refused(write(), results, said)
    shutil.rmtree(results / "sight")
    refused(write(), results, "not finished: first run `dbench study sight --scale smoke`")


@pytest.mark.slow
def test_a_base_of_other_images_is_refused(write, made):
    results, _ = made
    place = results / "sight/smoke/words/beta_vae/beta=1/seed=0"
    trained(place, dataset="xy_blobs")
    refused(write(), results, "is of xy_blobs and not of words: name a run of the same data set")
    trained(place)
    config = checkpoint.read_config(place)
    checkpoint.write_config(place, config, "0" * 64)
    refused(write(), results, "is of other images or factors than words has now")
    shape = programs.program(WORDS._replace(shape=(32, 32, 1)), "beta_vae", BASE)
    checkpoint.write_config(place, {k: v for k, v in config.items() if k != "data_sha256"})
    zeros = jax.tree.map(lambda x: np.zeros(x.shape, x.dtype), programs.template(shape).params)
    checkpoint.write_parameters(place, zeros)
    refused(write(), results, "does not fit its config.json: params/.* should be float32")


@pytest.mark.slow
def test_a_base_that_has_changed_is_refused(write, made):
    results, bases = made
    place = results / "sight/smoke/words/beta_vae/beta=4/seed=0"
    mine = write()
    (run,) = [r for r in study.runs(mine) if r.builds_on == str(place.relative_to(results))]
    own = results / "mine" / run.name
    checkpoint.write_config(own, run.config, None, checkpoint.sha256(place))
    params = bases[4, 0]
    first = jax.tree.leaves(params)[0]
    first[(0,) * first.ndim] += 1
    checkpoint.write_parameters(place, params)
    refused(mine, results, "which has changed since .another sha256.: bring the old one back")


@pytest.mark.slow
def test_the_folder_of_any_vae_may_be_named(write, tmp_path):
    params = trained(tmp_path / "elsewhere", "dip_vae_i")
    text = SCAN.replace("'sight/smoke/words/beta_vae'", f"'{tmp_path}/elsewhere'")
    mine = write(text.replace("'base_beta': [1, 4]", ""))
    runs = study.runs(mine)
    assert {run.builds_on for run in runs} == {str((tmp_path / "elsewhere").resolve())}
    assert [run.name for run in runs] == ["smoke/words/scan/seed=0", "smoke/words/scan/seed=1"]
    kind, options = standing.read(runs[0].options["base"])
    assert kind == "dip_vae_i" and options == {"latents": 3, "net": "small"}
    base = standing.base(runs[0].options["base"], WORDS.shape, "scan")
    shapes = jax.tree.map(lambda leaf: leaf.shape, params)
    assert jax.tree.map(lambda leaf: leaf.shape, base.params) == shapes and base.latents == 3


BUILDS = "smoke/Study.builds_on = {'scan': 'sight/smoke/words/beta_vae'}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (BUILDS, "", "scan stands on the run of another model: name it in builds_on"),
        ("words/beta_vae", "words/factor_vae", "the study sight has no run smoke/words/factor_vae"),
        (
            "words/beta_vae'",
            "words/beta_vae/beta=4'",
            "has no run smoke/words/beta_vae/beta=4/beta=1/seed=0",
        ),
        ("seeds = 2", "seeds = 3", "has no run smoke/words/beta_vae/beta=1/seed=2, it has"),
        ("[1, 4]", "[1, 5]", "has no run smoke/words/beta_vae/beta=5/seed=0"),
        ("[1, 4]", "[1, True]", "base_beta cannot be swept over True"),
        ("'sight/smoke/words/beta_vae'", "3", "it must be text, as"),
        ("'sight/smoke/words/beta_vae'", "'nowhere'", "there is no run nowhere: name one as"),
        ("'sight/", "'sihgt/", "unknown study 'sihgt'"),
        ("'sight/", "'mine/", "builds on itself"),
        ("{'scan': 'sight", "{'beta_vae': 'sight", "it is no model of this study that stands on"),
        (BUILDS, "smoke/Study.builds_on = 3", "builds_on must be a dict, not 3"),
        ("'symbol_steps': 4", "'symbol_steps': 8", "scan would train its symbols alone"),
    ],
)
def test_mistakes_in_a_study_get_a_sentence(write, old, new, said):
    assert old in SCAN
    with pytest.raises(InputError, match=said) as error:
        write(SCAN.replace(old, new))
    assert "\n" not in str(error.value) and "mine.gin" in str(error.value)


CURRICULUM = """
Study.datasets = ['words']
Study.sweep = {'scan_curriculum': {}}
Study.metrics = ['kl']
Study.options = {'set_steps': 7}
Study.seeds = 1
smoke/Study.steps = 8
smoke/Study.builds_on = {'scan_curriculum': 'sight/smoke/words/beta_vae/beta=1'}
"""


def test_a_curriculum_that_never_leaves_its_first_set_is_refused(write):
    assert study.runs(write(CURRICULUM))
    with pytest.raises(InputError, match="scan_curriculum would train its first set alone"):
        write(CURRICULUM.replace("'set_steps': 7", "'set_steps': 8"))


@pytest.mark.slow
def test_a_model_that_is_no_vae_is_no_base(tmp_path):
    for kind in ("pca", "ground_truth", "infogan"):
        options = {"latents": 2} if kind == "pca" else {}
        text = standing.written(kind, defaults(kind) | options)
        with pytest.raises(InputError, match=f"scan stands on a VAE, .* and {kind} is none"):
            standing.base(text, (32, 32, 1), "scan")
    with pytest.raises(InputError, match="which no study has written"):
        standing.base("beta_vae", (16, 16, 1), "scan")
