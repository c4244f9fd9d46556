import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dbench.metrics.shared import regression
from tests.rounding import chain


def problem(values, n=60, d=3):
    """Codes [n, d] and a value of each row, of values 10, 11, .. with all of them there."""
    rng = np.random.default_rng(values)
    x = rng.normal(size=(n, d))
    y = (x @ rng.normal(size=(d, values)) + rng.gumbel(size=(n, values))).argmax(axis=1)
    y[:values] = np.arange(values)
    return x, 10 + y


def plain(x, y, strength, weights):
    """The loss as the formula has it, of [d + 1, v] with a column for each value."""
    values, known = np.unique(y, return_inverse=True)

    def loss(parameters):
        logs = jax.nn.log_softmax(x @ parameters[:-1] + parameters[-1], axis=1)
        right = (weights * logs[jnp.arange(len(y)), known]).mean()
        return -right + (parameters[:-1] ** 2).sum() / (2 * strength * len(y))

    return loss


@pytest.mark.slow
@pytest.mark.parametrize("values", [2, 3, 7])
def test_the_loss_and_its_gradient_are_those_of_the_formula(values):
    x, y = problem(values)
    weights = np.random.default_rng(0).uniform(0.5, 2, size=len(y))
    columns = values if values > 2 else 1
    at = np.random.default_rng(1).normal(size=(4, columns))
    ours = regression._Loss(np.ascontiguousarray(x.T), y - 10, weights, 1 / (3.0 * len(y)))
    loss, gradient = ours(at.ravel())
    with jax.enable_x64(True), jax.numpy_rank_promotion("allow"):
        formula = plain(x, y, 3.0, weights)

        def whole(parameters):
            """Of two values the first has logit 0."""
            if columns > 1:
                return formula(parameters)
            return formula(jnp.concatenate([jnp.zeros((4, 1)), parameters], axis=1))

        expected, slopes = jax.value_and_grad(whole)(jnp.asarray(at))
    few = 100 * chain(len(y), values, dtype=np.float64)
    assert loss == pytest.approx(float(expected), rel=few)
    np.testing.assert_allclose(gradient.reshape(4, columns), np.asarray(slopes), atol=few)


@pytest.mark.parametrize("balanced", [False, True])
@pytest.mark.parametrize("strength", [1e-4, 1.0, 1e4, np.inf])
@pytest.mark.parametrize("values", [2, 3, 7])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_as_scikit_learn(values, strength, balanced):
    x, y = problem(values)
    weight = "balanced" if balanced else None
    theirs = LogisticRegression(C=strength, class_weight=weight).fit(x, y)
    ours = regression.fit(x, y, strength, balanced=balanced)
    assert (ours.values == theirs.classes_).all() and abs(ours.iterations - theirs.n_iter_) <= 1
    # They differ by 6e-11 here; half of C moves them by 5e-6 and more.
    np.testing.assert_allclose(ours.probabilities(x), theirs.predict_proba(x), atol=1e-6)
    certain = np.diff(np.sort(theirs.predict_proba(x), axis=1)[:, -2:]).ravel() > 2e-6
    assert certain.mean() > 0.8
    assert (ours.predict(x) == theirs.predict(x))[certain].all()


@pytest.mark.parametrize("values", [2, 3])
def test_it_begins_where_another_ended(values):
    x, y = problem(values)
    whole = regression.fit(x, y)
    again = regression.fit(x, y, begin=whole)
    assert again.iterations <= 1 < whole.iterations
    np.testing.assert_allclose(again.probabilities(x), whole.probabilities(x), atol=1e-3)


def test_one_value_is_predicted_whatever_the_codes():
    found = regression.fit(np.arange(6.0).reshape(3, 2), np.full(3, 4))
    assert found.predict(np.ones((2, 2))).tolist() == [4, 4]
    assert found.probabilities(np.ones((2, 2))).tolist() == [[1], [1]]


def test_of_two_that_are_as_likely_the_smaller_is_predicted():
    x, y = np.array([[1.0], [1.0], [1.0], [1.0]]), np.array([7, 5, 7, 5])
    found = regression.fit(x, y)
    assert found.probabilities(x).tolist() == [[0.5, 0.5]] * 4
    assert found.predict(x).tolist() == [5] * 4


@pytest.mark.parametrize("values", [2, 3])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_large_codes_overflow_nothing(values):
    x, y = problem(values)
    with np.errstate(all="raise", under="ignore"):
        found = regression.fit(1e6 * x, y)
    assert np.isfinite(found.probabilities(1e6 * x)).all()
    theirs = LogisticRegression().fit(1e6 * x, y).predict(1e6 * x)
    assert (found.predict(1e6 * x) == theirs).mean() > 0.9


@pytest.mark.parametrize("values", [2, 3])
def test_whole_and_single_numbers_are_fitted_as_double_ones(values):
    x, y = problem(values)
    whole = (10 * x).round()
    expected = regression.fit(whole, y).probabilities(whole)
    for dtype in (np.float32, int):
        found = regression.fit(whole.astype(dtype), y).probabilities(whole)
        np.testing.assert_array_equal(found, expected)
