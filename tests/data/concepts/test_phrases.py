"""What a user says is understood, or refused with what is wrong."""

import pytest

from dbench.data import concepts
from dbench.errors import InputError

from .words import dataset

WORDS = concepts.vocabulary(dataset())


@pytest.mark.parametrize(
    ("text", "result", "operators"),
    [
        ("hat", "hat", ()),
        ("  RED  wall ,hat", "red wall, hat", ()),
        ("hat, hat", "hat", ()),
        ("red wall AND hat", "red wall, hat", (0,)),
        ("red wall AND white AND hat", "red wall, white, hat", (0, 0)),
        ("red wall, hat IN COMMON hat, blue", "hat", (1,)),
        ("red wall, hat IGNORE hat", "red wall", (2,)),
        ("red wall AND hat IGNORE red wall", "hat", (0, 2)),
    ],
)
def test_phrases(text, result, operators):
    phrase = concepts.read(text, WORDS)
    assert WORDS.said(phrase.result) == result and phrase.operators == operators
    assert len(phrase.concepts) == len(operators) + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rad wall", "words has no symbol 'rad wall': did you mean 'red wall'"),
        ("zzz", "words has no symbol 'zzz': it has red wall, green, .* [(]9[)]"),
        ("", "'' lacks a symbol: say it as"),
        ("hat AND", "'hat AND' lacks a symbol"),
        ("red wall, blue", "'red wall' and 'blue' contradict each other: an image has one wall"),
        ("red wall AND blue", "contradict each other: both say wall"),
        ("hat AND red wall, hat", "overlap: both say kind"),
        ("hat IN COMMON cake", "have nothing IN COMMON"),
        ("hat IGNORE hat", "'hat' is not a part of 'hat'"),
        ("hat, green IGNORE blue", "'blue' is not a part of 'green, hat'"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(text, said):
    with pytest.raises(InputError, match=said) as error:
        concepts.read(text, WORDS)
    assert "\n" not in str(error.value)
