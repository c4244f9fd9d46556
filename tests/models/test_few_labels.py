"""Models with few labels: labellers and regularisers by hand, the loss by NumPy, bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Sampler
from dbench.data import views
from dbench.errors import InputError
from dbench.models import MODELS
from dbench.models.few_labels import regularise, scheduled
from dbench.models.labellers import told
from dbench.training import devices
from tests.data.toy import NAMES, SIZES, WHOLE

from .conftest import KEY, SHAPE, SMALL, initial, near, parts, pictures, quick

BOTH = ("s2_beta_vae", "s2_beta_tcvae")
OPTIONS = {**SMALL, "latents": 4}
SOME = {"l2": {"scale": jnp.float32(2.0)}}


def test_labellers():
    rng = np.random.default_rng(0)
    sizes, labels = np.array([12, 3]), np.array([[0, 0], [2, 1], [3, 2], [11, 2]])
    assert told(labels, sizes, "perfect", rng)[0] is labels
    binned, few = told(labels, sizes, "binned", rng)
    assert binned.tolist() == [[0, 0], [0, 1], [1, 2], [4, 2]] and few.tolist() == [5, 3]
    many = rng.integers(sizes, size=(20_000, 2))
    noisy, _ = told(many, sizes, "noisy", rng)
    kept = (noisy == many).mean(axis=0)  # .9 and what a random value hits
    assert kept == pytest.approx([0.9 + 0.1 / 12, 0.9 + 0.1 / 3], abs=0.01)
    permuted, _ = told(many, sizes, "permuted", rng)
    for j in range(2):
        pairs = set(zip(many[:, j], permuted[:, j], strict=True))
        assert len(pairs) == sizes[j] == len({b for _, b in pairs})  # one to one


def test_a_partial_labeller_knows_two_factors_drawn_at_random():
    sizes, labels = np.array([12, 3, 7, 2]), np.arange(40).reshape(10, 4)
    seen = set()
    for seed in range(200):
        some, few = told(labels, sizes, "partial", np.random.default_rng(seed))
        which = tuple(some[0])  # the first image's labels are 0 .. 3
        assert few.tolist() == [sizes[j] for j in which] and (some == labels[:, which]).all()
        seen.add(which)
    assert len(seen) == 12  # every ordered pair of two
    alone, _ = told(labels[:, :1], sizes[:1], "partial", np.random.default_rng(0))
    assert alone.shape == (10, 1)


def test_a_partial_labeller_needs_two_latents_and_its_factors_are_those_of_its_seed():
    def extra(**options):
        given = {**OPTIONS, "latents": 2, "labeller": "partial", **options}
        return MODELS["s2_beta_vae"](SHAPE, **given).extra(WHOLE)

    one, again, others = extra(), extra(), [extra(label_seed=i) for i in range(8)]
    assert one.labels.shape == (100, 2) and (one.labels == again.labels).all()
    assert len({tuple(other.sizes) for other in others}) > 1
    with pytest.raises(InputError, match="raise latents from 1 to 2"):
        extra(latents=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("l2", (2 * 0.5 - 1) ** 2 + (-2 - 0) ** 2 + (2 * 1 - 1) ** 2 + (0 - 1) ** 2),
        ("cov", None),
        ("xent", None),
        ("l2_sigmoid", None),
        ("embed", None),
    ],
)
def test_regularisers_by_numpy(kind, value):
    mean = np.array([[0.5, -1.0, 3.0], [1.0, 0.0, -1.0]])
    labels, sizes = np.array([[1, 0], [1, 1]]), np.array([4, 2])
    codes, share, own = mean[:, :2], labels / sizes, SOME.get(kind, {})
    p = 1 / (1 + np.exp(-codes))
    if kind == "xent":
        value = -(share * np.log(p) + (1 - share) * np.log(1 - p)).sum()
    if kind == "l2_sigmoid":
        value = ((p - share) ** 2).sum()
    if kind == "cov":  # the codes vary by .25, .5 and -2 about their means, the labels by 0 and .5
        value = (0.25 * 0.5) ** 2 + (2 * 0.5) ** 2
    if kind == "embed":
        table = np.random.default_rng(0).normal(size=(3, 256))
        sharp = np.array([0.7, 1.2, 5.0])  # a code each, and one that is not labelled
        own = {"embedding": jnp.asarray(table, jnp.float32), "sharpness": jnp.float32(sharp)}
        value = 0
        for j, size in enumerate(sizes):
            logits = -((sharp[j] * (codes[:, j, None] - table[j, :size])) ** 2)
            chance = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            value -= np.log(chance[np.arange(2), labels[:, j]]).mean()
    found = regularise(kind, own, jnp.float32(mean), jnp.int32(labels), jnp.int32(sizes))
    assert float(found) == pytest.approx(value, rel=1e-5)


def test_schedules():
    for schedule, known in (
        ("fixed", [1, 1, 1]),
        ("anneal", [0, 0.5, 1]),
        ("fine_tune", [0, 0, 1]),
    ):
        found = [float(scheduled(schedule, jnp.int32(step), 10)) for step in (0, 5, 20)]
        assert found == known


@pytest.mark.slow
def test_loss_by_numpy(known_noise):
    """Unlabelled images, then labelled ones: the rows that are drawn are among the labelled."""
    model = MODELS["s2_beta_vae"](SHAPE, beta=2.0, weight=3.0, labels=5, **OPTIONS)
    known, images, rows = model.extra(WHOLE), pictures(3), []

    def gather(some):
        jax.debug.callback(lambda r: rows.append(np.asarray(r)), some, ordered=True)
        return images

    given = Sampler(
        WHOLE.size, 6, lambda key: jnp.arange(6), gather, jax.tree.map(jnp.asarray, known)
    )
    state = initial(model)
    _, logs = quick(lambda state: model.update(state, given, KEY))(state)
    jax.effects_barrier()
    logs = jax.device_get(logs)
    assert len(known.rows) == 5 and set(rows[1]) <= set(known.rows.tolist())
    labels = WHOLE.factors[rows[1]][:, 1:]  # the first factor has one value
    usual = parts(model, state.params, images)
    p = 1 / (1 + np.exp(-usual.mean[:, :3]))
    share = labels / np.array(SIZES[1:])
    supervised = -(share * np.log(p) + (1 - share) * np.log(1 - p)).sum()
    kl = usual.kl.sum(axis=1).mean()
    assert logs["supervised"] == pytest.approx(supervised, rel=4 * near())
    whole = usual.reconstruction + 2 * kl + 3 * supervised
    assert logs["loss"] == pytest.approx(whole, rel=4 * near())


@pytest.mark.parametrize("name", BOTH)
def test_what_labels_cannot_be_of(name):
    def refused(sentence, data=WHOLE, **options):
        with pytest.raises(InputError, match=sentence):
            MODELS[name](SHAPE, **{**OPTIONS, **options}).extra(data)

    refused("raise latents from 2 to 3", latents=2)
    refused("'size'", observed="size")
    refused("needs factors", WHOLE._replace(names=(), factors=WHOLE.factors[:, :0], values=()))
    refused("no view of it", views.view(WHOLE, {"part": [0.5, 0]}))
    some = MODELS[name](SHAPE, observed=f"{NAMES[2]}, {NAMES[1]}", **OPTIONS).extra(WHOLE)
    assert (some.labels == WHOLE.factors[some.rows][:, [2, 1]]).all()


@pytest.mark.slow
@pytest.mark.parametrize("regulariser", ["l2", "embed"])
def test_what_a_regulariser_learns_is_trained(regulariser):
    model = MODELS["s2_beta_vae"](SHAPE, regulariser=regulariser, **OPTIONS)
    extra = jax.tree.map(jnp.asarray, model.extra(WHOLE))
    given = Sampler(WHOLE.size, 6, lambda key: jnp.arange(6), lambda _: pictures(3), extra)
    state = devices.once(model.init)(KEY)
    after, _ = quick(lambda state: model.update(state, given, KEY))(state)
    moved = jax.tree.map(lambda a, b: bool((a != b).any()), state.params, after.params)
    assert jax.tree.all(moved["labels"]) and state.params["labels"]
