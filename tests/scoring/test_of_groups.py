"""Scores of groups of codes, of models whose codes are known: by hand, and against scikit-learn."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dbench.base import Dataset, Model
from dbench.data import views, xy_blobs
from dbench.errors import InputError
from dbench.models import MODELS
from dbench.scoring import of_groups
from dbench.scoring.analogy import analogy
from dbench.scoring.pose_regression import pose_regression, pose_regression_first
from dbench.scoring.registry import NEEDS
from dbench.scoring.trained_model import TrainedModel
from dbench.scoring.verification import area, cosine, drawn_pairs, verification, verification_others
from dbench.training import programs

SIZES = (8, 5)
FACTORS = np.indices(SIZES).reshape(2, -1).T


@jax.jit
def gather(images, rows):
    return images[rows]


def dataset():
    """Images of two pixels: identity and pose."""
    images = (FACTORS / 8).astype(np.float32).reshape(40, 1, 2, 1)
    values = tuple(np.arange(float(size)) for size in SIZES)
    return Dataset("mine", images.shape[1:], images, gather, FACTORS, ("id", "pose"), values)


HELD = {"without": [{"id": [5, 6, 7]}]}


@pytest.fixture
def score(monkeypatch, mesh):
    def run(function, encode, groups=(("id", (0,)),), data=None, decode=True, **options):
        def model(shape, **_):
            back = (lambda _, codes: codes[:, :2].reshape(-1, 1, 2, 1)) if decode else None
            return Model(None, None, lambda _, x: (encode(x), None), back, groups=groups)

        monkeypatch.setitem(MODELS, "known", model)
        data = views.view(dataset(), HELD) if data is None else data
        rows, size = (data.drawing.rows, data.drawing.size) if data.drawing else (None, data.size)
        program = programs.Program("known", (), data.shape, data.gather, rows, size, 8)
        params = {"none": np.zeros(1, np.float32)}
        return function(TrainedModel(data, program, {}, params, mesh, jax.random.key(0)), **options)

    return run


def flat(x):
    return x.reshape(len(x), -1)


def swapped(x):
    return flat(x)[:, ::-1]


@pytest.mark.slow
def test_verification_of_unseen_values(score):
    by_id = score(verification, circle, (("id", (0, 1)), ("pose", (2,))), pairs=400)
    assert by_id.value == 1 and by_id.stderr == 0 and not by_id.warnings
    by_pose = score(verification, circle, (("pose", (2,)), ("id", (0, 1))), pairs=400)
    assert by_pose.parts["auroc/id"] == 1 and abs(by_pose.value - 0.5) < 0.15
    assert {"auroc/pca", "stderr/pca", "auroc/pixels"} <= by_pose.parts.keys()
    whole = score(verification, circle, (("id", (0, 1)),), data=dataset(), pairs=400)
    assert "auroc/rest" in whole.parts and "training saw these images" in whole.warnings[0]


@pytest.mark.slow
def test_verification_by_all_other_codes(score):
    three = (("pose", (2,)), ("x", (0,)), ("y", (1,)))
    others = score(verification_others, circle, three, pairs=400)
    assert others.value == others.parts["auroc/x and y"]
    assert others.value == 1 > others.parts["auroc/x"] > others.parts["auroc/pose"]
    wrong = score(verification_others, circle, (("id", (0, 1)), ("pose", (2,))), pairs=400)
    assert wrong.value == wrong.parts["auroc/pose"] and abs(wrong.value - 0.5) < 0.15
    alone = score(verification_others, circle, (("all", (0, 1, 2)),), pairs=400)
    assert alone.value == alone.parts["auroc/all"]
    assert "no codes beside the group 'all'" in alone.warnings[0]


def test_pixels_that_are_flipped_at_random_verify_nothing_and_an_oracle_everything():
    """As of mnist_flipped: of two images one of which is flipped the cosine changes its sign."""
    rng = np.random.default_rng(0)
    first = np.arange(3).repeat(200)
    plain = rng.normal(size=(3, 20))[first] + 0.3 * rng.normal(size=(600, 20))
    flip = rng.integers(2, size=600)
    one, two = drawn_pairs(first, 4_000, rng)
    same = first[one] == first[two]
    assert same.mean() == 0.5 and len(one) == 4_000
    agree = flip[one] == flip[two]
    assert abs(agree[same].mean() - 0.5) < 0.06 > abs(agree[~same].mean() - 0.5)
    signs = (1 - 2 * flip)[:, None]
    found = [area(cosine(x, one, two), first, one, two)[0] for x in (np.eye(3)[first], plain)]
    assert found[0] == 1 and found[1] > 0.99
    assert abs(area(cosine(signs * plain, one, two), first, one, two)[0] - 0.5) < 0.06


def circle(x):
    """Identity as a point on a circle, and the pose."""
    turn = flat(x)[:, :1] * 2 * jnp.pi
    return jnp.concatenate([jnp.cos(turn), jnp.sin(turn), flat(x)[:, 1:]], axis=1)


def test_area_and_pairs_against_scikit_learn():
    rng = np.random.default_rng(1)
    first = rng.integers(6, size=200)
    codes = np.eye(6)[first] + rng.normal(size=(200, 6))
    one, two = drawn_pairs(first, 1000, rng)
    same = first[one] == first[two]
    assert same.sum() == 500 and (one != two).all()
    alike = np.round(cosine(codes, one, two), 1)  # with ties
    value, error = area(alike, first, one, two)
    assert value == pytest.approx(roc_auc_score(same, alike))
    parts = []
    for v in range(6):
        kept = (first[one] != v) & (first[two] != v)
        parts.append(roc_auc_score(same[kept], alike[kept]))
    assert error == pytest.approx(np.sqrt(5 / 6 * ((parts - np.mean(parts)) ** 2).sum()))
    centred = codes - codes.mean(axis=0)
    wanted = centred[one[0]] @ centred[two[0]]
    wanted /= np.linalg.norm(centred[one[0]]) * np.linalg.norm(centred[two[0]])
    assert cosine(codes, one, two)[0] == pytest.approx(wanted)


@pytest.mark.slow
def test_pose_regression_of_each_group(score):
    found = score(pose_regression, circle, (("id", (0, 1)), ("pose", (2,))))
    assert found.value == pytest.approx(1, abs=1e-3) and not found.warnings
    assert found.parts["r2/pose/pose"] == pytest.approx(found.value)
    assert found.parts["r2/id/pose"] < 0.2 < 0.99 < found.parts["r2/pixels/pose"]
    other = score(pose_regression, circle, (("pose", (2,)),))  # the rest is the identity
    assert other.value == found.parts["r2/id/pose"] == other.parts["r2/rest/pose"]
    alone = score(pose_regression, circle, (("all", (0, 1, 2)),))
    assert "no codes beside the group 'all'" in alone.warnings[0]
    first = score(pose_regression_first, circle, (("id", (0, 1)), ("pose", (2,))))
    assert first.value == found.parts["r2/id/pose"] and not first.warnings
    whole = score(pose_regression_first, circle, (("all", (0, 1, 2)),))
    assert whole.value == alone.value and not whole.warnings


@pytest.mark.slow
def test_of_a_model_without_groups_all_codes_are_taken(score):
    """As of one group of all codes, by another name."""
    for function in (verification, pose_regression):
        none, one = (score(function, circle, g) for g in ((), (("all", (0, 1, 2)),)))
        assert none.value == one.value and none.parts == one.parts


@pytest.mark.slow
def test_analogy_by_hand(score):
    """The codes are the image, so the analogy is the true one; swapped, it is all wrong."""
    found = score(analogy, flat, rows=300)
    assert found.value == 0 and found.parts["reconstruction"] == 0
    # copy_b differs in identity (5, 6 or 7), copy_a in pose: means over independent pairs.
    ids, poses = np.arange(3), np.arange(5)
    wanted = [((x[:, None] - x) ** 2 / 64).mean() for x in (ids, poses)]
    spread = [((x[:, None] - x) ** 2 / 64).std() / np.sqrt(300) for x in (ids, poses)]
    for name, mean, error in zip(("copy_b", "copy_a"), wanted, spread, strict=True):
        assert found.parts[name] == pytest.approx(mean, abs=4.5 * error)
    wrong = score(analogy, swapped, rows=300)
    assert wrong.value > 0.01 and wrong.stderr > 0


def test_rows_are_of_values_that_training_did_not_see():
    assert (FACTORS[of_groups.unseen(views.view(dataset(), HELD))[0], 0] >= 5).all()
    few = views.view(dataset(), {"without": [{"id": [5, 6], "pose": 1}]})  # no value is new
    assert of_groups.unseen(few)[0].tolist() == [26, 31]
    rows, said = of_groups.unseen(views.view(dataset(), {"without": [{"id": 5}]}))
    assert len(rows) == 40 and "left out one value" in said[0]  # there are no two to tell apart
    rows, said = of_groups.unseen(dataset())
    assert len(rows) == 40 and said


def test_the_jackknife_of_a_mean_is_its_standard_error():
    x = np.random.default_rng(0).normal(size=30)
    found = of_groups.over_values(lambda kept: x[kept].mean(), np.arange(30))
    assert found == pytest.approx(x.std(ddof=1) / np.sqrt(30))


def test_who_cannot_have_them_is_told_in_one_sentence(score):
    with pytest.raises(InputError, match="need some, and known declares none"):
        score(analogy, flat, ())
    for function in (verification_others, pose_regression_first):
        with pytest.raises(InputError, match="need some, and known declares none"):
            score(function, flat, ())
    with pytest.raises(InputError, match="analogy needs a decoder, which known has not"):
        score(analogy, flat, decode=False)
    blobs = xy_blobs.load()
    program = programs.program(blobs, "infogan", {})
    NEEDS["verification"](program, blobs)
    odd = dataset()._replace(factors=FACTORS[::-1].copy())
    with pytest.raises(InputError, match="true image of each combination.*mine has not one"):
        score(analogy, flat, data=odd)
