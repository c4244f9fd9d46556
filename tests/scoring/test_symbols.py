"""Scores of symbols: by hand, and of models that understand all, a part, or one meaning alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dbench.base import Model, Symbols
from dbench.data import concepts
from dbench.errors import InputError
from dbench.models import MODELS
from dbench.scoring.registry import MODEL_METRICS, NEEDS
from dbench.scoring.symbols import judge as judges
from dbench.scoring.symbols.judged import Judged, accuracy, accuracy_of, diversity, diversity_of
from dbench.scoring.symbols.specificity import explained, specificity
from dbench.scoring.trained_model import TrainedModel
from dbench.training import programs
from tests.data.concepts.words import SIZES, pictured

WORDS = pictured()
NAMED = concepts.vocabulary(WORDS)
KEY = jax.random.key(3)
SURE, OPEN = (
    -20.0,
    0.0,
)  # log variances of a code that a symbol says, and of one that it leaves open


def judged(found, told, sizes=(3, 4, 2)):
    return Judged(
        np.array(found), np.array(told), judges.Judge(None, None, sizes, np.ones(len(sizes)))
    )


def test_accuracy_by_hand():
    found = judged(
        [[0, -1, 1], [2, 3, 1]], [[[0, 2, 1], [0, 0, 0], [1, 1, 1], [0, 3, 1]], [[2, 3, 1]] * 4]
    )
    share, exact = accuracy_of(found)
    np.testing.assert_allclose(share, [[3 / 4, np.nan, 3 / 4], [1, 1, 1]])
    np.testing.assert_allclose(exact, [2 / 4, 1])
    score = accuracy(found)
    assert float(score) == pytest.approx((3 / 4 + 1) / 2)
    assert score.stderr == pytest.approx((1 / 4) / np.sqrt(2) / np.sqrt(2))
    np.testing.assert_allclose(score.parts["levels"], [np.nan, 3 / 4, 1])  # none has one symbol
    np.testing.assert_allclose(score.parts["factors"], [7 / 8, 1, 7 / 8])
    assert score.parts["exact"] == pytest.approx(3 / 4)


def test_diversity_by_hand():
    """Of four values, of which two are met, each twice: ln 4 - ln 2, less 1 / (2 * 4)."""
    found = judged([[0, -1, 1], [2, 3, 1]], [[[0, 2, 1], [0, 0, 0], [1, 0, 1], [0, 2, 1]]] * 2)
    kl = diversity_of(found)
    assert kl[0, 1] == pytest.approx(np.log(2) - 1 / 8) and np.isnan(np.delete(kl, 1)).all()
    assert float(diversity(found)) == pytest.approx(np.log(2) - 1 / 8)
    assert diversity(found).stderr == 0  # one concept alone leaves something open
    with pytest.raises(InputError, match="no concept of the test leaves a factor open"):
        diversity(judged([[2, 3, 1]], [[[2, 3, 1]] * 4]))


def test_diversity_of_even_draws_is_nought():
    """The mean over 400 concepts of 64 draws of 16 values: 4 standard errors. Uncorrected .12."""
    told = np.random.default_rng(0).integers(16, size=(400, 64, 1))
    score = diversity(judged(-np.ones((400, 1), int), told, (16,)))
    assert abs(float(score)) < 4 * score.stderr and score.stderr < 0.01


def test_specificity_by_hand():
    """Latent 0 is of factor 0, latent 1 half of factor 1; the third concept fixes nothing."""
    share = np.array([[1, 0], [0, 0.5]])
    kl = np.array([[3.0, 1], [2, 2], [0, 0]])
    score = specificity(kl, share, np.array([[2, -1], [-1, 0], [1, 1]]))
    assert float(score) == pytest.approx((3 / 4 + 1 / 4 + 0) / 3)
    np.testing.assert_allclose(score.parts["levels"], [1 / 2, 0])
    np.testing.assert_allclose(score.parts["kl"], [5 / 3, 1])
    assert score.warnings == ("1 of 3 concepts fix nothing",)


def test_what_a_factor_explains_is_corrected_for_its_values():
    """Rows of two values each twice: sums of squares 16 between, 4 within, of two free: 14 / 20."""
    codes = np.array([[-3.0], [-1], [1], [3]]) + 7
    found = explained(codes, np.array([[0, 0], [0, 1], [1, 0], [1, 1]]))
    assert found[0, 0] == pytest.approx((16 - 1 * 4 / 2) / 20)
    assert found[0, 1] == 0  # 4 between, 16 within: less than chance
    many = np.random.default_rng(0).normal(size=(500, 200))
    shares = explained(many, np.repeat(np.arange(50), 10)[:, None])
    assert shares.mean() < 0.02  # uncorrected 49 / 499


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """A judge of the words, trained once for all that is here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(judges, "STEPS", 800)
        patch.setattr(judges, "_known", {})
        yield


def decode(_params, codes):
    """The image of codes [b, 4]: a standard normal makes every value of a factor as likely."""
    sizes = jnp.array(SIZES)[None]
    at = jnp.clip((jax.scipy.stats.norm.cdf(codes) * sizes).astype(int), 0, sizes - 1)
    rows = ((at[:, 0] * 2 + at[:, 1]) * 4 + at[:, 2]) * 2 + at[:, 3]
    return jnp.asarray(WORDS.arrays)[rows]


def codes_of(values):
    """Codes whose image has these values [b, 4]."""
    return jax.scipy.stats.norm.ppf((values + 0.5) / jnp.array(SIZES)[None])


def encode(_params, images):
    apart = ((images[:, None] - jnp.asarray(WORDS.arrays)[None]) ** 2).sum(axis=(2, 3, 4))
    mean = codes_of(jnp.asarray(WORDS.factors)[apart.argmin(axis=1)])
    return mean, jnp.full(mean.shape, SURE)


def meant(symbols, open_):
    """q(z|y): sure of what is said, and `open_` wide of what is not."""
    parts = jnp.split(symbols[:, :9], [3, 7], axis=1)
    values = jnp.stack([part.argmax(axis=1) for part in parts], axis=1)
    said = jnp.stack([part.any(axis=1) for part in parts], axis=1)
    values, said = (jnp.insert(x, 1, 0, axis=1) for x in (values, said))  # size has no name
    mean = jnp.where(said, codes_of(values), 0.3)
    return mean, jnp.where(said, SURE, open_)


def describe(_params, codes):
    """Sure of the wall and the kind, and nothing is said of the floor."""
    sizes = jnp.array(SIZES)[None]
    at = jnp.clip((jax.scipy.stats.norm.cdf(codes) * sizes).astype(int), 0, sizes - 1)
    found = at[:, jnp.array([0, 2, 3])].at[:, 1].set(-1)
    return concepts.k_hot(found, NAMED.offsets) * 0.9


def model(open_=OPEN, operators=True, symbols=True):
    def infer(_params, symbols):
        return meant(symbols, open_)

    def either(_params, one, two, operator):
        """AND alone: of two Gaussians the surer code."""
        surer = one[1] < two[1]
        return jnp.where(surer, one[0], two[0]), jnp.minimum(one[1], two[1])

    known = Symbols(infer, describe, either if operators else None)
    return Model(
        *(None, None, encode, decode),
        lambda dataset: concepts.lessons(dataset, 20, 2, 10, 0),
        symbols=known if symbols else None,
    )


def score(monkeypatch, mesh, name, made):
    monkeypatch.setitem(MODELS, "fake", lambda shape, **_: made)
    program = programs.Program("fake", (), WORDS.shape, WORDS.gather, None, WORDS.size, 8)
    given = WORDS._replace(arrays=jnp.asarray(WORDS.arrays))
    NEEDS[name](program, given)
    return MODEL_METRICS[name](TrainedModel(given, program, {}, {"none": np.zeros(1)}, mesh, KEY))


@pytest.mark.slow
def test_a_judge_tells_images_that_it_was_not_trained_on(monkeypatch, mesh):
    """So far as the scores below need it; and reconstructions that are exact as well as those."""
    found = score(monkeypatch, mesh, "judged_reconstruction", model())
    assert float(found) > 0.95 and found.parts["factors"].shape == found.parts["judge"].shape == (
        3,
    )
    assert judges.judge(WORDS) is judges.judge(WORDS)


@pytest.mark.slow
def test_a_model_that_understands_is_accurate_and_diverse(monkeypatch, mesh):
    right = score(monkeypatch, mesh, "sym2img_accuracy", model())
    assert float(right) > 0.95 and right.parts["exact"] > 0.9
    assert len(right.parts["levels"]) == 3
    wide = score(monkeypatch, mesh, "sym2img_diversity", model())
    assert abs(float(wide)) < 0.15


@pytest.mark.slow
def test_a_model_without_abstraction_is_accurate_and_not_diverse(monkeypatch, mesh):
    """All images of a concept are alike: ln 3, ln 4 or ln 2 of what is left open, .69 at least."""
    narrow = model(open_=SURE)
    assert float(score(monkeypatch, mesh, "sym2img_accuracy", narrow)) > 0.95
    assert float(score(monkeypatch, mesh, "sym2img_diversity", narrow)) > np.log(2)


@pytest.mark.slow
def test_a_concept_that_leaves_others_open_is_specific(monkeypatch, mesh):
    """KL of a code that is left open is 0.3^2 / 2 beside 9.5 and more; one that is narrow in all
    four fixes as much of what it does not say."""
    wide = score(monkeypatch, mesh, "symbol_specificity", model())
    narrow = score(monkeypatch, mesh, "symbol_specificity", model(SURE))
    assert float(wide) > 0.97
    np.testing.assert_allclose(narrow.parts["levels"], [1 / 4, 2 / 4, 3 / 4], atol=0.03)


@pytest.mark.slow
def test_operators_are_scored_one_by_one(monkeypatch, mesh):
    """The fake operator joins: AND is right, IN COMMON and IGNORE say too much: less diverse."""
    right = score(monkeypatch, mesh, "operator_accuracy", model())
    assert right.parts["operators"].shape == (3,) and right.parts["operators"][0] > 0.95
    levels = right.parts["operators_levels"]  # AND makes two symbols or more
    assert levels.shape == (3, 3) and np.isnan(levels[0, 0]) and levels[0, 1:].min() > 0.9
    assert right.parts["symbols"] > 0.95
    wide = score(monkeypatch, mesh, "operator_diversity", model())
    assert wide.parts["operators"][1:].min() > wide.parts["symbols"] + 0.2


@pytest.mark.slow
def test_descriptions(monkeypatch, mesh):
    """It says two of the three symbols that hold of each image, and no other."""
    found = score(monkeypatch, mesh, "img2sym_precision", model())
    assert float(found) == 1 and found.stderr == 0 and found.parts["said"] == 2
    np.testing.assert_allclose(found.parts["tops"], [1, 1 / 4, 1])
    missed = score(monkeypatch, mesh, "img2sym_recall", model())
    assert float(missed) == pytest.approx(2 / 3) and missed.stderr == pytest.approx(0, abs=1e-12)


def test_who_has_no_symbols_or_operators_is_told(monkeypatch, mesh):
    with pytest.raises(InputError, match="is needed, and fake is none"):
        score(monkeypatch, mesh, "sym2img_accuracy", model(symbols=False))
    with pytest.raises(InputError, match="fake has learned no operators"):
        score(monkeypatch, mesh, "operator_accuracy", model(operators=False))
    silent = model()._replace(decode=None)
    with pytest.raises(InputError, match="needs a decoder, which fake has not"):
        score(monkeypatch, mesh, "judged_reconstruction", silent)
