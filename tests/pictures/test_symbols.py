"""What a model of symbols imagines and says, of one that understands every word."""

import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from dbench.data.concepts import OPERATORS, read
from dbench.errors import InputError
from dbench.models import MODELS
from dbench.pictures import described, symbols
from dbench.training import programs
from tests.scoring import test_symbols as fakes
from tests.scoring.test_symbols import NAMED, WORDS, model

cache = fakes.cache  # the fixture: a judge of the words


@pytest.fixture
def speaker(monkeypatch):
    def make(**options):
        made = model(**options)
        monkeypatch.setitem(MODELS, "fake", lambda shape, **_: made)
        program = programs.Program("fake", (), WORDS.shape, WORDS.gather, None, WORDS.size, 8)
        given = WORDS._replace(arrays=jnp.asarray(WORDS.arrays))
        return symbols.Speaker(given, NAMED, program, {}, {"none": np.zeros(1)})

    return make


@pytest.mark.slow
def test_a_row_for_each_phrase_and_a_verdict_for_each_image(speaker):
    texts = ["blue, hat", "blue AND hat", "cake"]
    figure, counts = symbols.imagine(speaker(), texts, 5, 0)
    assert counts == [5, 5, 5]
    said = " ".join(text.get_text() for text in figure.texts)
    assert "blue AND hat" in said and "5 of 5 right" in said


def test_the_border_says_whether_an_image_is_right():
    images = np.full((2, 4, 6, 1), 0.5)
    found = symbols.bordered(images, np.array([True, False]))
    assert found.shape == (2, 10, 12, 3)
    assert (found[:, 3:-3, 3:-3] == 0.5).all()
    assert (found[0, 0, 0] == symbols.RIGHT).all() and (found[1, -1, 5] == symbols.WRONG).all()


@pytest.mark.slow
def test_operators_that_were_not_learned_are_refused(speaker):
    with pytest.raises(InputError, match="has learned no operators: say 'red wall, red floor'"):
        symbols.imagine(speaker(operators=False), ["blue AND hat"], 2, 0)


@pytest.mark.slow
def test_an_image_is_described_by_its_factors(speaker, tmp_path):
    row = 37
    image = symbols.of_row(WORDS, row)
    said = dict(symbols.describe(speaker(), image))
    wall, _, _, kind = WORDS.factors[row]
    assert said["wall"][0] == (NAMED.symbols[0][wall], pytest.approx(0.9))
    assert said["kind"][0][0] == NAMED.symbols[2][kind] and len(said["floor"]) == 3
    path = tmp_path / "image.png"
    Image.fromarray(np.round(image[..., 0] * 255).astype(np.uint8)).save(path)
    np.testing.assert_allclose(symbols.picture(path, WORDS), image, atol=1 / 255)


def test_examples_are_in_the_words_of_the_data_set():
    said = described.examples(NAMED, True)
    assert said[:3] == ["red wall", "hat", "red wall, hat"] and len(said) == 7
    for text in said:
        read(text, NAMED)
    assert not any(operator in " ".join(described.examples(NAMED, False)) for operator in OPERATORS)


@pytest.mark.slow
def test_sheets_of_a_report_say_what_is_right(speaker):
    _, right = described.imagined(speaker(operators=False), 3, 0)
    assert (right["right"] == 3).all() and list(right["phrase"][:2]) == ["red wall", "hat"]
    figure, told = described.descriptions(speaker(), np.array([37, 5]), 32)
    texts = [text.get_text() for text in figure.texts]
    truth = NAMED.said(WORDS.factors[37][[0, 2, 3]])
    assert f"in truth: {truth}" in texts
    walls = told[told["factor"] == "wall"]
    assert list(walls["row"]) == [37, 5] and np.allclose(walls["chance"], 0.9)
    assert walls["symbol"].iloc[0] == NAMED.symbols[0][WORDS.factors[37, 0]]


def test_pictures_that_do_not_fit_are_one_sentence(tmp_path):
    path = tmp_path / "image.png"
    Image.fromarray(np.zeros((8, 9, 3), np.uint8)).save(path)
    with pytest.raises(InputError, match="has 9 x 8 pixels, and images of words 16 x 16"):
        symbols.picture(path, WORDS)
    path.write_text("no picture")
    with pytest.raises(InputError, match="it is no picture, or damaged"):
        symbols.picture(path, WORDS)
    with pytest.raises(InputError, match="--row is 48, and words has rows 0 to 47"):
        symbols.of_row(WORDS, 48)
