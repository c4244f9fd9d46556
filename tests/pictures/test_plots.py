"""Pictures: which files are made, and odd names, shapes and values do no harm."""

import numpy as np
import pytest

from dbench.base import Score
from dbench.errors import InputError
from dbench.pictures import plots
from dbench.pictures.matrix import bars, heat_map, hinton

RNG = np.random.default_rng(0)
NAMES = ("shape", "a name that is long, with $\\frac signs and 東京")


def drawn(folder, scores, most=0.0):
    written = plots.draw(scores, NAMES, folder, most)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)
    assert sorted(folder.iterdir()) == sorted(written)
    return [path.stem for path in written]


@pytest.mark.slow
def test_one_picture_a_matrix_however_many_metrics_share_it(tmp_path):
    shared, other = RNG.random((5, 2)), RNG.random((5, 2))
    scores = {
        "dci_disentanglement": Score(0.5, 0.01, {"importance": shared, "weight": RNG.random(5)}),
        "dci_completeness": Score(0.6, 0.0, {"importance": shared.copy(), "train_accuracy": 1.0}),
        "mig": Score(0.1, 0.0, {"information": shared, "floored": 0.0}),
        "mig_histogram": Score(0.1, 0.0, {"information": other}),
    }
    assert drawn(tmp_path, scores) == [
        "dci_disentanglement_importance",
        "dci_disentanglement_importance_hinton",
        "mig_information",
        "mig_histogram_information",
    ]


@pytest.mark.slow
def test_bars_of_numbers_by_factor(tmp_path):
    parts = {f"gap/{name}": 0.3 for name in NAMES} | {"gap/other": 1.0, "active": 2.0}
    scores = {
        "mig": Score(0.3, 0.0, parts),
        "infomec_e": Score(-2.0, 0.1, {"information/shape": -3.0}),
    }
    assert drawn(tmp_path, scores) == ["mig_gap", "infomec_e_information"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "matrix"),
    [
        ("information", np.zeros((3, 2))),
        ("information", np.array([[np.nan, 1.0], [np.inf, -1.0]])),
        ("importance", np.array([[np.nan, 1.0], [0.0, 200.0]])),
        ("correlation", RNG.standard_normal((4, 4))),
        ("unfairness", RNG.random((2, 2)) * 1e-3),
        ("mine", RNG.random((300, 2))),
        ("mine", RNG.random((2, 60))),
        ("mine", np.ones((1, 1))),
    ],
)
@pytest.mark.filterwarnings("error")
def test_any_matrix(tmp_path, part, matrix):
    assert drawn(tmp_path, {"some": Score(0.5, 0.0, {part: matrix})})[0] == f"some_{part}"


def test_nothing_to_draw(tmp_path):
    assert drawn(tmp_path, {"higgins": Score(0.5, 0.01, {"train_accuracy": 0.5})}) == []
    assert drawn(tmp_path, {"kl": Score(0.5, 0.0, {"kl": np.ones(3), "x": np.ones((0, 2))})}) == []


@pytest.mark.slow
def test_same_parts_same_bytes(tmp_path):
    scores = {"mig": Score(0.1, 0.0, {"information": RNG.random((5, 2))})}
    (one,), (two,) = (plots.draw(scores, NAMES, tmp_path / name) for name in "ab")
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.slow
def test_scores_of_ones_own_have_pictures_too(tmp_path):
    """Their names are MODULE:FUNCTION, their parts may be called anything."""
    score = Score(0.5, 0.0, {"of/all": np.eye(2), f"top/{NAMES[0]}": 1.0})
    written = plots.draw({"mine:best": score}, NAMES, tmp_path)
    assert [path.name for path in written] == ["mine_best_of_all.png", "mine_best_top.png"]
    assert all(path.exists() for path in written)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        plots.draw({"mig": Score(0.1, 0.0, {"information": np.eye(2)})}, NAMES, tmp_path / "file")


@pytest.mark.slow
def test_noise_does_not_shine():
    """The colours of a map go to its `reach` at least, also where the largest value is noise."""
    noise, clear = np.full((2, 2), 0.02), np.array([[0.9, 0.0], [0.0, 2.0]])
    labels = [["z0", "z1"], ["a", "b"]]
    for matrix, top in ((noise, 1.0), (clear, 2.0), (-noise, 1.0)):
        figure = heat_map(matrix, labels, ("code", "factor"), "title", "nats", 1.0)
        (image,) = figure.axes[0].images
        assert image.norm.vmax == top and image.norm.vmin == min(0.0, np.sign(matrix.min()) * top)
    figure = hinton(noise, labels, ("code", "factor"), "title", "importance", 1.0)
    assert "a full cell is 1.0" in figure.axes[0].get_xlabel()
    (squares,) = figure.axes[0].collections
    widths = [path.get_extents().width for path in squares.get_paths()]
    assert np.allclose(widths, 0.94 * np.sqrt(0.02))


@pytest.mark.slow
def test_information_is_coloured_up_to_the_largest_entropy(tmp_path, monkeypatch):
    """A code can know ln 32 of a factor, whatever entropy of codes a score has among its parts."""
    seen = []
    monkeypatch.setitem(
        plots.PICTURES, "", lambda *given: seen.append(given[3:]) or heat_map(*given)
    )
    parts = {"information": np.full((2, 2), 0.01), "entropy": np.array([0.3, 7.0])}
    other = Score(0.1, 0.0, {"information": np.full((2, 2), 0.02)})
    drawn(tmp_path / "a", {"mig": Score(0.1, 0.0, parts), "mig_histogram": other}, np.log(32))
    assert len(seen) == 2
    for title, unit, reach in seen:
        assert reach == pytest.approx(np.log(32))
        assert "colours to 3.47, the largest entropy" in title
        assert unit == "mutual information, nats"
    seen.clear()
    drawn(tmp_path / "b", {"mig_histogram": other})
    assert [(title, reach) for title, _, reach in seen] == [("mig_histogram 0.100: information", 1)]


def test_numbers_of_bars_stand_beside_the_line_of_the_score():
    figure = bars({"a": 0.29, "b": 0.31, "c": 0.05}, "title", "gap", 0.3)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    line = axes.lines[0].get_window_extent()
    numbers = [text.get_window_extent() for text in axes.texts]
    assert len(numbers) == 3 and all(box.x0 > line.x1 for box in numbers)
