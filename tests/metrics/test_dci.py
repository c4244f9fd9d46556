import jax
import numpy as np
import pytest
from scipy import stats
from sklearn.ensemble import GradientBoostingClassifier

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics import METRICS
from dbench.metrics.dci import per_code
from dbench.metrics.shared.metric import Work

from .conftest import spread_over_stderr

disentanglement, completeness, informativeness = (
    METRICS[f"dci_{x}"] for x in ("disentanglement", "completeness", "informativeness")
)
ALL_ROWS = {"train": None, "test": None}


def some(n):
    """[n, 3] noisy codes of two factors."""
    rng = np.random.default_rng(0)
    factors = np.stack([np.arange(n) % 3, np.arange(n) // 3 % 2], axis=1)
    codes = factors @ [[1, 0.5, 0], [0, 1, 0.3]] + 0.4 * rng.normal(size=(n, 3))
    return Table(codes, factors)


@pytest.fixture
def noisy():
    return some(150)


@pytest.mark.slow
def test_end_to_end_against_scikit_learn():
    """Many rows: where a node has few, several codes split it as well, and either may be taken.

    Over 8 seeds importances differ by at most 0.0005 (sd 0.0002), scores by 0.0004 (sd 0.0005),
    and no prediction does. Of 150 rows it would be 0.004 (sd 0.003).
    """
    noisy = some(1500)
    models = [
        GradientBoostingClassifier(random_state=0).fit(noisy.mean, v) for v in noisy.factors.T
    ]
    r = np.stack([model.feature_importances_ for model in models], axis=1)  # [3, 2]
    rows, columns = r.sum(axis=1) / r.sum(), r.sum(axis=0) / r.sum()
    found = disentanglement(noisy, None, **ALL_ROWS)
    assert found.parts["importance"] == pytest.approx(r, abs=5e-3)
    expected = rows @ (1 - stats.entropy(r, base=2, axis=1))
    assert found.value == pytest.approx(expected, abs=5e-3) and found.stderr == 0
    expected = columns @ (1 - stats.entropy(r, base=3, axis=0))
    assert completeness(noisy, None, **ALL_ROWS).value == pytest.approx(expected, abs=5e-3)
    right = [m.score(noisy.mean, v) for m, v in zip(models, noisy.factors.T, strict=True)]
    score = informativeness(noisy, None, **ALL_ROWS)
    assert score.value == pytest.approx(np.mean(right), abs=1e-3) and score.stderr == 0


def test_per_code_by_hand():
    importance = np.array([[3.0, 1.0], [0.0, 2.0], [1.0, 1.0], [0.0, 0.0]])
    expected = [1 + 3 / 4 * np.log2(3 / 4) + 1 / 4 * np.log2(1 / 4), 1, 0, 0]
    assert per_code(importance) == pytest.approx(expected)


def test_with_one_factor_a_code_is_used_or_not():
    assert per_code(np.array([[0.3], [0.0], [0.7]])).tolist() == [1, 0, 1]


def test_codes_and_factors_are_weighted_by_their_importance(noisy):
    score = disentanglement(noisy, None, **ALL_ROWS)
    weight = score.parts["importance"].sum(axis=1) / 2
    assert score.parts["weight"] == pytest.approx(weight)
    assert score.value == pytest.approx(weight @ score.parts["disentanglement"])


def test_one_factor_has_completeness_but_no_disentanglement(noisy):
    one = noisy._replace(factors=noisy.factors[:, :1])
    with pytest.raises(InputError, match="at least two factors, and this table has one"):
        disentanglement(one, None)
    assert 0 < completeness(one, None, **ALL_ROWS).value < 1


def test_copies_of_a_code_cost_completeness_not_disentanglement(factors):
    table = Table(np.hstack([factors, factors]) * 1.0, factors)
    assert disentanglement(table, None, **ALL_ROWS).value == pytest.approx(1)
    expected = 1 - np.log(2) / np.log(6)
    assert completeness(table, None, **ALL_ROWS).value == pytest.approx(expected, abs=0.05)


@pytest.mark.slow
def test_no_split_is_zero_and_said(factors):
    table = Table(np.full((216, 2), 0.3), factors)
    for metric in (disentanglement, completeness):
        score = metric(table, None, train=300, test=50)
        assert score[:2] == (0.0, 0.0)
        assert any("no tree found a split" in sentence for sentence in score.warnings)


def test_accuracy_is_that_of_test_rows(factors):
    """Noise is learnt by heart: other rows show it. Chance is 1/6."""
    codes = np.random.default_rng(0).normal(size=(4320, 2))
    table = Table(codes, np.tile(factors, (20, 1))[:, :2])
    score = informativeness(table, jax.random.key(0), train=200, test=500)
    assert score.parts["train_accuracy"] > 0.9
    assert score.value == pytest.approx(1 / 6, abs=0.1)


def test_informativeness_is_downstream_accuracy_of_as_many_labels(noisy):
    key = jax.random.key(3)
    here = informativeness(noisy, key, train=120, test=80)
    there = METRICS["downstream_gbt_10000"](noisy, key, labels=120, test=80)
    assert here.value == there.value and here.stderr == pytest.approx(there.stderr)


def test_scores_share_fits_without_changing(noisy):
    work = Work(noisy, jax.random.key(0))
    together = [m.score(work, train=100, test=50) for m in (informativeness, disentanglement)]
    alone = disentanglement(noisy, jax.random.key(0), train=100, test=50)
    assert together[1].value == alone.value and together[1].stderr == alone.stderr


@pytest.mark.slow
@pytest.mark.parametrize("metric", [disentanglement, completeness], ids=lambda m: m.__name__)
def test_standard_error_against_the_spread_over_keys(metric):
    """Five groups know their spread to 35 %, and scores near 1 fall faster than 1 / rows."""
    assert 0.3 < spread_over_stderr(metric, mixed(), keys=20, train=500, test=20) < 2.5


@pytest.mark.slow
def test_standard_error_of_accuracy():
    """Of the test rows alone: the trees of another training sample differ, too."""
    assert 0.5 < spread_over_stderr(informativeness, mixed(), keys=20, train=500, test=100) < 2


def mixed():
    rng = np.random.default_rng(0)
    factors = rng.integers(3, size=(10_000, 2))
    codes = factors @ [[1, 0.5, 0], [0, 1, 0.3]] + 0.6 * rng.normal(size=(10_000, 3))
    return Table(codes, factors)


def test_trees_that_take_more_memory_than_there_is_are_one_sentence(monkeypatch):
    """Before anything is fitted: pixels as codes are thousands of columns."""
    rng = np.random.default_rng(0)
    wide = Table(rng.normal(size=(50, 200)), some(50).factors)
    monkeypatch.setattr("dbench.memory.free", lambda: 2 * 10**7)
    said = r"^to boost trees on 200 codes of 10,000 rows, \d+ at once, takes \d.* GB of memory, and"
    with pytest.raises(InputError, match=said):
        disentanglement(wide, jax.random.key(0))
