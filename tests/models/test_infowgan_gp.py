"""InfoWGAN-GP: the gradient penalty, the critic's loss, and how often the critic steps."""

from importlib import import_module

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Sampler
from dbench.models import MODELS
from dbench.models.gan import networks
from dbench.models.gan_codes import Codes
from dbench.models.infowgan_gp import between, gradient_norm
from tests.rounding import chain, rounding

from .conftest import KEY, pictures, quick
from .test_gan import RATES, SHAPE, SMALL, draw

pytestmark = pytest.mark.slow  # compiles a GAN for each

A = pictures(0, b=8)
CODES = Codes(1, 4, 2, 3)
# Sums of both networks, one after another: inputs, 256 units, a patch of 64; patches, units, 1
# logit; and of the gradient, back again. Times 4: NumPy's side is rounded too, and products of
# both signs cancel, to a half.
NEAR = 4 * chain(9, 256, 64, 64, 64, 256, 256, 64, 64)
LEAST = 1e-6  # of a norm: a gradient of 0 has it too
INPUTS = [draw(CODES, jax.random.key(seed), 8) for seed in (1, 2)]  # of the critic's, G's step


def test_the_gradient_of_a_linear_critic_is_its_weights():
    w = jnp.asarray(np.random.default_rng(0).normal(size=(8, 8, 3)), jnp.float32)
    images = pictures(1, b=5, shape=(8, 8, 3))
    norm = gradient_norm(lambda x: (x * w[None]).sum(axis=(1, 2, 3)), images)
    assert np.asarray(norm) == pytest.approx(np.full(5, np.linalg.norm(w)), rel=rounding(w.size))


def test_where_a_critic_is_flat_its_penalty_has_a_gradient_that_is_a_number():
    def penalty(w):
        return ((gradient_norm(lambda x: (w * x).sum(axis=(1, 2, 3)), A) - 1) ** 2).mean()

    assert float(penalty(jnp.zeros(()))) == pytest.approx(1, abs=2 * LEAST + rounding(A[0].size))
    assert np.isfinite(jax.grad(penalty)(jnp.zeros(())))


@pytest.mark.slow
def test_the_gradient_of_a_net_by_finite_differences():
    nets = networks(SHAPE, "small", CODES, batch_norm=False)
    params = quick(nets.init)(jax.random.key(0))["discriminator"]
    images = jax.random.uniform(KEY, (3, *SHAPE))

    def critic(params, x):
        return nets.judge(params, x)[0][0]

    norm = np.asarray(jax.jit(lambda x: gradient_norm(lambda x: critic(params, x), x))(images))
    # So short that few units pass their kink, so long that the rounding of a value is nothing.
    steps = 2e-3 * jnp.eye(64).reshape(64, *SHAPE)
    value = jax.jit(critic)
    for image, expected in zip(images, norm, strict=True):
        up, down = (value(params, image[None] + sign * steps) for sign in (1, -1))
        slopes = (np.asarray(up, float) - np.asarray(down, float)) / 4e-3
        assert np.linalg.norm(slopes) == pytest.approx(expected, rel=1e-2)


def test_the_gradient_of_the_penalty_by_finite_differences():
    """Of a smooth critic: across the kinks of the nets there are jumps that no gradient sees."""
    weights = jax.random.normal(KEY, (64, 5)) / 8

    @jax.jit
    def penalty(weights):
        norm = gradient_norm(lambda x: jnp.tanh(x.reshape(-1, 64) @ weights).sum(axis=1), A)
        return ((norm - 1.0) ** 2).mean()

    grad = jax.jit(jax.grad(penalty))(weights)
    length = float(jnp.linalg.norm(grad))
    up, down = (float(penalty(weights + h * grad / length)) for h in (1e-2, -1e-2))
    assert (up - down) / 2e-2 == pytest.approx(length, rel=0.01) and length > 0.01


def test_points_between_are_on_the_lines_one_share_an_image():
    share = np.asarray(between(KEY, jnp.ones((500, 2, 2, 1)), jnp.zeros((500, 2, 2, 1))))
    assert (share == share[:, :1, :1]).all() and share.min() >= 0 and share.max() <= 1
    assert share.mean() == pytest.approx(0.5, abs=4 / np.sqrt(12 * 500)) and share.std() > 0.25
    x, y = pictures(0), pictures(1)
    at = np.asarray(between(KEY, x, y))
    assert (at[x == y] == np.asarray(x)[x == y]).all()


def stepped(**options):
    """State before, after, and logs of a step whose codes and noise are known."""
    model = MODELS["infowgan_gp"](SHAPE, **SMALL | RATES | options)
    state = quick(model.init)(jax.random.key(0))
    given = Sampler(50, len(A), lambda key: key, lambda _: A)
    calls = iter(INPUTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Codes, "draw", lambda *_: next(calls))
        after, logs = quick(lambda state: model.update(state, given, KEY))(state)
    return state.params, after, jax.device_get(logs)


@pytest.mark.slow
def test_losses_by_numpy(monkeypatch):
    monkeypatch.setattr(
        import_module("dbench.models.infowgan_gp"), "between", lambda _, x, y: 0.25 * x + 0.75 * y
    )
    before, after, logs = stepped(critic_steps=1, gradient_penalty=3.0)
    nets = networks(SHAPE, "small", CODES, batch_norm=False)
    critic = before["discriminator"]
    generate, judge = quick(nets.generate), quick(nets.judge)
    made, _ = generate(before["generator"], INPUTS[0])
    real, fake = (np.asarray(judge(critic, x)[0][0], float) for x in (A, made))
    at = 0.25 * A + 0.75 * made
    slopes = quick(jax.vmap(jax.grad(lambda x: nets.judge(critic, x[None])[0][0][0])))(at)
    norm = np.sqrt((np.asarray(slopes, float) ** 2).sum(axis=(1, 2, 3)))
    size = np.abs(real).max() + np.abs(fake).max()
    assert logs["wasserstein"] == pytest.approx(real.mean() - fake.mean(), abs=NEAR * size)
    assert logs["gradient_norm"] == pytest.approx(norm.mean(), rel=NEAR)
    loss = fake.mean() - real.mean() + 3 * ((norm - 1) ** 2).mean()
    assert logs["discriminator_loss"] == pytest.approx(loss, abs=NEAR * (size + 6 * norm.max() + 3))
    made, _ = generate(before["generator"], INPUTS[1])
    fake = np.asarray(judge(after.params["discriminator"], made)[0][0], float)
    assert logs["generator_loss"] == pytest.approx(-fake.mean(), abs=NEAR * np.abs(fake).max())


@pytest.mark.slow
def test_the_critic_steps_so_often_each_time_on_images_afresh():
    seen = []
    model = MODELS["infowgan_gp"](SHAPE, **SMALL | RATES | {"critic_steps": 3})
    state = quick(model.init)(jax.random.key(0))

    def gather(key):
        jax.debug.callback(
            lambda data: seen.append(tuple(map(int, data))), jax.random.key_data(key)
        )
        return jax.random.uniform(key, (8, *SHAPE))

    given = Sampler(50, 8, lambda key: key, gather)
    step = quick(lambda state, key: model.update(state, given, key)[0])
    for i in range(2):
        state = step(state, jax.random.key(i))
    jax.effects_barrier()
    counts = {player: int(adam[0].count) for player, adam in state.optimizer.items()}
    assert counts == {"generator": 2, "discriminator": 6} and int(state.step) == 2
    assert len(seen) == len(set(seen)) == 6


def test_neither_network_has_batch_norm():
    model = MODELS["infowgan_gp"](SHAPE, **SMALL)
    params = jax.eval_shape(model.init, jax.random.key(0)).params
    assert {player: set(own) for player, own in params.items()} == {
        "generator": {"params"}, "discriminator": {"params"},
    }  # fmt: skip
