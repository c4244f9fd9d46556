"""Concepts: some of the named factors of a data set, said; the others left open.

    vocabulary  the symbols of a data set, and concepts as k-hot vectors of them
    phrases     "red wall AND hat" read
    lookup      which images there are of a concept
    curriculum  one concept to teach, by sets of images of growing diversity
    draw        concepts to teach and to test, and instructions for operators, by a seed

In: a `Dataset` with `labels`. Out: concepts [n, k] of whole numbers, -1 where nothing is said.
"""

from dbench.data.concepts.curriculum import curriculum
from dbench.data.concepts.draw import Lessons, lessons
from dbench.data.concepts.phrases import OPERATORS, Phrase, read
from dbench.data.concepts.vocabulary import MOST, Vocabulary, k_hot, vocabulary

__all__ = [
    "MOST",
    "OPERATORS",
    "Lessons",
    "Phrase",
    "Vocabulary",
    "curriculum",
    "k_hot",
    "lessons",
    "read",
    "vocabulary",
]
