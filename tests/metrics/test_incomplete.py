"""Every metric on rows that are no full grid: the right score, and what may mislead is said."""

import functools

import jax
import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.d_lsbd import need_cyclic
from dbench.metrics.shared import caution
from dbench.metrics.shared.metric import Work
from dbench.metrics.shared.validate import need_factors, need_two_factors
from tests.metrics.test_common import CASES

KEY = jax.random.key(0)
# Of the rows rather than of the codes: no score of theirs is right or wrong.
OF_ROWS = ("kl", "dimension_wise_kl", "index_code_mi", "active_units")
DEPENDENT = ("gaussian_tc", "wasserstein", "mean_mi", "total_correlation")
# Perfect codes have no perfect score here, and it is said: the factors of the rows are dependent.
MOVED = ("unfairness", "total_correlation")


def most_of_a_grid():
    """130 of 216 combinations, each once."""
    grid = np.indices((6, 6, 6)).reshape(3, -1).T
    return grid[np.random.default_rng(0).choice(216, 130, replace=False)]


def few_of_many():
    """2,000 of 10^6 combinations: hardly two rows share all six factors."""
    return np.random.default_rng(0).integers(0, 10, (2000, 6))


def params():
    for table in (most_of_a_grid, few_of_many):
        for name in METRICS:
            if need_cyclic in METRICS[name].needs:
                continue  # it refuses them, see its tests
            if name == "downstream_lr_efficiency" and table is few_of_many:
                continue  # slow, and the ratio of two that are there
            heavy = name.startswith(("downstream", "explicitness", "sap", "dci", "infomec", "unf"))
            heavy |= name.startswith(("index", "total", "irs"))
            heavy &= table is few_of_many
            heavy |= name in ("downstream_lr_efficiency", "downstream_lr_100", "explicitness")
            marks = pytest.mark.slow if heavy else ()
            yield pytest.param((name, table), marks=marks, id=f"{name}-{table.__name__}")


@functools.cache
def works(table):
    """Of codes that are the factors, and of noise; shared by all metrics, as in `evaluate`."""
    factors = table()
    noise = np.random.default_rng(1).normal(size=factors.shape)
    both = ((factors * 1.0, 0.05), (noise, 0.3))
    tables = (Table(z, factors, np.full(z.shape, 2 * np.log(sigma))) for z, sigma in both)
    return [Work(each, KEY) for each in tables]


@pytest.fixture(params=params())
def scored(request):
    """A metric's id, and its scores of codes that are the factors and of noise."""
    name, table = request.param
    options = {"rows": 300} if name.startswith("infomec") else CASES[name].options  # to be quick
    return name, *(METRICS[name].score(work, **options) for work in works(table))


@pytest.mark.slow
def test_a_score_is_right_or_says_why_not(scored):
    name, perfect, noise = scored
    assert np.isfinite([*perfect[:2], *noise[:2]]).all()
    needs = METRICS[name].needs
    if need_factors in needs or need_two_factors in needs or name.startswith(DEPENDENT):
        for found in (perfect, noise):
            said = " ".join(found.warnings)
            assert "no full grid" in said or "not equally frequent" in said
    if name in OF_ROWS or name.endswith("efficiency"):
        return
    if CASES[name].perfect == 0:
        assert (perfect.value < 0.06) == (name not in MOVED)
        return
    if name.startswith("fos"):  # fos itself is one of the scale of codes too
        assert name == "fos" or perfect.value < noise.value / 2
        return
    enough = CASES[name].perfect == 1 and not name.startswith("downstream_lr")
    # Counts of few rows find information that is not there: of 100 cells in 300 rows, much of it.
    least = 0.7 if name.endswith("_auto") else 0.95
    assert perfect.value > (least if enough else noise.value + 0.01)
    # Accuracies of noise are too high where rows of training are tested; infomec_c is of noise.
    assert noise.value < 0.66 or "training rows" in " ".join(noise.warnings) or "infomec" in name


def test_dependence_is_said_of_rows_that_are_no_grid(factors):
    def said(rows):
        table = Table(np.zeros((len(rows), 2)), rows)
        return caution.dependent(Work(table, KEY))

    assert said(factors) == [] == said(factors[:, :0])
    (sentence,) = said(factors[:-1])
    assert sentence.startswith("the rows are no full grid")
