"""Symbols are the names of values, each of one factor, in one k-hot vector."""

import numpy as np
import pytest

from dbench.data import DATASETS, concepts, rooms
from dbench.errors import InputError
from tests.data import toy

from .words import dataset

WORDS = concepts.vocabulary(dataset())


def test_symbols_are_unlike_even_where_names_are_alike():
    assert WORDS.columns == (0, 2, 3) and WORDS.factors == ("wall", "floor", "kind")
    assert WORDS.names[:4] == ("red wall", "green", "blue", "red floor")
    assert len(set(WORDS.names)) == 9 and list(WORDS.offsets) == [0, 3, 7]


@pytest.mark.slow
def test_the_k_hot_vector_has_a_one_for_each_symbol_that_is_said():
    said = np.array([[1, -1, 0], [-1, -1, -1], [0, 3, 1]])
    found = np.asarray(concepts.k_hot(said, WORDS.offsets))
    assert found.shape == (3, concepts.MOST)
    assert [list(np.flatnonzero(row)) for row in found] == [[1, 7], [], [0, 6, 8]]
    assert found.max() == 1
    assert WORDS.said(said[0]) == "green, hat" and WORDS.said(said[1]) == "anything"
    for row in said:
        assert list(
            WORDS.concept(np.flatnonzero(np.asarray(concepts.k_hot(row[None], WORDS.offsets))[0]))
        ) == list(row)


def test_symbols_of_rooms_are_those_that_rooms_has():
    """The whole symbol of an image is what `rooms.symbols` gives."""
    labels = (*rooms.SYMBOLS, (), (), ())
    words = concepts.vocabulary(dataset()._replace(labels=labels, names=rooms.NAMES))
    factors = np.array([[3, 0, 15, 2, 1, 1, 1], [0, 7, 2, 0, 0, 0, 0]])
    found = np.asarray(concepts.k_hot(factors[:, :4], words.offsets))
    assert (found[:, :51] == rooms.symbols(factors)).all() and not found[:, 51:].any()


def test_a_name_stands_for_each_value():
    tiny = DATASETS["dsprites_tiny"](None)
    assert concepts.vocabulary(tiny).names == (
        "square",
        "ellipse",
        "heart",
        "small",
        "big",
        "huge",
    )[:3] + tuple(tiny.labels[2])
    for data in (tiny, dataset()):
        for names, values in zip(data.labels, data.values, strict=True):
            assert len(names) in (0, len(values))


def test_data_without_names_and_with_too_many_are_refused():
    with pytest.raises(InputError, match="toy has no factor whose values have names"):
        concepts.vocabulary(toy.WHOLE)
    many = tuple(f"person {i}" for i in range(200))
    with pytest.raises(InputError, match="202 named values, and there is room for 128 symbols"):
        concepts.vocabulary(dataset()._replace(labels=(many, (), (), ("hat", "cake"))))
