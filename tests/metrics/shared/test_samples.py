"""Samples, fits to them, standard errors, and that nothing depends on the machine."""

import itertools
import warnings

import jax
import joblib
import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_info, threadpool_limits

from dbench.base import Table
from dbench.metrics import METRICS, evaluate
from dbench.metrics.shared.fits import boosted, parallel, splits, standardised
from dbench.metrics.shared.metric import Work
from dbench.metrics.shared.samples import Sample, sample
from dbench.metrics.shared.stderr import GROUPS, binomial, jackknife, random_groups

KEY = jax.random.key(0)


@pytest.fixture
def work(factors):
    return Work(Table(factors.astype(np.float32), factors + 5), KEY)


def test_a_sample_holds_the_same_rows_of_codes_labels_and_values(work):
    drawn = work.once(sample, "train", 1000)
    assert np.array_equal(drawn.codes, drawn.labels) and drawn.codes.dtype == np.float64
    assert np.array_equal(drawn.values, drawn.labels)
    assert drawn.size == 1000
    # With replacement: 216 (1 - exp(-1000 / 216)) different rows are met.
    assert 205 < len(np.unique(drawn.codes, axis=0)) <= 216


def test_all_rows_are_each_row_once(work, factors):
    assert np.array_equal(work.once(sample, "train", None).labels, factors)


def test_labels_number_the_values_of_the_table_not_of_the_sample(factors):
    work = Work(Table(factors * 1.0, factors), KEY)
    few = sample(work, "train", 2)
    assert np.array_equal(few.labels, few.codes)


def test_a_purpose_has_its_own_rows_whoever_asks_first(factors):
    def codes(*purposes):
        work = Work(Table(np.arange(216.0)[:, None], factors), KEY)
        return [work.once(sample, purpose, 50).codes for purpose in purposes]

    train, test = codes("train", "test")
    assert np.array_equal(codes("test", "train")[1], train)
    assert not np.array_equal(train, test)
    other = Work(Table(np.arange(216.0)[:, None], factors), jax.random.key(1))
    assert not np.array_equal(other.once(sample, "train", 50).codes, train)


def test_once_computes_once(work):
    calls = []
    for _ in range(2):
        for rows in (1, 2):
            work.once(lambda work, rows: calls.append(rows), rows)
    function = calls.append

    def counted(work, rows):
        function(rows)
        return object()

    calls.clear()
    assert work.once(counted, 1) is work.once(counted, 1)
    assert work.once(counted, 2) is not work.once(counted, 1)
    assert calls == [1, 2]


def test_continuous_values_are_in_a_sample_as_they_are():
    value = np.linspace(-1, 1, 50)
    sign = (value > 0).astype(int)[:, None]
    table = Table(value[:, None], sign, None, None, value[:, None], ("factor0",))
    drawn = sample(Work(table, KEY), "train", 30)
    assert np.array_equal(drawn.values, drawn.codes)


def test_splits_are_the_sample_and_disjoint_groups_of_it(work):
    (seen, unseen), *groups = splits(work, 103, 50)
    assert seen.size == 103 and unseen.size == 50 and len(groups) == GROUPS
    for whole, parts in ((seen, [a for a, _ in groups]), (unseen, [b for _, b in groups])):
        together = np.concatenate([part.codes for part in parts])
        assert len(together) == whole.size
        assert np.array_equal(np.sort(together, axis=0), np.sort(whole.codes, axis=0))
    ((seen, unseen),) = splits(work, None, None)
    assert seen is unseen and seen.size == 216


def test_standardised_takes_scale_from_training_rows_and_leaves_dead_codes():
    rng = np.random.default_rng(0)
    codes = np.column_stack([3 * rng.normal(size=50) + 7, np.full(50, 0.1)])
    train = Sample(codes, np.zeros((50, 1), int), np.zeros((50, 1)))
    test = Sample(np.array([[7.0, 0.1], [7.0, 5.0]]), None, None)
    x, x_test = standardised(train, test)
    assert x[:, 0].mean() == pytest.approx(0) and x[:, 0].std() == pytest.approx(1)
    assert not x[:, 1].any() and not x_test[:, 1].any()
    assert x_test[:, 0] == pytest.approx((7 - codes[:, 0].mean()) / codes[:, 0].std())


def test_boosted_trees_are_of_their_factor(work):
    """They are fitted in the order of their cost."""
    table = Table(work.table.mean, work.table.factors.copy())
    table.factors[:, 0] //= 4
    models = Work(table, KEY).once(boosted, "train", 400)
    assert [int(model.importances.argmax()) for model in models] == [0, 1, 2]
    assert [len(model.classes) for model in models] == [2, 6, 6]


@pytest.mark.slow
def test_parallel_keeps_order_and_is_quiet_about_convergence(work):
    def task(i):
        warnings.warn("not converged", ConvergenceWarning, stacklevel=1)
        return i, {p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"}

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = parallel(work, "tasks", [lambda i=i: task(i) for i in range(20)])
    assert [i for i, _ in found] == list(range(20))
    assert all(threads == {1} for _, threads in found)


def test_parallel_raises_what_a_task_raises(work):
    def fail():
        raise ValueError("task 7")

    with pytest.raises(ValueError, match="task 7"):
        parallel(work, "tasks", [int] * 7 + [fail] + [int] * 50)


def test_jackknife_of_a_mean_is_its_standard_error():
    """Exactly, of as many rows as blocks; nearly, of blocks of rows."""
    x = np.random.default_rng(0).exponential(size=10_000)
    se = jackknife(lambda rows: x[:20][rows].mean(), 20)
    assert se == pytest.approx(x[:20].std(ddof=1) / np.sqrt(20))
    assert jackknife(lambda rows: x[:7][rows].mean(), 7) == pytest.approx(
        x[:7].std(ddof=1) / np.sqrt(7)
    )
    found = [jackknife(lambda rows, y=y: y[rows].mean(), 1000) for y in x.reshape(10, 1000)]
    assert np.mean(found) == pytest.approx(1 / np.sqrt(1000), rel=0.2)


def test_jackknife_leaves_each_row_out_once():
    seen = []
    jackknife(lambda rows: seen.append(rows) or 0.0, 53)
    out = [np.setdiff1d(np.arange(53), rows) for rows in seen]
    assert len(out) == 20 and np.array_equal(np.sort(np.concatenate(out)), np.arange(53))


def test_random_groups_of_means():
    """Five fifths of the rows: the error of the mean of all."""
    assert random_groups([1, 2, 3, 4, 5]) == pytest.approx(np.sqrt(2.5 / 5))
    both = np.array([[1, 2], [3, 2]])
    assert random_groups(both) == pytest.approx([1, 0])


def test_binomial():
    assert binomial(0.9, 100) == pytest.approx(0.03)
    assert binomial(1.0, 100) == 0


FITTED = {"train": 200, "test": 100}
OPTIONS = {
    "dci_completeness": FITTED,
    "dci_informativeness": FITTED,
    "sap": FITTED,
    "explicitness": FITTED,
    "infomec_m": {},
    "infomec_e": {"rows": 150},
    "index_code_mi": {"points": 250},
    "total_correlation": {"points": 250},
    "downstream_lr_100": {"labels": 60, "test": 100, "penalties": 3, "draws": 1},
    "downstream_gbt_100": {"labels": 60, "test": 100, "draws": 1},
    "unfairness": {"train": 200, "points": 20},
    "gaussian_tc": {"rows": 1000},
    "wasserstein": {"rows": 1000},
    "sap_continuous": {"rows": 1000},
}


def random_table():
    rng = np.random.default_rng(0)
    factors = rng.integers(3, size=(300, 2))
    codes = factors @ rng.normal(size=(2, 4)) + 0.3 * rng.normal(size=(300, 4))
    return Table(codes, factors, np.full((300, 4), -3.0))


def identical(one, other):
    parts = all(np.array_equal(one.parts[name], other.parts[name]) for name in one.parts)
    return one[:2] == other[:2] and parts


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIONS)
def test_scores_do_not_depend_on_the_number_of_workers(name, monkeypatch):
    found = []
    for workers in (1, 2):
        monkeypatch.setattr(joblib, "cpu_count", lambda workers=workers: workers)
        found.append(METRICS[name](random_table(), KEY, **OPTIONS[name]))
    assert identical(*found)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIONS)
def test_scores_do_not_depend_on_the_threads_of_blas(name):
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(METRICS[name](random_table(), KEY, **OPTIONS[name]))
    assert identical(*found)


@pytest.mark.slow
def test_scores_do_not_depend_on_what_is_scored_with_them():
    names = ["irs", "mean_mi", "mig_histogram", "sap_continuous", "gaussian_tc"]
    alone = {name: METRICS[name](random_table(), KEY) for name in names}
    for order in itertools.islice(itertools.permutations(names), 0, 120, 40):
        together = evaluate(random_table(), KEY, order)
        assert all(identical(together[name], alone[name]) for name in names)
