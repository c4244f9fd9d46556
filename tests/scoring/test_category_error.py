"""The error of categories against NumPy and by hand, and who can have it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Model
from dbench.data import xy_blobs
from dbench.errors import InputError
from dbench.models import MODELS
from dbench.scoring.category_error import category_error, wrong
from dbench.scoring.registry import allowed
from dbench.scoring.trained_model import TrainedModel
from dbench.training import programs

BLOBS = xy_blobs.load()


def test_by_hand():
    found = np.array([0, 0, 0, 1, 1, 3, 3, 3])
    digit = np.array([7, 7, 2, 2, 2, 7, 7, 1])  # category 0 is 7, 1 is 2, 3 is 7 once more
    assert wrong(found, digit) == pytest.approx(2 / 8)
    assert wrong(digit, digit) == 0
    assert wrong(np.zeros(8, int), digit) == pytest.approx(4 / 8)


def by_size(factors):
    """Chances of three categories, by the size of the blob, and a mean that is larger than all."""
    level = jnp.round(factors[:, :1] * np.sqrt(2 / 3)) + 1.0  # standardised: 0, 1, 2 of 3 values
    chances = jax.nn.softmax(-5 * (level - jnp.arange(3.0)[None]) ** 2)
    return jnp.concatenate([chances, jnp.full((len(factors), 1), 100.0)], axis=1)


def by_nothing_and_size(factors):
    same = jnp.tile(jnp.array([0.6, 0.4]), (len(factors), 1))
    return jnp.concatenate([same, by_size(factors)], axis=1)


def score(monkeypatch, mesh, encode, categories, dataset=BLOBS, **options):
    """Of a model whose codes are a function of the factors."""

    def model(shape, **_):
        def own(params, factors):
            return encode(factors), None

        return Model(None, None, own, None, categories=categories, sees_factors=True)

    name = encode.__name__
    monkeypatch.setitem(MODELS, name, model)
    program = programs.Program(name, (), dataset.shape, dataset.gather, None, dataset.size, 8)
    params = {"none": np.zeros(1)}
    return category_error(
        TrainedModel(dataset, program, {}, params, mesh, jax.random.key(0)), **options
    )


@pytest.mark.slow
def test_the_best_pair_of_code_and_factor_counts(monkeypatch, mesh):
    assert BLOBS.sizes == (3, 16, 16)
    found = score(monkeypatch, mesh, by_size, (3,))
    assert float(found) == 0 and found.stderr == 0
    assert found.parts["error"] == pytest.approx(np.array([[0, 15 / 16, 15 / 16]]))
    assert found.parts["chance"] == pytest.approx([2 / 3, 15 / 16, 15 / 16])
    assert found.parts["used"].tolist() == [3]
    found = score(monkeypatch, mesh, by_nothing_and_size, (2, 3))
    assert float(found) == 0 and found.parts["used"].tolist() == [1, 3]
    assert found.parts["error"][0] == pytest.approx(found.parts["chance"])


def test_of_some_rows_the_same_ones_again(monkeypatch, mesh):
    shuffled = np.random.default_rng(0).permutation(BLOBS.factors)
    data = BLOBS._replace(factors=np.where(np.arange(768)[:, None] % 4, BLOBS.factors, shuffled))

    def unsure(factors):
        return by_size(jnp.roll(factors, 1, axis=0))

    one, two = (score(monkeypatch, mesh, unsure, (3,), data, rows=100) for _ in "ab")
    assert one.value == two.value and 0 < float(one) < 2 / 3
    assert one.stderr == pytest.approx(np.sqrt(one.value * (1 - one.value) / 100))
    assert (one.parts["error"] * 100).round(6).tolist() == np.round(
        one.parts["error"] * 100
    ).tolist()


def test_who_can_have_which_score():
    def of(model, dataset=BLOBS, **options):
        return allowed(programs.program(dataset, model, options), dataset)

    assert of("infogan", net="small") == ["category_error"]
    assert of("infogan", net="small", categoricals=0) == []
    assert of("beta_vae", net="small") == ["reconstruction"]
    assert of("raw_pixels") == []
    none = BLOBS._replace(names=(), values=(), factors=np.zeros((768, 0), int))
    assert of("infogan", none, net="small") == []


@pytest.mark.parametrize("model", ["beta_vae", "raw_pixels"])
def test_a_model_without_categories_is_refused(mesh, model):
    options = {"net": "small"} if model == "beta_vae" else {}
    program = programs.program(BLOBS, model, options)
    said = f"category_error needs categorical codes, which {model} has not"
    with pytest.raises(InputError, match=said):
        category_error(TrainedModel(BLOBS, program, {}, {}, mesh, jax.random.key(0)))
