import numpy as np
import pytest

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics import METRICS

d_lsbd = METRICS["d_lsbd"]
GRID = np.indices((6, 8)).reshape(2, -1).T
BOTH = {"names": ["x", "y"], "cyclic": ["x", "y"]}


def circles(grid, *columns, turns=1):
    """cos and sin of each of some factors."""
    sizes = grid.max(axis=0) + 1
    angles = [2 * np.pi * turns * grid[:, j] / sizes[j] for j in columns]
    return np.stack([f(a) for a in angles for f in (np.cos, np.sin)], axis=1)


def test_cos_and_sin_of_each_factor_are_at_no_distance():
    found = d_lsbd(circles(GRID, 0, 1), GRID, **BOTH)
    assert found.value == pytest.approx(0, abs=1e-12) and found.stderr == 0
    assert list(found.parts["turns"]) == [1, 1]
    assert found.parts["plane/x"] == pytest.approx(1) == found.parts["plane/y"]


def test_any_rotation_shift_and_scale_of_them_and_ellipses_too():
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))
    codes = circles(GRID, 0, 1) * [3, 0.5, 1, 1] @ turn * 40 + 7
    assert d_lsbd(codes, GRID, **BOTH).value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_factor_may_turn_several_times_and_either_way_round(sign):
    found = d_lsbd(circles(GRID, 0, 1, turns=2 * sign), GRID, **BOTH)
    assert found.value == pytest.approx(0, abs=1e-9) and list(found.parts["turns"]) == [2, 2]
    once = d_lsbd(circles(GRID, 0, 1, turns=2 * sign), GRID, turns=1, **BOTH)
    assert once.value == pytest.approx(1)


def test_one_code_that_is_a_cosine_has_three_quarters():
    """cos a (cos wa, sin wa) has the mean (1/2, 0); the missing sine counts as noise."""
    codes = np.stack([circles(GRID, 0)[:, 0], np.zeros(48)], axis=1)
    found = d_lsbd(codes, GRID, names=["x", "y"], cyclic=["x"])
    assert found.value == pytest.approx(3 / 4)
    many = np.tile(GRID, (200, 1))  # 8 values of y, so n = 1,200 rows an object
    faint = np.tile(codes, (200, 1)) + 1e-4 * np.random.default_rng(0).normal(size=(9600, 2))
    found = d_lsbd(faint, many, names=["x", "y"], cyclic=["x"])
    assert found.value == pytest.approx(3 / 4, abs=4 / np.sqrt(1200))


def test_an_index_that_goes_in_a_line_by_hand():
    """Of v = 6 even steps: |mean of index e^(ia)|^2 = 1 / (4 sin^2(pi / 6)) = 1, variance 35/12."""
    codes = np.stack([GRID[:, 0], np.zeros(48)], axis=1).astype(float)
    found = d_lsbd(codes, GRID, names=["x", "y"], cyclic=["x"])
    assert found.value == pytest.approx(1 - 1 / (2 * 35 / 12))


@pytest.mark.parametrize("seed", range(3))
def test_random_codes_are_near_one(seed):
    """|m|^2 of n random rows is 1/n on average, and the largest of a dozen some times that."""
    grid = np.indices((16, 16)).reshape(2, -1).T
    codes = np.random.default_rng(seed).normal(size=(256, 5))
    assert 1 - 10 / 256 < d_lsbd(codes, grid, **BOTH).value <= 1
    assert d_lsbd(np.zeros((256, 2)), grid, **BOTH).value == 1


def test_objects_turn_one_by_one_about_centres_of_their_own():
    """A third factor moves, scales and mirrors the circle; w is one for all."""
    grid = np.indices((3, 6, 8)).reshape(3, -1).T
    names = {"names": ["shape", "x", "y"], "cyclic": ["x", "y"]}
    scale, mirror = 1.0 + grid[:, [0]], np.where(grid[:, [0]] == 1, [1, -1, 1, 1], 1)
    codes = circles(grid, 1, 2) * scale * mirror + 5 * grid[:, [0]]
    assert d_lsbd(codes, grid, **names).value == pytest.approx(0, abs=1e-9)
    twice = np.where(grid[:, [0]] == 2, circles(grid, 1, 2, turns=2), circles(grid, 1, 2))
    assert d_lsbd(twice, grid, **names).value == pytest.approx(1 / 3)


def test_order_and_copies_of_rows_do_not_matter():
    rng = np.random.default_rng(0)
    codes = circles(GRID, 0, 1) + 0.5 * rng.normal(size=(48, 4))
    value = d_lsbd(codes, GRID, **BOTH).value
    rows = rng.permutation(np.repeat(np.arange(48), 3))
    assert 0.05 < value < 0.6
    assert d_lsbd(codes[rows], GRID[rows], **BOTH).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("problem", "sizes", "theirs"),
    [
        ("noise_A", (8, 8), 0.7494180422611543),
        ("random_A", (8, 8), 0.8872789045129013),
        ("gaussian_B", (6, 7), 0.7754697568054865),
    ],
)
def test_value_of_the_authors_code(golden, problem, sizes, theirs):
    """lsbd-vae at bc725a4, dlsbd(..., "torus"): rows in which the last two factors alone vary."""
    n = int(np.prod(sizes))
    table = golden(problem)
    found = d_lsbd(table.mean[:n], table.factors[:n, -2:], **BOTH)
    assert found.value * (n - 1) / n == pytest.approx(theirs)


BAD = {
    "needs factors that are declared cyclic, and this table has none": (GRID, []),
    "cyclic names 'z', and the table has no such factor": (GRID, ["z"]),
    "at least 3 values, and 'y' has 2: leave it out": (np.indices((6, 2)).reshape(2, -1).T, ["y"]),
    "needs every combination of x, y, each equally often": (GRID[:-1], ["x", "y"]),
    "combination of x, each equally often": (np.repeat(GRID, np.arange(48) % 2 + 1, 0), ["x"]),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_is_one_sentence(sentence):
    factors, cyclic = BAD[sentence]
    with pytest.raises(InputError, match=sentence) as error:
        d_lsbd(Table(factors * 1.0, factors, names=("x", "y"), cyclic=tuple(cyclic)))
    assert "\n" not in str(error.value)
