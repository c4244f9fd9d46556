import jax
import numpy as np
import pytest

from dbench.data import rooms, views, xy_blobs
from dbench.errors import InputError
from dbench.training import devices, steps
from tests.data.toy import SOME, WHOLE

KEY = jax.random.key(0)
MANY = 60_000


def drawn(dataset, count=MANY, key=KEY):
    """Rows as training draws them."""
    return np.asarray(dataset.drawing.rows(dataset.drawing.arrays, key, count))


def shares(dataset, rows):
    return np.bincount(rows, minlength=dataset.size) / len(rows)


@pytest.mark.parametrize("name", views.CHEN)
def test_joints_of_chen_et_al_have_their_properties(name):
    table = views.chen(name, (5, 9))
    independent = np.outer(table.sum(axis=1), table.sum(axis=0))
    uniform = [np.allclose(table.sum(axis=axis), table.sum(axis=axis)[0]) for axis in (0, 1)]
    assert table.shape == (5, 9) and table.sum() == pytest.approx(1)
    assert table.max() / table.min() == pytest.approx(1 if name == "A" else 4)
    assert np.allclose(table, independent) == (name in "AB")
    assert uniform == [name in "AC"] * 2


def test_band_is_that_of_traeuble_et_al():
    table = views.band(0.2, (3, 5))
    assert table[1, 2] == table.max()
    assert table[0, 1] / table[0, 0] == pytest.approx(np.exp(-(0.25**2) / (2 * 0.04)))
    assert table[2, 0] / table[0, 0] == pytest.approx(np.exp(-1 / 0.08))


@pytest.mark.slow
@pytest.mark.parametrize("data", [WHOLE, SOME], ids=["grid", "incomplete"])
def test_correlated_factors_come_as_often_as_their_joint_says(data):
    joint = {("a", "c"): views.band(0.3, (3, 4))}
    weight = joint["a", "c"][data.factors[:, 1], data.factors[:, 3]]
    _, pair, count = np.unique(
        data.factors[:, [1, 3]], axis=0, return_inverse=True, return_counts=True
    )
    expected = weight / count[pair]  # shared by the rows of a combination
    there = shares(data, drawn(views.drawn(data, joints=joint)))
    assert there == pytest.approx(expected / expected.sum(), abs=0.005)


@pytest.mark.slow
def test_two_joints_are_multiplied():
    joints = {("a", "b"): views.chen("D", (3, 2)), ("b", "c"): views.band(0.4, (2, 4))}
    _, a, b, c = WHOLE.factors.T
    expected = joints["a", "b"][a, b] * joints["b", "c"][b, c]
    there = shares(WHOLE, drawn(views.drawn(WHOLE, joints=joints)))
    assert there == pytest.approx(expected / expected.sum(), abs=0.005)


@pytest.mark.slow
def test_what_is_held_out_is_never_drawn_and_the_rest_uniformly():
    spec = {"without": [{"a": 2, "c": [0, 1]}, {"b": 1, "a": 0}]}
    data = views.view(WHOLE, spec)
    _, a, b, c = WHOLE.factors.T
    held = ((a == 2) & (c < 2)) | ((b == 1) & (a == 0))
    assert data.drawing.size == (~held).sum()
    assert shares(data, drawn(data)) == pytest.approx(~held / (~held).sum(), abs=0.005)


def test_rooms_can_be_trained_on_without_what_it_holds_out():
    whole = rooms.load()
    data = views.view(whole, {"without": ["held_out", {"object": 0}]})
    seen = np.zeros(whole.size, bool)
    seen[data.drawing.arrays] = True
    assert (seen == ~(rooms.held_out(whole.factors) | (whole.factors[:, 3] == 0))).all()
    assert data.drawing.size == seen.sum() == (12_288 - 768) * 75 * 2 // 3


@pytest.mark.slow
def test_a_joint_holds_among_what_is_not_held_out():
    data = views.view(WHOLE, {"without": [{"a": 0}], "joint": {"a,b": [[0, 1 / 3]] * 3}})
    assert data.drawing.size == 8  # a 1 or 2, b 1
    assert set(drawn(data)) == set(np.flatnonzero((WHOLE.factors[:, [1, 2]] >= 1).all(axis=1)))


def test_a_split_is_a_partition_and_its_seed_decides():
    kept = views.part(WHOLE, 0.75, KEY)
    assert kept.sum() == 18
    assert (kept == views.part(WHOLE, 0.75, KEY)).all()
    assert (kept != views.part(WHOLE, 0.75, jax.random.key(1))).any()
    assert set(drawn(views.view(WHOLE, {"part": (0.75, 0)}))) == set(np.flatnonzero(kept))


@pytest.mark.slow
def test_training_sees_only_the_rows_that_are_drawn():
    """The trained state is that of a data set whose other images were destroyed."""
    blobs = xy_blobs.load()
    data = views.view(blobs, {"without": [{"size": [0, 1]}]})
    blind = data._replace(arrays=blobs.arrays * (np.arange(3) == 2)[:, None, None])
    states = [_trained(d) for d in (data, blind, data._replace(drawing=None))]
    once, again, whole = ([np.asarray(x) for x in jax.tree.leaves(s.params)] for s in states)
    assert all((a == b).all() for a, b in zip(once, again, strict=True))
    assert any((a != b).any() for a, b in zip(once, whole, strict=True))


def _trained(data):
    options = {"net": "mlp", "latents": 2}
    mesh = devices.mesh(1)
    cohort = steps.cohort(data, "beta_vae", [options], [0], mesh, batch_size=8)
    return steps.advance(cohort, steps.start(cohort), 4)[0]


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
        ({"part": (1e-9, 0)}, "a part of 1e-09 of the .* images of .* is less than one image"),
        ({"witout": []}, "part of a view 'witout'"),
        ({"joint": ["a,b"]}, "joint of a view must be a dict"),
        ({"joint": {"a": "A"}}, "as 'posX,posY', not of 'a'"),
        ({"without": {"a": 1}}, "without of a view must be a list"),
        ({"without": ["a"]}, "must be a list of dicts.* or of 'held_out', not of 'a'"),
        ({"without": "held_out"}, "without of a view must be a list, not 'held_out'"),
        (
            {"without": ["held_out"]},
            "toy has no combinations of its own .* as rooms, .* have: name",
        ),
        ({"part": [0.5]}, "must be .fraction, seed."),
    ],
)
def test_bad_views_are_one_sentence(spec, said):
    with pytest.raises(InputError, match=said):
        views.view(WHOLE, spec)
