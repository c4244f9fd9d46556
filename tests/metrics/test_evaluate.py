"""evaluate(): bad tables, unknown ids, and keys that do not depend on company."""

from importlib import import_module

import jax
import numpy as np
import pytest

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics import METRICS, allowed, evaluate, select

KEY = jax.random.key(0)
# The modules, whose names the package gives to metrics.
dci, information = (
    import_module(f"dbench.metrics.{name}") for name in ("dci", "shared.information")
)


@pytest.fixture
def table(factors):
    codes = factors + 0.1 * np.random.default_rng(0).normal(size=(216, 3))
    names = ("shape", "size", "turn")
    return Table(codes, factors, np.full((216, 3), -4.0), names, cyclic=("turn",))


def spoil(array, value, at=(5, 1)):
    array = array.copy()
    array[at] = value
    return array


BAD = {
    "mean of code 1 is NaN or infinite in 1 of 216 rows": lambda t: t._replace(
        mean=spoil(t.mean, np.nan)
    ),
    "logvar of code 2 is NaN or infinite in 3 of 216 rows": lambda t: t._replace(
        logvar=spoil(t.logvar, -np.inf, ([0, 1, 2], 2))
    ),
    "logvar of code 1 goes beyond": lambda t: t._replace(logvar=spoil(t.logvar, -1000)),
    "mean has 215 rows and factors 216": lambda t: t._replace(mean=t.mean[1:], logvar=t.logvar[1:]),
    r"mean must be \[rows, codes\]": lambda t: t._replace(mean=t.mean[:, 0]),
    "the table has no rows": lambda t: Table(t.mean[:0], t.factors[:0]),
    "has 1 code": lambda t: Table(t.mean[:, :1], t.factors),
    "higgins needs at least two factors, and this table has no factors": lambda t: Table(
        t.mean, t.factors[:, :0]
    ),
    r"'shape' has values that are no integers \(0.5, say\)": lambda t: t._replace(
        factors=t.factors + 0.5
    ),
    r"logvar is \[216, 2\] and mean \[216, 3\]": lambda t: t._replace(logvar=t.logvar[:, 1:]),
    "2 names are given for 3 factors": lambda t: t._replace(names=("a", "b")),
    "factor 'size' has the same value in all 216 rows: remove it": lambda t: t._replace(
        factors=t.factors * [1, 0, 1]
    ),
    "mig needs logvar.*use mig_histogram": lambda t: t._replace(logvar=None),
    "at least two factors": lambda t: Table(t.mean, t.factors[:, :1], t.logvar),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_table_is_one_clear_sentence(table, sentence):
    with pytest.raises(InputError, match=sentence) as error:
        evaluate(BAD[sentence](table), KEY, list(METRICS))
    assert "\n" not in str(error.value)


def test_unknown_metric_names_the_nearest(table):
    with pytest.raises(InputError, match="unknown metric 'mgi'.*did you mean 'mig'"):
        evaluate(table, KEY, ["mig", "mgi"])


@pytest.mark.slow
def test_a_score_does_not_depend_on_the_others(table):
    """Nor on what they computed before it, shared samples and fits included."""
    names = ["modularity", "dci_completeness", "mig_histogram", "factor_vae", "dci_disentanglement"]
    together = evaluate(table, KEY, names)
    for name in names:
        alone, direct = evaluate(table, KEY, [name])[name], METRICS[name](table, KEY)
        assert together[name].value == alone.value == direct.value
        assert together[name].stderr == alone.stderr == direct.stderr


@pytest.mark.slow
def test_metrics_share_what_they_need(table, monkeypatch):
    """Three DCI scores are one fit; scores of binned codes are one table of information."""
    fits, tables = [], []
    boost, tabulate = dci.boost, information.tabulate
    monkeypatch.setattr(dci, "boost", lambda *a: fits.append(1) or boost(*a))
    monkeypatch.setattr(
        information, "tabulate", lambda b, v: tables.append(len(b)) or tabulate(b, v)
    )
    evaluate(table, KEY, ["dci_disentanglement", "dci_completeness", "dci_informativeness"])
    assert len(fits) == 1
    evaluate(table, KEY, ["mig_histogram_all", "mig_sup", "jemmig", "dcimig", "modularity_all"])
    assert tables == [216]


@pytest.mark.slow
def test_repeats(table):
    found = evaluate(table, KEY, ["sap_continuous", "mig"], repeats=3)
    draws = found["sap_continuous"].parts["draws"]
    assert len(set(draws)) == 3 and found["sap_continuous"].value == draws.mean()
    assert draws[0] == evaluate(table, KEY, ["sap_continuous"])["sap_continuous"].value
    assert found["mig"].stderr == 0


def test_groups(table):
    assert select(["dci", "mig"]) == [
        "dci_disentanglement", "dci_completeness", "dci_informativeness", "mig",
    ]  # fmt: skip
    assert select(["all"]) == list(METRICS)
    assert "sap" in select(["study"]) and "mig" not in select(["study"])
    assert set(METRICS) - set(select(["default"])) == {
        name for name in METRICS if name.startswith("downstream_lr")
    } | set(select(["later", "d_lsbd"]))
    assert set(select(["later"])) == {
        "mcc", "mcc_spearman", "z_max_var", "snc", "nk", "dci_es_explicitness",
        "fos", "fos_normalised", "infomec_m_auto", "infomec_e_auto", "infomec_c_auto",
    }  # fmt: skip
    assert "mig" not in select(["all"], table._replace(logvar=None))
    assert select(["study", "sap"]) == select(["study"])
    with pytest.raises(InputError, match="unknown metric 'stud'.*did you mean 'study'"):
        select(["stud"])


def test_scores_come_in_the_order_asked_for(table):
    assert list(evaluate(table, KEY, ["mig_histogram", "mig"])) == ["mig_histogram", "mig"]


def test_allowed(table):
    assert allowed(table) == list(METRICS)
    without = allowed(table._replace(logvar=None))
    lost = {"mig", "kl", "index_code_mi", "total_correlation", "dimension_wise_kl"}
    assert set(METRICS) - set(without) == lost
    assert set(METRICS) - set(allowed(table._replace(cyclic=()))) == {"d_lsbd"}
    one = set(allowed(table._replace(factors=table.factors[:, :1], names=None)))
    assert {"mig", "sap", "irs"} <= one and not {"higgins", "mig_sup", "unfairness"} & one
    none = allowed(table._replace(factors=table.factors[:, :0], names=None))
    assert none == [
        "gaussian_tc", "gaussian_tc_all", "wasserstein", "wasserstein_all",
        "wasserstein_normalised", "wasserstein_normalised_all", "mean_mi", "mean_mi_all",
        "active_units", "kl", "index_code_mi", "total_correlation", "dimension_wise_kl",
        "fos", "fos_normalised",
    ]  # fmt: skip


@pytest.mark.slow
def test_parts_use_the_names_of_factors(table):
    scores = evaluate(table, KEY, ["mig", "mig_histogram", "jemmig"])
    for score in scores.values():
        assert {"gap/shape", "gap/size", "gap/turn"} <= score.parts.keys()
        gaps = [score.parts[f"gap/{name}"] for name in table.names]
        assert np.mean(gaps) == pytest.approx(score.value)


@pytest.mark.slow
def test_options_go_to_the_metrics_that_have_them(table):
    found = evaluate(table, KEY, ["sap", "mig"], options={"train": 50, "test": 60})
    assert found["sap"].value == METRICS["sap"](table, KEY, train=50, test=60).value
    assert found["mig"].value == METRICS["mig"](table, KEY).value
    with pytest.raises(InputError, match="unknown option of sap, mig 'tain'.*did you mean 'train'"):
        evaluate(table, KEY, ["sap", "mig"], options={"tain": 50})
    with pytest.raises(InputError, match="sap: train must be a whole number of at least 20, not 3"):
        evaluate(table, KEY, ["mig", "sap"], options={"train": 3})
