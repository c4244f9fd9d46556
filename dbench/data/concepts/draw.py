"""Concepts to teach and to test, and instructions for operators: drawn by a seed, disjoint.

    taught      concepts with a few images each, evenly from all levels of the hierarchy: as many of
                one symbol as of two, ..., as far as a level has them
    tested      other concepts, in the same way; those that have no image to train on are among them
    practised   instructions (operator, concept, concept -> result) with images of the result
    examined    other instructions; their results are neither taught nor in any practised one

An image may only be one that training draws. So what a view holds out is never seen: neither as an
image, nor as a symbol in what is taught and practised.

Higgins et al., "SCAN: Learning Hierarchical Compositional Visual Concepts", ICLR 2018: 133 concepts
of all levels, ten images each, and 300 held-out ones of four symbols. How many are of each level,
and how many instructions there were, is not known to us: that is ours.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from dbench.base import Dataset
from dbench.data import views
from dbench.data.concepts.lookup import Lookup
from dbench.data.concepts.phrases import OPERATORS
from dbench.data.concepts.vocabulary import Vocabulary, vocabulary
from dbench.errors import InputError

TESTS = 100  # concepts to test at most
EXAMS = 40  # instructions of each operator to test at most, and no more than are practised
TRIES = 200  # draws for each that is wanted, before a level is said to have no more


class Instructions(NamedTuple):
    """i instructions, as arrays."""

    operator: np.ndarray  # [i] int32, place in OPERATORS
    one: np.ndarray  # [i, k] int32
    two: np.ndarray  # [i, k] int32
    result: np.ndarray  # [i, k] int32


class Lessons(NamedTuple):
    """All that a model of symbols is taught and tested on, as arrays."""

    concepts: np.ndarray  # [c, k] int32, taught
    rows: np.ndarray  # [c, m] int32, images of each
    practised: Instructions
    practised_rows: np.ndarray  # [i, m] int32, images of each result
    tested: np.ndarray  # [t, k] int32
    examined: Instructions
    offsets: np.ndarray  # [k] int32, see `k_hot`
    symbols: np.integer  # how many there are


def lessons(dataset: Dataset, concepts: int, images: int, instructions: int, seed: int) -> Lessons:
    """`concepts` with `images` each, and `instructions` of each operator, of a data set.

    An InputError if it has too few.
    """
    words, rng = vocabulary(dataset), np.random.default_rng(seed)
    seen = Lookup(dataset, words, views.trained(dataset))
    every = Lookup(dataset, words, np.arange(dataset.size))
    known: set[tuple] = set()
    taught = _concepts(words, seen, concepts, known, rng)
    if len(taught) < concepts:
        raise InputError(
            f"{dataset.name} has {len(taught):,} concepts with an image to train on, and {concepts}"
            f" are to be taught: set concepts to {len(taught) * 2 // 3} or less"
        )
    tested = _concepts(words, every, TESTS, known, rng)
    if not len(tested):
        raise InputError(
            f"all concepts of {dataset.name} would be taught and none is left to test: set "
            f"concepts to {len(taught) * 2 // 3} or less"
        )
    known = {tuple(c) for c in taught}
    examined = _instructions(words, every, min(EXAMS, instructions), known, rng)
    asked = {tuple(c) for c in examined.result}
    practised = _instructions(words, seen, instructions, asked, rng, operands=True)
    practised = _filled(practised, len(OPERATORS) * instructions, dataset.name)
    draw = [[seen.draw(c, images, rng) for c in each] for each in (taught, practised.result)]
    rows = [np.array(found, np.int32).reshape(-1, images) for found in draw]
    size = np.int32(sum(words.sizes))
    return Lessons(taught, rows[0], practised, rows[1], tested, examined, words.offsets, size)


def _concepts(
    words: Vocabulary, there: Lookup, count: int, known: set[tuple], rng: np.random.Generator
) -> np.ndarray:
    """Up to `count` concepts that have images and are not `known`, and then are: [c, k]."""
    k = len(words.sizes)
    found: list[np.ndarray] = []
    left = list(range(1, k + 1))  # levels that have more
    while left and len(found) < count:
        for level in list(left):
            if len(found) == count:
                break
            one = _new(partial(concept, words, level, rng), there, known)
            if one is None:
                left.remove(level)
            else:
                known.add(tuple(one))
                found.append(one)
    return np.array(found, np.int32).reshape(-1, k)


def concept(words: Vocabulary, level: int, rng: np.random.Generator) -> np.ndarray:
    """Any concept of so many symbols."""
    found = np.full(len(words.sizes), -1, np.int32)
    for j in rng.choice(len(words.sizes), level, replace=False):
        found[j] = rng.integers(words.sizes[j])
    return found


def _new(draw: Callable[[], np.ndarray], there: Lookup, known: set[tuple]) -> np.ndarray | None:
    for _ in range(TRIES):
        one = draw()
        if tuple(one) not in known and there.has(one):
            return one
    return None


def _instructions(
    words: Vocabulary,
    there: Lookup,
    count: int,
    known: set[tuple],
    rng: np.random.Generator,
    operands: bool = False,
) -> Instructions:
    """Up to `count` of each operator, their results not `known`; nor the `operands`, if so."""
    k, met = len(words.sizes), set()
    found: list[tuple] = []
    for operator in range(len(OPERATORS)) if k > 1 else ():
        wanted = count * (operator + 1)
        for _ in range(TRIES * count):
            if len(found) == wanted:
                break
            made = instruction(words, operator, rng)
            new = made[2:] if not operands else made
            if any(tuple(c) in known for c in new) or not all(map(there.has, made)):
                continue
            at = (operator, *map(tuple, made))
            if at not in met:
                met.add(at)
                found.append((operator, *made))
    columns = list(zip(*found, strict=True)) or [(), (), (), ()]
    of = [np.array(column, np.int32).reshape(-1, k) for column in columns[1:]]
    return Instructions(np.array(columns[0], np.int32), *of)


def _filled(found: Instructions, count: int, name: str) -> Instructions:
    """As many as were asked for: where there are fewer, they come again."""
    if count and not len(found.operator):
        raise InputError(
            f"{name} has no instructions for operators to practise beside those of the test: set "
            "instructions to 0, and no operator is learned"
        )
    again = np.resize(np.arange(len(found.operator)), count)
    return Instructions(*(column[again] for column in found))


def instruction(
    words: Vocabulary, operator: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Any two concepts that an operator takes, and what it makes of them."""
    k = len(words.sizes)
    if OPERATORS[operator] == "AND":
        result = concept(words, int(rng.integers(2, k + 1)), rng)
        one, two = _parts(result, rng)
        return one, two, result
    if OPERATORS[operator] == "IGNORE":
        whole = concept(words, int(rng.integers(2, k + 1)), rng)
        left, out = _parts(whole, rng)
        return whole, out, left
    shared = concept(words, int(rng.integers(1, k)), rng)
    one, two = shared.copy(), shared.copy()
    for j in rng.permutation(np.flatnonzero(shared < 0)):
        first, second = rng.choice(words.sizes[j], 2, replace=False)
        said = rng.integers(4)  # by neither, by one, by the other, by both and otherwise
        one[j], two[j] = first if said in (1, 3) else -1, second if said in (2, 3) else -1
    return one, two, shared


def _parts(whole: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A concept of two symbols or more in two parts, neither of them empty."""
    said = rng.permutation(np.flatnonzero(whole >= 0))
    cut = rng.integers(1, len(said))
    first = np.isin(np.arange(len(whole)), said[:cut])
    return np.where(first, whole, -1), np.where(first, -1, whole)
