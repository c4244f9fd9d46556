import jax
import numpy as np
import pytest

from dbench import devices, train
from dbench.base import Dataset
from dbench.data import sampling, xy_blobs
from dbench.data.grid import grid
from dbench.errors import InputError

KEY = jax.random.key(0)
SIZES = (1, 3, 2, 4)
NAMES = ("one", "a", "b", "c")
MANY = 60_000


def dataset(rows=slice(None)):
    values = tuple(np.arange(float(size)) for size in SIZES)
    return Dataset("toy", (1, 1, 1), (), lambda *_: None, grid(SIZES)[rows], NAMES, values)


WHOLE = dataset()
SOME = dataset(np.flatnonzero(np.arange(24) % 7 != 3))  # an incomplete grid


def drawn(dataset, count=MANY, key=KEY):
    """Rows as training draws them."""
    return np.asarray(dataset.drawing.rows(dataset.drawing.arrays, key, count))


def shares(dataset, rows):
    return np.bincount(rows, minlength=dataset.size) / len(rows)


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


@pytest.mark.parametrize("changes", [1, 2, 3])
def test_pairs_differ_in_exactly_so_many_factors(changes):
    rows, others, changed = map(np.asarray, sampling.pairs(SIZES, KEY, 4000, changes))
    differ = WHOLE.factors[rows] != WHOLE.factors[others]
    assert (differ == changed).all() and (differ.sum(axis=1) == changes).all()
    assert not differ[:, 0].any()  # it has one value
    assert differ[:, 1:].mean(axis=0) == pytest.approx(np.full(3, changes / 3), abs=0.05)
    c = (WHOLE.factors[others] - WHOLE.factors[rows])[changed[:, 3], 3] % 4
    assert np.bincount(c)[1:] / len(c) == pytest.approx(np.full(3, 1 / 3), abs=0.05)


def test_pairs_differ_in_one_factor_to_all_but_one_by_default():
    _, _, changed = sampling.pairs(SIZES, KEY, 1000)
    counts = np.bincount(np.asarray(changed).sum(axis=1))
    assert len(counts) == 3 and counts[0] == 0 and counts[1] == pytest.approx(500, abs=80)


def test_pairs_of_too_many_factors_are_refused():
    with pytest.raises(InputError, match="1 to 3 factors, not in 4"):
        sampling.pairs(SIZES, KEY, 10, 4)


@pytest.mark.parametrize("name", sampling.CHEN)
def test_joints_of_chen_et_al_have_their_properties(name):
    table = sampling.chen(name, (5, 9))
    independent = np.outer(table.sum(axis=1), table.sum(axis=0))
    uniform = [np.allclose(table.sum(axis=axis), table.sum(axis=axis)[0]) for axis in (0, 1)]
    assert table.shape == (5, 9) and table.sum() == pytest.approx(1)
    assert table.max() / table.min() == pytest.approx(1 if name == "A" else 4)
    assert np.allclose(table, independent) == (name in "AB")
    assert uniform == [name in "AC"] * 2


def test_band_is_that_of_traeuble_et_al():
    table = sampling.band(0.2, (3, 5))
    assert table[1, 2] == table.max()
    assert table[0, 1] / table[0, 0] == pytest.approx(np.exp(-(0.25**2) / (2 * 0.04)))
    assert table[2, 0] / table[0, 0] == pytest.approx(np.exp(-1 / 0.08))


@pytest.mark.parametrize("data", [WHOLE, SOME], ids=["grid", "incomplete"])
def test_correlated_factors_come_as_often_as_their_joint_says(data):
    joint = {("a", "c"): sampling.band(0.3, (3, 4))}
    weight = joint["a", "c"][data.factors[:, 1], data.factors[:, 3]]
    _, pair, count = np.unique(
        data.factors[:, [1, 3]], axis=0, return_inverse=True, return_counts=True
    )
    expected = weight / count[pair]  # shared by the rows of a combination
    there = shares(data, drawn(sampling.drawn(data, joints=joint)))
    assert there == pytest.approx(expected / expected.sum(), abs=0.005)


def test_two_joints_are_multiplied():
    joints = {("a", "b"): sampling.chen("D", (3, 2)), ("b", "c"): sampling.band(0.4, (2, 4))}
    _, a, b, c = WHOLE.factors.T
    expected = joints["a", "b"][a, b] * joints["b", "c"][b, c]
    there = shares(WHOLE, drawn(sampling.drawn(WHOLE, joints=joints)))
    assert there == pytest.approx(expected / expected.sum(), abs=0.005)


def test_what_is_held_out_is_never_drawn_and_the_rest_uniformly():
    spec = {"without": [{"a": 2, "c": [0, 1]}, {"b": 1, "a": 0}]}
    data = sampling.view(WHOLE, spec)
    _, a, b, c = WHOLE.factors.T
    held = ((a == 2) & (c < 2)) | ((b == 1) & (a == 0))
    assert data.drawing.size == (~held).sum()
    assert shares(data, drawn(data)) == pytest.approx(~held / (~held).sum(), abs=0.005)


def test_a_joint_holds_among_what_is_not_held_out():
    data = sampling.view(WHOLE, {"without": [{"a": 0}], "joint": {"a,b": [[0, 1 / 3]] * 3}})
    assert data.drawing.size == 8  # a 1 or 2, b 1
    assert set(drawn(data)) == set(np.flatnonzero((WHOLE.factors[:, [1, 2]] >= 1).all(axis=1)))


def test_a_split_is_a_partition_and_its_seed_decides():
    kept = sampling.part(WHOLE, 0.75, KEY)
    assert kept.sum() == 18
    assert (kept == sampling.part(WHOLE, 0.75, KEY)).all()
    assert (kept != sampling.part(WHOLE, 0.75, jax.random.key(1))).any()
    assert set(drawn(sampling.view(WHOLE, {"part": (0.75, 0)}))) == set(np.flatnonzero(kept))


def test_training_sees_only_the_rows_that_are_drawn():
    """The trained state is that of a data set whose other images were destroyed."""
    blobs = xy_blobs.load()
    data = sampling.view(blobs, {"without": [{"size": [0, 1]}]})
    blind = data._replace(arrays=blobs.arrays * (np.arange(3) == 2)[:, None, None])
    states = [_trained(d) for d in (data, blind, data._replace(drawing=None))]
    once, again, whole = ([np.asarray(x) for x in jax.tree.leaves(s.params)] for s in states)
    assert all((a == b).all() for a, b in zip(once, again, strict=True))
    assert any((a != b).any() for a, b in zip(once, whole, strict=True))


def _trained(data):
    options = {"net": "mlp", "latents": 2}
    mesh = devices.mesh(1)
    cohort = train.cohort(data, "beta_vae", [options], [0], mesh, batch_size=8)
    return train.advance(cohort, train.start(cohort), 4)[0]


@pytest.mark.parametrize(
    "spec, said",
    [
        ({"joint": {"a,b": np.full((3, 2), 0.2)}}, "joint of a and b sums to 1.2, not to 1"),
        ({"joint": {"a,b": np.zeros((3, 2))}}, "excludes every image"),
        ({"joint": {"a,b": np.full((2, 3), 1 / 6)}}, r"must be \[3, 2\], not \[2, 3\]"),
        ({"joint": {"a,b": [[-1, 2]] * 3}}, "negative or NaN"),
        ({"joint": {"a,b": [[np.nan, 1]] * 3}}, "negative or NaN"),
        ({"joint": {"a,z": "A"}}, "factor of toy 'z'"),
        ({"joint": {"a,a": "A"}}, "of one factor"),
        ({"joint": {"a,b": "E"}}, "joint of Chen et al. 'E'"),
        ({"joint": {"a,b": 0}}, "sigma of a Gaussian band must be above 0"),
        ({"joint": {"a,b": [[1, 0]] * 3}, "without": [{"b": 0}]}, "sums to 3"),
        ({"joint": {"a,b": [[1 / 3, 0]] * 3}, "without": [{"b": 0}]}, "excludes every image"),
        ({"without": [{"a": [0, 1, 2]}]}, "no image of toy is left"),
        ({"without": [{"a": 3}]}, "values 0 to 2 of a, by index"),
        ({"part": (1.0, 0)}, "between 0 and 1, not 1.0"),
        ({"witout": []}, "part of a view 'witout'"),
        ({"joint": ["a,b"]}, "joint of a view must be a dict"),
        ({"joint": {"a": "A"}}, "as 'posX,posY', not of 'a'"),
        ({"without": {"a": 1}}, "without of a view must be a list"),
        ({"without": ["a"]}, "must be a list of dicts"),
        ({"part": [0.5]}, "must be .fraction, seed."),
    ],
)
def test_bad_views_are_one_sentence(spec, said):
    with pytest.raises(InputError, match=said):
        sampling.view(WHOLE, spec)
