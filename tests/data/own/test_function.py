"""A function that draws: over its grid, in order, drawn anew when it changes."""

import sys

import numpy as np
import pytest

from dbench import data
from dbench.errors import InputError

TEXT = """
import numpy as np

FACTORS = {"shade": [0.25, 1], "shape": ["disc", "box"], "x": range(3)}

def draw(factors):
    image = np.zeros((4, 5))
    image[1, factors["x"]] = factors["shade"]
    image[3, 0] = factors["shape"] == "box"
    return image
"""


@pytest.fixture
def write(own_cache, tmp_path, monkeypatch):
    """Writes mine_draw.py in the current folder; as a new process would see it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(old="", new=""):
        assert old in TEXT
        (tmp_path / "mine_draw.py").write_text(TEXT.replace(old, new, 1) if old else TEXT)
        sys.modules.pop("mine_draw", None)
        return "mine_draw:draw"

    yield write
    sys.modules.pop("mine_draw", None)


def test_the_grid_in_order(write):
    dataset = data.load(write())
    assert dataset.name == "mine_draw_draw" and dataset.shape == (4, 5, 1)
    assert dataset.names == ("shade", "shape", "x") and dataset.sizes == (2, 2, 3)
    assert [v.tolist() for v in dataset.values] == [[0.25, 1], [0, 1], [0, 1, 2]]
    rows = np.ravel_multi_index(tuple(dataset.factors.T), dataset.sizes)
    assert (rows == np.arange(12)).all()
    image = np.asarray(dataset.gather(dataset.arrays, np.array([4])))[0, :, :, 0]
    expected = np.zeros((4, 5), np.float32)
    expected[1, 1], expected[3, 0] = np.float32(64) / np.float32(255), 1
    assert (image == expected).all()


def test_is_drawn_once_until_something_changes(write, own_cache):
    data.load(write())
    (kept,) = own_cache.iterdir()
    made = kept.stat().st_mtime_ns
    data.load(write())
    assert kept.stat().st_mtime_ns == made and len(list(own_cache.iterdir())) == 1
    data.load(write("image[3, 0]", "image[2, 0]"))
    data.load(write("0.25, 1", "0.5, 1"))
    assert len(list(own_cache.iterdir())) == 3


def test_runs_are_of_the_same_data_while_the_images_are_the_same(write):
    first = data.load(write()).sha256
    assert data.load(write("import numpy", "# edited\nimport numpy")).sha256 == first
    assert data.load(write("image[3, 0]", "image[2, 0]")).sha256 != first


def test_a_change_elsewhere_shows_in_the_probes(write, own_cache, tmp_path, monkeypatch):
    monkeypatch.setenv("SHADE", "0.5")
    name = write('factors["shade"]', 'float(__import__("os").environ["SHADE"])')
    first = np.array(data.load(name).arrays)
    monkeypatch.setenv("SHADE", "1")
    assert (first != np.array(data.load(name).arrays)).any()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("FACTORS", "OTHERS", "mine_draw:draw needs its factors and their values beside"),
        ("[0.25, 1]", "0.25", "the factor 'shade' in FACTORS of mine_draw:draw must have a list"),
        ("[0.25, 1]", "[[1], [2]]", "the factor 'shade' .* must have numbers or text"),
        ("[0.25, 1]", "[]", "the factor 'shade' .* must have numbers or text"),
        ("[0.25, 1]", "[1, float('nan')]", "the factor 'shade' .* NaN or infinite"),
        ("[0.25, 1]", "[1, 1.0]", "the factor 'shade' .* has a value twice"),
        ("range(3)", 'range(9**5), "y": range(9**5)', "make 13,947,137,604 images: give fewer"),
        ('factors["x"]', 'factors["y"]', r"draw for {'shade': 0.25,.* raised KeyError: 'y' \(mine"),
        ("return image", "return image * 2", "image 0 of the image of mine.* goes from 0 to"),
        ("return image", "return image[0]", "must be .h, w. or"),
        ("return image", "return image[None]", r"\[1, 4, 5\]: its channels come first"),
        ("return image", "return image.astype(int)", "is of int64: give uint8"),
        (
            "return image",
            "return None",
            "the image of mine_draw:draw .* has the shape ..: an image must be",
        ),
        (
            "return image",
            'return image[:, : 4 + (factors["x"] < 1)]',
            "the image of mine_draw:draw in row 1 is 4 x 4 x 1 and that in row 0 is 4 x 5 x 1",
        ),
        ("return image", "return image * np.random.uniform()", "draws another image when"),
        ("return image", "return image * 0", "no pixel of mine_draw:draw is brighter than 0"),
        ("def draw", "def paint", r"has no 'draw' \(it defines: paint\)"),
    ],
)
def test_what_is_wrong_is_one_sentence(write, own_cache, old, new, said):
    name = write(old, new)
    with pytest.raises(InputError, match=said) as caught:
        data.load(name)
    assert "\n" not in str(caught.value)
    assert not own_cache.exists() or not list(own_cache.iterdir())


TRAPS = """
class Trap:
    def __init__(self, at): self.at = at
    def _maybe(self, place):
        if self.at == place: raise SystemExit("at " + place)
    def __iter__(self): self._maybe("__iter__"); return iter([1, 2])
    def __array__(self, dtype=None, copy=None): self._maybe("__array__"); return np.zeros((4, 5))
    def __getattr__(self, name):
        if name == "detach" == self.__dict__["at"]: raise SystemExit("at detach")
        raise AttributeError(name)
    def __str__(self): raise SystemExit("at __str__")
    __repr__ = __str__
    def __hash__(self): return 1

class Odd(dict):
    def items(self): raise SystemExit("at items")

class Bad(Exception):
    def __str__(self): raise SystemExit("no text")

def leave(error): raise error
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[0.25, 1]", "Trap('__iter__')", "FACTORS of mine_draw:draw raised SystemExit: at __i"),
        (
            "[0.25, 1]",
            "[Trap('__array__')]",
            "FACTORS of mine_draw:draw raised SystemExit: at __ar",
        ),
        ('"shade": ', 'Trap(""): ', "FACTORS of mine_draw:draw raised SystemExit: at __str__"),
        ("return image", "return Trap('__array__')", "for .* raised SystemExit: at __array__"),
        ("return image", "return Trap('detach')", "for .* raised SystemExit: at detach"),
        ("return image", "leave(Bad())", "for .* raised Bad: .it cannot be printed."),
        ("return image", "leave(GeneratorExit())", "for .* raised GeneratorExit"),
        ("return image", "leave(SystemExit(0))", "for .* raised SystemExit: 0"),
        ("\ndef draw", "\n__file__ = 'nowhere.py'\ndef draw", "the file of .* raised FileNotFound"),
        ("\ndef draw", "\nimport sys\ndel sys.modules['mine_draw']\ndef draw", "mine_draw raised"),
    ],
)
def test_what_raises_where_it_is_looked_at(write, tmp_path, old, new, said):
    name = write(old, new)
    path = tmp_path / "mine_draw.py"
    path.write_text(path.read_text().replace("FACTORS =", f"{TRAPS}\nFACTORS =", 1))
    with pytest.raises(InputError, match=said) as caught:
        data.load(name)
    assert "\n" not in str(caught.value)


def test_a_dict_of_factors_that_raises(write, tmp_path):
    name = write()
    path = tmp_path / "mine_draw.py"
    path.write_text(path.read_text() + TRAPS + "\nFACTORS = Odd(x=[1])\n")
    with pytest.raises(InputError, match="FACTORS of mine_draw:draw raised SystemExit: at items"):
        data.load(name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("range(2**31)", "'x' in FACTORS of mine_draw:draw has more than 1,000,000 values: give"),
        ("range(10**30)", "'x' in FACTORS .* has more than 1,000,000 values"),
        ("__import__('itertools').count()", "'x' in FACTORS .* has more than 1,000,000 values"),
        ("range(10**6)", r"make 4,000,000 images, the grid of which takes 0.2 GB of memory, and"),
        ("[None, 1]", "'x' .* must have numbers or text as values, none of them missing"),
        ("['1', '1.0']", "'x' in FACTORS .* has a value twice"),
        ("[object(), 1]", "'x' .* must have numbers or text as values"),
    ],
)
def test_factors_that_fit_nowhere_are_said_at_once(write, monkeypatch, new, said):
    monkeypatch.setattr("dbench.memory.free", lambda: 10**8)
    with pytest.raises(InputError, match=said):
        data.load(write("range(3)", new))


def test_images_that_would_take_years_to_draw(write, monkeypatch):
    monkeypatch.setattr("dbench.data.own.function.YEAR", 1e-9)
    with pytest.raises(InputError, match="to draw the 12 images of mine_draw:draw would take .* y"):
        data.load(write())


def test_labels_of_a_factor_are_drawn_as_they_are_given(write):
    """In the order given: text that pandas takes for nothing, numbers that spell one another."""
    dataset = data.load(write('["disc", "box"]', '["NA", "01", "1", "None"]'))
    assert dataset.sizes == (2, 4, 3) and dataset.values[1].tolist() == [0, 1, 2, 3]
