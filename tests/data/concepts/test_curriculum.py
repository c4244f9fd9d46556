"""One concept by sets of images: what varies in each, and what cannot be taught."""

import numpy as np
import pytest

from dbench.data import views
from dbench.data.concepts import curriculum
from dbench.errors import InputError
from tests.data.concepts.words import NAMES, dataset

WORDS = dataset()
FREE = "size; size, kind; size, kind, floor"


def test_each_set_varies_in_its_factors_alone():
    found = curriculum(WORDS, "blue", FREE, 2, 3)
    assert found.concepts.tolist() == [[2, -1, -1]] and found.rows.shape == (1, 6)
    factors = WORDS.factors[found.rows[0]].reshape(3, 2, 4)
    assert (factors[:, :, 0] == 2).all()
    for images, part in zip(factors, FREE.split(";"), strict=True):
        still = [j for j, name in enumerate(NAMES) if name not in part]
        assert (images[:, still] == factors[0, 0, still]).all()
        assert len(np.unique(images, axis=0)) == 2
    assert not len(found.practised.operator) and not len(found.examined.operator)
    again = curriculum(WORDS, "blue", FREE, 2, 3)
    assert (again.rows == found.rows).all()


def test_an_image_is_one_that_training_draws():
    part = views.view(WORDS, {"without": [{"kind": 1}]})
    rows = curriculum(part, "blue", "size, floor", 6, 0).rows[0]
    assert (WORDS.factors[rows][:, 3] == 0).all()


@pytest.mark.parametrize(
    ("concept", "free", "images", "said"),
    [
        ("blu", FREE, 2, "did you mean 'blue'"),
        ("blue", "size; ; kind", 2, "must name the factors that vary in each set"),
        ("blue", "size; wall", 2, "says wall, which cannot vary"),
        ("blue", "size; colour", 2, "colour"),
        ("blue", FREE, 3, "has 2 images of 'blue' in which size alone vary"),
    ],
)
def test_what_cannot_be_taught_is_one_sentence(concept, free, images, said):
    with pytest.raises(InputError, match=said) as error:
        curriculum(WORDS, concept, free, images, 0)
    assert "\n" not in str(error.value)


def test_a_concept_without_an_image_to_train_on_is_refused():
    part = views.view(WORDS, {"without": [{"wall": 2}]})
    with pytest.raises(InputError, match="has no image to train on of 'blue'"):
        curriculum(part, "blue", FREE, 2, 0)
