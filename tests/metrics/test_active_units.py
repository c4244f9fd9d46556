"""Active units, and the divergence from the prior."""

import numpy as np
import pytest

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics import METRICS

active_units, kl = METRICS["active_units"], METRICS["kl"]


def codes_alone(codes, logvar=None):
    codes = np.asarray(codes)
    return Table(codes, np.zeros((len(codes), 0), int), logvar)


def test_counts_codes_and_not_their_values(golden):
    """Seven codes, four of them in use; elsewhere len(mask) = 7, or a sum of variances."""
    for problem in ("dead_B", "neardead_B"):
        assert active_units(golden(problem)).value == 4


def test_variance_divides_by_the_number_of_rows():
    """Two rows at +-0.1 have variance 0.01 if it divides by 2, 0.02 by 1."""
    table = codes_alone([[-0.1, -0.1001], [0.1, 0.1001]])
    found = active_units(table)
    assert found.parts["variance"] == pytest.approx([0.01, 0.1001**2])
    assert active_units(table, threshold=0.0100001).value == 1
    assert active_units(table, threshold=0.015).value == 0


def test_constants_of_float32_have_no_variance():
    """Their mean in float32 is off by rounding: at 1e6 the variance would be 0.004."""
    rng = np.random.default_rng(0)
    codes = np.stack([np.full(10_001, 1e6 + 0.3), rng.normal(size=10_001)], axis=1)
    found = active_units(codes_alone(codes.astype(np.float32)))
    assert found.value == 1 and found.parts["variance"][0] == 0


def test_depends_on_the_scale_of_codes(golden):
    table = golden("perfect_B")
    assert active_units(table._replace(mean=0.05 * table.mean)).value == 0


def test_kl_in_closed_form():
    """N(m, s^2) against N(0, 1): (m^2 + s^2 - 1) / 2 - log s."""
    mean = np.array([[0.0, 3.0, 1.0], [0.0, -3.0, 0.0]])
    scale = np.array([[1.0, 1.0, 0.1], [1.0, 1.0, 2.0]])
    expected = [0, 4.5, ((1 + 0.01 - 1) / 2 - np.log(0.1) + (4 - 1) / 2 - np.log(2)) / 2]
    found = kl(codes_alone(mean, 2 * np.log(scale)))
    assert found.parts["kl"] == pytest.approx(expected, abs=1e-12)
    assert found.value == pytest.approx(sum(expected)) and found.stderr == 0


def test_kl_of_float32_is_that_of_float64():
    """Sums of 200,000 rows, and exp(-20) next to 1."""
    rng = np.random.default_rng(0)
    mean, logvar = rng.normal(size=(2, 200_000, 2)).astype(np.float32)
    wide = kl(codes_alone(mean.astype(float), logvar.astype(float) - 19)).value
    assert kl(codes_alone(mean, logvar - np.float32(19))).value == pytest.approx(wide, abs=1e-6)


def test_kl_needs_logvar(golden):
    with pytest.raises(InputError, match="kl needs logvar"):
        kl(golden("noise_A"))
