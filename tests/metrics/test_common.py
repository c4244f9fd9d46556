"""Properties that hold for every metric, over METRICS. A new metric adds a row to CASES."""

import functools
import warnings
from typing import NamedTuple

import jax
import numpy as np
import pytest

from dbench.base import Table
from dbench.metrics import METRICS, ScoreWarning
from dbench.metrics.shared.metric import Work

KEY = jax.random.key(0)
CYCLIC = ("factor0", "factor1", "factor2")  # of tables without names; most metrics do not ask


class Case(NamedTuple):
    """What to expect of a metric, with options that make it fast."""

    options: dict
    perfect: float | None  # the score of one code a factor: None where codes alone decide
    noise: float | None  # that of independent noise, the documented minimum or chance
    constant: float  # that of constant codes, three factors of six values
    slack: float = 1e-9  # how far a score may move when it should not: a refit, or rounding
    near: float = 0.05  # how far the score of noise may be from `noise`
    scale_free: str = "each"  # scaling "each" code, "all" alike, or "none" leaves it as it is
    samples: bool = False
    highest: float = 1.0
    ties: bool = False  # a fit that breaks ties by chance, and may part in another order


def fitted(**options) -> dict:
    return {"samples": True, "options": {"train": 600, "test": 300} | options}


CHANCE = 1 / 6  # accuracy of a guess of one of six values
# 4 standard errors of that of 300 rows and 3 factors, and a hundredth of rows learnt by heart:
# some 600 of 64,800 are training rows too.
GUESSED = 4 * np.sqrt(CHANCE * (1 - CHANCE) / (3 * 300)) + 0.01 * (1 - CHANCE)
CASES = {
    "higgins": Case(
        {"train": 2000, "test": 1000}, 1, 1 / 3, 1 / 3, slack=0.005, scale_free="none", samples=True
    ),
    "factor_vae": Case({"train": 2000, "test": 1000}, 1, 1 / 3, 0, samples=True),
    "factor_vae_all": Case({}, 1, 0.5, 0, near=0.17),
    "mig": Case({}, 1, 0, 0, slack=1e-5),
    "mig_histogram": Case({"rows": 20_000}, 1, 0, 0, samples=True),
    "mig_histogram_all": Case({}, 1, 0, 0),
    "mig_sup": Case({}, 1, 0, 0),
    "jemmig": Case({}, 1, 0, 1 - np.log(6) / np.log(120)),
    "dcimig": Case({}, 1, 0, 0),
    "dci_disentanglement": Case(perfect=1, noise=0, constant=0, slack=0.02, ties=True, **fitted()),
    "dci_completeness": Case(perfect=1, noise=0, constant=0, slack=0.02, ties=True, **fitted()),
    "dci_informativeness": Case(
        perfect=1,
        noise=CHANCE,
        constant=CHANCE,
        slack=0.01,
        near=GUESSED,
        ties=True,
        **fitted(),
    ),
    "sap": Case(perfect=None, noise=0, constant=0, slack=0.005, scale_free="none", **fitted()),
    "sap_continuous": Case({"rows": 20_000}, 1, 0, 0, samples=True),
    "sap_continuous_all": Case({}, 1, 0, 0),
    "modularity": Case({"rows": 20_000}, 1, None, 0, samples=True),
    "modularity_all": Case({}, 1, None, 0),
    "explicitness": Case(perfect=1, noise=0.5, constant=0.5, slack=1e-4, **fitted()),
    "irs": Case({"rows": 4_000}, 1, None, 0, scale_free="all", samples=True),
    "irs_all": Case({}, 1, None, 0, scale_free="all"),
    "infomec_m": Case({"rows": 900}, 1, None, 0, slack=0.01, scale_free="all", samples=True),
    "infomec_e": Case({"rows": 900}, 1, 0, 0, slack=1e-4, samples=True),
    "infomec_c": Case({"rows": 900}, 1, None, 0, slack=0.01, scale_free="all", samples=True),
    # Of symbols, see `codes_for`; of numbers they are those above, see test_infomec.py.
    "infomec_m_auto": Case({"rows": 900}, 1, None, 0, samples=True),
    "infomec_e_auto": Case({"rows": 900}, 1, None, 0, slack=1e-4, samples=True),
    "infomec_c_auto": Case({"rows": 900}, 1, None, 0, samples=True),
    # Even of a full grid a batch has not every combination: perfect codes, in test_fos.py.
    "fos": Case({"batch": 60}, None, None, 0, scale_free="none", samples=True, highest=np.inf),
    "fos_normalised": Case({"batch": 60}, None, None, 0, samples=True, highest=np.inf),
    "gaussian_tc": Case({"rows": 20_000}, 0, 0, 0, samples=True, highest=np.inf),
    "gaussian_tc_all": Case({}, 0, 0, 0, highest=np.inf),
    "wasserstein": Case({"rows": 20_000}, 0, 0, 0, scale_free="none", samples=True, highest=np.inf),
    "wasserstein_all": Case({}, 0, 0, 0, scale_free="none", highest=np.inf),
    "wasserstein_normalised": Case({"rows": 20_000}, 0, 0, 0, scale_free="all", samples=True),
    "wasserstein_normalised_all": Case({}, 0, 0, 0, scale_free="all"),
    "mean_mi": Case({"rows": 20_000}, 0, 0, 0, near=0.1, samples=True, highest=np.log(20)),
    "mean_mi_all": Case({}, 0, 0, 0, near=0.1, highest=np.log(20)),
    "active_units": Case({}, 3, 3, 0, scale_free="none", highest=4),
    "kl": Case(
        {},
        None,
        None,
        3 * 0.5 * (0.7**2 + 0.05**2 - 2 * np.log(0.05) - 1),
        slack=np.inf,
        scale_free="none",
        highest=np.inf,
    ),
    "index_code_mi": Case({"points": 300}, np.log(216), None, 0, 0.001, samples=True, highest=8),
    "total_correlation": Case({"points": 300}, 0, None, 0, 0.001, samples=True, highest=np.inf),
    "dimension_wise_kl": Case(
        {},
        None,
        None,
        3 * 0.5 * (0.7**2 + 0.05**2 - 2 * np.log(0.05) - 1),
        slack=np.inf,
        scale_free="none",
        highest=np.inf,
    ),
    "unfairness": Case({"train": 600, "points": 60}, 0, None, 0, 0.01, ties=True, samples=True),
    "mcc": Case({"rows": 20_000}, 1, 0, 0, samples=True),
    "mcc_spearman": Case({"rows": 20_000}, 1, 0, 0, samples=True),
    "z_max_var": Case({"train": 2000, "test": 1000}, 1, 1 / 3, 0, samples=True),
    # Bins of equal frequency have an upper and a lower edge, which a flip exchanges.
    "snc": Case(perfect=1, noise=CHANCE, constant=CHANCE, near=GUESSED, slack=0.01, **fitted()),
    "nk": Case(perfect=None, noise=0, constant=0, near=GUESSED, slack=0.05, ties=True, **fitted()),
    # What no probe tells the weakest tells as well: noise and constant codes have 1.
    "dci_es_explicitness": Case(
        perfect=1, noise=1, constant=1, slack=0.05, ties=True, **fitted(features=64)
    ),
    "d_lsbd": Case({}, None, 1, 1, scale_free="all"),  # perfect are circles, see its tests
}
for method, free, slack in (("lr", "none", 0.02), ("gbt", "each", 0.03)):
    fast = {"penalties": 2, "folds": 2} if method == "lr" else {}
    common = {"scale_free": free, "samples": True, "ties": method == "gbt"}
    for labels, count in ((10, 10), (100, 60), (1000, 200), (10_000, 400)):
        options = {"labels": count, "test": 300, "draws": 2 if labels <= 100 else 1} | fast
        perfect = None if count < 400 else 1
        case = Case(options, perfect, CHANCE, CHANCE, slack, GUESSED, **common)
        CASES[f"downstream_{method}_{labels}"] = case
    options = {"few": 60, "many": 300, "test": 300} | fast
    case = Case(options, None, 1, 1, 0.05, 0.35, **common, highest=1.5)
    CASES[f"downstream_{method}_efficiency"] = case


def slow(name):
    """Those that fit much or estimate densities; some that fit little stay in the inner loop."""
    heavy = ("downstream", "explicitness", "sap", "dci_completeness", "dci_informativeness")
    heavy += ("infomec_c", "infomec_e", "infomec_m", "nk", "mcc_spearman", "unfairness", "irs")
    kept = ("downstream_gbt_10", "sap_continuous", "sap_continuous_all", "irs_all")
    return name.startswith(heavy) and name not in kept


@pytest.fixture(
    params=[pytest.param(n, marks=pytest.mark.slow if slow(n) else ()) for n in METRICS]
)
def name(request):
    return request.param


def mix(factors):
    """Four codes that mix three factors, and noise."""
    rng = np.random.default_rng(1)
    return (factors - 2.5) @ rng.normal(size=(3, 4)) + rng.normal(size=(216, 4))


def codes_for(name, factors):
    """The mix; of few values where each may be a symbol."""
    return (mix(factors) / 2).round() if name.endswith("_auto") else mix(factors)


@pytest.fixture
def mixed(name, factors):
    return codes_for(name, factors)


def alone(name, codes, factors, sigma=0.05):
    """The score as a call gives it."""
    logvar = np.broadcast_to(2 * np.log(sigma), codes.shape)
    return METRICS[name](Table(codes, factors, logvar, cyclic=CYCLIC), KEY, **CASES[name].options)


def score(name, codes, factors, sigma=0.05, seed=0):
    """The same with what metrics share computed once a table, as in `evaluate`."""
    logvar = np.broadcast_to(2 * np.log(sigma), codes.shape)
    codes, factors = np.asarray(codes, order="C"), np.asarray(factors, order="C")
    given = ((x.tobytes(), x.shape, x.dtype.str) for x in (codes, factors, logvar))
    return METRICS[name].score(_work(*given, seed), **CASES[name].options)


@functools.lru_cache(maxsize=32)
def _work(*given):
    *arrays, seed = given
    found = (np.frombuffer(x, kind).reshape(shape) for x, shape, kind in arrays)
    return Work(Table(*found, cyclic=CYCLIC), jax.random.key(seed))


@functools.cache
def usual(name, seed=0):
    """The score of the mixed codes, which most tests begin with: computed once a seed."""
    factors = np.indices((6, 6, 6)).reshape(3, -1).T
    return score(name, codes_for(name, factors), factors, seed=seed)


def same(one, other):
    """Two scores to the last bit."""
    assert one.parts.keys() == other.parts.keys()
    parts = all(np.array_equal(one.parts[name], other.parts[name]) for name in one.parts)
    return parts and one[:2] == other[:2] and one.warnings == other.warnings


def test_every_metric_has_a_case_and_a_one_line_description():
    assert CASES.keys() == METRICS.keys()
    for name, function in METRICS.items():
        assert function.__name__ == name
        assert function.__doc__.splitlines()[0].endswith(".")


@pytest.mark.slow
def test_same_key_same_score(name, mixed, factors):
    assert same(usual(name), alone(name, mixed, factors))


@pytest.mark.slow
def test_another_key_another_sample(name):
    takes_all = name.startswith("infomec")  # of so small a table
    assert same(usual(name), usual(name, seed=1)) != (CASES[name].samples and not takes_all)


def test_types_and_range(name):
    value, stderr, parts, said = usual(name)
    small = name.startswith("infomec")  # no more rows than it takes
    assert type(value) is float and 0 < value <= CASES[name].highest
    assert type(stderr) is float and (stderr > 0) == (CASES[name].samples and not small)
    assert stderr < 0.25 * max(value, 0.1)
    assert parts and all(type(p) is float or p.dtype == np.float64 for p in parts.values())
    assert all("\n" not in sentence for sentence in said)


def test_float_of_a_score_is_its_value(name):
    assert float(usual(name)) == usual(name).value


@pytest.mark.slow
def test_arrays_and_tables_give_the_same(name, mixed, factors):
    logvar = np.full(mixed.shape, 2 * np.log(0.05))
    arrays = METRICS[name](mixed, factors, logvar, seed=1, cyclic=CYCLIC, **CASES[name].options)
    assert same(arrays, usual(name, seed=1))


def test_perfect_codes_score_the_maximum(name, factors):
    if CASES[name].perfect is not None:
        near = 0.05 if name.startswith(("infomec", "downstream")) else 2e-3
        near = {"explicitness": 0.01, "dci_informativeness": 0.01}.get(name, near)
        expected = CASES[name].perfect
        assert score(name, factors * 1.0, factors).value == pytest.approx(expected, abs=near)


@pytest.mark.slow
def test_noise_scores_the_minimum(name, factors):
    """The grid 300 times, codes that know nothing of it. JEMMIG asks them to fill their bins."""
    if CASES[name].noise is None:
        return
    rng = np.random.default_rng(0)
    codes = rng.uniform(size=(64_800, 3)) if name == "jemmig" else rng.normal(size=(64_800, 3))
    value = score(name, codes, np.tile(factors, (300, 1)), sigma=0.3).value
    assert value == pytest.approx(CASES[name].noise, abs=CASES[name].near)


def test_perfect_codes_score_one_off_the_grid(name, factors):
    """Half of the rows at random, values met unequally often, an extra code of noise."""
    if CASES[name].perfect != 1:
        return
    rng = np.random.default_rng(0)
    rows = rng.choice(216, size=150, p=(1 + factors[:, 0]) / (1 + factors[:, 0]).sum())
    codes = np.column_stack([factors, 0.01 * rng.normal(size=216)])[rows]
    found = score(name, codes, factors[rows], sigma=[0.05, 0.05, 0.05, 1])
    value = found.value
    if name.startswith("modularity"):  # a mean over codes: that of noise is anything
        value = found.parts["modularity"][:3].mean()
    # With 150 rows the factors know of each other, and any binned noise of a factor.
    floor = {"mig": 0.9, "mig_histogram": 0.5, "mig_histogram_all": 0.5, "jemmig": 0.6}
    floor |= {"mig_sup": 0.6, "dcimig": 0.85, "sap_continuous": 0.85, "sap_continuous_all": 0.85}
    floor |= {"dci_disentanglement": 0.94, "dci_completeness": 0.94}
    floor |= {"infomec_m": 0.85, "infomec_c": 0.85, "infomec_m_auto": 0.85, "infomec_c_auto": 0.85}
    floor |= {"snc": 0.9}  # its bins are of equal frequency, where the values are not
    if name.startswith("downstream"):
        floor[name] = 0.9
    assert floor.get(name, 0.98) < value <= 1


def test_constant_codes(name, factors):
    value = score(name, np.full((216, 3), 0.7, np.float32), factors).value
    assert np.isfinite(value)
    near = 0.08 if CASES[name].constant in (1 / 3, CHANCE) else 1e-4
    near = 0.5 if name.endswith("efficiency") else near
    assert value == pytest.approx(CASES[name].constant, abs=near)


@pytest.mark.slow
def test_one_dead_code_more(name, mixed, factors):
    """A constant code is no reason for NaN, and is said."""
    dead = np.column_stack([mixed, np.full(216, 0.3)])
    found = score(name, dead, factors)
    assert np.isfinite(found.value) and np.isfinite(found.stderr)
    for part in found.parts.values():
        assert np.isfinite(part).all()


def test_order_of_codes_does_not_matter(name, mixed, factors):
    there, back = usual(name), score(name, mixed[:, ::-1], factors)
    assert back.value == pytest.approx(there.value, abs=CASES[name].slack)


@pytest.mark.slow
def test_order_of_factors_does_not_matter_beyond_sampling(name, mixed, factors):
    there, back = usual(name), score(name, mixed, factors[:, ::-1])
    noise = 4 * np.hypot(there.stderr, back.stderr)
    slack = CASES[name].slack if CASES[name].ties else 0
    assert back.value == pytest.approx(there.value, abs=noise + slack + 1e-6)


def test_labels_of_factor_values_do_not_matter(name, mixed, factors):
    other = score(name, mixed, 7 * factors - 9)
    assert other.value == pytest.approx(usual(name).value, abs=1e-12)


def test_shift_and_flip_do_not_matter(name, mixed, factors):
    # Codes further from 0 need more iterations than the regressions of the field take.
    far = 0.5 if name.startswith("downstream_lr") else 1
    moved = mixed * [1, -1, 1, -1] + far * np.array([1, 2, 4, -8])
    value = usual(name).value
    slack = CASES[name].slack
    if CASES[name].ties or name == "jemmig":
        slack = max(slack, 0.02)  # a flipped code's bins include their other edge
    if name == "downstream_lr_10":
        slack = 0.1  # of two penalties that do as well on so few rows, another is chosen
    assert score(name, moved, factors).value == pytest.approx(value, abs=slack)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_scale_of_codes(name, mixed, factors):
    value = usual(name).value
    for kind, times in (("all", np.full(4, 4.0)), ("each", np.array([0.5, 1, 4, 16]))):
        scaled = score(name, mixed * times, factors, sigma=0.05 * times).value
        if CASES[name].scale_free in ("each", kind):
            assert scaled == pytest.approx(value, abs=CASES[name].slack), kind
        elif kind == "each" and name != "active_units":
            assert scaled != value


def test_copies_of_rows_do_not_matter_beyond_sampling(name, mixed, factors):
    if name.startswith("infomec"):
        return  # repeated rows are neighbours at distance 0: tested in test_infomec.py
    once = usual(name)
    twice = score(name, np.tile(mixed, (2, 1)), np.tile(factors, (2, 1)))
    noise = 4 * np.hypot(once.stderr, twice.stderr)
    # A quantile of 36 or 72 rows; a variance over n - 1, of 432 rows 1 / 431 less than of 216.
    other = {"irs_all": 0.05, "wasserstein_all": once.value / 430}.get(name, 1e-9)
    assert twice.value == pytest.approx(once.value, abs=noise + other)


@pytest.mark.slow
def test_repeats_average_over_draws(name, mixed, factors):
    table = Table(mixed, factors, np.full(mixed.shape, 2 * np.log(0.05)), cyclic=CYCLIC)
    found = METRICS[name](table, KEY, repeats=3, **CASES[name].options)
    draws = found.parts["draws"]
    assert len(draws) == 3 and found.value == pytest.approx(draws.mean())
    assert found.stderr == pytest.approx(draws.std(ddof=1) / np.sqrt(3))
    assert draws[0] == usual(name).value


def test_a_call_warns_of_what_may_mislead(name, factors):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = alone(name, factors * 1.0, factors)
    said = [str(w.message) for w in caught if issubclass(w.category, ScoreWarning)]
    assert said == [f"{name}: {sentence}" for sentence in found.warnings]
