"""What a user says: "red wall AND hat", "red wall, hat IGNORE hat".

    PHRASE    CONCEPT [OPERATOR CONCEPT]...
    CONCEPT   SYMBOL[, SYMBOL]...
    OPERATOR  AND | IN COMMON | IGNORE

Operators go from left to right. Symbols in any case; the words of an operator in capitals.
"""

import difflib
import re
from typing import NamedTuple

import numpy as np

from dbench.data.concepts.vocabulary import Vocabulary
from dbench.errors import InputError, short

OPERATORS = ("AND", "IN COMMON", "IGNORE")  # in the order of the one-hot vector of SCAN
_BETWEEN = re.compile(r"\s+(AND|IN\s+COMMON|IGNORE)\s+")


class Phrase(NamedTuple):
    """Concepts, and the operators between them."""

    concepts: tuple[np.ndarray, ...]  # (n,) of [k]
    operators: tuple[int, ...]  # (n - 1,) places in OPERATORS
    result: np.ndarray  # [k], what it comes to


def read(text: str, words: Vocabulary) -> Phrase:
    """A phrase in the words of a data set. An InputError for what cannot be meant."""
    parts = _BETWEEN.split(f" {text.strip()} ")
    concepts = tuple(_concept(part, words, text) for part in parts[::2])
    operators = tuple(OPERATORS.index(" ".join(part.split())) for part in parts[1::2])
    result = concepts[0]
    for operator, other in zip(operators, concepts[1:], strict=True):
        result = apply(operator, result, other, words)
    return Phrase(concepts, operators, result)


def apply(operator: int, one: np.ndarray, two: np.ndarray, words: Vocabulary) -> np.ndarray:
    """The concept that an operator makes of two; an InputError where it is not defined."""
    both, names = (one >= 0) & (two >= 0), f"{words.said(one)!r} and {words.said(two)!r}"
    said = OPERATORS[operator]
    if said == "AND":
        if both.any():
            factor = words.factors[int(both.argmax())]
            why = "contradict each other" if (one != two)[both].any() else "overlap"
            raise InputError(f"{names} {why}: both say {factor}, and AND joins different factors")
        return np.maximum(one, two)
    if said == "IN COMMON":
        same = both & (one == two)
        if not same.any():
            raise InputError(f"{names} have nothing IN COMMON: name two that share a symbol")
        return np.where(same, one, -1)
    part = ((two < 0) | (one == two)).all()
    if not part or (one == two).all():
        raise InputError(
            f"{words.said(two)!r} is not a part of {words.said(one)!r}: IGNORE leaves out some of "
            "the symbols that are there, and not all of them"
        )
    return np.where(two >= 0, -1, one)


def _concept(text: str, words: Vocabulary, whole: str) -> np.ndarray:
    found = np.full(len(words.sizes), -1, np.int32)
    for part in text.split(","):
        place = _symbol(part, words, whole)
        one = words.concept(np.array([place]))
        j = int((one >= 0).argmax())
        if found[j] >= 0 and found[j] != one[j]:
            raise InputError(
                f"{words.symbols[j][found[j]]!r} and {words.names[place]!r} contradict each other: "
                f"an image has one {words.factors[j]}"
            )
        found[j] = one[j]
    return found


def _symbol(text: str, words: Vocabulary, whole: str) -> int:
    """The place of a symbol among all."""
    name = " ".join(text.split()).lower()
    known = [" ".join(each.split()).lower() for each in words.names]
    if name in known:
        return known.index(name)
    if not name:
        raise InputError(
            f"{short(whole)} lacks a symbol: say it as 'red wall AND hat', with symbols of "
            f"{words.dataset}: {_some(words.names)}"
        )
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    said = " or ".join(repr(words.names[known.index(each)]) for each in near)
    hint = f"did you mean {said}?" if near else f"it has {_some(words.names)}"
    raise InputError(f"{words.dataset} has no symbol {short(text.strip())}: {hint}")


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:8]) + f", ... ({len(names)})" * (len(names) > 8)
