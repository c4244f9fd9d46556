"""Models of pairs: which codes are shared, averages, losses by NumPy, bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, stats

from dbench.base import Sampler
from dbench.data.grid import grid
from dbench.errors import InputError
from dbench.models import MODELS, split
from dbench.models.pairs import found, gvae_average, ml_vae_average, told
from dbench.models.slow_vae import cross_entropy, entropy
from tests.data.toy import NAMES, SOME, WHOLE

from .conftest import SHAPE, SMALL, initial, near, noise, pictures, quick

B = 4  # pairs
PAIRED = ("ada_gvae", "ada_ml_vae", "gvae", "ml_vae")
OPTIONS = {**SMALL, "latents": 4}


def divergence(mean, var):
    """KL(N(mean, var) || N(0, 1)) of each code, nats."""
    return 0.5 * (mean**2 + var - np.log(var) - 1)


def gaussian(mean, var):
    return jnp.asarray(mean, jnp.float32), jnp.log(jnp.asarray(var, jnp.float32))


@pytest.mark.slow
def test_averages_by_hand():
    one, two = gaussian([[0.0, 1.0]], [[1.0, 2.0]]), gaussian([[4.0, 1.0]], [[3.0, 2.0]])
    mean, logvar = gvae_average(one, two)
    np.testing.assert_allclose(mean, [[2, 1]], rtol=1e-6)
    np.testing.assert_allclose(np.exp(logvar), [[2, 2]], rtol=1e-6)
    mean, logvar = ml_vae_average(one, two)
    np.testing.assert_allclose(np.exp(logvar), [[1.5, 2]], rtol=1e-6)  # 2 * 1 * 3 / 4
    np.testing.assert_allclose(mean, [[1, 1]], rtol=1e-6)  # 0.75 * (0 / 1 + 4 / 3)


@pytest.mark.slow
def test_shared_codes_are_those_below_the_middle():
    """Of unit variances 2 KL is the squared distance: 0, 1, 4.1 and 8; the middle is 4."""
    zero = gaussian(np.zeros((1, 4)), np.ones((1, 4)))
    other = gaussian(np.sqrt([[0, 1, 4.1, 8]]), np.ones((1, 4)))
    assert found(zero, other, None).tolist() == [[True, True, False, False]]
    # Of equal means 2 KL is var_1 / var_2 - 1 - log of it: not the same both ways.
    wide = gaussian(np.zeros((1, 3)), [[1.0, 4.0, 2.6]])
    unit = gaussian(np.zeros((1, 3)), np.ones((1, 3)))
    assert found(wide, unit, None).tolist() == [[True, False, True]]  # .644 of 1.614
    assert found(unit, wide, None).tolist() == [[True, False, False]]  # .340 of .636


def test_told_codes_belong_to_factors_and_the_others_are_shared():
    four = gaussian(np.zeros((2, 4)), np.ones((2, 4)))
    changed = jnp.array([[True, False, False], [False, True, True]])
    assert told(four, four, changed).tolist() == [[False] + [True] * 3, [True, False, False, True]]


def drawn(model, extra):
    """The rows of an update's batch, and its logs; the noise of samples is known."""
    rows, images = [], pictures(3, 2 * B)

    def gather(some):
        jax.debug.callback(lambda r: rows.append(np.asarray(r)), some, ordered=True)
        return images

    sampler = Sampler(WHOLE.size, B, None, gather, jax.tree.map(jnp.asarray, extra))
    state = initial(model)
    _, logs = quick(lambda state: model.update(state, sampler, jax.random.key(2)))(state)
    jax.effects_barrier()
    mean, logvar = (np.asarray(x, float) for x in quick(model.encode)(state.params, images))
    return rows[-1], jax.device_get(logs), mean, logvar, state, np.asarray(images, float)


def reconstructed(model, params, z, images):
    p = np.asarray(quick(model.decode)(params, jnp.asarray(z, jnp.float32)), float)
    return -np.where(images == 1, np.log(p), np.log(1 - p)).sum(axis=(1, 2, 3)).mean()


@pytest.mark.slow
@pytest.mark.parametrize("name", PAIRED)
def test_loss_by_numpy(name, known_noise):
    model = MODELS[name](SHAPE, beta=3.0, changes=2, **OPTIONS)
    rows, logs, mean, logvar, state, images = drawn(model, model.extra(WHOLE))
    pairs = WHOLE.factors[rows[:B]] != WHOLE.factors[rows[B:]]
    assert (pairs.sum(axis=1) == 2).all() and logs["apart"] == 2
    (m1, m2), (v1, v2) = np.split(mean, 2), np.split(np.exp(logvar), 2)
    if name.startswith("ada"):
        apart = v1 / v2 + (m2 - m1) ** 2 / v2 - 1 - np.log(v1 / v2)
        same = apart < (apart.min(axis=1) + apart.max(axis=1))[:, None] / 2
    else:
        same = np.hstack([~pairs[:, [1, 2, 3]], np.ones((B, 1), bool)])  # factor 0 has one value
    if name.endswith("gvae"):
        m, v = (m1 + m2) / 2, (v1 + v2) / 2
    else:
        v = 2 / (1 / v1 + 1 / v2)
        m = (m1 / v1 + m2 / v2) / (1 / v1 + 1 / v2)
    mean = np.concatenate([np.where(same, m, own) for own in (m1, m2)])
    var = np.concatenate([np.where(same, v, own) for own in (v1, v2)])
    z = mean + np.sqrt(var) * noise(mean.shape)
    kl = divergence(mean, var).sum(axis=1).mean()
    reconstruction = reconstructed(model, state.params, z, images)
    assert 0 < logs["shared"] < 4 and logs["shared"] == pytest.approx(same.sum(axis=1).mean())
    assert logs["reconstruction"] == pytest.approx(reconstruction, rel=4 * near())
    assert logs["kl"] == pytest.approx(kl, rel=4 * near())
    assert logs["loss"] == pytest.approx(reconstruction + 3 * kl, rel=4 * near())


@pytest.mark.parametrize("name", PAIRED)
@pytest.mark.parametrize(
    "data, options, sentence",
    [
        (WHOLE, {"changes": 4}, "changes of {} is 4, and in .* 3 factors vary"),
        (SOME, {}, "{} draws pairs .* all combinations"),
        (WHOLE._replace(names=(), factors=WHOLE.factors[:, :0], values=()), {}, "needs factors"),
    ],
    ids=["changes", "incomplete", "no factors"],
)
def test_what_pairs_cannot_be_of(name, data, options, sentence):
    model = MODELS[name](SHAPE, **OPTIONS, **options)
    with pytest.raises(InputError, match=sentence.format(name)):
        model.extra(data)


def test_one_factor_and_few_latents():
    one = WHOLE._replace(
        names=("a",), values=(np.arange(5.0),), factors=grid((5,)), arrays=WHOLE.arrays[:5]
    )
    with pytest.raises(InputError, match="1 factors vary"):
        MODELS["ada_gvae"](SHAPE, **OPTIONS).extra(one)
    with pytest.raises(InputError, match="a latent for each factor .* from 2 to 3"):
        MODELS["gvae"](SHAPE, **{**OPTIONS, "latents": 2}).extra(WHOLE)


@pytest.mark.slow
def test_cross_entropy_by_integration():
    for mean, spread, rate in ((0.0, 1.0, 6.0), (-2.0, 0.5, 1.0), (0.3, 0.01, 6.0)):
        density = stats.norm(mean, spread)
        prior = stats.laplace(0, 1 / rate)
        ends = mean - 12 * spread, mean + 12 * spread
        known, _ = integrate.quad(
            lambda z, d=density, p=prior: -d.pdf(z) * p.logpdf(z), *ends, points=[0.0], limit=200
        )
        ours = cross_entropy(jnp.float32(mean), jnp.float32(2 * np.log(spread)), rate)
        assert float(ours) == pytest.approx(known, rel=1e-4, abs=1e-4)
        assert float(entropy(jnp.float32(2 * np.log(spread)))) == pytest.approx(
            density.entropy(), abs=1e-5
        )


@pytest.mark.slow
@pytest.mark.parametrize("slowness", ["published", "divergence"])
def test_loss_of_slow_vae_by_numpy(slowness, known_noise):
    model = MODELS["slow_vae"](SHAPE, beta=2.0, gamma=3.0, slowness=slowness, **OPTIONS)
    _, logs, mean, logvar, state, images = drawn(model, model.extra(WHOLE))
    z = mean + np.exp(logvar / 2) * noise(mean.shape)
    kl = divergence(mean, np.exp(logvar)).sum(axis=1).mean()
    (m1, m2), (l1, l2) = np.split(mean, 2), np.split(logvar, 2)
    crossed = []
    for m, s in ((m1 - m2, np.exp(l1 / 2)), (m2 - m1, np.exp(l2 / 2))):
        away = s * np.sqrt(2 / np.pi) * np.exp(-((m / s) ** 2) / 2) + m * (
            2 * stats.norm.cdf(m / s) - 1
        )
        crossed.append((6 * away - np.log(3)).sum(axis=1))
    own = (0.5 * (logvar + np.log(2 * np.pi) + 1)).sum(axis=1)
    own = (own[:B] + own[B:]) / 2
    share = 1 if slowness == "published" else 0.5
    term = (share * (crossed[0] + crossed[1]) - own).mean()
    reconstruction = reconstructed(model, state.params, z, images)
    assert logs["slowness"] == pytest.approx(term, rel=1e-4)
    assert logs["loss"] == pytest.approx(2 * reconstruction + 2 * kl + 3 * term, rel=1e-4)


def test_a_prior_of_rate_0_is_refused():
    """Its density is 0 everywhere, and the loss infinite."""
    for value in (0, 0.0):
        with pytest.raises(InputError, match="'rate' of 'slow_vae' must be above 0, not 0"):
            split("slow_vae", {"rate": value})
    assert split("slow_vae", {"walk_rate": 0.0})[0]["walk_rate"] == 0  # any value is as likely


def test_still_factors():
    walk = MODELS["slow_vae"](SHAPE, still=NAMES[1], **OPTIONS).extra(WHOLE)
    assert walk.moves.tolist() == [False, False, True, True]
    with pytest.raises(InputError, match="needs a factor that changes"):
        MODELS["slow_vae"](SHAPE, still=",".join(NAMES[1:]), **OPTIONS).extra(WHOLE)
    with pytest.raises(InputError, match="no factor of .* 'size'|'size'"):
        MODELS["slow_vae"](SHAPE, still="size", **OPTIONS).extra(WHOLE)
