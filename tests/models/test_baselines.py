"""Models that are not trained, or on factors: each against what it claims to be."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from dbench import files, study
from dbench.base import Sampler
from dbench.codes.encode import encode
from dbench.data import DATASETS, views, xy_blobs
from dbench.data.grid import grid, standardised
from dbench.errors import InputError
from dbench.metrics import METRICS
from dbench.models import MODELS
from dbench.models.linear import sample
from dbench.scoring import evaluate
from dbench.study import runner, sets
from dbench.tables import results
from dbench.training import checkpoint, devices, programs
from dbench.training import steps as train
from tests.rounding import chain, rounding

from .conftest import KEY

BLOBS = xy_blobs.load()


def noise(images):
    """A data set of the given images [n, h, w, c], whose one factor is their number."""
    values, shape = (np.arange(float(len(images))),), images.shape[1:]
    factors = np.arange(len(images))[:, None]
    return BLOBS._replace(
        shape=shape, arrays=images, gather=lambda x, rows: x[rows], factors=factors, values=values,
        names=("row",),
    )  # fmt: skip


def codes(name, dataset=BLOBS, seed=0, **options):
    """The model's codes of all images, and its params."""
    program = programs.program(dataset, name, options)
    params = program.build().fit(dataset, jax.random.key(seed))
    template = programs.template(program).params
    assert jax.tree.map(jnp.shape, params) == jax.tree.map(jnp.shape, template)
    (table,) = encode(dataset, program, [{}], [params], devices.mesh())
    return table, params


def pixels(dataset):
    return np.asarray(dataset.gather(dataset.arrays, np.arange(dataset.size))).reshape(
        dataset.size, -1
    )


@pytest.mark.slow
def test_raw_pixels_are_the_pixels():
    table, _ = codes("raw_pixels")
    assert (table.mean == pixels(BLOBS)).all() and table.logvar is None


@pytest.mark.slow
@pytest.mark.parametrize("side", [4, 32])  # all components, or the first by random projection
def test_principal_components_are_those_of_the_covariance(side):
    rng = np.random.default_rng(0)
    strong = rng.normal(size=(600, 5)) * [16, 8, 4, 2, 1] @ rng.normal(size=(5, side * side))
    images = 0.5 + 0.001 * (strong + 0.1 * rng.normal(size=strong.shape))
    data = noise(images.reshape(-1, side, side, 1).astype(np.float32))
    table, params = codes("pca", data, latents=5)
    centred = pixels(data) - pixels(data).mean(axis=0)
    _, spread, directions = np.linalg.svd(centred, full_matrices=False)
    expected = centred @ directions[:5].T / spread[:5] * np.sqrt(len(centred) - 1)
    sign = np.sign((expected * table.mean).sum(axis=0))
    # A pixel's mean is a sum over images; a code is the weaker by its spread in the images. Times
    # 4: both sides round, and pixels are added with either sign.
    near = 4 * rounding(len(images)) * float(pixels(data).max())
    off = np.abs(table.mean * sign - expected).max(axis=0)
    assert (off < near * np.sqrt(len(centred) - 1) / spread[:5]).all(), off
    decoded = MODELS["pca"](data.shape, latents=5).decode(params, table.mean)
    best = pixels(data).mean(axis=0) + centred @ directions[:5].T @ directions[:5]
    best = np.clip(best, 0, 1)
    assert np.asarray(decoded).reshape(len(best), -1) == pytest.approx(best, abs=near)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pca", "ica"])
def test_components_are_the_same_bits_whatever_the_threads_of_blas(name):
    images = np.random.default_rng(0).uniform(size=(600, 24, 24, 1)).astype(np.float32)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # independent components of noise do not converge
            found.append(codes(name, noise(images), latents=3)[1])
    for part in found[0]:
        np.testing.assert_array_equal(found[0][part], found[1][part])


@pytest.mark.slow
def test_independent_components_find_mixed_sources_where_principal_ones_do_not():
    """The principal ones are the sum and the difference: each correlates by the root of 1/2."""
    rng = np.random.default_rng(0)
    sources = rng.uniform(-1, 1, (4000, 2))
    sum_and_difference = sources @ [[1, 1], [1, -1]] * [2, 1]
    mixed = 0.5 + 0.1 * sum_and_difference @ np.linalg.qr(rng.normal(size=(16, 2)))[0].T
    data = noise(mixed.reshape(-1, 4, 4, 1).astype(np.float32))
    found = {}
    for name in ("ica", "pca"):
        table, _ = codes(name, data, latents=2)
        correlations = np.abs(np.corrcoef(table.mean.T, sources.T)[:2, 2:])
        found[name] = correlations.max(axis=0).min()
        # One divides by the rows, the other by one less.
        assert table.mean.std(axis=0) == pytest.approx(np.ones(2), abs=1 / 4000)
    # Over 8 seeds: ica 0.9999, sd 0.0001; pca 0.713, sd 0.005.
    assert found["ica"] > 0.99 and found["pca"] < np.sqrt(1 / 2) + 4 / np.sqrt(4000)


@pytest.mark.slow
def test_they_are_fitted_to_the_rows_that_training_draws():
    kept = views.view(BLOBS, {"without": [{"size": [1, 2]}]})
    drawn = sample(kept, 200, KEY)
    assert {row.tobytes() for row in drawn} <= {row.tobytes() for row in pixels(BLOBS)[:256]}
    distinct = sample(BLOBS, 500, KEY)
    assert len({row.tobytes() for row in distinct}) == 500
    assert len(sample(BLOBS, 10**6, KEY)) == 768


@pytest.mark.slow
def test_random_codes_are_normal_and_know_nothing():
    (table, _), (again, _), (other, _) = (codes("random_codes", seed=s) for s in (0, 0, 1))
    assert (table.mean == again.mean).all() and (table.mean != other.mean).all()
    error = 1 / np.sqrt(768)  # of a mean; that of a variance is the root of 2 times as large
    assert table.mean.mean(axis=0) == pytest.approx(np.zeros(10), abs=4 * error)
    assert np.cov(table.mean.T) == pytest.approx(np.eye(10), abs=4 * np.sqrt(2) * error)
    assert len(np.unique(table.mean[:, 0])) == 768


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*:dbench.metrics.ScoreWarning")  # few rows
def test_ground_truth_is_scored_as_perfect():
    """Over 8 keys four scores are 1, and mig_histogram 0.997 (sd 0.0004)."""
    table, _ = codes("ground_truth")
    assert (table.mean == standardised(BLOBS)).all()
    few = {"dci_disentanglement": {"train": 2000, "test": 1000}}  # of 768 different rows
    for name in ("higgins", "factor_vae", "mig_histogram", "modularity", "dci_disentanglement"):
        assert float(METRICS[name](table, KEY, **few.get(name, {}))) > 0.97, name


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*:dbench.metrics.ScoreWarning")  # few rows
def test_a_factor_left_out_is_missed_by_the_factor_vae_score_and_not_by_higgins():
    """Kim and Mnih 2018, section 4; of BLOBS' factors one is left out.

    The FactorVAE score is then 0.667, a mean over 8 keys (sd 0.007).
    """
    table, _ = codes("ground_truth", without=1)
    assert (table.mean == np.delete(standardised(BLOBS), 1, axis=1)).all()
    k = table.mean.shape[1]
    assert float(METRICS["higgins"](table, KEY)) > 0.97
    assert float(METRICS["factor_vae"](table, KEY)) < (k + 0.5) / (k + 1)


def test_a_factor_that_is_not_there_cannot_be_left_out():
    with pytest.raises(InputError, match="without factor 9: factors count from 0, .* has 3"):
        codes("ground_truth", without=9)


def test_standardised_factors():
    data = BLOBS._replace(factors=np.c_[grid((4, 5)), np.full(20, 3)])
    values, exact = standardised(data), 2 * rounding(20)  # means of 20 values of at most 2
    assert values.mean(axis=0) == pytest.approx(np.zeros(3), abs=exact)
    assert values.std(axis=0) == pytest.approx([1, 1, 0], abs=exact)
    assert np.corrcoef(values[:, 0], data.factors[:, 0])[0, 1] == pytest.approx(1)


@pytest.mark.slow
def test_the_untrained_vae_is_a_vae_at_its_start():
    options = {"net": "mlp", "latents": 3}
    table, params = codes("untrained_vae", **options)
    vae = MODELS["beta_vae"](BLOBS.shape, **options)
    start = jax.jit(vae.init)(jax.random.key(0)).params
    assert jax.tree.all(jax.tree.map(lambda a, b: bool((a == b).all()), params, start))
    assert table.logvar.shape == (768, 3)


def supervised(steps, **options):
    data, mesh = BLOBS, devices.mesh(1)
    options = {"net": "mlp", "latents": 4, "learning_rate": 1e-3} | options
    cohort = train.cohort(data, "supervised", [options], [0], mesh)
    states, logs = train.advance(cohort, train.start(cohort), steps)
    params = jax.tree.map(lambda leaf: np.asarray(leaf[0]), states.params)
    (table,) = encode(data, cohort.program, [{"learning_rate": 0.0}], [params], mesh)
    return table, logs


@pytest.mark.slow
def test_the_supervised_encoder_learns_its_factors_and_nothing_else():
    """To an error of 0.0002, a mean over 8 seeds (sd 0.0001); one who knows nothing has 1."""
    table, _ = supervised(400)
    targets = np.c_[standardised(BLOBS), np.zeros(768)]
    assert ((table.mean - targets) ** 2).mean(axis=0).max() < 0.01
    assert table.logvar is None


@pytest.mark.slow
def test_the_supervised_loss_is_the_squared_error_of_its_batch():
    model, rows = MODELS["supervised"](BLOBS.shape, net="mlp", latents=4), np.array([3, 500])
    state = devices.once(model.init)(KEY)
    images = BLOBS.gather(BLOBS.arrays, rows)
    given = Sampler(768, 2, lambda _: rows, lambda _: images, jnp.asarray(model.extra(BLOBS)))
    _, logs = jax.jit(lambda state, key: model.update(state, given, key))(state, KEY)
    mean = np.asarray(model.encode(state.params, images)[0])
    targets = np.c_[standardised(BLOBS)[rows], np.zeros(2)]
    # Three layers of 1,024 pixels and 400 units; both sides round, products of both signs cancel.
    near = 4 * chain(32 * 32, 400, 400)
    assert float(logs["loss"]) == pytest.approx(
        ((mean - targets) ** 2).sum() / 2, abs=near * (mean**2 + targets**2).sum()
    )


@pytest.mark.parametrize(
    "name, options, said",
    [
        ("pca", {"latents": 1025}, "1025 components are more than the 1024 pixels"),
        ("pca", {"latents": 30, "samples": 20}, "more than the 20 images it is fitted to"),
        ("ica", {"latents": 1025}, "1025 components are more than the 1024 pixels"),
    ],
)
def test_too_many_components_are_refused(name, options, said):
    with pytest.raises(InputError, match=said):
        codes(name, **options)


@pytest.mark.parametrize(
    ("name", "options"), [("ground_truth", {}), ("supervised", {"net": "mlp"})]
)
def test_what_needs_factors_says_so(name, options):
    none = BLOBS._replace(names=(), values=(), factors=np.zeros((768, 0), int))
    model = programs.program(none, name, options).build()
    with pytest.raises(InputError, match=f"{name} needs factors, and xy_blobs has none"):
        (model.fit or model.extra)(*([none, KEY] if model.fit else [none]))


def test_fewer_latents_than_factors_are_refused():
    with pytest.raises(InputError, match="2 latents for 3 factors of xy_blobs: raise latents"):
        MODELS["supervised"](BLOBS.shape, net="mlp", latents=2).extra(BLOBS)


TEXT = """
Study.datasets = ['xy_blobs']
Study.sweep = {'raw_pixels': {}, 'ground_truth': {}, 'beta_vae': {'beta': [1]}}
Study.metrics = ['mig_histogram', 'udr_spearman']
Study.seeds = 1
Study.steps = 20
Study.options = {'net': 'small', 'latents': 4}
"""


def load(folder, text):
    path = folder / "baselines.gin"
    path.write_text(text)
    return study.load(str(path), "smoke")


def few_pixels(_source):
    """Every fourth row and column: 64 raw pixels are scored sooner than 1024."""
    return BLOBS._replace(
        shape=(8, 8, 1), gather=lambda arrays, rows: BLOBS.gather(arrays, rows)[:, ::4, ::4]
    )


@pytest.mark.slow
def test_a_study_holds_them_against_a_vae(tmp_path, monkeypatch):
    monkeypatch.setitem(DATASETS, "xy_blobs", few_pixels)
    monkeypatch.setattr(evaluate, "TABLE", 4 * 64 * 200)  # raw pixels of 200 images
    assert runner.run_study(load(tmp_path, TEXT), tmp_path) == {}
    frame = results.load(tmp_path / "baselines").set_index("model")
    assert list(frame.index) == ["raw_pixels", "ground_truth", "beta_vae"]
    assert frame.loc["ground_truth", "score"] > 0.97 > frame.loc["raw_pixels", "score"]
    assert frame["value"].isna().tolist() == [True, True, False]
    assert frame["hyperparameter"].tolist() == ["", "", "beta"]
    assert "smoke xy_blobs ground_truth " in results.text(results.load(tmp_path / "baselines"))
    for name, rows in (("raw_pixels", 200), ("ground_truth", 768)):
        folder = tmp_path / "baselines" / "smoke" / "xy_blobs" / name / "seed=0"
        assert files.read_json(folder / "scores.json")["rows"] == rows
        table, config, _ = evaluate.read_checkpoint(folder, devices.mesh())
        assert len(table.mean) == rows
        score = evaluate.scores(table, ["mig_histogram"], config["seed"])["mig_histogram"]
        assert float(score) == frame.loc[name, "score"]
        assert not checkpoint.paths(folder)[2].exists()  # nothing to resume
        kept = np.load(folder / "udr.npz", allow_pickle=False)["factors"]  # the same for all
        assert (kept == BLOBS.factors[sets.rows(768)]).all()
    assert runner.run_study(load(tmp_path, TEXT), tmp_path) == {}


@pytest.mark.parametrize(
    "metric, said",
    [
        ("mig", "raw_pixels on xy_blobs: mig needs logvar"),
        ("reconstruction", r"raw_pixels on xy_blobs: reconstruction needs p\(x given z\)"),
    ],
)
def test_scores_that_they_cannot_have_are_refused_before_anything_is_written(
    tmp_path, metric, said
):
    bad = load(tmp_path, TEXT.replace("mig_histogram", metric))
    with pytest.raises(InputError, match=said):
        runner.run_study(bad, tmp_path / "results")
    assert not (tmp_path / "results").exists()
