"""Properties that hold for every model, over the MODELS table."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.data import DATASETS
from dbench.errors import InputError
from dbench.models import MODELS, defaults, split

# One row a model: options of a quick instance.
QUICK = {"beta_vae": {"beta": 2.0, "net": "small", "latents": 3, "learning_rate": 1e-3}}


@pytest.fixture(params=MODELS, scope="module")
def model(request):
    return MODELS[request.param]((64, 64, 1), **QUICK[request.param])


@pytest.fixture(scope="module")
def images():
    data = DATASETS["dsprites_tiny"](None)
    return data.gather(data.arrays, jnp.arange(0, data.size, data.size // 8))


@pytest.fixture(scope="module")
def state(model):
    return jax.jit(model.init)(jax.random.key(0))


@pytest.fixture(scope="module")
def update(model, images):
    return jax.jit(lambda state, key: model.update(state, lambda _: images, key))


def test_shapes_and_ranges(model, state, images):
    mean, logvar = model.encode(state.params, images)
    assert mean.shape == logvar.shape == (len(images), 3)
    decoded = np.asarray(model.decode(state.params, mean))
    assert decoded.shape == images.shape and decoded.min() >= 0 and decoded.max() <= 1


def test_update_is_pure_finite_and_counts(state, update):
    (one, logs), (two, _) = (update(state, jax.random.key(1)) for _ in "ab")
    assert all(np.isfinite(log).all() for log in logs.values())
    assert jax.tree.all(jax.tree.map(lambda a, b: bool((a == b).all()), one, two))
    assert int(one.step) == int(state.step) + 1
    changed = jax.tree.map(lambda a, b: bool((a != b).any()), state.params, one.params)
    assert jax.tree.all(changed), changed


def test_loss_falls_on_a_few_images(state, update):
    losses = []
    for step in range(40):
        state, logs = update(state, jax.random.key(step))
        losses.append(float(logs["loss"]))
    assert np.mean(losses[-5:]) < 0.5 * losses[0]


@pytest.mark.parametrize("name", MODELS)
def test_defaults_are_numbers_or_structure(name):
    numbers, structure = split(name, {})
    assert numbers and numbers.keys() | dict(structure).keys() == defaults(name).keys()
    own = inspect.signature(MODELS[name]).parameters
    assert all(numbers[o] == own[o].default for o in numbers if o in own)


@pytest.mark.parametrize("name", MODELS)
def test_whole_numbers_count_as_floats_where_floats_are_wanted(name):
    assert split(name, {"learning_rate": 1})[0]["learning_rate"] == 1.0


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"bata": 1.0}, "no option 'bata'"),
        ({"learning_rate": "high"}, "'learning_rate' of .* must be float"),
        ({"latents": 2.5}, "'latents' of .* must be int"),
        ({"latents": True}, "'latents' of .* must be int"),
    ],
)
def test_bad_options(name, options, said):
    with pytest.raises(InputError, match=said):
        split(name, options)
