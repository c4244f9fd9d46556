"""The machine of a DisBM against all its states, summed: conditionals, free energy, chains."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.models import disbm_inference as inference
from dbench.models import disbm_machine as dm
from dbench.models.disbm_machine import Machine, Visible
from tests.rounding import rounding

TINY = Machine(3, (2, 2), 3, pixel_offset=0.5)
PAIR = Machine(2, (1, 2), 2, pixel_offset=0.5)  # two images of it have 2^8 or 2^9 states
OFFSETS = {"pixel_offset": np.array([0.1, 0.9, 0.4], np.float32)}
NEAR = 40 * rounding(16)  # energies of size 5 to 10 by sums of some ten terms, then exp


def weights(machine, scale=1.0, seed=0, interactions=1.0):
    """Weights that matter, biases too, float32."""
    shapes = jax.eval_shape(lambda k: dm.init(machine, k), jax.random.key(0))
    rng = np.random.default_rng(seed)
    params = jax.tree.map(lambda x: (scale * rng.normal(size=x.shape)).astype(np.float32), shapes)
    params["unit_offset"] = [rng.uniform(0.2, 0.8, j).astype(np.float32) for j in machine.units]
    return params | {"pixel_factors": interactions * params["pixel_factors"]}


def states(*counts):
    """All states of binary units in blocks of so many, [2^n, count] each, float32."""
    bits = np.array([*itertools.product([0, 1], repeat=sum(counts))], np.float32)
    return np.split(bits, np.cumsum(counts)[:-1], axis=1)


def every(machine):
    """All states: visible, hidden."""
    pixels, *hidden = states(machine.pixels, *machine.units)
    if not machine.labels:
        return Visible(pixels, np.zeros((len(pixels), 0), np.float32)), hidden
    count, labels = len(pixels), np.eye(machine.labels, dtype=np.float32)
    pixels, *hidden = (np.tile(x, (machine.labels, 1)) for x in (pixels, *hidden))
    return Visible(pixels, labels.repeat(count, axis=0)), hidden


def chances(machine, params, visible, hidden):
    """The exact p of each of these states, all there are, float64."""
    minus = -np.asarray(dm.energy(machine, params, visible, hidden), np.float64)
    p = np.exp(minus - minus.max())
    return p / p.sum()


def ids(*parts):
    """States [n, .] of bits as whole numbers, [n]."""
    bits = np.concatenate(parts, axis=1).astype(int)
    return bits @ (2 ** np.arange(bits.shape[1])[::-1])


@pytest.mark.slow
@pytest.mark.parametrize("offset", [0.3, [0.3, 0.8, -0.2]])
def test_energy_by_loops(offset):
    machine = Machine(3, (2, 3, 2), 2, labels=2, gaussian=True, pixel_offset=0.3)
    params, rng = weights(machine), np.random.default_rng(1)
    if offset != machine.pixel_offset:
        params["pixel_offset"] = np.array(offset, np.float32)
    v, y, *h = (rng.random(n).astype(np.float32) for n in (3, 2, *machine.units))
    energy = dm.energy(machine, params, Visible(v, y), h)
    v, h = v - offset, [x - o for x, o in zip(h, params["unit_offset"], strict=True)]
    wanted = (v**2).sum() / 2 - v @ params["pixel_bias"] - y @ params["label_bias"]
    wanted -= (y @ params["label_weights"]) @ h[0]
    for f in range(2):
        term = sum(v[i] * params["pixel_factors"][i, f] for i in range(3))
        for k, units in enumerate(machine.units):
            term *= sum(h[k][j] * params["unit_factors"][k][j, f] for j in range(units))
        wanted -= term
    for k in range(3):
        wanted -= h[k] @ (v @ params["direct"][k] + params["unit_bias"][k])
    assert energy == pytest.approx(wanted, rel=NEAR)


@pytest.mark.slow
def test_other_offsets_with_other_weights_are_the_same_machine():
    machine = TINY
    params, (visible, hidden) = weights(machine), every(machine)
    again = dm.recentre(params, [jnp.array([0.9, 0.1]), jnp.array([0.3, 0.5])])
    one, two = (np.asarray(dm.energy(machine, p, visible, hidden)) for p in (params, again))
    assert (one - two).std() < NEAR * np.abs(one).max() and (one - one[0]).std() > 0.1
    assert [o.tolist() for o in again["unit_offset"]] == [
        pytest.approx([0.9, 0.1]),
        pytest.approx([0.3, 0.5]),
    ]
    moved = np.abs(again["direct"][0] - params["direct"][0]).max()
    assert moved > 0.01 < np.abs(again["pixel_bias"] - params["pixel_bias"]).max()


@pytest.mark.slow
@pytest.mark.parametrize(("labels", "offsets"), [(0, {}), (3, {}), (0, OFFSETS)])
def test_conditionals_are_those_of_the_sum_over_all_states(labels, offsets):
    machine = TINY._replace(labels=labels)
    params, (visible, hidden) = weights(machine, 0.7) | offsets, every(machine)
    p = chances(machine, params, visible, hidden)
    blocks = [visible.pixels, *hidden]
    seen = dm.see(machine, params, visible.pixels)
    seen = dm.told(params, seen, visible.labels) if labels else seen
    found = [dm.pixel_means(machine, params, hidden)]
    found += [jax.nn.sigmoid(dm.drive(machine, params, seen, hidden, k)) for k in range(2)]
    for b, means in enumerate(found):
        others = [*blocks[:b], *blocks[b + 1 :], *([visible.labels] if labels else [])]
        for i in np.unique(ids(*others), return_index=True)[1]:
            same = ids(*others) == ids(*others)[i]
            wanted = p[same] @ blocks[b][same] / p[same].sum()
            assert np.asarray(means[i]) == pytest.approx(wanted, abs=NEAR)
    if labels:
        said = dm.label_chances(machine, params, hidden)
        same = ids(*blocks) == ids(*blocks)[5]
        wanted = p[same] @ visible.labels[same] / p[same].sum()
        assert np.asarray(said[5]) == pytest.approx(wanted, abs=NEAR)


def marginals(machine, params, pixels):
    """Exact means of hidden units given pixels [D], labels summed out, and F(v)."""
    visible, hidden = every(machine)
    here = (visible.pixels == pixels).all(axis=1)
    seen, units = Visible(*(x[here] for x in visible)), [h[here] for h in hidden]
    minus = -np.asarray(dm.energy(machine, params, seen, units), np.float64)
    p = np.exp(minus) / np.exp(minus).sum()
    return [p @ h for h in units], -np.log(np.exp(minus).sum())


def bound(machine, params, pixels, means):
    """The variational free energy of one image."""
    q = np.concatenate([np.asarray(m, np.float64) for m in means])
    entropy = -(q * np.log(q) + (1 - q) * np.log(1 - q)).sum()
    none = jnp.zeros(0)
    return float(dm.energy(machine, params, Visible(pixels, none), means)) - entropy


PIXELS = np.array([1, 0, 1], np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("labels", [0, 3])
def test_mean_field_is_exact_where_groups_do_not_interact(labels):
    """Without labels: those couple units, even of one group, which mean field takes apart."""
    machine = TINY._replace(labels=labels)
    params = weights(machine, interactions=0.0)
    if labels:
        params |= {"label_weights": 0 * params["label_weights"]}
    means = inference.mean_field(machine, params, PIXELS, rounds=1)
    for found, wanted in zip(means, marginals(machine, params, PIXELS)[0], strict=True):
        assert np.asarray(found) == pytest.approx(wanted, abs=NEAR)


@jax.jit
def fields(params, pixels):
    """Means after 0, 1, 2, 3, 10 and 30 rounds, each [n, J]."""
    return [inference.mean_field(TINY, params, pixels, rounds=r) for r in (0, 1, 2, 3, 10, 30)]


SEEN = np.stack([*states(3)])[0]  # all states of the pixels


@pytest.mark.slow
def test_mean_field_nears_exact_marginals_as_interactions_vanish():
    """Its error is of second order in the interaction: of a tenth of that, a hundredth.

    The marginals' own change is of first order: a tenth. Measured over 9 machines: 78 to 132.
    """
    apart = []
    for strength in (1.0, 0.1):
        params = weights(TINY, 1.5, interactions=strength)
        found = np.concatenate(fields(params, SEEN)[-1], axis=1)
        wanted = [np.concatenate(marginals(TINY, params, v)[0]) for v in SEEN]
        apart.append(np.abs(found - np.array(wanted)).max())
    assert 0.01 < apart[0] < 0.1 and apart[1] < apart[0] / 30


@pytest.mark.slow
def test_rounds_lower_the_bound_which_stays_above_the_free_energy():
    params = weights(TINY, 1.5)
    means = fields(params, SEEN)
    found = np.array(
        [[bound(TINY, params, v, [m[i] for m in ms]) for ms in means] for i, v in enumerate(SEEN)]
    )  # [v, rounds]
    free = np.array([marginals(TINY, params, v)[1] for v in SEEN])
    assert (np.diff(found, axis=1) < NEAR).all() and (found[:, 0] - found[:, 1]).max() > 0.1
    assert (found[:, -1] >= free - NEAR).all() and (found[:, -1] - free).max() < 0.2
    assert found[:, -2] == pytest.approx(found[:, -1], abs=1e-3)  # ten rounds are enough


@pytest.mark.slow
def test_labels_that_are_not_given_are_part_of_the_mean_field():
    """At a fixed point q(y) = p(y | means), and with weak weights q(h) is near the exact means."""
    machine = TINY._replace(labels=3)
    params = weights(machine, 0.2)
    means = inference.mean_field(machine, params, PIXELS, rounds=30)
    wanted = marginals(machine, params, PIXELS)[0]
    given = inference.mean_field(machine, params, PIXELS, jnp.eye(3)[1], rounds=30)
    error = np.abs(np.concatenate(means) - np.concatenate(wanted)).max()
    assert error < 0.002 < np.abs(np.concatenate(given) - np.concatenate(means)).max()


def pair_states(machine, shared):
    """All states of two images of which `shared` [K] groups are one: pixels, hidden, [2, n, .]."""
    sizes = [machine.pixels] * 2
    for k, units in enumerate(machine.units):
        sizes += [units] if shared[k] else [units] * 2
    blocks = states(*sizes)
    pixels, blocks = np.stack(blocks[:2]), blocks[2:]
    hidden = []
    for tied in shared:
        one, blocks = blocks[0], blocks[1:]
        two, blocks = (one, blocks) if tied else (blocks[0], blocks[1:])
        hidden.append(np.stack([one, two]))
    return pixels, hidden


def none(pixels):
    return np.zeros((*pixels.shape[:-1], 0), np.float32)


def clamped(machine, params, shared):
    """All states of a pair, and the exact p of each: energies of both images added."""
    pixels, hidden = pair_states(machine, shared)
    minus = -np.asarray(dm.energy(machine, params, Visible(pixels, none(pixels)), hidden)).sum(0)
    p = np.exp(minus.astype(np.float64))
    return pixels, hidden, p / p.sum()


@pytest.mark.slow
def test_clamped_mean_field_is_exact_where_groups_do_not_interact():
    params = weights(PAIR, interactions=0.0)
    pixels, hidden, p = clamped(PAIR, params, (True, False))
    for i in (0, 77, 200):
        here = (pixels == pixels[:, i : i + 1]).all(axis=(0, 2))
        shared = jnp.array([[True], [False]])
        found = inference.mean_field(PAIR, params, pixels[:, i : i + 1], shared=shared, rounds=2)
        for k in range(2):
            wanted = np.einsum("n,pnj->pj", p[here], hidden[k][:, here]) / p[here].sum()
            assert np.asarray(found[k][:, 0]) == pytest.approx(wanted, abs=NEAR)
        assert (np.asarray(found[0][0]) == np.asarray(found[0][1])).all()


CHAINS = 40_000


@pytest.mark.slow
@pytest.mark.parametrize("what", ["clamped", "single", "labels"])
def test_a_sweep_leaves_the_exact_distribution_as_it_is(what):
    """Chains that begin by the exact p keep it, each state within 4.5 standard errors."""
    rng, sweeps = np.random.default_rng(0), 2
    machine = PAIR if what == "clamped" else TINY._replace(labels=2 * (what == "labels"))
    params, shared = weights(machine, 0.7), None
    if what == "clamped":
        pixels, hidden, p = clamped(machine, params, (False, True))
        shared = jnp.tile(jnp.array([[False], [True]]), (1, CHAINS))
    else:
        (pixels, labels), hidden = every(machine)
        p = chances(machine, params, Visible(pixels, labels), hidden)
    at = rng.choice(len(p), CHAINS, p=p)
    axis = 1 if what == "clamped" else 0
    take = lambda x: jnp.asarray(np.take(x, at, axis))  # noqa: E731
    given = Visible(take(pixels), take(none(pixels) if what != "labels" else labels))
    units = [take(h) for h in hidden]
    step = jax.jit(lambda v, h, key: inference.sweep(machine, params, v, h, key, shared))
    for i in range(sweeps):
        given, units, means = step(given, units, jax.random.key(i))
    after = [*given, *units]
    every_part = [pixels, labels if what == "labels" else none(pixels), *hidden]
    if what == "clamped":
        after, every_part = ([y for x in both for y in x] for both in (after, every_part))
    numbers, known = ids(*map(np.asarray, after)), ids(*every_part)
    counts = np.array([(numbers == number).sum() for number in np.unique(known)])
    wanted = np.array([p[known == number].sum() for number in np.unique(known)])
    off = (counts / CHAINS - wanted) / np.sqrt(wanted * (1 - wanted) / CHAINS)
    assert counts.sum() == CHAINS and np.abs(off[wanted > 20 / CHAINS]).max() < 4.5
    moved = np.asarray(given.pixels != take(pixels)).any(axis=-1).mean()
    assert moved > 0.2 and means.shape == given.pixels.shape


@pytest.mark.slow
def test_gaussian_pixels_have_the_mean_that_the_energy_says_and_variance_1():
    machine = TINY._replace(gaussian=True)
    params, hidden = weights(machine), [jnp.ones(2), jnp.array([1.0, 0.0])]
    mean = dm.pixel_means(machine, params, hidden)
    slope = jax.grad(lambda v: dm.energy(machine, params, Visible(v, jnp.zeros(0)), hidden))
    assert np.asarray(slope(mean)) == pytest.approx(0, abs=NEAR)
    many = [jnp.tile(h, (20_000, 1)) for h in hidden]
    start = Visible(jnp.zeros((20_000, 3)), jnp.zeros((20_000, 0)))
    keep = weights(machine) | {"unit_bias": [jnp.full(2, 99.0), jnp.array([99.0, -99.0])]}
    drawn = np.asarray(inference.sweep(machine, keep, start, many, jax.random.key(0))[0].pixels)
    assert drawn.mean(axis=0) == pytest.approx(np.asarray(mean), abs=4 / np.sqrt(20_000))
    assert drawn.var(axis=0) == pytest.approx(1, abs=4 * np.sqrt(2 / 20_000))
