"""Properties that hold for every metric, over METRICS. A new metric adds a row to CASES."""

import warnings
from typing import NamedTuple

import jax
import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS

KEY = jax.random.key(0)


class Case(NamedTuple):
    """What to expect of a metric, with options that make it fast."""

    options: dict
    constant: float  # the score of constant codes, three factors
    slack: float  # how far a score may move when it should not: a refit, or rounding
    scale_free: bool
    samples: bool


QUICK = {"train": 2000, "test": 1000}
CASES = {
    "higgins": Case(QUICK, 1 / 3, 0.005, scale_free=False, samples=True),
    "factor_vae": Case(QUICK, 0.0, 1e-9, scale_free=True, samples=True),
    "mig": Case({}, 0.0, 1e-5, scale_free=True, samples=False),
    "mig_histogram": Case({"rows": 20_000}, 0.0, 1e-9, scale_free=True, samples=True),
}


@pytest.fixture(params=METRICS)
def name(request):
    return request.param


@pytest.fixture
def mixed(factors):
    """Four codes that mix three factors, and noise."""
    rng = np.random.default_rng(1)
    return (factors - 2.5) @ rng.normal(size=(3, 4)) + rng.normal(size=(216, 4))


def score(name, codes, factors, sigma=0.05, key=KEY):
    logvar = np.broadcast_to(2 * np.log(sigma), codes.shape)
    return METRICS[name](Table(codes, factors, logvar), key, **CASES[name].options)


def test_every_metric_has_a_case_and_a_one_line_description():
    assert CASES.keys() == METRICS.keys()
    for function in METRICS.values():
        assert function.__doc__.splitlines()[0].endswith(".")


def test_same_key_same_score(name, mixed, factors):
    assert score(name, mixed, factors) == score(name, mixed, factors)


def test_another_key_another_sample(name, mixed, factors):
    other = score(name, mixed, factors, key=jax.random.key(1))
    assert (score(name, mixed, factors) != other) == CASES[name].samples


def test_types_and_range(name, mixed, factors):
    value, stderr, parts = score(name, mixed, factors)
    assert type(value) is float and 0 < value < 1
    assert type(stderr) is float and (stderr > 0) == CASES[name].samples and stderr < 0.02
    assert parts and all(type(part) is float for part in parts.values())


def test_perfect_codes_score_one(name, factors):
    assert score(name, factors * 1.0, factors).value == pytest.approx(1, abs=1e-3)


def test_perfect_codes_score_one_off_the_grid(name, factors):
    """Half of the rows at random, values met unequally often, an extra code of noise."""
    rng = np.random.default_rng(0)
    rows = rng.choice(216, size=150, p=(1 + factors[:, 0]) / (1 + factors[:, 0]).sum())
    codes = np.column_stack([factors, 0.01 * rng.normal(size=216)])[rows]
    value = score(name, codes, factors[rows], sigma=[0.05, 0.05, 0.05, 1]).value
    # With 150 rows the factors know of each other, and any binned noise of a factor.
    floor = {"mig": 0.9, "mig_histogram": 0.5}.get(name, 0.999)
    assert floor < value <= 1


def test_constant_codes(name, factors):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # higgins warns of a small scale: test_higgins.py
        value = score(name, np.full((216, 3), 0.7, np.float32), factors).value
    assert value == pytest.approx(CASES[name].constant, abs=0.05 if name == "higgins" else 1e-9)


def test_order_of_codes_does_not_matter(name, mixed, factors):
    there, back = score(name, mixed, factors), score(name, mixed[:, ::-1], factors)
    assert back.value == pytest.approx(there.value, abs=CASES[name].slack)


def test_order_of_factors_does_not_matter_beyond_sampling(name, mixed, factors):
    there, back = score(name, mixed, factors), score(name, mixed, factors[:, ::-1])
    noise = 4 * np.hypot(there.stderr, back.stderr)
    assert back.value == pytest.approx(there.value, abs=noise + 1e-12)


def test_labels_of_factor_values_do_not_matter(name, mixed, factors):
    assert score(name, mixed, 7 * factors - 9) == score(name, mixed, factors)


def test_shift_and_flip_do_not_matter(name, mixed, factors):
    moved = mixed * [1, -1, 1, -1] + [1, 2, 4, -8]
    value = score(name, mixed, factors).value
    assert score(name, moved, factors).value == pytest.approx(value, abs=CASES[name].slack)


@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_scale_of_each_code_does_not_matter(name, mixed, factors):
    times = np.array([0.5, 1, 4, 16])
    value = score(name, mixed, factors).value
    scaled = score(name, mixed * times, factors, sigma=0.05 * times).value
    if CASES[name].scale_free:
        assert scaled == pytest.approx(value, abs=CASES[name].slack)
    else:
        assert scaled != value


def test_copies_of_rows_do_not_matter_beyond_sampling(name, mixed, factors):
    once = score(name, mixed, factors)
    twice = score(name, np.tile(mixed, (2, 1)), np.tile(factors, (2, 1)))
    noise = 4 * np.hypot(once.stderr, twice.stderr)
    assert twice.value == pytest.approx(once.value, abs=noise + 1e-12)
