import jax
import numpy as np
import pytest

from dbench.data.views import sampling
from dbench.errors import InputError
from tests.data.toy import NAMES, SIZES, SOME, WHOLE

KEY = jax.random.key(0)


@pytest.mark.parametrize("data", [WHOLE, SOME], ids=["grid", "incomplete"])
@pytest.mark.parametrize("names", [["a"], ["c"], ["a", "c"]], ids=str)
def test_fixed_factors_are_equal_and_the_others_vary(data, names):
    groups = sampling.fixed(data, names)
    for seed in range(5):
        rows = np.asarray(sampling.alike(groups, jax.random.key(seed), 200))
        same = (data.factors[rows] == data.factors[rows[0]]).all(axis=0)
        for j, name in enumerate(NAMES):
            assert same[j] == (name in names or SIZES[j] == 1)
        assert set(rows) == set(  # all that share them
            np.flatnonzero(
                (data.factors == data.factors[rows[0]])[:, [NAMES.index(n) for n in names]].all(1)
            )
        )


@pytest.mark.slow
@pytest.mark.parametrize("data", [WHOLE, SOME], ids=["grid", "incomplete"])
def test_only_the_named_factor_varies(data):
    groups, seen = sampling.varying(data, ["c"]), set()
    for seed in range(40):
        rows = np.asarray(sampling.alike(groups, jax.random.key(seed), 30))
        assert (np.ptp(data.factors[rows], axis=0)[:3] == 0).all()
        seen |= set(rows)
    assert seen == set(range(data.size))  # each in some batch


def test_groups_of_factors_whose_product_would_overflow():
    factors = np.random.default_rng(0).integers(1000, size=(50, 30))
    groups = sampling.groups(np.repeat(factors, 2, axis=0), range(30))
    assert len(groups.first) == 51 and (np.diff(groups.first) == 2).all()


@pytest.mark.slow
@pytest.mark.parametrize("changes", [1, 2, 3])
def test_pairs_differ_in_exactly_so_many_factors(changes):
    rows, others, changed = map(np.asarray, sampling.pairs(SIZES, KEY, 4000, changes))
    differ = WHOLE.factors[rows] != WHOLE.factors[others]
    assert (differ == changed).all() and (differ.sum(axis=1) == changes).all()
    assert not differ[:, 0].any()  # it has one value
    assert differ[:, 1:].mean(axis=0) == pytest.approx(np.full(3, changes / 3), abs=0.05)
    c = (WHOLE.factors[others] - WHOLE.factors[rows])[changed[:, 3], 3] % 4
    assert np.bincount(c)[1:] / len(c) == pytest.approx(np.full(3, 1 / 3), abs=0.05)


@pytest.mark.slow
def test_pairs_differ_in_one_factor_to_all_but_one_by_default():
    _, _, changed = sampling.pairs(SIZES, KEY, 1000)
    counts = np.bincount(np.asarray(changed).sum(axis=1))
    assert len(counts) == 3 and counts[0] == 0 and counts[1] == pytest.approx(500, abs=80)


def test_pairs_of_too_many_factors_are_refused():
    with pytest.raises(InputError, match="1 to 3 factors, not in 4"):
        sampling.pairs(SIZES, KEY, 10, 4)


@pytest.mark.slow
def test_published_pairs_change_one_factor_half_the_time_and_may_stay():
    rows, others, changed = map(np.asarray, sampling.pairs(SIZES, KEY, 6000, 3, True))
    differ = WHOLE.factors[rows] != WHOLE.factors[others]
    counts = np.bincount(changed.sum(axis=1))
    assert counts[[0, 2]].sum() == 0 and counts[1] == pytest.approx(3000, abs=160)
    assert not (differ & ~changed).any()
    kept = (changed & ~differ)[:, 3].sum() / changed[:, 3].sum()
    assert kept == pytest.approx(1 / SIZES[3], abs=0.04)  # a value of 4 is drawn again


@pytest.mark.slow
def test_steps_of_a_walk_are_laplace():
    """By the formula, with the share that has changed nowhere else and then must change."""
    walk, rate = sampling.walk(WHOLE), 1.5
    rows, others = map(np.asarray, sampling.steps(walk, KEY, 40_000, rate))
    before, after = WHOLE.factors[rows], WHOLE.factors[others]
    assert (before != after).any(axis=1).all() and (before[:, 0] == after[:, 0]).all()
    chances = []
    for size in SIZES:
        far = np.abs(np.arange(size)[:, None] - np.arange(size))
        p = np.exp(-rate * far / np.log(max(size, 2)))
        chances.append(p / p.sum(axis=1, keepdims=True))
    j, free = 3, 3  # the last factor, one of three that vary
    stays = [np.diag(p).mean() for p in chances]
    others_stay = np.prod([s for i, s in enumerate(stays) if i not in (0, j)])
    moved = np.where(np.eye(SIZES[j], dtype=bool), 0, chances[j])
    moved /= moved.sum(axis=1, keepdims=True)
    known = chances[j] + others_stay * np.diag(chances[j])[:, None] / free * moved
    known -= np.diag(others_stay * np.diag(chances[j]) / free)
    found = np.zeros((SIZES[j], SIZES[j]))
    np.add.at(found, (before[:, j], after[:, j]), 1)
    found /= found.sum(axis=1, keepdims=True)
    assert np.abs(found - known).max() < 0.025  # standard error .005
    walk = sampling.walk(WHOLE, ["b"])
    rows, others = map(np.asarray, sampling.steps(walk, KEY, 1000, rate))
    assert (WHOLE.factors[rows] == WHOLE.factors[others])[:, 2].all()
