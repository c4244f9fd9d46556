"""Lessons are drawn by a seed, from all levels, apart from each other, with images that hold."""

import numpy as np
import pytest

from dbench.data import concepts, views
from dbench.data.concepts.phrases import apply
from dbench.errors import InputError

from .words import dataset

HELD = {"wall": 0, "kind": 1}  # no red wall with a cake is trained on
WHOLE = dataset()
PART = views.view(WHOLE, {"without": [HELD]})
WORDS = concepts.vocabulary(WHOLE)
LESSONS = concepts.lessons(PART, 30, 4, 6, 0)


def keys(found):
    return [tuple(concept) for concept in found]


def holds(concept, rows):
    """Whether a concept holds of images, [rows] bool."""
    named = WHOLE.factors[rows][:, list(WORDS.columns)]
    return ((concept < 0) | (named == concept)).all(axis=1)


def held(concept):
    return concept[0] == 0 and concept[2] == 1


def test_what_is_taught_has_images_that_training_draws():
    assert LESSONS.concepts.shape == (30, 3) and LESSONS.rows.shape == (30, 4)
    for taught, rows in (
        (LESSONS.concepts, LESSONS.rows),
        (LESSONS.practised.result, LESSONS.practised_rows),
    ):
        for concept, images in zip(taught, rows, strict=True):
            assert holds(concept, images).all() and set(images) <= set(views.trained(PART))
            assert not held(concept)
    operands = (LESSONS.practised.one, LESSONS.practised.two)
    assert not any(held(concept) for found in operands for concept in found)


def test_all_levels_are_there_and_no_concept_twice():
    counts = np.bincount((LESSONS.concepts >= 0).sum(axis=1))
    assert counts[0] == 0 and counts[1] == 9  # all that there are of one symbol
    assert sorted(counts[2:]) == [10, 11]
    together = keys(LESSONS.concepts) + keys(LESSONS.tested)
    assert len(set(together)) == len(together)
    assert any(held(concept) for concept in LESSONS.tested)


def test_results_of_exams_are_neither_taught_nor_in_what_is_practised():
    asked = set(keys(LESSONS.examined.result))
    practised = LESSONS.practised
    for known in (LESSONS.concepts, practised.one, practised.two, practised.result):
        assert not asked & set(keys(known))
    assert len(practised.operator) and set(LESSONS.examined.operator) == {0, 1, 2}


def test_instructions_come_to_their_results():
    for some in (LESSONS.practised, LESSONS.examined):
        for operator, one, two, result in zip(*some, strict=True):
            assert (apply(operator, one, two, WORDS) == result).all()


@pytest.mark.slow
def test_draws_are_those_of_the_seed():
    again, other = (concepts.lessons(PART, 30, 4, 6, seed) for seed in (0, 1))
    assert all((a == b).all() for a, b in zip(LESSONS[:2], again[:2], strict=True))
    assert keys(other.concepts) != keys(LESSONS.concepts)


def test_images_of_a_concept_are_drawn_evenly():
    """Of a concept of 8 images, 400 drawn with replacement: 50 each, a deviation of 6.6."""
    there = concepts.draw.Lookup(WHOLE, WORDS, np.arange(WHOLE.size))
    rows = there.draw(np.array([1, -1, 0]), 400, np.random.default_rng(0))
    counts = np.bincount(rows)[np.unique(rows)]
    assert len(counts) == 8 and abs(counts - 50).max() < 4 * np.sqrt(400 / 8 * 7 / 8)
    few = there.draw(np.array([1, -1, 0]), 8, np.random.default_rng(0))
    assert len(set(few)) == 8


def test_too_few_concepts_are_one_sentence():
    with pytest.raises(InputError, match="has 54 concepts with an image to train on, and 90 are"):
        concepts.lessons(PART, 90, 4, 0, 0)
    with pytest.raises(InputError, match="none is left to test: set concepts to 39 or less"):
        concepts.lessons(WHOLE, 59, 4, 0, 0)


def test_every_kind_of_view_says_which_rows_it_draws():
    joint = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]) / 3
    view = views.drawn(WHOLE, joints={("wall", "floor"): joint})
    rows = views.trained(view)
    assert (WHOLE.factors[rows][:, 0] == WHOLE.factors[rows][:, 2]).all() and len(rows) == 12
    assert len(views.trained(WHOLE)) == WHOLE.size
    assert len(views.trained(PART)) == WHOLE.size - 8
