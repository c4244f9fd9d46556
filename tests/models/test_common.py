"""Properties that hold for every model, over the MODELS table; most of them for the VAEs."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Sampler
from dbench.data import DATASETS
from dbench.errors import InputError
from dbench.models import MODELS, defaults, parameters, split
from dbench.models.options import choices, least_of, positive
from dbench.models.scan_curriculum import FREE
from dbench.training import checkpoint
from tests.rounding import rounding

from .conftest import SMALL, initial, quick, same

SHAPE = (16, 16, 1)
SIZE = 50  # images that the data set is said to have
SHARED = SMALL | {"learning_rate": 3e-3}

# One row a VAE: options of a quick instance.
QUICK = {
    "annealed_vae": {"c_max": 5.0, "gamma": 2.0, "anneal_steps": 10},
    "beta_tcvae": {"beta": 2.0, "estimator": "stratified"},
    "beta_vae": {"beta": 2.0},
    "beta_vae_dae": {"beta": 0.1, "dae_steps": 30},
    "dip_vae_i": {"lambda_od": 1.0},
    "dip_vae_ii": {"lambda_od": 1.0},
    "factor_vae": {"gamma": 2.0, "discriminator_units": 16, "discriminator_layers": 2},
    "full_covariance_vae": {"beta": 2.0},
    "hfs": {"beta": 1.0, "gamma": 2.0, "pairs": 2, "combinations": 20},
}
# Steps at which a stage of training begins, where there is more than one. A stage may leave
# parameters alone: that all change, and that the loss falls, is asked of the stages together.
STAGES = {"beta_vae_dae": (0, 30)}
# The networks that the loss of each stage is a function of, where they are not all.
TRAINED = {"beta_vae_dae": ("dae", "vae"), "factor_vae": ("vae",)}
LAST = ("mean/kernel", "logvar/kernel", "pixels/kernel")
# Strengths at which each term of a penalty has a share in the gradient.
STRONG = {
    "annealed_vae": {"c_max": 100.0, "gamma": 50.0},
    "beta_tcvae": {"alpha": 20.0, "beta": 40.0, "gamma": 20.0},
    "beta_vae": {"beta": 40.0},
    "beta_vae_dae": {"beta": 0.0},
    "dip_vae_i": {"lambda_od": 2000.0, "lambda_d_factor": 0.01},
    "dip_vae_ii": {"lambda_od": 2000.0, "lambda_d_factor": 0.01},
    "factor_vae": {"gamma": 1000.0},
    "full_covariance_vae": {"beta": 40.0},
    "hfs": {"beta": 20.0, "gamma": 0.0, "delta": 20.0},  # gamma's term has kinks: test_hfs.py
}

# The papers' values, or those that Locatello et al. 2019 took for them.
VAE = {"net": "conv", "latents": 10, "learning_rate": 1e-4}
FEW = {"weight": 1.0, "labels": 100, "labeller": "perfect", "regulariser": "xent"}
FEW |= {"schedule": "fixed", "anneal_steps": 100_000, "observed": "", "label_seed": 0}
DISBM = {"groups": "identity: identity; pose: azimuth, elevation, light_azimuth", "labels": 0}
DISBM |= {"units": "100, 100", "interactions": 256, "visible": "bernoulli", "sigma": 0.2}
DISBM |= {
    "begin": "mean",
    "direct": "all",
    "negative": "cd",
    "chains": 64,
    "gibbs": 1,
    "rounds": 10,
}
DISBM |= {"optimizer": "adam", "learning_rate": 3e-5, "momentum": 0.5, "clip": 1.0}
DISBM |= {"centring": 0.1, "strength": 100.0, "margin": 2.0, "sparsity": 0.02, "target": 0.5}
SCAN = {"base": "", "beta_y": 1.0, "lambda_x": 10.0, "units": 100, "learning_rate": 1e-4}
SCAN |= {"symbol_steps": 100_000, "operator_units": 1024, "operator_learning_rate": 1e-3}
SCAN |= {"concepts": 133, "images": 10, "instructions": 100, "concept_seed": 0}
CURRICULUM = {k: SCAN[k] for k in ("base", "beta_y", "lambda_x", "units", "learning_rate")}
CURRICULUM |= {"concept": "cyan wall", "set_steps": 10_000, "images": 5, "concept_seed": 0}
CURRICULUM |= {"free": FREE}
OF_PAIRS = VAE | {k: v for k, v in SCAN.items() if k not in ("base", "beta_y", "lambda_x")}
OF_PAIRS |= {"units": 512}
PAPERS = {
    "ada_gvae": VAE | {"beta": 1.0, "changes": 1, "pairs": "exact"},
    "ada_ml_vae": VAE | {"beta": 1.0, "changes": 1, "pairs": "exact"},
    "annealed_vae": VAE | {"c_max": 25.0, "gamma": 1000.0, "anneal_steps": 100_000},
    "autoencoder": VAE,
    "beta_tcvae": VAE | {"beta": 6.0, "alpha": 1.0, "gamma": 1.0, "estimator": "weighted"},
    "beta_vae": VAE | {"beta": 4.0},
    "beta_vae_dae": VAE
    | {"latents": 32, "beta": 53.0, "features": "output"}
    | {"dae_steps": 200_000, "dae_learning_rate": 1e-3},
    "capacity_generator": VAE
    | {"latents": 6, "c_min": 0.5, "c_max": 25.0, "gamma": 1000.0, "anneal_steps": 100_000},
    "dae": {"bottleneck": 100, "learning_rate": 1e-3},
    "dc_ign": {"net": "conv", "latents": 200, "learning_rate": 5e-4}
    | {"extrinsic": "azimuth,elevation,light_azimuth", "intrinsic_ratio": 10, "invariance": 0.01},
    "dip_vae_i": VAE | {"lambda_od": 10.0, "lambda_d_factor": 10.0},
    "dip_vae_ii": VAE | {"lambda_od": 10.0, "lambda_d_factor": 1.0},
    "disbm": DISBM | {"correspondence": "clamp"},
    "disbm_manifold": DISBM | {"correspondence": "manifold"},
    "disbm_unpaired": DISBM | {"correspondence": "none"},
    "factor_vae": VAE
    | {"gamma": 10.0, "discriminator_learning_rate": 1e-4, "discriminator_batch": "second"}
    | {"discriminator_units": 1000, "discriminator_layers": 6},
    "full_covariance_vae": VAE | {"beta": 1.0},
    "ground_truth": {"without": -1},
    "gvae": VAE | {"beta": 1.0, "changes": 1, "pairs": "exact"},
    "hfs": VAE | {"beta": 0.0, "gamma": 300.0, "delta": 1.0, "pairs": 25, "combinations": 100},
    "icf": {"net": "shallow", "latents": 6, "learning_rate": 5e-4, "actions": "x,y"}
    | {"form": "released", "reconstruct": "features", "units": 32}
    | {"selectivity": 1.0, "reconstruction": 0.1, "begin": "grey"},
    "infogan": {"categoricals": 1, "categories": 10, "continuous": 2, "noise": 62, "net": "mnist"}
    | {"lambda_info": 1.0, "learning_rate": 1e-3, "discriminator_learning_rate": 2e-4},
    "infowgan_gp": {"categoricals": 1, "categories": 3, "continuous": 4, "noise": 10, "net": "conv"}
    | {"lambda_info": 0.2, "learning_rate": 1e-4, "discriminator_learning_rate": 1e-4}
    | {"critic_steps": 5, "gradient_penalty": 10.0},
    "ica": {"latents": 10, "samples": 20_000},
    "jmvae": OF_PAIRS | {"alpha": 0.1},
    "ml_vae": VAE | {"beta": 1.0, "changes": 1, "pairs": "exact"},
    "pca": {"latents": 10, "samples": 20_000},
    "qlae": {"net": "conv", "latents": 10, "learning_rate": 1e-3, "levels": 10}
    | {"quantisation": 0.01, "commitment": 0.01, "decay": 0.1},
    "random_codes": {"latents": 10},
    "raw_pixels": {},
    "s2_beta_tcvae": VAE | {"beta": 6.0} | FEW,
    "s2_beta_vae": VAE | {"beta": 4.0} | FEW,
    "scan_curriculum": CURRICULUM,
    **dict.fromkeys(("scan", "scan_r", "scan_u"), SCAN),
    "slow_vae": VAE
    | {"beta": 1.0, "gamma": 10.0, "rate": 6.0, "walk_rate": 1.0}
    | {"still": "", "slowness": "published"},
    "supervised": VAE,
    "telbo": OF_PAIRS | {"alpha_y": 10.0, "gamma_y": 10.0, "experts": "product"},
    "tripod": {"net": "conv", "latents": 10, "learning_rate": 2e-4, "levels": 12}
    | {"multiinformation": 1e-4, "hessian": 1e-2, "perturbations": 2, "epsilon": 0.1},
    "untrained_vae": {"net": "conv", "latents": 10},
}


TWO_STAGES = [pytest.param(name, marks=pytest.mark.slow) for name in STAGES]  # twice to compile


@pytest.fixture(
    params=[*(name for name in QUICK if name not in STAGES), *TWO_STAGES], scope="module"
)
def name(request):
    """Of a VAE."""
    return request.param


@pytest.fixture(params=MODELS)
def every(request):
    """The name of any model."""
    return request.param


@pytest.fixture(scope="module")
def model(name):
    return MODELS[name](SHAPE, **SHARED, **QUICK[name])


@pytest.fixture(scope="module")
def images():
    data = DATASETS["dsprites_tiny"](None)
    return data.gather(data.arrays, jnp.arange(0, data.size, data.size // 8))[:, ::4, ::4]


@pytest.fixture(scope="module")
def state(model):
    return initial(model)


@pytest.fixture(scope="module")
def update(name, images):
    """state, key, **strengths -> state, logs."""
    numbers, structure = split(name, {**SHARED, **QUICK[name]})

    def step(state, key, numbers):
        model = MODELS[name](SHAPE, **dict(structure), **numbers)
        return model.update(
            state, Sampler(SIZE, len(images), lambda key: key, lambda _: images), key
        )

    compiled = quick(step)
    return lambda state, key, **strengths: compiled(state, key, numbers | strengths)


@pytest.fixture(scope="module")
def stages(name, state):
    """The initial state, at the first step of each stage."""
    return [state._replace(step=jnp.int32(step)) for step in STAGES.get(name, (0,))]


@pytest.mark.slow
def test_shapes_and_ranges(model, state, images):
    mean, logvar = quick(model.encode)(state.params, images)
    assert mean.shape == logvar.shape == (len(images), 3)
    decoded = np.asarray(quick(model.decode)(state.params, mean))
    assert decoded.shape == images.shape and decoded.min() >= 0 and decoded.max() <= 1


@pytest.mark.slow
def test_update_is_pure_finite_and_counts(stages, update):
    changed = jax.tree.map(lambda _: False, stages[0].params)
    for state in stages:
        (one, logs), (two, again) = (jax.device_get(update(state, jax.random.key(1))) for _ in "ab")
        assert same((one, logs), (two, again))
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves((one, logs)))
        assert int(one.step) == int(state.step) + 1
        assert jax.tree.structure(one) == jax.tree.structure(state)
        before = jax.device_get(state.params)
        now = jax.tree.map(lambda a, b: bool((a != b).any()), before, one.params)
        changed = jax.tree.map(bool.__or__, changed, now)
    assert jax.tree.all(changed), changed


@pytest.mark.slow
def test_logs_are_numbers_or_one_per_latent(stages, update):
    """The same ones in each stage; those of every VAE are there."""
    logs = [update(state, jax.random.key(1))[1] for state in stages]
    assert {"loss", "elbo", "reconstruction", "kl", "kl_latent"} <= logs[0].keys()
    for log in logs:
        shapes = {name: value.shape for name, value in log.items()}
        assert shapes == dict.fromkeys(logs[0], ()) | {"kl_latent": (3,)}
        assert {value.dtype for value in log.values()} == {jnp.dtype("float32")}


@pytest.mark.slow
def test_loss_falls_on_a_few_images(stages, update):
    """To 0.29 at most, a mean over 8 seeds with a standard deviation of 0.03 at most."""
    for state in stages:
        losses = []
        for step in range(30):
            state, logs = update(state, jax.random.key(step))
            losses.append(float(logs["loss"]))
        assert np.mean(losses[-5:]) < 0.7 * losses[0], losses


@pytest.mark.slow
def test_gradients_are_those_of_the_loss(name, stages, update):
    """Adam's first moment is 0.1 g: along each array's g the logged loss has the slope |g|.

    Of the kernels of the last layers; before them a ReLU of a black patch has no derivative.
    A loss is a sum over 256 pixels; of two losses each may be off by twice its rounding. The loss
    is no straight line: over steps of `h` the slope changes by less than a hundredth.
    """
    strong = STRONG[name]

    def slope_and_length(state, part, at):
        moments = update(state, jax.random.key(1), **strong)[0].optimizer
        g, tree = jax.tree.flatten((moments[part] if part else moments)[0].mu)
        length = np.linalg.norm(g[at])
        of = jax.tree.leaves(state.params[part] if part else state.params)

        def loss(along):
            moved = of[:at] + [of[at] + along * g[at] / length] + of[at + 1 :]
            moved = jax.tree.unflatten(tree, moved)
            params = state.params | {part: moved} if part else moved
            _, logs = update(state._replace(params=params), jax.random.key(1), **strong)
            return float(logs["loss"])

        h = 0.03 if part == "dae" else 0.012  # the DAE's slope is small beside its loss
        up, down = loss(h), loss(-h)
        near = 2 * rounding(256) * (abs(up) + abs(down)) / (2 * h)
        return (up - down) / (2 * h), float(10 * length), near

    for state, part in zip(stages, TRAINED.get(name, (None,)), strict=True):
        trained = jax.tree_util.tree_leaves_with_path(state.params[part] if part else state.params)
        names = [jax.tree_util.keystr(path, simple=True, separator="/") for path, _ in trained]
        last = [at for at, n in enumerate(names) if n.endswith(LAST)]
        assert last
        for at in last:
            slope, length, near = slope_and_length(state, part, at)
            assert slope == pytest.approx(length, abs=0.01 * length + near)
            assert length > near


@pytest.mark.slow
def test_a_checkpoint_comes_back_bit_for_bit(name, model, stages, update, tmp_path):
    state, _ = update(stages[-1], jax.random.key(1))
    checkpoint.write_training(tmp_path, state)
    checkpoint.write_parameters(tmp_path, state.params)
    template = jax.eval_shape(model.init, jax.random.key(0))
    back = checkpoint.read_training(tmp_path, template)
    assert jax.tree.structure(back) == jax.tree.structure(state)
    assert same(back, state)
    assert same(checkpoint.read_parameters(tmp_path, template.params), state.params)


def refused(folder, template):
    """What is said of a checkpoint, parameters and training, that does not fit: one sentence."""
    for read, wanted in (
        (checkpoint.read_training, template),
        (checkpoint.read_parameters, template.params),
    ):
        with pytest.raises(InputError, match="does not fit its config.json") as error:
            read(folder, wanted)
        assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.slow
def test_a_checkpoint_of_a_model_with_other_networks_is_refused(name, state, tmp_path):
    checkpoint.write_training(tmp_path, state)
    checkpoint.write_parameters(tmp_path, state.params)
    networks = {"factor_vae": {"vae", "discriminator"}, "beta_vae_dae": {"vae", "dae"}}
    networks["full_covariance_vae"] = {"encoder", "decoder"}
    others = [m for m in QUICK if networks.get(m) != networks.get(name)]
    assert len(others) >= 2
    for other in others:
        model = MODELS[other](SHAPE, **SHARED, **QUICK[other])
        refused(tmp_path, jax.eval_shape(model.init, jax.random.key(0)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "missing"), [("factor_vae", "discriminator"), ("beta_vae_dae", "dae")]
)
def test_a_checkpoint_without_one_of_its_networks_is_refused(name, missing, tmp_path):
    model = MODELS[name](SHAPE, **SHARED, **QUICK[name])
    state = initial(model)
    params, moments = ({k: v for k, v in x.items() if k != missing} for x in state[:2])
    checkpoint.write_training(tmp_path, state._replace(params=params, optimizer=moments))
    checkpoint.write_parameters(tmp_path, params)
    said = refused(tmp_path, jax.eval_shape(model.init, jax.random.key(0)))
    assert f"params/{missing}/" in said and "there is nothing" in said


def test_every_model_has_its_rows():
    assert MODELS.keys() == PAPERS.keys() and QUICK.keys() == STRONG.keys()


def test_every_model_has_one_line_that_says_what_it_is(every):
    line = MODELS[every].__doc__.splitlines()[0]
    assert line.endswith(".") and len(line) < 100


def test_defaults_are_the_papers(every):
    assert defaults(every) == PAPERS[every]
    assert {k: type(v) for k, v in defaults(every).items()} == {
        k: type(v) for k, v in PAPERS[every].items()
    }


def test_defaults_are_numbers_or_structure(every):
    numbers, structure = split(every, {})
    assert numbers.keys() | dict(structure).keys() == defaults(every).keys()
    own = inspect.signature(MODELS[every]).parameters
    assert all(numbers[o] == own[o].default for o in numbers if o in own)
    assert {type(v) for v in numbers.values()} <= {float}
    assert {type(v) for _, v in structure} <= {int, str}
    hash(structure)


def test_whole_numbers_count_as_floats_where_floats_are_wanted(name):
    assert split(name, {"learning_rate": 1})[0]["learning_rate"] == 1.0


def of_kind(kind):
    return [(name, o) for name in MODELS for o, v in defaults(name).items() if type(v) is kind]


def complaint(name, option, value) -> str:
    with pytest.raises(InputError) as error:
        split(name, {option: value})
    said = str(error.value)
    assert "\n" not in said and repr(option) in said and repr(name) in said
    return said


@pytest.mark.parametrize(("name", "option"), of_kind(float))
def test_strengths_are_numbers_that_are_not_negative(name, option):
    if positive(parameters(name)[option]):
        assert "must be above 0, not 0.0" in complaint(name, option, 0.0)
        assert split(name, {option: 1e-6})[0][option] == 1e-6
    else:
        assert split(name, {option: 0.0})[0][option] == 0
    for value in (-1, -1.0, -1e-9, -np.inf):
        assert f"must be at least 0, not {value!r}" in complaint(name, option, value)
    for value in (np.inf, np.nan):
        assert f"must be finite, not {value!r}" in complaint(name, option, value)
    for value in ("high", True, None, [1.0]):
        assert f"must be float, not {value!r}" in complaint(name, option, value)


@pytest.mark.parametrize(("name", "option"), of_kind(int))
def test_counts_are_whole_and_not_below_their_least(name, option):
    least = least_of(parameters(name)[option])
    assert least in (-1, 0, 1, 2)
    assert dict(split(name, {option: least})[1])[option] == least
    for value in (least - 1, -2):
        assert f"must be at least {least}, not {value}" in complaint(name, option, value)
    for value in (2.5, 2.0, np.nan, np.inf, "2", True, None):
        assert f"must be int, not {value!r}" in complaint(name, option, value)


# Text, and none of a few choices.
FREE = (
    "actions",
    "base",
    "concept",
    "extrinsic",
    "free",
    "groups",
    "net",
    "observed",
    "still",
    "units",
)


@pytest.mark.parametrize(("name", "option"), [pair for pair in of_kind(str) if pair[1] not in FREE])
def test_choices_are_listed(name, option):
    listed = choices(parameters(name)[option])
    assert len(listed) > 1
    for choice in listed:
        assert dict(split(name, {option: choice})[1])[option] == choice
    said = complaint(name, option, "mws")
    assert "'mws'" in said and all(choice in said for choice in listed)
    assert "must be str, not 3" in complaint(name, option, 3)


def test_unknown_options_and_nets(name):
    with pytest.raises(InputError, match="no option 'bata' .it has: .*learning_rate"):
        split(name, {"bata": 1.0})
    with pytest.raises(
        InputError, match="unknown net 'transformer' .known: compact, conv, fc, mlp, shallow, small"
    ):
        split(name, {"net": "transformer"})
