"""JMVAE and TELBO: their losses by NumPy, what each stage trains, and where gradients stop."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Sampler
from dbench.data import concepts
from dbench.models import MODELS, jmvae, losses, symbol_pair_nets, symbol_pairs
from dbench.nets import vaes
from dbench.nets.symbols import ExpertNet
from tests.data.concepts.words import pictured
from tests.models.test_scan import dense, kl
from tests.rounding import chain

from .conftest import KEY, initial, quick, same

WORDS = pictured()
TAUGHT = {"concepts": 20, "images": 2}
OPTIONS = TAUGHT | {"net": "small", "latents": 3, "units": 8, "learning_rate": 1e-2}
OPTIONS |= {"symbol_steps": 5, "operator_units": 8, "instructions": 4}
B = 6
NEAR = 8 * chain(64, 128, 128, 8, 3, 128, 32, 256)  # the small net both ways, then pixels
PRIOR = (np.zeros((B, 3)), np.zeros((B, 3)))


def model_of(name, **options):
    return MODELS[name](WORDS.shape, **OPTIONS | options)


LESSONS = model_of("jmvae").extra(WORDS)


def sampler(extra):
    def gather(rows):
        return WORDS.gather(jnp.asarray(WORDS.arrays), rows)

    return Sampler(WORDS.size, B, lambda key: key, gather, extra)


def noise(key, shape):
    """As `losses.sample` draws it, so that each of a loss's samples is known."""
    return np.asarray(jax.random.normal(key, shape), float)


@pytest.fixture(scope="module")
def updated():
    """name, step -> the state before and after one update, and its logs."""
    kept, compiled = {}, {}

    def step(name, at=0, **options):
        if name not in compiled:
            model = model_of(name, **options)
            compiled[name] = initial(model), quick(lambda s, e: model.update(s, sampler(e), KEY))
        if (name, at) not in kept:
            start, run = compiled[name]
            given = start._replace(step=jnp.int32(at))
            kept[name, at] = jax.device_get((given, *run(given, LESSONS)))
        return kept[name, at]

    return step


class Seen:
    """A batch as the update drew it, its posteriors and errors by NumPy; nets of images by JAX."""

    def __init__(self, state):
        own, key = state.params["pairs"], jax.random.split(KEY)
        at = np.asarray(jax.random.randint(key[0], (B,), 0, LESSONS.rows.size))
        self.x = np.asarray(WORDS.arrays[LESSONS.rows.ravel()[at]], float)
        self.y = np.asarray(concepts.k_hot(LESSONS.concepts[at // 2], LESSONS.offsets), float)
        self.key, self.own = key[1], own
        self.net = vaes.build("small", WORDS.shape, 3)
        look = vaes.build("small", WORDS.shape, 8)
        encode = quick(lambda n, p, x: n.apply(p, x, method="encode"), static_argnums=0)
        given = jnp.asarray(self.x, jnp.float32)
        self.image = [np.asarray(v, float) for v in encode(self.net, own["image"], given)]
        features = np.asarray(encode(look, own["look"], given)[0], float)
        both = own["both"]["params"]
        said = np.maximum(dense(both["Dense_0"], self.y), 0)
        hidden = np.concatenate([np.maximum(features, 0), said], axis=1)
        hidden = np.maximum(dense(both["hidden"], hidden), 0)
        self.both = [dense(both[head], hidden) for head in ("mean", "logvar")]

    def z(self, gaussian, number):
        draw = noise(jax.random.fold_in(self.key, number), (B, 3))
        return gaussian[0] + np.exp(gaussian[1] / 2) * draw

    def image_error(self, z):
        decode = quick(lambda p, z: self.net.apply(p, z, method="decode"))
        logits = np.asarray(decode(self.own["image"], jnp.asarray(z, jnp.float32)), float)
        each = np.logaddexp(0, logits) - logits * self.x
        return each.sum(axis=(1, 2, 3)).mean()

    def symbol_error(self, z):
        own = self.own["symbols"]["params"]
        logits = dense(own["logits"], np.maximum(dense(own["expand"], z), 0))[:, :9]
        return (np.logaddexp(0, logits) - logits * self.y[:, :9]).sum(axis=1).mean()


@pytest.mark.slow
def test_the_loss_of_jmvae_by_numpy(updated):
    state, _, logs = updated("jmvae")
    seen = Seen(state)
    own = seen.own["symbols"]["params"]
    hidden = np.maximum(dense(own["hidden"], seen.y), 0)
    symbol = [dense(own[head], hidden) for head in ("mean", "logvar")]
    z = seen.z(seen.both, 0)
    terms = {
        "reconstruction": seen.image_error(z),
        "symbol_error": seen.symbol_error(z),
        "kl": kl(seen.both, PRIOR).mean(),
        "kl_image": kl(seen.both, seen.image).mean(),
        "kl_symbol": kl(seen.both, symbol).mean(),
    }
    near = NEAR * sum(terms.values())
    for name, value in terms.items():
        assert logs[name] == pytest.approx(value, abs=near), name
    wanted = sum(terms.values()) - 0.9 * (terms["kl_image"] + terms["kl_symbol"])
    assert logs["loss"] == pytest.approx(wanted, abs=near)
    assert terms["kl_image"] > 10 * near and terms["kl_symbol"] > 10 * near  # each has a say
    assert logs["operator_error"] == 0


@pytest.mark.slow
def test_the_loss_of_telbo_by_numpy(updated):
    """With the fault of a public program (MultiVae), KLs of one modality, it is another."""
    state, _, logs = updated("telbo", instructions=0)
    seen = Seen(state)
    experts = seen.own["symbols"]["params"]
    trust = np.exp(-np.asarray(experts["logvars"], float))
    total = 1 + seen.y @ trust
    symbol = [seen.y @ (trust * np.asarray(experts["means"], float)) / total, -np.log(total)]
    z = seen.z(seen.both, 0)
    of_both = seen.image_error(z) + 10 * seen.symbol_error(z) + kl(seen.both, PRIOR).mean()
    of_image = seen.image_error(seen.z(seen.image, 1)) + kl(seen.image, PRIOR).mean()
    of_symbol = 10 * seen.symbol_error(seen.z(symbol, 2)) + kl(symbol, PRIOR).mean()
    near = NEAR * (of_both + of_image + of_symbol)
    assert logs["loss_image"] == pytest.approx(of_image, abs=near)
    assert logs["loss_symbol"] == pytest.approx(of_symbol, abs=near)
    assert logs["loss"] == pytest.approx((of_both + of_image + of_symbol) / 3, abs=near)
    wrong = kl((seen.image[0], seen.both[1]), PRIOR).mean() - kl(seen.image, PRIOR).mean()
    assert abs(wrong) > 3 * near


@pytest.mark.slow
@pytest.mark.parametrize(("at", "trained"), [(4, "pairs"), (5, "operators")])
def test_a_stage_trains_its_own_nets_alone(updated, at, trained):
    before, after, logs = updated("jmvae", at)
    for part in ("pairs", "operators"):
        assert same(before.params[part], after.params[part]) == (part != trained)
    assert (logs["operator_error"] > 0) == (trained == "operators")
    assert int(after.step) == at + 1


@pytest.mark.slow
def test_decoders_learn_from_pairs_alone_where_they_are_held_fixed():
    """As ELBO(x) and ELBO(y) of TELBO ask: by Adam's first moment, 0.1 times the gradient."""

    def loss(pair):
        seen = pair.image_error(pair.sample(pair.of_image, 1), False).mean()
        heard = pair.symbol_error(pair.sample(pair.of_symbol, 2), False).mean()
        return seen + heard, {"loss": seen + heard}

    options = {**jmvae.jmvae.__kwdefaults__, **OPTIONS, "instructions": 0}
    del options["alpha"]
    model = symbol_pairs.of_pairs(WORDS.shape, symbol_pair_nets.Settings(**options), loss)
    state, _ = quick(lambda s, e: model.update(s, sampler(e), KEY))(initial(model), LESSONS)
    moments = state.optimizer["pairs"][0].mu
    moved = {
        jax.tree_util.keystr(path, simple=True, separator="/"): bool(np.abs(g).max() > 0)
        for path, g in jax.tree_util.tree_leaves_with_path(moments)
    }
    for name, learns in moved.items():
        net, layer = name.split("/")[0], name.split("/")[2]
        decodes = layer.startswith(("expand", "pixels", "logits"))
        if net in ("look", "both") or decodes:
            assert not learns, name
        elif layer in ("mean", "logvar"):
            assert learns, name


@pytest.mark.slow
def test_what_no_symbol_tells_is_as_the_prior():
    net = ExpertNet(2, 4)
    params = {"means": jnp.array([[2.0, 0], [0, 0], [-4, 1], [0, 0]])}
    params["logvars"] = jnp.array([[0.0, 50], [0, 0], [np.log(0.5), 50], [0, 0]])
    said = jnp.array([[0.0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0]])
    mean, logvar = net.apply({"params": params}, said, method="encode")
    np.testing.assert_allclose(mean, [[0, 0], [1, 0], [(2 - 8) / 4, 0]], atol=1e-6)
    np.testing.assert_allclose(np.exp(logvar), [[1, 1], [1 / 2, 1], [1 / 4, 1]], rtol=1e-6)


@pytest.mark.slow
def test_noise_is_that_of_the_models():
    found = losses.sample(KEY, jnp.zeros((B, 3)), jnp.zeros((B, 3)))
    np.testing.assert_allclose(found, noise(KEY, (B, 3)), rtol=1e-6)
