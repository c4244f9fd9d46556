"""Losses against the authors' own code: what theirs gave for small inputs, and ours for the same.

`tests/golden/losses.json` has inputs, and for each row the repository, its commit and the numbers
that its own functions gave, gradients by its own framework included. Ours run whole where they
can: a model's update, with a network whose outputs are its parameters and an optimiser that puts
gradients in their place.

Both sides compute in float32. A bound (`close`) is a factor times `rounding` of the longest sum,
times the largest number that is compared, or its terms where they cancel. The factor is 2, as both
sides are rounded, times 4, as functions on the way, exp among them, are good to some epsilons.
"""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Sampler
from dbench.data.views import sampling
from dbench.models import MODELS, few_labels, hfs, labellers, losses, pairs, qlae, slow_vae, tripod
from dbench.models.beta_tcvae import penalty
from dbench.models.vae import Autoencoder, Batch
from tests.rounding import rounding

from .conftest import KEY, quick

KEPT = json.loads((Path(__file__).parents[1] / "golden" / "losses.json").read_text())
ROWS = {row["name"]: row for row in KEPT["rows"]}
SHAPE = (2, 2, 1)


def row(name: str) -> tuple[dict, dict]:
    """Inputs and what the others' code found."""
    return KEPT["inputs"][ROWS[name]["inputs"]], ROWS[name]["found"]


def f32(x) -> jax.Array:
    return jnp.asarray(x, jnp.float32)


def close(ours, theirs, terms: int, size: float = 0.0) -> None:
    """Equal but for rounding of sums of so many `terms`, none larger than `size`."""
    theirs = np.asarray(theirs, float)
    bound = 8 * rounding(terms) * max(size, float(abs(theirs).max()))
    np.testing.assert_allclose(np.asarray(ours, float), theirs, rtol=0, atol=bound)


def bare(start: dict) -> Autoencoder:
    """A network whose mean, logvar and logits are its parameters, whatever the images."""

    def run(params, images, key, step, size):
        mean, logvar = encode(params, images)
        kl = losses.gaussian_kl(mean, logvar).mean(axis=0)
        return Batch(mean, logvar, mean, params["logits"], kl, step, size, key)

    def encode(params, images):
        return params["mean"], params["logvar"]

    return Autoencoder(lambda key: start, run, encode, None, lambda params, z: params["logits"])


def gradients(optimizer, grads, state, params):
    """Stands in for `apply`: the gradients are where parameters were."""
    return grads, state


def posteriors(inputs: dict) -> dict:
    """Of first images, then of second ones."""
    both = {k: f32(inputs[f"{k}_1"] + inputs[f"{k}_2"]) for k in ("mean", "logvar")}
    return both | {"logits": f32(inputs["logits"])}


def updated(monkeypatch, module, name: str, inputs: dict, extra, **options):
    """Gradients and logs of an update of a model of pairs with the posteriors of `inputs`."""
    monkeypatch.setattr(module, "autoencoder", lambda *_: bare(posteriors(inputs)))
    monkeypatch.setattr(module, "apply", gradients)
    model = MODELS[name](SHAPE, latents=5, **options)
    images = f32(inputs["images"])
    given = Sampler(100, 4, lambda key: jnp.arange(4), lambda rows: images, extra)
    state, logs = quick(lambda key: model.update(model.init(key), given, key))(KEY)
    return state.params, logs


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ada_gvae", "ada_ml_vae", "gvae", "ml_vae"])
def test_models_of_pairs(name, monkeypatch):
    """Averaged posteriors, which codes are shared, the loss, its parts and its gradient."""
    inputs, found = row(name)
    changed = np.arange(5)[None] == np.array(inputs["changed"])[:, None]  # [4, 5]
    rows = jnp.arange(4)
    monkeypatch.setattr(sampling, "pairs", lambda *_: (rows, rows, jnp.asarray(changed)))
    extra = (jnp.full(5, 3), jnp.arange(5))
    own = posteriors(inputs)
    one, two = zip(*(jnp.split(own[k], 2) for k in ("mean", "logvar")), strict=True)
    mean, logvar, same = pairs.RULES[name].averaged(one, two, jnp.asarray(changed))
    close(mean, found["mean"], 2)
    close(logvar, found["logvar"], 2)
    kept = np.array(found["mean"][:4]) == np.asarray(one[0], float)
    kept |= abs(np.array(found["mean"][:4]) - np.asarray(one[0], float)) < 1e-6
    assert (np.asarray(same) == ~kept).all() and 0 < same.sum() < same.size
    grads, logs = updated(monkeypatch, pairs, name, inputs, extra, beta=inputs["beta"])
    for key in ("loss", "reconstruction", "kl"):
        close(logs[key], found[key], 8 * 5, size=float(logs["loss"]))
    for key in ("mean", "logvar", "logits"):
        close(grads[key], found[f"gradient_{key}"], 5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["slow_vae", "slow_vae_other"])
def test_slow_vae(name, monkeypatch):
    """The loss and its gradient; of its terms those that are reported."""
    inputs, found = row(name)
    rows = jnp.arange(4)
    monkeypatch.setattr(sampling, "steps", lambda *_: (rows, rows))
    weights = {k: found[k] for k in ("beta", "gamma", "rate")}
    walk = tuple(jnp.zeros(()) for _ in sampling.Walk._fields)
    grads, logs = updated(monkeypatch, slow_vae, "slow_vae", inputs, walk, **weights)
    term = found["cross_entropy_laplace"] - found["entropy"]
    close(logs["loss"], found["loss"], 8 * 5)
    close(logs["slowness"], term, 8 * 5, size=found["cross_entropy_laplace"])
    close(logs["reconstruction"], found["reconstruction"], 8 * 4)
    normal = found["cross_entropy_normal"] - found["entropy"]
    close(logs["kl"], normal, 8 * 5, size=found["cross_entropy_normal"])
    for key in ("mean", "logvar", "logits"):
        close(grads[key], found[f"gradient_{key}"], 5)


@pytest.mark.slow
def test_cross_entropy_with_a_laplace_density():
    inputs, found = row("laplace")
    ours = slow_vae.cross_entropy(f32(inputs["mean"]), f32(inputs["logvar"]), inputs["rate"])
    close(ours, found["value"], 3)


OWN = {
    "l2": lambda inputs: {"scale": f32(inputs["scale"])},
    "embed": lambda inputs: {
        "embedding": f32(
            [[*row, *[0.0] * (few_labels.MOST - len(row))] for row in inputs["embedding"]]
        ),
        "sharpness": f32(inputs["sharpness"]),
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["xent", "l2", "l2_sigmoid", "cov", "embed"])
def test_regularisers(name):
    """Value and gradients, of what they learn too.

    With l2_sigmoid theirs holds each image to the labels of all images of the batch: its arrays
    [b, 1, k] and [b, k] give [b, b, k]. Ours holds it to its own (a departure), and is theirs of a
    batch in which each image stands once with each label.
    """
    inputs, found = row(name)
    labels, sizes = jnp.array(inputs["labels"]), jnp.array(inputs["sizes"])

    def ours(own, mean):
        if name == "l2_sigmoid":
            pairs = (jnp.repeat(mean, 6, axis=0), jnp.tile(labels, (6, 1)))
            return few_labels.regularise(name, own, *pairs, sizes)
        return few_labels.regularise(name, own, mean, labels, sizes)

    own = OWN.get(name, lambda _: {})(inputs)
    value, (learnt, grad) = quick(jax.value_and_grad(ours, (0, 1)))(own, f32(inputs["mean"]))
    close(value, found["value"], 6 * 6 * 3)
    close(grad, found["gradient"], 6)
    if name == "l2_sigmoid":
        alone = few_labels.regularise(name, own, f32(inputs["mean"]), labels, sizes)
        assert 5 * alone < found["value"] < 7 * alone  # 6 images
    if name == "l2":
        close(learnt["scale"], found["gradient_b"], 6 * 3)
    if name == "embed":
        for j, size in enumerate(inputs["sizes"]):
            close(learnt["embedding"][j, :size], found[f"gradient_{j}_embedding"], 6)
            assert (learnt["embedding"][j, size:] == 0).all()
            close(learnt["sharpness"][j], found[f"gradient_{j}_sigma"][0], 6 * size)


@pytest.mark.parametrize("schedule", ["fixed", "anneal", "fine_tune"])
def test_schedules(schedule):
    inputs, found = row("schedules")
    ours = [
        few_labels.scheduled(schedule, jnp.int32(step), inputs["threshold"])
        for step in inputs["steps"]
    ]
    close(ours, found[schedule], 1)


@pytest.mark.slow
def test_penalties_of_few_labels():
    """Total correlation is that of theirs but for the constant that they leave out.

    log q(z) and each log q(z_j) are lower by log (n b), n images in all and b in the batch, so that
    TC is higher by (d - 1) log (n b). The gradient is the same.
    """
    inputs, found = row("s2_beta_tcvae")
    mean, logvar, z = (f32(inputs[k]) for k in ("mean", "logvar", "z"))
    beta, n, (b, d) = inputs["beta"], inputs["size"], mean.shape

    def ours(mean, logvar, z):
        kl = losses.gaussian_kl(mean, logvar).mean(axis=0)
        batch = Batch(mean, logvar, z, None, kl, 0, n)
        value, logs = penalty(batch, beta, 1.0, 1.0, "weighted")
        return value, (logs["tc"], batch.kl)

    (value, (tc, kl)), grads = quick(jax.value_and_grad(ours, (0, 1, 2), has_aux=True))(
        mean, logvar, z
    )
    left_out = (d - 1) * np.log(n * b)
    size = d * np.log(n * b)  # of terms that cancel
    close(tc, found["tc"] + left_out, b * d, size=size)
    close(value, found["penalty"] + (beta - 1) * left_out, b * d, size=(beta - 1) * size)
    close(kl, found["kl"], b * d)
    close(beta * kl, found["beta_vae_penalty"], b * d)
    for grad, key in zip(grads, ("mean", "logvar", "z"), strict=True):
        close(grad, found[f"gradient_{key}"], b * d)


class Draws:
    """A generator that gives what the authors' drew, in our order."""

    def __init__(self, found: dict):
        self.drawn = found["draws"]
        self.shape = np.shape(found["labels"])
        self.orders = iter(self.drawn.get("permutation", ()))

    def random(self, shape):
        return np.reshape(self.drawn["rand"], shape)

    def integers(self, sizes, size):
        values = np.zeros(self.shape, int).ravel()
        for place, value in self.drawn["randint"]:
            values[place] = value
        return values.reshape(size)

    def permutation(self, size):
        order = np.array(next(self.orders))
        assert len(order) == size
        return order

    def choice(self, n, size, replace):
        assert not replace and size == len(self.drawn["choice"][0])
        return np.array(self.drawn["choice"][0])


@pytest.mark.parametrize("name", ["perfect", "binned", "noisy", "permuted", "partial"])
def test_labellers(name):
    """With the same draws, the same labels."""
    inputs, found = row(name)
    labels, sizes = labellers.told(
        np.array(inputs["labels"]), np.array(inputs["sizes"]), name, Draws(found)
    )
    assert labels.tolist() == found["labels"] and sizes.tolist() == found["sizes"]


def test_bins_of_factors_of_any_size():
    _, found = row("bins")
    assert len(found) == 39
    for size, bins in found.items():
        every = np.arange(int(size))[:, None]
        ours, _ = labellers.told(every, np.array([int(size)]), "binned", np.random.default_rng(0))
        assert "".join(map(str, ours[:, 0])) == bins


@pytest.mark.slow
def test_values_of_qlae():
    inputs, found = row("qlae_quantise")
    codes, values = f32(inputs["codes"]), f32(inputs["values"])
    ours = qlae.quantise(codes, values)
    known = np.asarray(values)[np.arange(3)[None], np.array(found["indices"])]
    assert (np.asarray(ours) == known).all()
    close(ours, found["quantised"], 1)


class Linear:
    """A network without hidden layers, as both sides have it in these rows."""

    def init(self, key):
        inputs = KEPT["inputs"]["qlae"]
        return {"in": f32(inputs["weight_in"]), "out": f32(inputs["weight_out"])}

    def encode(self, params, images):
        return images.reshape(len(images), -1) @ params["in"], None

    def logits(self, params, codes):
        return (codes @ params["out"]).reshape(-1, *SHAPE)

    decode = None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "weights"), [("qlae", (0.01, 0.01)), ("qlae_other", (2.0, 0.5))], ids=str
)
def test_loss_of_qlae(name, weights, monkeypatch):
    """Through the values: gradients of both weights are those of codes that were not snapped."""
    inputs, found = row(name)
    monkeypatch.setattr(qlae, "autoencoder", lambda *_: Linear())
    monkeypatch.setattr(qlae, "apply", gradients)
    options = dict(zip(("quantisation", "commitment"), weights, strict=True))
    model = qlae.qlae(SHAPE, latents=3, levels=4, **options)
    images = f32(inputs["images"])
    given = Sampler(100, 5, lambda key: jnp.arange(5), lambda rows: images)

    def step(key, values):
        state = model.init(key)
        return model.update(state._replace(params=state.params | {"values": values}), given, key)

    state, logs = quick(step)(KEY, f32(inputs["values"]))
    close(logs["loss"], found["loss"], 5 * 4)
    close(logs["reconstruction"], 4 * found["bce"], 5 * 4)  # ours is logged for a whole image
    close(logs["quantisation"], found["quantisation"], 5 * 3)
    assert found["quantisation"] == pytest.approx(found["commitment"])  # apart in gradients alone
    close(state.params["ae"]["in"], found["gradient_in"], 5 * 4)
    close(state.params["ae"]["out"], found["gradient_out"], 5 * 4)
    close(state.params["values"], found["gradient_values"], 5 * 3)


def test_first_values_of_qlae():
    _, found = row("qlae_quantise")
    model = qlae.qlae((8, 8, 1), net="small", latents=3)
    values = quick(lambda key: model.init(key).params["values"])(KEY)
    close(values, np.tile(found["initial"], (3, 1)), 1)


@pytest.mark.slow
def test_values_of_tripod():
    inputs, found = row("tripod_quantise")
    pre = f32(inputs["pre"])

    def ours(pre):
        values = tripod.quantise(jnp.tanh(pre), inputs["levels"])
        return (values * f32(inputs["direction"])).sum(), values

    (_, values), grad = quick(jax.value_and_grad(ours, has_aux=True))(pre)
    close(values, found["values"], 2)
    close(tripod.quantise(jnp.tanh(pre), 12), found["values_12"], 2)
    close(grad, found["gradient"], 2)


def hidden(z, inputs):
    """The two hidden layers that both sides have in these rows, [n, d] -> [n, 4] and [n, 2]."""
    first = jnp.tanh(z @ f32(inputs["weight_1"]))
    return [first, (first @ f32(inputs["weight_2"])) ** 2]


@pytest.fixture
def drawn(monkeypatch):
    """Perturbations are those that the authors' code drew, [draws, n, d]."""
    _, found = row("tripod_draws")
    monkeypatch.setattr(jax.random, "rademacher", lambda *_: f32(found["signs"]))
    monkeypatch.setattr(jax.random, "normal", lambda *_: f32(found["normals"]))


class Differences:
    """V(r) and V(g) by NumPy in float64, and how far float32 may be from them.

    A second difference is of outputs that are rounded, and is divided by the step squared: `off`,
    by layer. Its variance V is then off by 2 sqrt(V) off + off^2.
    """

    def __init__(self):
        inputs, found = row("tripod_quantise")
        values, spread = np.array(found["values"]), np.array(found["codes"]).std(axis=0) + 1e-6
        one, two = np.array(inputs["weight_1"]), np.array(inputs["weight_2"])
        step = inputs["epsilon"]

        def outputs(z):
            first = np.tanh(z @ one)
            return [first, (first @ two) ** 2]

        def variances(draws):
            move = step * np.array(draws) * spread
            three = zip(*(outputs(values + sign * move) for sign in (1, 0, -1)), strict=True)
            second = [(up - 2 * at + down) / step**2 for up, at, down in three]
            return np.stack([x.var(axis=0).mean(axis=1) for x in second])  # [layers, n]

        draws = row("tripod_draws")[1]
        self.mixed, self.every = variances(draws["signs"]), variances(draws["normals"])
        tops = np.array([abs(x).max() for x in outputs(values)])[:, None]
        self.off = 4 * rounding(4) * tops / step**2

    def share(self, mean=lambda v: v) -> tuple[np.ndarray, np.ndarray]:
        """V(r) / V(g) summed over layers, and its bound; `mean` is taken of both before."""
        share = mean(self.mixed) / mean(self.every)
        far = [mean(2 * np.sqrt(v) * self.off + self.off**2) for v in (self.mixed, self.every)]
        bound = (far[0] + share * far[1]) / mean(self.every)
        return share.sum(axis=0), bound.sum(axis=0)


@pytest.mark.slow
def test_hessian_penalty_of_each_image(monkeypatch):
    """Of one image at a time ours is theirs: the sum over layers of V(r) / V(g)."""
    inputs, found = row("tripod")
    shares, bounds = Differences().share()
    theirs = np.sum([found[f"hessian_penalty_normalized_{k}"] for k in ("cond", "block0")], axis=0)
    assert (abs(theirs - shares) < bounds).all() and (bounds < 0.02 * theirs.max()).all()
    _, given = row("tripod_quantise")
    values, spread = f32(given["values"]), f32(np.array(given["codes"]).std(axis=0) + 1e-6)
    _, draws = row("tripod_draws")

    def ours(value, signs, normals):
        monkeypatch.setattr(jax.random, "rademacher", lambda *_: signs)
        monkeypatch.setattr(jax.random, "normal", lambda *_: normals)
        return tripod.mixed_share(
            lambda z: hidden(z, inputs), value, spread, KEY, inputs["draws"], inputs["epsilon"]
        )

    run = quick(ours)
    for i in range(len(values)):
        one = slice(i, i + 1)
        got = run(values[one], f32(draws["signs"])[:, one], f32(draws["normals"])[:, one])
        assert float(got) == pytest.approx(theirs[i], rel=0, abs=2 * bounds[i])


class Given:
    """A net whose encoder's outputs are parameters, and whose decoder is that of these rows."""

    def __init__(self, inputs: dict):
        self.inputs = inputs

    def init(self, key, images):
        return {"pre": f32(self.inputs["pre"])}

    def apply(self, params, x, method, **options):
        if method == "encode":
            return params["pre"], None
        layers = hidden(x, self.inputs)
        logits = (layers[1] @ f32(self.inputs["weight_out"])).reshape(-1, *SHAPE)
        if not options:
            return logits
        every = {str(i): {"__call__": (v,)} for i, v in enumerate([x, *layers, logits])}
        return logits, {"intermediates": every}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "weights"),
    [("tripod", (1e-4, 1e-2)), ("tripod_weak", (0.5, 0.0))],
    ids=["defaults", "no hessian"],
)
def test_loss_of_tripod(name, weights, drawn, monkeypatch):
    """The whole loss; its gradient where H has no weight.

    Theirs divides V(r) by V(g) image by image, ours the means over the batch (a departure): with
    these inputs H is so much less.
    """
    inputs, found = row(name)
    monkeypatch.setattr(tripod.vaes, "build", lambda *_: Given(inputs))
    monkeypatch.setattr(tripod, "apply", gradients)
    options = dict(zip(("multiinformation", "hessian"), weights, strict=True))
    model = tripod.tripod(
        SHAPE,
        latents=3,
        levels=inputs["levels"],
        perturbations=inputs["draws"],
        epsilon=inputs["epsilon"],
        **options,
    )
    images = (f32(inputs["images"]).reshape(6, *SHAPE) + 1) / 2  # theirs are from -1 to 1
    given = Sampler(100, 6, lambda key: jnp.arange(6), lambda rows: images)

    def step(key):  # not the first, which would give logits an offset: theirs have none
        return model.update(model.init(key)._replace(step=jnp.int32(1)), given, key)

    state, logs = quick(step)(KEY)
    told = np.mean(found["multiinformation"])
    close(logs["reconstruction"], 4 * found["reconstruct"], 6 * 4)
    close(logs["multiinformation"], told, 6 * 6, size=10)
    of_means, bound = Differences().share(lambda v: v.mean(axis=1, keepdims=True))
    theirs = np.mean(found["hessian_penalty_normalized_cond"])
    theirs += np.mean(found["hessian_penalty_normalized_block0"])
    assert float(logs["hessian"]) == pytest.approx(of_means[0], rel=0, abs=bound[0])
    assert of_means[0] < 0.5 * theirs
    whole = found["loss"] - weights[1] * (theirs - of_means[0])
    apart = weights[1] * bound[0] + 8 * rounding(36) * 5
    assert float(logs["loss"]) == pytest.approx(whole, rel=0, abs=apart)
    if not weights[1]:
        close(state.params["ae"]["pre"], found["gradient_pre"], 6 * 6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hfs_full", "hfs_random"])
def test_hausdorff_distance(name, monkeypatch):
    """All combinations of all pairs, and those that the authors' code drew: 300 H, its gradient."""
    inputs, found = row(name)
    mean = f32(inputs["mean"])
    b, d = mean.shape
    if name == "hfs_full":
        every = np.stack(np.meshgrid(np.arange(b), np.arange(b)), axis=-1).reshape(-1, 1, 2)
        some, rows = None, np.broadcast_to(every, (b * b, d * (d - 1) // 2, 2))
    else:
        some, rows = np.array(found["pairs"]), np.array(found["rows"])
        monkeypatch.setattr(jax.random, "permutation", lambda key, every: jnp.asarray(some))
    monkeypatch.setattr(jax.random, "randint", lambda key, shape, low, high: jnp.asarray(rows))

    def ours(mean):
        distance = hfs.farthest(KEY, mean, rows.shape[1], len(rows))
        return 300 * distance, distance

    (value, distance), grad = quick(jax.value_and_grad(ours, has_aux=True))(mean)
    close(distance, found["hausdorff"], rows.shape[1])
    close(value, found["loss"], rows.shape[1])
    close(grad, found["gradient_mean"], rows.shape[1])


@pytest.mark.slow
def test_width_of_a_support():
    """S of theirs is ours of codes and images changed about: it is over codes of each image.

    Ours, over the images of the batch for each code, is what the text asks for (a departure).
    """
    inputs, found = row("hfs_scale")
    mean, logvar = f32(inputs["mean"]), f32(inputs["logvar"])

    def ours(mean):
        kl = losses.gaussian_kl(mean, logvar).mean(axis=0).sum()
        return hfs.narrow(mean.T) + 2 * kl, (hfs.narrow(mean.T), kl)

    (value, (scale, kl)), grad = quick(jax.value_and_grad(ours, has_aux=True))(mean)
    close(scale, found["scale"], 6 * 2)
    close(kl, found["kl"], 6 * 4)
    close(value, found["loss"], 6 * 4)
    close(grad, found["gradient_mean"], 4)
    assert float(hfs.narrow(mean)) < 0.5 * found["scale"]
