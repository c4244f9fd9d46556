"""DC-IGN: its backward rule and its loss by NumPy, its batches, and what its codes come to know."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench import study
from dbench.base import Sampler
from dbench.codes.encode import encode
from dbench.data import views, xy_blobs
from dbench.errors import InputError
from dbench.models import MODELS, losses
from dbench.models.dc_ign import clamp, pick
from dbench.study import runner
from dbench.tables import results
from dbench.training import checkpoint, devices, programs, steps
from tests.rounding import rounding

from .conftest import initial, near, noise, quick, same, sample

pytestmark = pytest.mark.slow  # compiles the model for each

BLOBS = xy_blobs.load()
JOINT = views.view(BLOBS, {"joint": {"x,y": np.eye(BLOBS.sizes[1]) / BLOBS.sizes[1]}})
OPTIONS = {"net": "small", "latents": 4, "learning_rate": 1e-3, "extrinsic": "x,y"}
GROUPS = ("x", "y", "intrinsic")
COLUMNS = [[1], [2], [0]]  # of each group's factors


def model(**options):
    return MODELS["dc_ign"](BLOBS.shape, **{**OPTIONS, **options})


NEAR = near(BLOBS.shape)
EXTRA = jax.device_put(model().extra(BLOBS))


@pytest.mark.parametrize("strength", [0.0, 0.01, 1.0])
def test_clamp_forward_and_backward_by_the_formula(strength):
    rng = np.random.default_rng(0)
    values, gradient = rng.normal(size=(2, 5, 4)).astype(np.float32)
    active = np.array([False, True, False, True])
    given, pull = jax.vjp(lambda v: clamp(v, active, strength), values)
    back = pull(jnp.asarray(gradient))[0]
    for j in range(4):
        middle = values[:, j].mean()
        if active[j]:
            assert (given[:, j] == values[:, j]).all() and (back[:, j] == gradient[:, j]).all()
        else:
            exact = rounding(8) * float(np.abs(values[:, j]).max())  # a mean of 5, and less
            assert given[:, j] == pytest.approx(np.full(5, middle), rel=0, abs=exact)
            wanted = strength * (values[:, j] - middle) / 5
            assert back[:, j] == pytest.approx(wanted, rel=0, abs=strength / 5 * exact)


def test_the_backward_rule_is_the_gradient_of_the_spread():
    """strength/2 mean_i (v_i - mean v)^2, whatever the loss: here it pulls another way."""
    values = jnp.asarray(np.random.default_rng(0).normal(size=(6, 3)), jnp.float32)
    inactive = jnp.zeros(3, bool)

    def spread(v):
        return 0.2 / 2 * ((v - v.mean(axis=0, keepdims=True)) ** 2).mean(axis=0).sum()

    exact = rounding(16) * 0.2 / 6 * np.abs(values).max()  # means of 6, on both sides
    found = jax.grad(lambda v: (clamp(v, inactive, 0.2) ** 3).sum())(values)
    np.testing.assert_allclose(found, jax.grad(spread)(values), rtol=0, atol=exact)


@pytest.fixture(scope="module")
def state():
    return initial(model())


@pytest.fixture(scope="module")
def update():
    """state, key[, invariance] -> state, logs and the rows [8] of its batch; the noise is known."""
    rows = []

    def gather(some):
        jax.debug.callback(lambda r: rows.append(np.asarray(r)), some, ordered=True)
        return BLOBS.gather(BLOBS.arrays, some)

    given = Sampler(BLOBS.size, 8, None, gather, EXTRA)  # None: it draws its own rows
    step = quick(lambda state, key, how: model(invariance=how).update(state, given, key))

    def update(state, key, invariance=0.01):
        with pytest.MonkeyPatch.context() as patch:  # for this call: other tests train on noise
            patch.setattr(losses, "sample", sample)
            state, logs = step(state, jax.random.key(key), invariance)
        jax.effects_barrier()
        return state, jax.device_get(logs), rows[-1]

    return update


@pytest.fixture(scope="module")
def updates(state, update):
    """Of 300 updates of one state: rows [8] each, and logs."""
    found = [update(state, key) for key in range(300)]
    return [rows for *_, rows in found], [logs for _, logs, _ in found]


def group_of(logs):
    """Which group was active, by the logs."""
    (group,) = [j for j, name in enumerate(GROUPS) if logs[f"spread_{name}"]]
    return group


def test_only_the_factors_of_the_active_group_vary(updates):
    for rows, logs in zip(*updates, strict=True):
        varied = np.flatnonzero(np.ptp(BLOBS.factors[rows], axis=0))
        assert set(varied) <= set(COLUMNS[group_of(logs)])
        assert len(varied) or group_of(logs) == 2  # eight of 16 places are hardly ever all equal


def within(counts, shares):
    """Counts of draws as their shares say, to 4 standard errors."""
    n, shares = counts.sum(), np.array(shares) / np.sum(shares)
    return (np.abs(counts - n * shares) < 4 * np.sqrt(n * shares * (1 - shares))).all()


def test_groups_are_drawn_in_their_ratio(updates):
    for extrinsic, ratio in ((3, 10), (2, 10), (2, 1)):
        keys = jax.random.split(jax.random.key(extrinsic), 20_000)
        groups = jax.vmap(lambda key, e=extrinsic, r=ratio: pick(key, e, r))(keys)
        counts = np.bincount(groups)
        assert within(counts, [1] * extrinsic + [ratio]), counts
    assert within(np.bincount([group_of(logs) for logs in updates[1]]), [1, 1, 10])


def test_the_logs_are_of_their_group(state, updates):
    """Means over steps are means over the batches in which a group is active, or is not."""
    made, codes = model(), [[0], [1], [2, 3]]
    for rows, log in list(zip(*updates, strict=True))[:40]:
        mean, _ = made.encode(state.params, BLOBS.gather(BLOBS.arrays, rows))
        for j, name in enumerate(GROUPS):
            share, now = (1 if j < 2 else 10) / 12, group_of(log) == j
            own = np.asarray(mean, float)[:, codes[j]]
            spread, exact = own.var(axis=0).sum(), 2 * NEAR * (own**2).mean(axis=0).sum()
            assert log[f"spread_{name}"] == pytest.approx(now * spread / share, abs=exact / share)
            wanted = (not now) * spread / (1 - share)
            assert log[f"invariance_{name}"] == pytest.approx(wanted, abs=exact / (1 - share))


@pytest.mark.parametrize("group", [0, 2])
def test_loss_by_numpy(group, state, updates):
    rows, logs = next(pair for pair in zip(*updates, strict=True) if group_of(pair[1]) == group)
    made, images = model(), BLOBS.gather(BLOBS.arrays, rows)
    mean, logvar = (np.array(x, float) for x in made.encode(state.params, images))
    clamped = [1, 2, 3] if group == 0 else [0, 1]
    for v in (mean, logvar):
        v[:, clamped] = v[:, clamped].mean(axis=0)
    z = mean + np.exp(logvar / 2) * noise(mean.shape)
    p = np.asarray(made.decode(state.params, jnp.asarray(z, jnp.float32)), float)
    x = np.asarray(images, float)
    error = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=(1, 2, 3)).mean()
    kl = 0.5 * (mean**2 + np.exp(logvar) - logvar - 1)
    terms = 0.5 * (mean**2 + np.exp(logvar) + np.abs(logvar) + 1).mean(axis=0)
    assert logs["kl_latent"] == pytest.approx(kl.mean(axis=0), rel=0, abs=NEAR * terms.max())
    assert logs["reconstruction"] == pytest.approx(error, rel=NEAR)
    wanted = error + kl.sum(axis=1).mean()
    assert logs["loss"] == pytest.approx(wanted, abs=NEAR * (error + terms.sum()))
    assert logs["elbo"] == pytest.approx(-logs["loss"], rel=rounding(4))
    assert logs["kl"] == pytest.approx(logs["kl_latent"].sum(), rel=rounding(8 * 4))


def test_without_a_strength_inactive_codes_get_no_gradient_at_all(state, update):
    """Not even that of the KL term: the heads of the encoder are moved for active codes alone."""
    for key in range(30):
        for strength in (0.0, 1.0):
            after, logs, _ = update(state, key, strength)
            active = [[0], [1], [2, 3]][group_of(logs)] if strength == 0 else [0, 1, 2, 3]
            for head in ("mean", "logvar"):
                before, now = (s.params["params"][head]["kernel"] for s in (state, after))
                moved = np.abs(np.asarray(now - before)).max(axis=0) > 0
                assert list(np.flatnonzero(moved)) == active


@pytest.fixture(scope="module")
def cohort():
    """Two runs of one seed and two strengths."""
    runs = [OPTIONS | {"invariance": strength} for strength in (0.01, 10.0)]
    return steps.cohort(BLOBS, "dc_ign", runs, [0, 0], devices.mesh(1), batch_size=16)


@pytest.mark.slow
def test_runs_resumed_from_their_checkpoints_are_those_never_stopped(cohort, tmp_path):
    """And a strength, which is traced, makes another run."""
    states, _ = steps.advance(cohort, steps.start(cohort), 4)
    halves = [jax.tree.map(lambda leaf, i=i: np.asarray(leaf[i]), states) for i in range(2)]
    for i, half in enumerate(halves):
        checkpoint.write_training(tmp_path / str(i), half)
    template = programs.template(cohort.program)
    back = [checkpoint.read_training(tmp_path / str(i), template) for i in range(2)]
    ends, logs = steps.advance(cohort, states, 4)
    again, _ = steps.advance(cohort, steps.place(cohort, back), 4)
    assert same(ends, again) and not same(halves[0], halves[1])
    assert logs["kl_latent"].shape == (2, 4) and all(np.isfinite(x).all() for x in logs.values())


@pytest.mark.slow
def test_batches_of_a_view_keep_to_its_rows():
    held = views.view(BLOBS, {"without": [{"x": [3, 4, 5]}]})
    kept = views.trained(held)
    for some in MODELS["dc_ign"](BLOBS.shape, **OPTIONS).extra(held):
        assert sorted(some.order) == sorted(kept) and len(some.group) == len(kept) < BLOBS.size
        rows = np.concatenate(
            [views.sampling.alike(some, jax.random.key(i), 50) for i in range(20)]
        )
        assert set(rows) <= set(kept.tolist())


def test_codes_come_to_know_their_own_factor_alone():
    """Over 8 seeds the weaker of both correlates by 0.968 (sd 0.007) with its own factor, and the
    larger correlation with the other one is 0.032 (sd 0.017)."""
    options = OPTIONS | {"intrinsic_ratio": 1}
    made = steps.cohort(BLOBS, "dc_ign", [options], [0], devices.mesh(1), batch_size=16)
    states, _ = steps.advance(made, steps.start(made), 1500)
    params = jax.tree.map(lambda leaf: leaf[0], states.params)
    (table,) = encode(BLOBS, made.program, [{}], [params], devices.mesh())
    found = np.abs(np.corrcoef(table.mean[:, :2].T, BLOBS.factors[:, 1:].T)[:2, 2:])
    assert found.diagonal().min() > 0.9 and found[[0, 1], [1, 0]].max() < 0.2, found


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({"names": (), "values": (), "factors": np.zeros((768, 0), int)}, {}, "needs factors, and"),
        ({}, {"extrinsic": "x,azimuth"}, "'azimuth' is none that varies in xy_blobs .*size, x, y"),
        ({}, {"extrinsic": "x,y,size"}, "none is left to the intrinsic codes"),
        (
            {"drawing": JOINT.drawing},
            {},
            "batches of its own, all rows of xy_blobs alike: no joint",
        ),
    ],
)
def test_what_cannot_be_is_said_before_any_work(change, options, said):
    data = BLOBS._replace(**change)
    with pytest.raises(InputError, match=said) as error:
        programs.construct(programs.program(data, "dc_ign", OPTIONS | options), data)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"extrinsic": "x,"}, "names of factors, each once"),
        ({"extrinsic": "x,x"}, "names of factors, each once"),
        ({"latents": 2}, "raise latents to 3"),
    ],
)
def test_options_that_mean_nothing(options, said):
    with pytest.raises(InputError, match=said):
        model(**options)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dcign_faces", "dcign_dsprites"])
def test_its_part_of_the_studies_runs(name, tmp_path):
    given = study.load(name, "smoke")
    few = dataclasses.replace(
        given, sweep={"dc_ign": {}}, metrics=["mig_histogram"], steps=4, chunk=2
    )
    assert runner.run_study(few, tmp_path) == {}
    log = results.log(tmp_path / name / "smoke/dsprites_tiny/dc_ign/seed=0/log.csv")
    assert {"spread_posX", "invariance_intrinsic", "kl_latent_7"} <= set(log.columns)
