import os
import subprocess
import sys

import jax
import numpy as np
import pytest

from dbench.base import Table, numpy_rng
from dbench.errors import InputError
from dbench.metrics import METRICS
from dbench.metrics.higgins import features
from dbench.metrics.shared.groups import groups

higgins = METRICS["higgins"]
KEYS = [jax.random.key(i) for i in range(60)]


def test_pairs_share_the_factor_and_nothing_else(factors):
    x, fixed = features(
        Table(factors * 1.0, factors), groups(factors), numpy_rng(KEYS[0]), 3000, 64
    )
    assert (x[np.arange(3000), fixed] == 0).all()
    free = x[np.arange(3000), (fixed + 1) % 3]
    assert free.mean() == pytest.approx(35 / 18, abs=0.02)  # E|a - b| of two fair dice
    assert np.bincount(fixed) == pytest.approx(1000, abs=130)


def test_each_pair_has_a_value_of_its_own(factors):
    """One value for the whole batch would give the code v^2 differences that vary by batch."""
    rows = np.random.default_rng(0).normal(size=216)
    codes = np.stack([factors[:, 0] * 1.0, factors[:, 0] * rows], axis=1)
    x, fixed = features(Table(codes, factors), groups(factors), numpy_rng(KEYS[0]), 3000, 64)
    spread = x[fixed == 0, 1].std() / x[fixed == 0, 1].mean()
    assert spread < 0.25  # about 0.15; about 0.65 with one value a batch


@pytest.mark.slow
def test_a_missing_factor_is_told_by_elimination(golden):
    """Kim & Mnih's criticism: one of four factors is not encoded, and the score is 1."""
    assert higgins(golden("dropped_B"), KEYS[0]).value == 1


@pytest.mark.slow
@pytest.mark.parametrize("problem", ["rot45_B", "random_A"])
def test_standard_error_against_the_spread_over_keys(golden, problem):
    options = {"train": 5000, "test": 1000, "batch": 16}
    scores = [higgins(golden(problem), key, **options) for key in KEYS]
    spread = np.std([score.value for score in scores], ddof=1)
    reported = np.mean([score.stderr for score in scores])
    assert 0.6 < spread / reported < 1.5


@pytest.mark.slow
def test_small_codes_warn_and_score_low(golden):
    t = golden("rot45_B")
    with pytest.warns(UserWarning, match="depends on the scale"):
        small = higgins(Table(0.001 * t.mean, t.factors), KEYS[0])
    assert small.value < 0.6
    assert small.parts["largest_std"] == pytest.approx(0.00109, rel=0.01)


@pytest.mark.slow
def test_scale_at_which_it_does_not_warn_is_harmless(golden, recwarn):
    t = golden("rot45_B")
    full, least = (higgins(Table(c * t.mean, t.factors), KEYS[0]) for c in (1, 0.1))
    assert not [w for w in recwarn.list if "scale" in str(w.message)]
    assert least.value == pytest.approx(full.value, abs=0.02)


def test_needs_two_factors(factors):
    with pytest.raises(InputError, match="at least two factors"):
        higgins(Table(factors * 1.0, factors[:, :1]), KEYS[0])


BLAS = """
import numpy as np
from threadpoolctl import threadpool_info
from dbench.metrics import METRICS
from dbench.metrics.shared import regression

seen, loss = set(), regression._Loss.__call__

def spy(self, parameters):
    seen.update(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
    return loss(self, parameters)

regression._Loss.__call__ = spy
factors = np.indices((3, 3)).reshape(2, -1).T
METRICS["higgins"](1.0 * factors, factors, train=50, test=20, batch=4)
print(sorted(seen))
"""


@pytest.mark.slow
def test_every_blas_has_one_thread_where_nothing_was_imported_before():
    """The limit holds for libraries that are loaded: SciPy has one of its own."""
    env = os.environ | {"OPENBLAS_NUM_THREADS": "2"}
    ran = subprocess.run([sys.executable, "-c", BLAS], env=env, capture_output=True, text=True)
    assert ran.stdout.strip() == "[1]", ran.stderr
