"""DisBM: its update against gradients by enumeration, the manifold term, and what is refused."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Dataset, Sampler
from dbench.data import views
from dbench.errors import InputError
from dbench.models import MODELS, disbm_inference
from dbench.models import disbm as model_of
from dbench.models import disbm_machine as dm
from dbench.models.disbm_machine import Machine, Visible
from dbench.models.disbm_pairs import Pairs
from dbench.training import devices
from tests.rounding import rounding

from .conftest import quick
from .test_disbm_machine import NEAR, every, pair_states, weights

KEY = jax.random.key(3)
SMALL = {"groups": "a: a; b: b", "units": "1, 2", "interactions": 2, "rounds": 2}
SMALL |= {"clip": 1e9, "optimizer": "sgd", "momentum": 0.0}  # else a step is no gradient
SMALL |= {"centring": 0.0, "sparsity": 0.0, "negative": "persistent", "begin": "grey"}
CHAINS = 10_000
IMAGES = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32)[:, None, :, None]
FACTORS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def data(images=IMAGES, factors=FACTORS, names=("a", "b")):
    values = tuple(np.arange(column.max() + 1.0) for column in factors.T)
    gather = lambda arrays, rows: jnp.asarray(arrays)[rows]  # noqa: E731
    return Dataset("mine", images.shape[1:], images, gather, factors, names, values)


def build(**options):
    return MODELS["disbm"](IMAGES.shape[1:], **SMALL | options)


def sampler(model, rows, dataset=None):
    found = data() if dataset is None else dataset
    extra = jax.tree.map(jnp.asarray, model.extra(found))
    return Sampler(4, len(rows), lambda _: rows, lambda r: found.gather(found.arrays, r), extra)


def everything(machine, shared):
    """All states: of one image, each array [1, n, .], or of pairs that share groups [2, n, .]."""
    if shared is None:
        (pixels, labels), hidden = every(machine)
        return Visible(pixels[None], labels[None]), [h[None] for h in hidden]
    pixels, hidden = pair_states(machine, shared)
    return Visible(pixels, np.zeros((*pixels.shape[:-1], 0), np.float32)), hidden


class Exact(NamedTuple):
    """What summing over all states gives: flat slopes of the energy, added over a pair."""

    p: np.ndarray  # [n], of each state
    slopes: np.ndarray  # [n, parameters]
    seen: np.ndarray  # [n, pixels and labels of one or two images]

    def gradient(self, seen):
        """Of -log p(what is seen) [b, .], mean over b; and its spread over the model's states."""
        given = []
        for each in seen:
            here = (self.seen == each).all(axis=1)
            given.append(self.p[here] @ self.slopes[here] / self.p[here].sum())
        mean = self.p @ self.slopes
        spread = np.sqrt(self.p @ (self.slopes - mean) ** 2)
        return np.mean(given, axis=0) - mean, spread


def exact(machine, params, shared=None):
    visible, hidden = everything(machine, shared)
    energy = lambda p, v, h: dm.energy(machine, p, v, h).sum()  # noqa: E731
    one = jax.vmap(jax.value_and_grad(energy), in_axes=(None, 1, 1))
    energies, slopes = quick(one)(params, visible, hidden)
    p = np.exp(-np.asarray(energies, float))
    flat = np.concatenate([np.asarray(x, float).reshape(len(p), -1) for x in leaves(slopes)], 1)
    return Exact(p / p.sum(), flat, beside(np.concatenate(visible, axis=-1)))


def leaves(tree):
    return jax.tree.leaves(tree)


def beside(arrays):
    """[images, n, .] -> [n, images * .]."""
    return np.concatenate([*arrays], axis=-1)


def exact_states(machine, known, shared, count, rng):
    """`count` states drawn by p."""
    visible, hidden = everything(machine, shared)
    at = rng.choice(len(known.p), count, p=known.p)
    return jax.tree.map(lambda x: x[:, at], (visible, hidden))


@pytest.mark.slow
@pytest.mark.parametrize("what", ["clamp", "none", "labels"])
def test_an_update_is_the_gradient_of_the_likelihood_where_chains_are_exact(what, monkeypatch):
    """Within 4.5 standard errors of its chains; without interactions mean field is exact."""
    labels = 2 * (what == "labels")
    machine = Machine(2, (1, 2), 2, labels, pixel_offset=0.5)
    options = {"correspondence": "clamp" if what == "clamp" else "none", "labels": labels}
    model = build(chains=CHAINS, learning_rate=1.0, momentum=0.0, **options)
    rows, mates = np.array([0, 1, 2, 1]), np.array([1, 3, 3, 1])
    monkeypatch.setattr(model_of, "partners", lambda *_: mates)
    params, rng = weights(machine, 0.8, seed=2, interactions=0.0), np.random.default_rng(0)
    flat = IMAGES.reshape(4, 2)
    if what == "clamp":  # chains of both kinds in turn, as pairs are
        kinds = [exact(machine, params, [j == k for j in range(2)]) for k in range(2)]
        both = [
            exact_states(machine, each, [j == k for j in range(2)], CHAINS // 2, rng)
            for k, each in enumerate(kinds)
        ]
        start = jax.tree.map(lambda *x: np.stack(x, axis=2).reshape(2, CHAINS, -1), *both)
        seen = [np.concatenate([flat[rows[k::2]], flat[mates[k::2]]], 1) for k in range(2)]
        found = [each.gradient(some) for each, some in zip(kinds, seen, strict=True)]
        # The mean over kinds, and over images, of which a pair has two.
        wanted, spread = (np.sum(x, axis=0) / 4 for x in zip(*found, strict=True))
    else:
        known = exact(machine, params)
        one = exact_states(machine, known, None, 2 * CHAINS, rng)
        start = jax.tree.map(lambda x: x.reshape(2, CHAINS, -1), one)
        hot = np.eye(2)[FACTORS[:, 0]][:, :labels]
        at = np.concatenate([rows, mates])
        wanted, spread = known.gradient(np.concatenate([flat[at], hot[at]], axis=1))
    state = devices.once(model.init)(KEY)
    state = state._replace(params=params, optimizer=(state.optimizer[0], start))
    given, turns = sampler(model, rows), iter([rows, mates])
    given = given._replace(rows=lambda _: next(turns))  # asked for twice where there are no pairs
    after, logs = quick(lambda state: model.update(state, given, KEY))(state)
    step = [
        np.asarray(b - a, float) for a, b in zip(leaves(params), leaves(after.params), strict=True)
    ]
    step = np.concatenate([x.reshape(-1) for x in step])
    assert (np.abs(step + wanted) <= 4.5 * spread / np.sqrt(CHAINS) + NEAR).all()
    assert np.abs(wanted).max() > 0.05 and float(logs["energy"]) != 0 and after.step == 1


@pytest.mark.slow
def test_persistent_chains_go_on_and_cd_begins_at_the_batch():
    """Units that copy pixels keep a chain of cd at its images: nothing moves."""
    copy = {"direct": [np.array([[40.0], [0.0]]), np.array([[0.0, 0.0], [0.0, 40.0]])]}
    copy |= {"unit_bias": [np.zeros(1), np.zeros(2)], "pixel_bias": np.zeros(2)}  # centred
    rows = np.array([0, 1, 2, 3])
    steps = {}
    for negative in ("cd", "persistent"):
        model = build(negative=negative, chains=7, correspondence="none", learning_rate=1.0)
        state = devices.once(model.init)(KEY)
        params = state.params | jax.tree.map(jnp.float32, copy)
        params |= {"pixel_factors": jnp.zeros((2, 2))}
        given = sampler(model, rows)
        update = quick(lambda s, k, m=model, given=given: m.update(s, given, k))
        after, _ = update(state._replace(params=params), KEY)
        steps[negative] = np.abs(after.params["pixel_bias"] - params["pixel_bias"]).max()
        kept = after.optimizer[1]
        if negative == "persistent":
            assert kept[0].pixels.shape == (2, 7, 2) and kept[1][1].shape == (2, 7, 2)
            again, _ = update(after, jax.random.key(9))
            assert (again.optimizer[1][0].pixels == kept[0].pixels).all()  # these copy themselves
        else:
            assert kept == ()
    assert steps["cd"] < 1e-6 < 1e-2 < steps["persistent"]


@pytest.mark.slow
def test_cd_begins_at_states_drawn_by_the_mean_field(monkeypatch):
    """Without a sweep the chain is the batch and its states, which clamped pairs share.

    E is linear in each unit, so that its mean over independent states is E at their means.
    """
    start = lambda *given: (given[2], given[3], given[2].pixels)  # noqa: E731
    monkeypatch.setattr(disbm_inference, "sweep", start)
    model = build(negative="cd", learning_rate=1.0)
    state = jax.jit(model.init)(KEY)._replace(params=weights(Machine(2, (1, 2), 2), 1.5))
    given = sampler(model, np.array([0, 1, 2, 3]))
    logs = jax.jit(jax.vmap(lambda k: model.update(state, given, k)[1]))
    found = {n: np.asarray(x, float) for n, x in logs(jax.random.split(KEY, 1000)).items()}
    apart = found["energy_chain"] - found["energy"]
    assert abs(apart.mean()) <= 4 * apart.std() / np.sqrt(1000) and apart.std() > 0.1


@pytest.mark.slow
def test_an_update_moves_offsets_and_biases_and_no_direct_weights_of_the_first_group():
    """At a rate of 0 nothing else moves: c += sparsity (target - q), o += centring (q - o)."""
    rows = np.array([0, 1, 2, 3])
    numbers = {"correspondence": "none", "sparsity": 0.3, "target": 0.9, "direct": "others"}
    params = weights(Machine(2, (1, 2), 2), 1.5)

    def updated(**options):
        model = build(**numbers | options)
        given = sampler(model, rows)
        state = jax.jit(model.init)(KEY)._replace(params=params)
        return jax.jit(lambda s: model.update(s, given, KEY)[0])(state).params, model

    after, model = updated(learning_rate=0.0, centring=0.25)
    codes = np.split(np.asarray(model.encode(params, IMAGES)[0]).mean(axis=0), [1])
    for k, q in enumerate(codes):  # a bias is moved before the offsets, which leave it as it is
        bias, offset = params["unit_bias"][k], params["unit_offset"][k]
        near = {"abs": 4 * rounding(8)}
        assert np.asarray(after["unit_offset"][k]) == pytest.approx(
            offset + (q - offset) / 4, **near
        )
        assert np.asarray(after["unit_bias"][k]) == pytest.approx(bias + 0.3 * (0.9 - q), **near)
    after, _ = updated(learning_rate=1.0)
    moved = [np.abs(a - b).max() for a, b in zip(after["direct"], params["direct"], strict=True)]
    assert moved[0] == 0 and moved[1] > 0.01


@pytest.mark.slow
def test_the_manifold_term_by_numpy_and_its_gradient_goes_through_the_rounds(monkeypatch):
    rows, mates = np.array([0, 1, 2, 3]), np.array([1, 3, 3, 2])
    monkeypatch.setattr(model_of, "partners", lambda *_: mates)
    options = {"correspondence": "manifold", "margin": 1.5, "chains": 2, "momentum": 0.0}
    states = {}
    for strength in (0.0, 3.0):
        model = build(learning_rate=1.0, strength=strength, **options)
        state = devices.once(model.init)(KEY)._replace(params=weights(Machine(2, (1, 2), 2), 1.5))
        given = sampler(model, rows)
        step = quick(lambda s, m=model, given=given: m.update(s, given, KEY))
        states[strength] = step(state)
    codes = np.asarray(model.encode(state.params, IMAGES)[0], float)
    total = 0.0
    for i, k in enumerate([0, 1, 0, 1]):
        q = codes[:, :1] if k == 0 else codes[:, 1:]
        total += ((q[rows[i]] - q[mates[i]]) ** 2).sum() / 4
        other = rows[i - 2]
        if FACTORS[rows[i], k] != FACTORS[other, k]:
            total += max(0, 1.5 - np.linalg.norm(q[rows[i]] - q[other])) ** 2 / 4
    after, logs = states[3.0]
    assert float(logs["manifold"]) == pytest.approx(total, rel=200 * rounding(8)) and total > 0.1
    moved = jax.tree.map(lambda a, b: np.abs(a - b).sum(), after.params, states[0.0][0].params)
    assert moved["pixel_factors"] > 1e-3 and moved["direct"][0] > 1e-3
    assert moved["pixel_bias"] == 0  # it has no part in what hidden units are


@pytest.mark.slow
@pytest.mark.parametrize("correspondence", ["clamp", "none"])
@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
def test_a_machine_may_begin_at_the_mean_image(visible, correspondence):
    """Without weights it makes the mean of the images that training sees, whatever the codes."""
    still = {"learning_rate": 0.0, "begin": "mean", "negative": "cd", "sigma": 0.5}
    model = build(visible=visible, correspondence=correspondence, **still)
    images = IMAGES * np.array([0.6, 0.3], np.float32)[:, None]
    factors = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 0]])
    more = np.concatenate([images, np.ones((2, 1, 2, 1), np.float32)])
    dataset = views.view(data(more, factors), {"without": [{"a": [2]}]})
    given = sampler(model, np.arange(4), dataset)
    begun = quick(lambda state: model.update(state, given, KEY))(devices.once(model.init)(KEY))[0]
    without = jax.tree.map(jnp.zeros_like, begun.params)
    kept = {name: begun.params[name] for name in ("pixel_bias", "pixel_offset")}
    made = model.decode(without | kept, jnp.array([[0.0, 1.0, 0.3]]))[0]
    np.testing.assert_allclose(made, images.mean(axis=0), rtol=8 * rounding(8))
    assert sorted(given.extra.begin.tolist()) == [0, 1, 2, 3]
    later = given._replace(extra=given.extra._replace(begin=jnp.array([4, 5])))
    after = quick(lambda state: model.update(state, later, KEY))(begun)[0].params
    assert jax.tree.all(jax.tree.map(lambda a, b: (a == b).all(), after, begun.params))
    moving = build(visible=visible, correspondence=correspondence, **still | {"learning_rate": 1.0})
    moved = quick(lambda state: moving.update(state, given, KEY))(begun)[0].params
    assert (moved["pixel_offset"] == begun.params["pixel_offset"]).all()  # it is not learned
    assert (moved["pixel_bias"] != begun.params["pixel_bias"]).any()


@pytest.mark.slow
def test_codes_are_means_and_groups_are_declared():
    for visible in ("bernoulli", "gaussian"):
        model = build(visible=visible, labels=2)
        state = devices.once(model.init)(KEY)
        codes, logvar = model.encode(state.params, IMAGES)
        assert codes.shape == (4, 3) and logvar is None and not model.likelihood
        assert model.ends == (0, 1) and 0 < codes.min() < codes.max() < 1
        assert model.groups == (("a", (0,)), ("b", (1, 2)))
        made = np.asarray(model.decode(state.params, codes))
        assert made.shape == IMAGES.shape and made.min() >= 0 and made.max() <= 1


@pytest.mark.slow
def test_pairs_share_the_factors_and_keep_to_the_view():
    factors = np.indices((5, 4, 3)).reshape(3, -1).T
    dataset = data(np.zeros((60, 1, 2, 1), np.float32), factors, ("id", "x", "y"))
    held = views.view(dataset, {"without": [{"id": [3, 4]}]})
    model = MODELS["disbm"]((1, 2, 1), groups="who: id; pose: x, y", units="2, 2")
    kept = views.trained(held)
    assert (factors[kept, 0] < 3).all() and len(kept) == 36
    found = model.extra(held)
    rows = jnp.asarray(np.resize(kept, 400))
    mates = np.asarray(model_of.partners(found.groups, rows, KEY))
    assert set(mates) <= set(kept.tolist())
    one, two = factors[rows], factors[mates]
    assert (one[::2, 0] == two[::2, 0]).all() and (one[1::2, 1:] == two[1::2, 1:]).all()
    assert (one[::2, 1:] != two[::2, 1:]).any() and (one[1::2, 0] != two[1::2, 0]).any()


def test_joints_of_factors_are_refused_where_second_images_are_drawn_all_alike():
    """p(a, b) is of the first images alone: with pairs the machine would learn another one."""
    table = np.array([[0.4, 0.1], [0.1, 0.4]])
    joint = views.view(data(), {"joint": {"a,b": table}})
    for way in ("clamp", "manifold"):
        with pytest.raises(InputError, match="second image of a pair itself.*mine.*no joint of"):
            build(correspondence=way).extra(joint)
    assert build(correspondence="none").extra(joint) == Pairs()
    labels = build(correspondence="none", labels=2).extra(joint).labels
    assert labels.tolist() == FACTORS[:, 0].tolist()
    build().extra(views.view(data(), {"part": [0.75, 0]}))  # rows that are left out are no weights


UNPAIRED = data(factors=np.array([[0, 0], [1, 1], [2, 2], [3, 3]]))
REFUSED = {
    "groups of disbm must be names with factors, as .*not 'a'": {"groups": "a"},
    "disbm needs two groups or more": {"groups": "a: a", "units": "1"},
    "units of disbm must be a number of units for each of its 2 groups": {"units": "1, 0"},
    "disbm's group 'a' has the factor 'c', and mine has a, b": {"groups": "a: c; b: b"},
    "disbm has 1 labels, and 2 combinations of a are trained on": {"labels": 1},
    "no two images of mine share a, so there is no pair": {"data": UNPAIRED},
    "disbm needs factors, and mine has none": {"data": data(factors=FACTORS[:, :0], names=())},
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_cannot_work_is_one_sentence(said):
    options = dict(REFUSED[said])
    dataset = options.pop("data", data())
    with pytest.raises(InputError, match=said) as caught:
        build(**options).extra(dataset)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_gaussian_pixels_may_be_anything():
    build(visible="gaussian").extra(data(3 * IMAGES))
    assert disbm_inference.draw(KEY, jnp.ones((2, 3))).tolist() == [[1.0] * 3] * 2
