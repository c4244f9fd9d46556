import numpy as np
import pytest

from dbench.metrics import METRICS

from .conftest import spread_over_stderr

nk = METRICS["nk"]
FEW = {"train": 600, "test": 300}
# 4 standard errors of a guess of one of six values on 300 rows.
GUESS = 4 * np.sqrt(1 / 6 * 5 / 6 / 300)


@pytest.mark.slow
def test_perfect_codes_lose_all_but_a_guess(factors):
    found = nk(factors * 1.0, factors, **FEW)
    assert found.parts["accuracy"] == pytest.approx(1, abs=0.02)
    assert found.parts["without"] == pytest.approx(1 / 6, abs=GUESS + 0.05)
    drops = found.parts["accuracy"] - found.parts["without"]
    assert found.value == pytest.approx(drops.mean())


@pytest.mark.slow
def test_a_copy_makes_up_for_the_code_that_is_taken_out(factors):
    """The first factor has two codes, the others one each."""
    codes = factors[:, [0, 0, 1, 2]] * 1.0
    drop = [nk(codes, factors, **FEW).parts[f"drop/factor{k}"] for k in range(3)]
    assert abs(drop[0]) < 0.05 and min(drop[1:]) > 5 / 6 - GUESS - 0.05


@pytest.mark.slow
def test_a_code_that_tells_nothing_is_no_loss(factors):
    """Nor is one that is not there."""
    codes = np.column_stack([factors[:, 0], np.zeros(216)])
    found = nk(codes, factors, **FEW)
    assert found.parts["drop/factor1"] == 0 == found.parts["drop/factor2"]
    assert found.parts["drop/factor0"] > 0.6 and -1 in found.parts["code"]


@pytest.mark.slow
def test_standard_error_against_the_spread_over_keys(golden):
    """It leaves out the start of the networks and the training rows."""
    ratio = spread_over_stderr(nk, golden("noise_A"), keys=20, train=500, test=500, epochs=5)
    assert 0.4 < ratio < 2.5
