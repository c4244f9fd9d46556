"""Boosted trees against scikit-learn, and at ties, where scikit-learn goes by rounding."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from dbench.metrics.shared import trees
from dbench.metrics.shared.boosting import decide, fit, predict, probabilities

GOLDEN = ("perfect_B", "rot45_B", "random_A")
MORE = ("dropped_B", "dead_B", "gaussian_B", "noise_A")


def reference(x, y, seed=0, *, stages=100, depth=3, rate=0.1):
    """scikit-learn's classifier, fitted."""
    model = GradientBoostingClassifier(
        n_estimators=stages, max_depth=depth, learning_rate=rate, random_state=seed
    )
    return model.fit(x, y)


def ours(x, y, seed=0, **options):
    return fit(x, y, np.random.default_rng(seed), **options)


def classes(score, count):
    """Cut a score into `count` equally frequent classes, named -1, 2, 5, ... [n]."""
    return score.argsort().argsort() * count // len(score) * 3 - 1


def gaussian(rng, count, n=1000, d=4):
    x = rng.standard_normal((n, d))
    return x, classes(x[:, 0] + x[:, -1] ** 2 + 0.7 * rng.standard_normal(n), count)


def lattice(rng, count, n=1000, d=4):
    x = rng.integers(0, 6, (n, d)).astype(float)
    return x, classes(x[:, 0] + (x[:, 1] - 2) ** 2 + 3 * rng.standard_normal(n), count)


def imbalanced(rng):
    x, _ = gaussian(rng, 2)
    return x, np.where(x[:, 0] > 2, 2, np.where(x[:, 1] > 1.8, 1, 0))


def forty(rng):
    x = rng.standard_normal((400, 3))
    return x, np.clip(np.rint(8 * x[:, 0] + 20 + 3 * x[:, 1]), 0, 39).astype(int)


def separable(rng):
    """Residuals go down to 1e-5, and most nodes of late trees are pure."""
    x, _ = lattice(rng, 2)
    return x, (x[:, 0] > 2).astype(int) + (x[:, 1] > 3)


def close(rng):
    """A third of neighbours are closer than 1e-7, and one column lies within it."""
    x = 1e-5 * rng.standard_normal((1000, 1))
    y = classes(x[:, 0] + 5e-6 * rng.standard_normal(1000), 3)
    return np.hstack([x, 1e-8 * rng.standard_normal((1000, 1)), np.full((1000, 1), 3.0)]), y


# Nodes of a few rows are split equally well by several continuous features. Where two or more
# are continuous, trees are shallow and few, so that nodes are large.
LARGE = {"stages": 20, "depth": 2}
PROBLEMS = {
    "gaussian 2": (lambda rng: gaussian(rng, 2), LARGE),
    "gaussian 3": (lambda rng: gaussian(rng, 3), LARGE),
    "gaussian 6": (lambda rng: gaussian(rng, 6), LARGE),
    "one feature": (lambda rng: gaussian(rng, 3, d=1), {}),
    "lattice 2": (lambda rng: lattice(rng, 2), {}),
    "lattice 3": (lambda rng: lattice(rng, 3), {}),
    "lattice 6": (lambda rng: lattice(rng, 6), {"depth": 4, "rate": 0.3, "stages": 30}),
    "imbalanced": (imbalanced, {}),
    "forty": (forty, {"stages": 10, "depth": 1}),
    "separable": (separable, {}),
    "close": (close, {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("problem", PROBLEMS)
def test_as_scikit_learn_without_ties(problem):
    make, options = PROBLEMS[problem]
    x, y = make(np.random.default_rng(2))
    new = make(np.random.default_rng(3))[0]
    theirs, model = reference(x, y, **options), ours(x, y, **options)
    np.testing.assert_allclose(model.importances, theirs.feature_importances_, rtol=0, atol=1e-9)
    scores = np.squeeze(decide(model, x).T)
    np.testing.assert_allclose(scores, theirs.decision_function(x), rtol=0, atol=1e-9)
    np.testing.assert_allclose(probabilities(model, new), theirs.predict_proba(new), atol=1e-9)
    np.testing.assert_array_equal(predict(model, new), theirs.predict(new))


@pytest.mark.slow
def test_as_scikit_learn_in_full(golden):
    x, y = golden("noise_A").mean, golden("noise_A").factors[:, 0]
    theirs, model = reference(x, y), ours(x, y)
    np.testing.assert_allclose(model.importances, theirs.feature_importances_, atol=2e-4)
    assert np.mean(predict(model, x) == theirs.predict(x)) > 0.999


@pytest.mark.slow
@pytest.mark.parametrize("name", [*GOLDEN, *MORE])
def test_as_scikit_learn_on_average_at_ties(golden, name):
    table = golden(name)
    runs = []
    for seed in range(6):
        rows = np.random.default_rng(seed).choice(len(table.mean), 300, replace=False)
        x, y = table.mean[rows], table.factors[rows, 1]
        theirs = reference(x, y, seed, stages=5).feature_importances_
        mean = np.mean([ours(x, y, s, stages=5).importances for s in range(20)], axis=0)
        runs.append((theirs, mean))
    theirs, mean = np.array(runs).transpose(1, 0, 2)
    error = (theirs - mean).std(axis=0, ddof=1) / np.sqrt(len(runs))
    np.testing.assert_array_less(abs((theirs - mean).mean(axis=0)), 5 * error + 1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    "image",
    [lambda a: a, lambda a: -a, np.exp, lambda a: 4 - a**3],
    ids=["copy", "mirrored", "monotone", "both"],
)
def test_images_of_a_feature_share_its_importance_equally(image):
    x, y = gaussian(np.random.default_rng(0), 3, n=300)
    both = np.hstack([x, image(x[:, :1])])
    runs = np.array([ours(both, y, seed, stages=5).importances for seed in range(200)])
    alone = ours(x, y, stages=5).importances
    np.testing.assert_allclose(runs[:, 0] + runs[:, 4], alone[0], atol=0.01)
    error = (runs[:, 0] - runs[:, 4]).std() / np.sqrt(len(runs))
    assert abs((runs[:, 0] - runs[:, 4]).mean()) < 4 * error
    assert runs[:, 0].std() > 0.02  # each node chooses anew


@pytest.mark.slow
def test_each_of_many_copies_is_the_first_split_equally_often():
    x, y = gaussian(np.random.default_rng(0), 2, n=100, d=1)
    x = np.hstack([x, -x, np.exp(x), x, 5 - x])
    first = [ours(x, y, seed, stages=1, depth=1).features[0, 0, 0] for seed in range(1000)]
    counts = np.bincount(first, minlength=5)
    assert ((counts - 200) ** 2 / 200).sum() < 18.5  # chi squared of 4 degrees, p = 0.001


def test_a_stump_by_hand():
    model = ours(np.array([[0.0], [1], [2], [4]]), np.array([7, 7, -2, -2]), stages=1, depth=1)
    # Residuals are -1/2 and 1/2, p (1 - p) = 1/4; the classes are sorted, so 7 is the second.
    np.testing.assert_array_equal(model.thresholds[0, 0], [1.5])
    np.testing.assert_allclose(model.steps[0, 0], [0.2, -0.2])
    np.testing.assert_array_equal(predict(model, np.array([[1.5], [1.51]])), [7, -2])


def test_constant_features_have_no_importance():
    x, y = gaussian(np.random.default_rng(0), 3, n=200)
    x[:, 1], x[:, 2] = 3, 1 + 1e-9 * x[:, 2]
    model = ours(x, y, stages=5)
    np.testing.assert_array_equal(model.importances[1:3], 0)
    np.testing.assert_allclose(model.importances.sum(), 1)
    alone = ours(x[:, 1:3], y, stages=5)
    np.testing.assert_array_equal(alone.importances, 0)
    np.testing.assert_allclose(probabilities(alone, x[:2, 1:3]), 1 / 3, atol=0.01)


@pytest.mark.slow
def test_trees_end_when_nothing_is_left_to_fit():
    x, y = separable(np.random.default_rng(0))
    options = {"stages": 50, "rate": 1.0}
    theirs, model = reference(x, y, **options), ours(x, y, **options)
    split = np.isfinite(model.thresholds).any(axis=2)  # [stages, 3]
    np.testing.assert_array_equal(
        split, [[tree.tree_.node_count > 1 for tree in stage] for stage in theirs.estimators_]
    )
    assert split[:5].all() and not split[-1].any()
    np.testing.assert_allclose(decide(model, x).T, theirs.decision_function(x), atol=1e-6)


def test_one_class():
    model = ours(np.arange(6.0).reshape(3, 2), np.array([5, 5, 5]))
    np.testing.assert_array_equal(model.importances, [0, 0])
    np.testing.assert_array_equal(predict(model, np.zeros((4, 2))), [5, 5, 5, 5])
    np.testing.assert_array_equal(probabilities(model, np.zeros((4, 2))), np.ones((4, 1)))


def test_few_rows():
    x = np.array([[0.0, 1], [1, 0], [1, 1]])
    for y in ([0, 1, 2], [0, 1, 1], [3, 3, 9]):
        np.testing.assert_array_equal(predict(ours(x, np.array(y)), x), y)


def test_equal_seeds_give_equal_trees_on_any_number_of_threads():
    rng = np.random.default_rng(0)
    x, y = gaussian(rng, 6, n=300)
    x = np.hstack([x, -x])
    alone = [ours(x, y, seed, stages=10) for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda seed: ours(x, y, seed, stages=10), range(8)))
    for one, other in zip(alone, together, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)
    assert not np.array_equal(alone[0].features, alone[1].features)


def test_one_number_is_drawn():
    x, y = gaussian(np.random.default_rng(0), 2, n=50)
    for labels in (y, np.zeros(50, int)):
        rng, other = np.random.default_rng(4), np.random.default_rng(4)
        fit(x, labels, rng, stages=1)
        other.integers(2**64, dtype=np.uint64)
        assert rng.integers(10**9) == other.integers(10**9)


def test_other_types_compile_nothing():
    x, y = gaussian(np.random.default_rng(0), 3, n=50)
    predict(ours(x, y, stages=1), x)
    compiled = (trees.boost, trees.add_trees)
    before = [len(f.signatures) for f in compiled]
    for a, b in ((x.astype(np.float32), y.astype(np.int8)), (np.asfortranarray(x), y)):
        predict(ours(a, b, stages=1, rate=1, depth=2), a[::2])
    assert [len(f.signatures) for f in compiled] == before == [1, 1]


def test_scores_far_from_zero_lose_no_digits():
    scores = np.array([-800.0, -40, -1, 0, 1, 40, 800])
    residual = np.empty(7)
    for label in (0, 1):
        trees.sigmoid_residuals(np.full(7, label), scores, residual)
        p = np.exp(-np.logaddexp(0, scores if label else -scores))
        np.testing.assert_allclose(residual, p if label else -p, rtol=1e-12)
