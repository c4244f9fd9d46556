"""Code of the user's: whatever it returns or raises, scores or one sentence."""

import sys
import tempfile
import types
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.fuzz.attempt import attempt
from tests.fuzz.test_code_files import dtypes
from tests.fuzz.values import scalars, text

pytestmark = pytest.mark.slow

IMAGES = np.random.default_rng(0).integers(0, 256, (64, 4, 4, 1), np.uint8)
FACTORS = np.stack(np.meshgrid(range(8), range(8), indexing="ij"), -1).reshape(-1, 2)


RIGHT = {"x": [0, 1], "y": [0, 1, 2]}


class Odd:
    """An object whose every attribute raises what it is told."""

    def __init__(self, error):
        object.__setattr__(self, "error", error)

    def __getattribute__(self, name):
        raise object.__getattribute__(self, "error")

    def __array__(self, *_, **__):
        raise object.__getattribute__(self, "error")

    def __str__(self):
        raise object.__getattribute__(self, "error")

    def __repr__(self):  # which the test's own report needs
        return f"Odd({object.__getattribute__(self, 'error')!r})"


class Marked(NamedTuple):
    """Becomes an Odd only in the test: hypothesis too looks at what it draws."""

    error: BaseException


def odd(value):
    """`value` with every Marked in it as an Odd."""
    if isinstance(value, Marked):
        return Odd(value.error)
    return tuple(map(odd, value)) if type(value) is tuple else value


errors = st.sampled_from(
    [ValueError("no"), SystemExit(0), SystemExit("bye"), KeyError(), MemoryError(), Exception()]
    + [RecursionError("deep"), StopIteration(), OSError(2, "gone"), AssertionError("a\nb")]
)
shapes = st.one_of(
    st.just((32, 3)), arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6)
)


@st.composite
def returned(draw):
    """What an encoder or a function that draws may return."""
    array = draw(arrays.arrays(draw(dtypes), draw(shapes), fill=st.nothing()))
    other = st.one_of(scalars, errors.map(Marked), st.just(array), st.just([array]))
    return draw(st.one_of(other, st.tuples(other), st.tuples(other, other)))


@pytest.fixture(scope="module")
def module():
    """A module of the user's that can be imported."""
    sys.modules["dbench_fuzzed"] = module = types.ModuleType("dbench_fuzzed")
    yield module
    del sys.modules["dbench_fuzzed"]


def encoded(module, function) -> int:
    module.encode = function
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/data.npz", images=IMAGES, factors=FACTORS)
        return attempt(
            Path(folder),
            *("evaluate", "--encoder", "dbench_fuzzed:encode", "--dataset", f"{folder}/data.npz"),
            *("--metrics", "mig_histogram", "--batch", 32),
        )


def shown(module, draw, factors) -> int:
    module.draw, module.FACTORS = draw, factors
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "a.png"
        return attempt(Path(folder), "data", "show", "dbench_fuzzed:draw", "--output", picture)


def test_what_is_right_is_taken(module):
    assert encoded(module, lambda images: np.reshape(images, (len(images), -1))[:, :3]) == 0
    assert shown(module, lambda at: np.eye(8) * (1 + at["x"] + at["y"]) / 4, RIGHT) == 0


@given(returned())
def test_an_encoder_that_returns_anything(module, value):
    encoded(module, lambda images: odd(value))


@given(errors, st.integers(0, 3))
def test_an_encoder_that_raises(module, error, after):
    count = iter(range(10_000))

    def encode(images):
        if next(count) >= after:
            raise error
        return np.asarray(images).reshape(len(images), -1)[:, :3]

    encoded(module, encode)


factors = st.one_of(
    st.just(RIGHT), scalars, st.dictionaries(text, st.lists(scalars, max_size=3), max_size=3)
)


@given(returned(), factors)
def test_a_data_set_that_is_anything(module, value, factors):
    shown(module, lambda *_, **__: odd(value), factors)


@given(errors)
def test_a_data_set_that_raises(module, error):
    def draw(*_, **__):
        raise error

    shown(module, draw, RIGHT)
