"""InfoGAN: both players' losses by NumPy, their gradients, and the order of a step."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit

from dbench.base import Sampler
from dbench.models import MODELS
from dbench.models.gan import networks
from dbench.models.gan_codes import Codes
from dbench.models.infogan import cross_entropy, not_saturating
from tests.compiling import in_full
from tests.rounding import chain, rounding

from .conftest import KEY, pictures, quick
from .test_gan import RATES, SHAPE, SMALL, draw, judged

A = pictures(0, b=8)
CODES = Codes(1, 4, 2, 3)
# Sums of both networks, one after another: inputs, 256 units, a patch of 64; patches, units, Q's
# head; after each of five layers a mean over the batch of 8. Times 8: NumPy's side is rounded
# too, products of both signs cancel, to a half, and a batch norm takes the mean away.
NEAR = 8 * chain(9, 256, 64, 64, 64, 256, 64, *[8] * 5)
TINY = np.finfo(np.float32).tiny  # below it a square may be rounded to 0
LAMBDA = 0.7
INPUTS = [draw(CODES, jax.random.key(seed), 8) for seed in (1, 2)]  # of D's and of G's step


@pytest.fixture(scope="module")
def step():
    return one_step()


def one_step():
    """State before, after, logs of a step whose codes and noise are known."""
    model = MODELS["infogan"](SHAPE, lambda_info=LAMBDA, **SMALL | RATES)
    state = quick(model.init)(jax.random.key(0))
    given = Sampler(50, len(A), lambda key: key, lambda _: A)
    calls = iter(INPUTS)  # drawn while it is traced: first for the discriminator
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Codes, "draw", lambda *_: next(calls))
        after, logs = quick(lambda state: model.update(state, given, KEY))(state)
    return state.params, after, jax.device_get(logs)


def losses(nets, generator, discriminator, inputs):
    """D's loss, G's loss, the bound [2]: float64, from what the networks say."""
    made, _ = quick(nets.generate)(generator, inputs)
    (real, _), _ = quick(nets.judge)(discriminator, A)
    (fake, outputs), _ = quick(nets.judge)(discriminator, made)
    d_real, d_fake = (expit(np.asarray(x, float)) for x in (real, fake))
    q, c = np.asarray(outputs, float), np.asarray(inputs, float)
    chances = np.exp(q[:, :4]) / np.exp(q[:, :4]).sum(axis=1, keepdims=True)
    discrete = np.log((chances * c[:, :4]).sum(axis=1)).mean() + np.log(4)
    gaussian = -0.5 * ((c[:, 4:6] - q[:, 4:]) ** 2 + np.log(2 * np.pi)).sum(axis=1).mean()
    bound = np.array([discrete, gaussian + 2 * np.log(2)])
    return -np.log(d_real).mean() - np.log(1 - d_fake).mean(), -np.log(d_fake).mean(), bound


@pytest.mark.slow
def test_losses_by_numpy_and_the_discriminator_goes_first(step):
    """It steps against the generator as it was; the generator against its next state."""
    before, after, logs = step
    nets = networks(SHAPE, "small", CODES, batch_norm=True)
    old, new = before["generator"], after.params["discriminator"]
    wrong, _, _ = losses(nets, old, before["discriminator"], INPUTS[0])
    assert logs["discriminator_loss"] == pytest.approx(wrong, rel=NEAR)
    _, value, bound = losses(nets, old, new, INPUTS[1])
    assert logs["generator_loss"] == pytest.approx(value, rel=NEAR)
    size = np.abs(bound).max() + np.log(4)  # of logs and entropies that cancel
    assert logs["bound_categorical"] == pytest.approx(bound[0], abs=NEAR * size)
    assert logs["bound_continuous"] == pytest.approx(bound[1], abs=NEAR * size)
    _, early, _ = losses(nets, old, before["discriminator"], INPUTS[1])
    assert abs(early - value) > 10 * NEAR * value


@pytest.mark.slow
def test_each_player_moves_by_the_gradient_of_its_loss_less_lambda_times_the_bound():
    """Adam's moments after a step from zero: (1 - b1) g and (1 - b2) g^2.

    Compiled in full, as else a gradient is worked out twice, and differs in the last bits.
    """
    in_full(_both_move)


def _both_move():
    step = one_step()
    for player in ("discriminator", "generator"):
        _moves(player, *step[:2])


def _moves(player, before, after):
    nets = networks(SHAPE, "small", CODES, batch_norm=True)
    inputs = INPUTS[player == "generator"]

    def loss(trained):
        if player == "discriminator":
            generator, now = before["generator"], before[player] | {"params": trained}
        else:
            generator, now = before[player] | {"params": trained}, after.params["discriminator"]
        made, _ = nets.generate(generator, inputs)
        (real, _), _ = nets.judge(now, A)
        (fake, q), _ = nets.judge(now, made)
        hot, values = inputs[:, :4], inputs[:, 4:6]
        known = jnp.log((jax.nn.softmax(q[:, :4]) * hot).sum(axis=1)).mean()
        known -= 0.5 * ((values - q[:, 4:]) ** 2).sum(axis=1).mean()
        own = -jnp.log(jax.nn.sigmoid(fake)).mean()
        if player == "discriminator":
            own = -jnp.log(jax.nn.sigmoid(real)).mean() - jnp.log(jax.nn.sigmoid(-fake)).mean()
        return own - LAMBDA * known

    grads = quick(jax.grad(loss))(before[player]["params"])
    adam = after.optimizer[player][0]
    for g, m, v in zip(*map(jax.tree.leaves, (grads, adam.mu, adam.nu)), strict=True):
        # There and back.
        np.testing.assert_allclose(m, 0.5 * g, rtol=0, atol=2 * NEAR * np.abs(m).max())
        np.testing.assert_allclose(v, 1e-3 * (m / 0.5) ** 2, rtol=rounding(16), atol=TINY)


@pytest.mark.slow
def test_the_averages_are_those_of_images_and_of_the_generators_own_step(step):
    before, after, _ = step
    nets = networks(SHAPE, "small", CODES, batch_norm=True)
    _, averages = quick(nets.judge)(before["discriminator"], A)
    _, others = quick(nets.generate)(before["generator"], INPUTS[1])
    for player, wanted in (("discriminator", averages), ("generator", others)):
        found = after.params[player]["batch_stats"]
        for a, b in zip(*map(jax.tree.leaves, (found, wanted["batch_stats"])), strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=NEAR * np.abs(b).max())


@pytest.mark.slow
def test_losses_at_chance_and_at_their_best():
    zeros, sure = jnp.zeros(4), jnp.full(4, 50.0)
    exact = rounding(16)  # a log, an exp and a mean of 4
    assert float(cross_entropy(judged(zeros, zeros), None, None)[0]) == pytest.approx(
        2 * np.log(2), rel=exact
    )
    assert float(cross_entropy(judged(sure, -sure), None, None)[0]) == pytest.approx(0, abs=exact)
    assert float(cross_entropy(judged(-sure, sure), None, None)[0]) == pytest.approx(100, rel=exact)
    assert float(not_saturating(zeros)) == pytest.approx(np.log(2), rel=exact)
    # Where D is sure of a made image the generator still has a slope of 1.
    slope = jax.grad(lambda x: not_saturating(x[None]))(jnp.float32(-50))
    assert float(slope) == pytest.approx(-1, rel=exact)
