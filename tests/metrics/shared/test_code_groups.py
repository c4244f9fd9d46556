"""Groups of codes: each is one code for every score, and without groups nothing changes."""

import warnings

import jax
import numpy as np
import pytest

from dbench.base import Table
from dbench.errors import InputError
from dbench.metrics import METRICS, allowed, evaluate, mean_mi_all, mig, mig_histogram_all
from dbench.metrics.shared import code_groups
from dbench.metrics.shared.information import entropy, joint, mutual_information

KEY = jax.random.key(0)
SIZES = (30, 4)  # the first factor has more values than codes have bins
FACTORS = np.indices(SIZES).reshape(2, -1).T.repeat(5, axis=0)  # 600 rows
RNG = np.random.default_rng(0)
HOT = np.eye(30)[FACTORS[:, 0]]
VECTOR = np.outer(FACTORS[:, 1], [3.0, -4.0]) + RNG.normal(size=(600, 2)) / 9
NOISE = RNG.normal(size=(600, 1))
CODES = np.concatenate([VECTOR[:, :1], HOT, VECTOR[:, 1:], NOISE], axis=1)
GROUPS = {"digit": range(1, 31), "size": (0, 31)}


def quietly(function, *arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments, **options)


def test_a_group_stands_where_its_first_code_stood():
    table, said = code_groups.enter(Table(CODES, FACTORS, groups=tuple(GROUPS.items())))
    assert table.mean.shape == (600, 3) and table.symbols == (1,) and table.groups == ()
    assert (table.mean[:, 1] == FACTORS[:, 0]).all()
    assert (table.mean[:, 2] == NOISE[:, 0]).all()
    assert said == (
        "group 'size' of 2 codes is one code, 0: its first principal component, 100% of its "
        "variance",
        "group 'digit' of 30 codes is one code, 1: the number of its most likely category",
    )


def test_the_component_has_most_variance_and_its_largest_weight_is_positive():
    weights, share = code_groups.component(VECTOR)
    found = (VECTOR @ weights).var()
    angles = np.linspace(0, np.pi, 1000)
    others = [(VECTOR @ [np.cos(a), np.sin(a)]).var() for a in angles]
    assert weights @ weights == pytest.approx(1) and weights[np.abs(weights).argmax()] > 0
    assert found >= max(others) and share == pytest.approx(found / VECTOR.var(axis=0).sum())
    assert code_groups.component(np.ones((5, 3)))[1] == 1  # constant codes are one constant code


def test_categories_are_counted_as_they_are_however_many():
    """30 categories in 20 bins would be 20 symbols: less information."""
    with pytest.warns(UserWarning, match="its most likely category"):
        found = mig_histogram_all(CODES, FACTORS, groups=GROUPS).parts["information"][1]
    assert found[0] == pytest.approx(np.log(30)) and found[1] == pytest.approx(0)
    shuffled = RNG.permutation(30)
    numbers = {"digit": shuffled + 1, "size": (0, 31)}
    again = quietly(mig_histogram_all, CODES, FACTORS, groups=numbers).parts["information"][1]
    assert again == pytest.approx(found)


@pytest.mark.parametrize("name", ["mig_histogram", "modularity", "mean_mi", "mig_sup", "jemmig"])
def test_a_score_of_groups_is_that_of_the_codes_that_stand_for_them(name):
    """With few categories bins and symbols are the same, so a table made by hand has the score."""
    four = np.eye(4)[FACTORS[:, 1]] * 0.7 + 0.075  # probabilities of the second factor
    by_hand = np.concatenate([FACTORS[:, 1:], NOISE], axis=1).astype(float)
    codes = np.concatenate([four, NOISE], axis=1)
    options = {} if name in ("mig_sup", "jemmig") else {"rows": 300}
    found = quietly(METRICS[name], codes, FACTORS, groups={"c": range(4)}, **options)
    wanted = quietly(METRICS[name], by_hand, FACTORS, **options)
    assert found[:2] == wanted[:2] and found.warnings[1:] == wanted.warnings


def test_mig_of_a_component_is_that_of_its_exact_posterior():
    """A rotation of two codes with equal variances is undone: the component is the first again."""
    turn = np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
    plain = np.stack([5.0 * FACTORS[:, 1], np.zeros(600)], axis=1)  # the second is still
    logvar = np.full((600, 3), -1.0)
    turned = np.concatenate([plain @ turn, NOISE], axis=1)
    found = quietly(mig, turned, FACTORS, logvar, groups={"v": (0, 1)})
    wanted = mig(np.concatenate([plain[:, :1], NOISE], axis=1), FACTORS, logvar[:, :2])
    assert found.value == pytest.approx(wanted.value, abs=1e-5)  # what its integrals promise


def test_mig_of_a_category_counts_it_and_scores_of_gaussians_refuse_it():
    logvar = np.full(CODES.shape, -2.0)
    found = quietly(mig, CODES, FACTORS, logvar, groups=GROUPS).parts
    labels = FACTORS[:, 0]
    assert found["information"][1, 0] == mutual_information(joint(labels, labels))
    assert found["entropy"][1] == entropy(np.bincount(labels))
    table = Table(CODES, FACTORS, logvar, groups=tuple(GROUPS.items()))
    assert "mig" in allowed(table) and "kl" not in allowed(table)
    with pytest.raises(InputError, match="kl is of Gaussian posteriors, and code 1, a group"):
        METRICS["kl"](table, KEY)


@pytest.mark.slow
def test_one_pass_and_one_call_agree():
    table = Table(CODES, FACTORS, groups=tuple(GROUPS.items()))
    names = ["mig_histogram", "mean_mi", "sap_continuous"]
    for name, score in evaluate(table, KEY, names).items():
        alone = quietly(METRICS[name], table, KEY)
        assert score[:2] == alone[:2] and score.warnings == alone.warnings
        assert score.warnings[0].startswith("group 'size'")
    repeated = quietly(METRICS["mean_mi"], table, KEY, repeats=2)
    assert repeated.warnings[0].startswith("group 'size'")


def test_without_groups_a_table_is_itself():
    table = Table(CODES, FACTORS)
    assert code_groups.enter(table) == (table, ())
    alone = table._replace(groups=(("one", (3,)),))  # a group of one code changes nothing
    reduced, said = code_groups.enter(alone)
    assert (reduced.mean == CODES).all() and reduced.mean.dtype == CODES.dtype and not said
    assert mean_mi_all(alone, KEY).value == mean_mi_all(table, KEY).value


BAD = {
    "the group 'a' has no codes": {"a": []},
    "code 1 is in the groups 'a' and 'b'": {"a": [0, 1], "b": [1, 2]},
    "code 1 is in 'a' twice": {"a": [1, 1]},
    "the group 'a' has a code 33, and codes are numbered 0 to 32": {"a": [0, 33]},
    "the group 'a' has a code 0.5, and": {"a": [0.5]},
    "groups must be a dict of names and numbers of codes.*not 3": 3,
    "two groups of codes have one name: a, a": [("a", [0]), ("a", [1])],
    "all 33 codes are in one group, which is one code": {"a": range(33)},
}


@pytest.mark.parametrize("said", BAD)
def test_what_can_be_no_groups_is_one_sentence(said):
    with pytest.raises(InputError, match=said) as caught:
        mean_mi_all(CODES, FACTORS, groups=BAD[said])
    assert "\n" not in str(caught.value)
