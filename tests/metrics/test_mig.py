import numpy as np
import pytest

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics import METRICS
from dbench.metrics.mig import mutual_information

mig = METRICS["mig"]


def table(codes, factors, sigma=0.05):
    codes = np.asarray(codes, float)
    return Table(codes, factors, np.broadcast_to(2 * np.log(sigma), codes.shape))


def test_by_hand():
    """Two well separated halves: I(z; v) = log 2; the other code agrees on 3 rows of 4."""
    v = np.array([0, 0, 1, 1])
    codes = np.array([[0, 0], [0, 0], [1, 0], [1, 1]])
    known = np.log(2) - 0.75 * (np.log(3) - 2 / 3 * np.log(2))
    t = table(codes, v[:, None], 0.01)
    assert mutual_information(t)[:, 0] == pytest.approx([np.log(2), known], abs=1e-7)
    assert mig(t).value == pytest.approx(1 - known / np.log(2), abs=1e-7)


def test_entropy_of_an_unequal_factor_is_that_of_its_frequencies():
    """A perfect code of a factor with shares 9 to 1 scores 1, not H(v) / log 2 = 0.47.

    The posteriors of the rare value are wider, so that H(z | v) must weigh its values, too.
    """
    v = (np.arange(100) < 10).astype(int)
    codes = np.stack([v, np.zeros(100)], axis=1)
    sigma = np.where(v, 0.1, 0.02)[:, None]
    assert mig(table(codes, v[:, None])).value == pytest.approx(1, abs=1e-7)
    information = mutual_information(table(codes, v[:, None], sigma))
    assert information[0, 0] == pytest.approx(-0.9 * np.log(0.9) - 0.1 * np.log(0.1), abs=1e-7)


def test_divides_by_the_entropy_of_the_factor_not_of_the_code():
    """A code of two factors knows all of either: the gap is 1 whatever else it holds."""
    factors = np.stack(np.meshgrid(range(4), range(4)), -1).reshape(-1, 2)
    both = factors @ [4, 1]
    codes = np.stack([both, np.zeros(16)], axis=1)
    assert mig(table(codes, factors)).value == pytest.approx(1, abs=1e-7)


def test_duplicated_code_has_no_gap(factors):
    assert mig(table(np.hstack([factors, factors]), factors)).value == pytest.approx(0, abs=1e-9)


def test_wide_posteriors_know_less(factors):
    values = [mig(table(factors, factors, sigma)).value for sigma in (0.1, 0.5, 1.0, 3.0)]
    assert sorted(values, reverse=True) == values and values[0] > 0.99 and values[-1] < 0.1


def test_order_of_rows_does_not_matter(golden):
    t = golden("gaussian_B")
    rows = np.random.default_rng(0).permutation(len(t.mean))
    shuffled = mig(Table(t.mean[rows], t.factors[rows], t.logvar[rows]))
    assert shuffled.value == pytest.approx(mig(t).value, abs=1e-10)


def test_one_outlier_costs_no_more_than_its_row(golden):
    """The histogram form collapses here: test_mig_histogram.py."""
    t = golden("perfect_B")
    mean = t.mean.copy()
    mean[0] = 1000
    assert mig(t._replace(mean=mean)).value == pytest.approx(mig(t).value, abs=0.01)


def test_more_than_twenty_values_are_no_limit():
    v = np.arange(4000) % 40
    codes = np.stack([v, np.zeros(4000)], axis=1)
    assert mig(table(codes, v[:, None])).value == pytest.approx(1, abs=1e-7)


def test_constant_and_dead_codes_change_nothing(golden):
    perfect = mig(golden("perfect_B")).value
    assert mig(golden("dead_B")).value == pytest.approx(perfect, abs=1e-9)
    assert mig(golden("neardead_B")).value == pytest.approx(perfect, abs=1e-4)


def test_too_narrow_posteriors_warn():
    """5,000 means too close for their gaps to be closed up."""
    codes = np.random.default_rng(0).uniform(size=(5000, 2))
    with pytest.warns(UserWarning, match="100.00% of the posteriors of code 0 are narrower"):
        score = mig(table(codes, np.arange(5000)[:, None] % 2, 1e-8))
    assert score.parts["floored"] == 1


def test_entropies_of_codes_are_parts(factors):
    parts = mig(table(np.zeros((216, 3)), factors, [1, 2, 3])).parts
    expected = 0.5 * np.log(2 * np.pi * np.e * np.array([1, 4, 9]))
    assert parts["entropy"] == pytest.approx(expected, abs=1e-7)


def test_needs_logvar(factors):
    with pytest.raises(InputError, match="mig needs logvar"):
        mig(Table(factors * 1.0, factors))
