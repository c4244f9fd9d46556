"""UDR: by hand, against a plain loop over scikit-learn and SciPy, and what it claims to see."""

import jax
import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.linear_model import Lasso

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics.udr import SET_METRICS, draw, udr

KEY = jax.random.key(0)
METHODS = ["lasso", "spearman"]


def model(codes, kl=True, factors=None):
    """A table of codes, informative ones if `kl` (a variance of exp(-3))."""
    codes = np.asarray(codes, float)
    factors = np.zeros((len(codes), 0), int) if factors is None else factors
    return Table(codes, factors, np.full(codes.shape, -3.0) if kl else None)


def values(tables, method, **options):
    return [score.value for score in udr(tables, KEY, method=method, **options)]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def grid(factors):
    """[216, 3] independent codes."""
    return factors.astype(float)


def mixed(rng, n=400, models=4):
    """Models with 5 or 6 codes, some near-copies of each other's, some mixtures; one dead code."""
    x, tables = rng.normal(size=(n, 5)), []
    for i in range(models):
        mix = np.eye(5)[rng.permutation(5)] + 0.4 * rng.normal(size=(5, 5))
        codes = x @ mix + 0.2 * rng.normal(size=(n, 5))
        extra = np.round(rng.normal(size=(n, i % 2)), 1)
        logvar = np.full((n, 5 + i % 2), -2.0)
        codes[:, 1], logvar[:, 1] = 0.01 * codes[:, 1], 0.0  # KL of some 0.0001
        tables.append(Table(np.hstack([codes, extra]).astype(np.float32), np.zeros((n, 0)), logvar))
    return [t._replace(factors=t.factors.astype(int)) for t in tables]


def plain(tables, method):
    """The definition in loops: score of each model, and [M, M] of the pairs."""
    codes, active = [], []
    for table in tables:
        z = table.mean.astype(float)
        kl = (0.5 * (z**2 + np.exp(table.logvar) - table.logvar - 1)).mean(0)
        codes.append((z - z.mean(0)) / z.std(0) * (kl > 0.01))
        active.append(kl > 0.01)
    pairs = np.zeros((len(tables), len(tables)))
    for i, x in enumerate(codes):
        for j, y in enumerate(codes):
            if method == "lasso":
                fit = Lasso(alpha=0.1, tol=1e-12, max_iter=100_000).fit(x, y)
                similar = np.abs(fit.coef_.T)[active[i]][:, active[j]]
            else:
                similar = np.array(
                    [[abs(spearmanr(a, b)[0]) for b in y.T[active[j]]] for a in x.T[active[i]]]
                )
            strengths = [
                np.mean([row.max() ** 2 / row.sum() if row.sum() else 0 for row in matrix])
                for matrix in (similar, similar.T)
            ]
            pairs[i, j] = np.mean(strengths)
    return [np.median(np.delete(pairs[:, j], j)) for j in range(len(tables))], pairs


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_against_a_plain_loop(rng, method):
    tables = mixed(rng)
    expected, pairs = plain(tables, method)
    scores = udr(tables, KEY, method=method, rows=None)
    np.testing.assert_allclose([score.value for score in scores], expected, atol=1e-6)
    for j, score in enumerate(scores):
        np.testing.assert_allclose(score.parts["pairs"], np.delete(pairs[:, j], j), atol=1e-6)
        assert score.parts["active"] == 4 + j % 2


def test_by_hand():
    """Orthogonal codes x1, x2 against y1 = (4 x1 + 3 x2) / 5, y2 = x2: rho = [[.8, 0], [.6, 1]]."""
    x = np.tile([[1, 1], [1, -1], [-1, 1], [-1, -1]], (10, 1))
    one, two = model(x), model(np.stack([x @ [0.8, 0.6], x[:, 1]], 1))
    _, other = udr([one, two], KEY, rows=None)
    # Predictors that are orthogonal get the soft threshold: [[.7, 0], [.5, .9]].
    columns, rows = (0.7**2 / 1.2 + 0.9) / 2, (0.7 + 0.9**2 / 1.4) / 2
    assert other.value == pytest.approx((columns + rows) / 2, abs=1e-6)
    assert other.stderr > 0 and list(other.parts["pairs"]) == [other.value]


def test_the_score_is_of_the_model_that_is_predicted(rng):
    """Lasso depends on the direction: of the code by the authors, the model that is the target.

    One way a sum is predicted from its parts, the other way a part from the sum: they differ by
    0.196, with a standard deviation over 8 seeds of 0.012.
    """
    x = rng.normal(size=(400, 2))
    tables = [model(x), model(np.stack([x[:, 0], x[:, 0] + x[:, 1]], axis=1))]
    _, pairs = plain(tables, "lasso")
    assert abs(pairs[0, 1] - pairs[1, 0]) > 0.1
    assert values(tables, "lasso", rows=None) == pytest.approx([pairs[1, 0], pairs[0, 1]], abs=1e-6)


@pytest.mark.parametrize(("method", "best"), [("lasso", 0.9), ("spearman", 1.0)])
def test_the_same_codes_in_another_order_sign_and_scale(grid, method, best):
    """Lasso shrinks a weight of 1 by alpha = 0.1, so 0.9 is the most that such codes can get."""
    other = grid[:, [2, 0, 1]] * [-3.0, 0.01, 1.0] + [5, 0, -1]
    for score in udr([model(grid), model(other), model(-grid)], KEY, method=method, rows=None):
        assert score.value == pytest.approx(best, abs=1e-6)
        assert score.stderr < 0.01 or method == "spearman"  # fewer rows: no longer orthogonal
    if method == "lasso":
        assert values([model(grid), model(other)], "lasso", alpha=0.3) == pytest.approx([0.7] * 2)


@pytest.mark.parametrize("method", METHODS)
def test_rotations_score_less_and_noise_next_to_nothing(rng, method):
    x = rng.normal(size=(2000, 4))
    turned = [model(x @ np.linalg.qr(rng.normal(size=(4, 4)))[0]) for _ in range(4)]
    noise = [model(rng.normal(size=(2000, 4))) for _ in range(4)]
    assert max(values([model(x), *turned], method)) < 0.65
    assert max(values(noise, method)) < 0.04


@pytest.mark.parametrize("method", METHODS)
def test_codes_without_kl_are_ignored(grid, rng, method):
    table = model(grid)
    dead = 0.01 * rng.normal(size=(len(grid), 4))
    wide = Table(
        np.hstack([grid, dead]),
        table.factors,
        np.hstack([table.logvar, np.zeros_like(dead)]),
    )
    scores = udr([table, wide], KEY, method=method, rows=None)
    same = values([table, table], method, rows=None)
    assert [score.value for score in scores] == pytest.approx(same, abs=1e-12)
    assert scores[1].parts["active"] == 3 and not scores[1].warnings
    none = wide._replace(mean=0.01 * wide.mean, logvar=np.zeros_like(wide.logvar))
    empty = udr([table, none], KEY, method=method, rows=None)
    assert [score.value for score in empty] == [0, 0] and "no code" in empty[1].warnings[0]


@pytest.mark.parametrize("method", METHODS)
def test_without_logvar_all_codes_count(grid, method):
    constant = np.hstack([grid, np.full((len(grid), 1), 3.0)])
    full, less = udr([model(grid), model(constant, kl=False)], KEY, method=method, rows=None)
    assert full.value == pytest.approx((1 + 3 / 4) / 2 * (0.9 if method == "lasso" else 1))
    assert not full.warnings and "without logvar" in less.warnings[0]
    assert less.parts["active"] == 4


def test_ties_share_their_rank():
    """Five values only: codes with the same order still agree whole."""
    x = np.random.default_rng(1).integers(0, 5, size=(300, 2))
    scores = values([model(x), model(np.exp(x))], "spearman", rows=None)
    rho = abs(spearmanr(x[:, 0], x[:, 1])[0])
    assert scores == pytest.approx([1 / (1 + rho)] * 2)


@pytest.mark.slow
@pytest.mark.parametrize("metric", SET_METRICS)
def test_repeatable_in_range_and_the_order_of_tables_does_not_matter(rng, metric):
    tables = mixed(rng, n=1500)
    scores = SET_METRICS[metric](tables, KEY)
    again = SET_METRICS[metric](tables[::-1], KEY)[::-1]
    np.testing.assert_allclose([s.value for s in again], [s.value for s in scores], atol=1e-6)
    assert [s.value for s in SET_METRICS[metric](tables, KEY)] == [s.value for s in scores]
    assert all(0 < score.value < 1 and 0 < score.stderr < 0.05 for score in scores)


def test_rows_are_drawn_once_for_all_and_each_at_most_once():
    rows = draw(5000, KEY)
    assert len(rows) == len(set(rows)) == 1000 and rows.max() > 4000
    assert sorted(draw(300, KEY)) == list(range(300)) == sorted(draw(300, KEY, None))


@pytest.mark.slow
@pytest.mark.parametrize(("method", "draws"), [("lasso", 10), ("spearman", 25)])
def test_stderr_is_that_of_other_rows(rng, method, draws):
    tables = mixed(rng, n=6_000, models=2)
    scores = [udr(tables, jax.random.key(i), method=method, rows=200)[0] for i in range(draws)]
    spread = np.std([score.value for score in scores], ddof=1)
    assert 0.5 < np.mean([score.stderr for score in scores]) / spread < 2


def test_bad_sets(grid, factors):
    with pytest.raises(InputError, match="at least two tables, not 1"):
        udr([model(grid)], KEY)
    with pytest.raises(InputError, match="table 2 has 100 rows and table 1 has 216"):
        udr([model(grid), model(grid[:100])], KEY)
    with pytest.raises(InputError, match="table 3 has other factors than table 1"):
        one = model(grid, factors=factors)
        udr([one, one, model(grid, factors=factors[::-1])], KEY)
    with pytest.raises(InputError, match="at least 20 rows, and there are 19"):
        udr([model(grid[:19])] * 2, KEY)
    with pytest.raises(InputError, match="mean of code 0 is NaN"):
        udr([model(grid), model(np.where(grid == 0, np.nan, grid))], KEY)
    with pytest.raises(InputError, match="unknown method 'laso'.*did you mean 'lasso'"):
        udr([model(grid)] * 2, KEY, method="laso")
