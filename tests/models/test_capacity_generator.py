"""The generator under a capacity: its loss by NumPy, its codes, and how they share it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Sampler
from dbench.codes.encode import encode
from dbench.data import xy_blobs
from dbench.data.grid import standardised
from dbench.errors import InputError
from dbench.models import MODELS, losses
from dbench.scoring.reconstruction import reconstruction
from dbench.scoring.trained_model import TrainedModel
from dbench.training import checkpoint, devices, programs, steps
from tests.rounding import chain, rounding

from .conftest import KEY, noise, quick, same, sample

BLOBS = xy_blobs.load()
OPTIONS = {"net": "small", "latents": 3, "learning_rate": 1e-3}
ROWS = np.array([3, 500, 700, 41, 260, 90])
NUMBERS = {"c_min": 2.0, "c_max": 10.0, "gamma": 7.0}


def model(**options):
    return MODELS["capacity_generator"](BLOBS.shape, **{**OPTIONS, **options})


@pytest.fixture(scope="module")
def update():
    """state, key -> state, logs; the noise is known."""
    made = model(**NUMBERS, anneal_steps=400)
    given = Sampler(
        768, 6, lambda _: ROWS, lambda r: BLOBS.gather(BLOBS.arrays, r), made.extra(BLOBS)
    )
    step = quick(lambda state, key: made.update(state, given, key))

    def update(state, key):
        with pytest.MonkeyPatch.context() as patch:  # for this call: other tests train on noise
            patch.setattr(losses, "sample", sample)
            return step(state, key)

    return update


@pytest.fixture(scope="module")
def state():
    """Of unequal scales and noises."""
    fresh = devices.once(model().init)(KEY)
    own = {"scale": jnp.array([0.5, -1.0, 2.0]), "log_sigma": jnp.array([-1.0, -0.2, 0.3])}
    return fresh._replace(params=fresh.params | own)


@pytest.mark.slow
def test_codes_are_scaled_factors_with_noise_of_their_own(state):
    factors = standardised(BLOBS)[ROWS]
    mean, logvar = model().encode(state.params, factors)
    assert mean == pytest.approx(factors * [0.5, -1.0, 2.0], rel=rounding(1))
    assert logvar == pytest.approx(np.tile([-2.0, -0.4, 0.6], (6, 1)), rel=rounding(1))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "capacity"), [(0, 2.0), (100, 4.0), (400, 10.0), (401, 10.0), (10**6, 10.0)]
)
def test_loss_by_numpy_and_the_capacity_over_training(step, capacity, state, update):
    after, logs = update(state._replace(step=jnp.int32(step)), KEY)
    logs = jax.device_get(logs)
    mean = standardised(BLOBS)[ROWS].astype(float) * [0.5, -1.0, 2.0]
    sigma = np.exp([-1.0, -0.2, 0.3])
    z = mean + sigma * noise(mean.shape)
    p = np.asarray(model().decode(state.params, jnp.asarray(z, jnp.float32)), float)
    x = np.asarray(BLOBS.gather(BLOBS.arrays, ROWS), float)
    error = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=(1, 2, 3)).mean()
    kl = 0.5 * (mean**2 + sigma**2 - 2 * np.log(sigma) - 1).mean(axis=0)
    terms = 0.5 * (mean**2 + sigma**2 + 2 * np.abs(np.log(sigma)) + 1).mean(axis=0)
    near = 4 * chain(3, 128, 32, x[0].size)  # the decoder and the pixels, as `near` of conftest
    assert logs["capacity"] == pytest.approx(capacity, rel=rounding(4))
    assert logs["kl_latent"] == pytest.approx(kl, rel=0, abs=near * terms.max())
    assert logs["kl"] == pytest.approx(kl.sum(), abs=near * terms.sum())
    assert logs["reconstruction"] == pytest.approx(error, rel=near)
    wanted = error + 7 * abs(kl.sum() - capacity)
    assert logs["loss"] == pytest.approx(wanted, abs=near * (error + 7 * (terms.sum() + capacity)))
    assert logs["elbo"] == pytest.approx(-error - kl.sum(), abs=near * (error + terms.sum()))
    assert int(after.step) == step + 1
    moved = jax.tree.map(lambda a, b: bool((a != b).any()), state.params, after.params)
    assert jax.tree.all(moved), moved


@pytest.fixture(scope="module")
def cohort():
    options = {**OPTIONS, "c_min": 0.5, "c_max": 6.0, "gamma": 20.0, "anneal_steps": 2000}
    runs = [options, options | {"gamma": 40.0}]
    return steps.cohort(BLOBS, "capacity_generator", runs, [0, 0], devices.mesh(1), batch_size=16)


def member(tree, i):
    return jax.tree.map(lambda leaf: np.asarray(leaf[i]), tree)


@pytest.mark.slow
def test_runs_resumed_from_their_checkpoints_are_those_never_stopped(cohort, tmp_path):
    """And a number, which is traced, makes another run."""
    states, _ = steps.advance(cohort, steps.start(cohort), 300)
    back = []
    for i in range(2):
        checkpoint.write_training(tmp_path / str(i), member(states, i))
        template = programs.template(cohort.program)
        back.append(checkpoint.read_training(tmp_path / str(i), template))
    ends, logs = steps.advance(cohort, states, 300)
    again, _ = steps.advance(cohort, steps.place(cohort, back), 300)
    assert same(ends, again) and not same(member(ends, 0), member(ends, 1))
    assert logs["kl_latent"].shape == (2, 3) and all(np.isfinite(x).all() for x in logs.values())


@pytest.mark.slow
def test_the_capacity_is_kept_and_shared(cohort):
    """Which factor gets most differs by seed, by far; what the last one gets does not.

    Over 8 seeds it is 0.99 nats (sd 0.09) of 4.2, then 1.17 (sd 0.11) of 5: that no code takes all
    follows. The KL is off by 2.6 % at most (sd 0.8 %), and the error falls to 0.106 (sd 0.007).
    """
    states, found = steps.start(cohort), []
    for _ in range(8):
        states, logs = steps.advance(cohort, states, 300)
        found.append((logs["capacity"][0], logs["kl"][0], logs["kl_latent"][0]))
    capacity, kl, shares = map(np.array, zip(*found, strict=True))
    assert kl[4:] == pytest.approx(capacity[4:], rel=0.1)
    assert shares[4].min() > 0.55 and shares[5].min() > 0.7, shares
    params = member(states, 0).params
    (table,) = encode(BLOBS, cohort.program, [{}], [params], devices.mesh())
    assert (table.mean == standardised(BLOBS) * params["scale"]).all()
    score = reconstruction(TrainedModel(BLOBS, cohort.program, {}, params, devices.mesh(), KEY))
    start = member(steps.start(cohort), 0).params
    first = reconstruction(TrainedModel(BLOBS, cohort.program, {}, start, devices.mesh(), KEY))
    assert float(score) < float(first) / 2


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({"names": (), "values": (), "factors": np.zeros((768, 0), int)}, {}, "needs factors, and"),
        ({}, {"latents": 4}, "4 latents for 3 factors of xy_blobs: set latents to 3"),
    ],
)
def test_what_cannot_be_is_said_before_any_work(change, options, said):
    data = BLOBS._replace(**change)
    with pytest.raises(InputError, match=said):
        programs.construct(programs.program(data, "capacity_generator", OPTIONS | options), data)
