"""Cohorts: compiled once, the same arithmetic alone and together, resumable at any chunk."""

import jax
import numpy as np
import pytest

from dbench.base import Model, State
from dbench.data import DATASETS
from dbench.models import MODELS
from dbench.training import devices
from dbench.training import steps as train
from tests.compiling import in_full
from tests.rounding import chain

# The small net's sums, one after another, as `near` in tests/models/conftest.py.
NEAR = 4 * chain(64, 64 * 32, 128, 3, 128, 32, 64 * 64)
OPTIONS = {"net": "small", "latents": 3, "learning_rate": 1e-3}


@pytest.fixture(scope="module")
def data():
    return DATASETS["dsprites_tiny"](None)


def cohort(data, mesh, betas, seeds):
    options = [{**OPTIONS, "beta": beta} for beta in betas]
    return train.cohort(data, "beta_vae", options, seeds, mesh, batch_size=8)


def run(cohort, steps, chunk, state=None):
    """The host copy of the last state, and the logs of every chunk."""
    state = train.start(cohort) if state is None else state
    *_, (_, last, _) = chunks = list(train.train(cohort, state, steps=steps, chunk=chunk))
    return jax.device_get(last), [means for _, _, means in chunks]


def member(state, i):
    return jax.tree.map(lambda leaf: leaf[i], state)


def same(one, two):
    return jax.tree.all(jax.tree.map(lambda a, b: bool((a == b).all()), one, two))


@pytest.mark.slow
def test_another_beta_or_seed_compiles_nothing(data, mesh):
    run(cohort(data, mesh, [1, 2], [0, 1]), 4, 2)
    before = len(train._compiled), train._started()._cache_size()
    with jax.log_compiles(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(jax._src.compiler, "compile_or_get_cached", _no_compiling)
        run(cohort(data, mesh, [3, 7.5], [5, 6]), 4, 2)
    assert before == (len(train._compiled), train._started()._cache_size())


@pytest.mark.slow
def test_first_weights_are_the_same_if_llvm_optimises_them(data, mesh):
    """But for roundings on processors where a product and a sum are rounded at once or not."""
    members = cohort(data, mesh, [1, 4], [0, 3])
    given = members.program, members.mesh, members.keys, members.numbers
    optimised = jax.jit(train._start, static_argnames=("program", "mesh"))(*given)
    for a, b in zip(*map(jax.tree.leaves, (train.start(members), optimised)), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=4 * chain(1) * np.abs(b).max())


def _no_compiling(*_, **__):
    raise AssertionError("something was compiled")


def _a_member_is_what_it_is_alone():
    data, mesh = DATASETS["dsprites_tiny"](None), devices.mesh()
    together, logs = run(cohort(data, mesh, [1, 4], [0, 3]), 6, 3)
    alone, alone_logs = run(cohort(data, devices.mesh(1), [4], [3]), 6, 3)
    assert same(member(together, 1), member(alone, 0))
    assert all((a["loss"][1] == b["loss"][0]).all() for a, b in zip(logs, alone_logs, strict=True))


@pytest.mark.slow
def test_a_member_is_what_it_is_alone():
    in_full(_a_member_is_what_it_is_alone)


def fresh(patch):
    """Compiled programs do not know of a patch of the backend."""
    train._advance.clear_cache()
    patch.setattr(train, "_compiled", {})


@pytest.mark.slow
def test_vmapped_as_on_an_accelerator_only_rounding_differs(data, monkeypatch):
    """The members of one device in turns and, as elsewhere than on a CPU, at once."""

    def first_and_losses():
        members = cohort(data, devices.mesh(1), [1, 4], [0, 3])
        logs = run(members, 5, 1)[1]
        return run(members, 1, 1)[0], [log["loss"] for log in logs]

    turns, losses = first_and_losses()
    vmap, seen = jax.vmap, []
    with monkeypatch.context() as patch:
        patch.setattr(jax, "default_backend", lambda: "gpu")
        patch.setattr(jax, "vmap", lambda f, *rest: seen.append(f) or vmap(f, *rest))
        fresh(patch)
        at_once, others = first_and_losses()
    assert seen
    np.testing.assert_allclose(losses, others, rtol=NEAR)
    (own, *_), (other, *_) = turns.optimizer, at_once.optimizer
    leaves = map(jax.tree.leaves, (turns.params, at_once.params, own.mu, other.mu))
    for a, b, m, n in zip(*leaves, strict=True):
        off = 2 * NEAR * np.abs(n).max()  # of a gradient: there and back
        np.testing.assert_allclose(m, n, rtol=0, atol=off)
        # Adam divides a gradient by its size: where that is rounding alone, any step is right.
        assert (np.abs(a - b) * np.abs(n) <= 2 * OPTIONS["learning_rate"] * off).all()


@pytest.mark.slow
def test_beta_and_seed_matter(data, mesh):
    state, _ = run(cohort(data, mesh, [1, 4], [0, 0]), 4, 4)
    other, _ = run(cohort(data, mesh, [1, 1], [0, 1]), 4, 4)
    assert not same(member(state, 0).params, member(state, 1).params)
    assert not same(member(other, 0).params, member(other, 1).params)
    assert same(member(state, 0), member(other, 0))


@pytest.mark.slow
def test_every_step_draws_anew(data, mesh):
    """With a learning rate of 0 only images and noise can change the loss."""
    options = [{**OPTIONS, "learning_rate": 0.0}] * 2
    c = train.cohort(data, "beta_vae", options, [0, 1], mesh, batch_size=8)
    _, logs = run(c, 4, 1)
    assert len({float(log["loss"][0]) for log in logs}) == 4


@pytest.mark.slow
def test_resumed_from_the_host_is_bit_identical(data, mesh):
    c = cohort(data, mesh, [1, 4], [0, 3])
    whole, _ = run(c, 8, 4)
    half, _ = run(c, 4, 4)
    resumed, _ = run(c, 8, 4, train.place(c, [member(half, 0), member(half, 1)]))
    assert same(whole, resumed)


def test_chunks_end_at_multiples_whatever_the_start(data, mesh):
    c = cohort(data, mesh, [1, 4], [0, 3])
    steps = [step for step, *_ in train.train(c, train.start(c), steps=5, chunk=2)]
    assert steps == [2, 4, 5]


TERMS = 2  # of a KL: they cancel, posteriors are near the prior


@pytest.mark.slow
def test_logs_are_means_over_the_chunk(data, mesh):
    c = cohort(data, mesh, [1, 4], [0, 3])
    _, fine = run(c, 4, 1)
    _, coarse = run(c, 4, 4)
    for name in coarse[0]:
        mean = np.mean([log[name] for log in fine], axis=0)
        np.testing.assert_allclose(coarse[0][name], mean, rtol=NEAR, atol=NEAR * TERMS)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["cpu", "gpu"])
def test_a_diverging_member_leaves_the_other_untouched(data, monkeypatch, backend):
    """In turns, and vmapped as on an accelerator: bit for bit."""
    options = [{**OPTIONS, "beta": 1.0}, {**OPTIONS, "beta": 4.0, "learning_rate": 1e30}]
    with monkeypatch.context() as patch:
        patch.setattr(jax, "default_backend", lambda: backend)
        fresh(patch)
        healthy, mixed = (
            run(train.cohort(data, "beta_vae", o, [0, 3], devices.mesh(1), batch_size=8), 4, 2)
            for o in ([options[0], {**OPTIONS, "beta": 4.0}], options)
        )
    train._advance.clear_cache()
    assert not np.isfinite(mixed[1][1]["loss"][1])
    assert same(member(healthy[0], 0), member(mixed[0], 0))
    assert not same(member(healthy[0], 1), member(mixed[0], 1))


def _members_are_bit_identical():
    data = DATASETS["dsprites_tiny"](None)
    one, _ = run(cohort(data, devices.mesh(1), [4], [3]), 4, 2)
    for devices_used in (1, 2):
        members = cohort(data, devices.mesh(devices_used), [1, 4, 4, 8], [0, 3, 1, 0])
        four, _ = run(members, 4, 2)
        assert same(member(one, 0), member(four, 1)), devices_used


@pytest.mark.slow
def test_members_of_a_cohort_of_any_size_are_bit_identical():
    in_full(_members_are_bit_identical)


def test_the_footprint_counts_data_state_and_work(data, mesh):
    two = cohort(data, mesh, [1, 4], [0, 3])
    shared, each = train.footprint(two, 2)
    state = sum(leaf.nbytes for leaf in jax.tree.leaves(member(run(two, 2, 2)[0], 0)))
    assert shared == data.arrays.nbytes and state < each < 20 * state


@pytest.mark.slow
def test_the_footprint_of_a_model_that_does_not_look_at_the_images(data, mesh, monkeypatch):
    """XLA leaves out what a program does not use, as the images of one that has its own codes."""

    def blind(shape):
        def update(state, _sampler, key):
            step = state.step + 1
            return State({"w": state.params["w"] + 1}, {}, step), {"elbo": jax.numpy.zeros(())}

        start = State({"w": np.zeros(7, np.float32)}, {}, np.int32(0))

        def init(_key):
            return jax.tree.map(jax.numpy.asarray, start)

        return Model(init, update, lambda params, images: (images, None), None)

    monkeypatch.setitem(MODELS, "blind", blind)
    some = train.cohort(data, "blind", [{}, {}], [0, 1], mesh, batch_size=8)
    shared, each = train.footprint(some, 2)
    assert shared == data.arrays.nbytes and each >= 8 * 4
