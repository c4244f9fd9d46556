import jax
import numpy as np
import pytest
from sklearn.feature_selection import mutual_info_classif

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.infomec import distinct, peak
from dbench.metrics.infomec_auto import quantised
from dbench.metrics.shared.metric import Work

from . import peers
from .conftest import entropy, spread_over_stderr

infomec_m, infomec_e, infomec_c = (METRICS[f"infomec_{x}"] for x in "mec")


def test_compactness_of_two_equal_codes_by_hand(pair):
    """Shares of the best of three codes are 1/2 and 1: (3/4 - 1/3) / (2/3)."""
    table = Table(pair[:, [0, 0, 1]] * 1.0, pair)
    score = infomec_c(table, discrete=True)
    assert score.value == pytest.approx((3 / 4 - 1 / 3) / (2 / 3)) and score.stderr == 0
    assert score.parts["information"] == pytest.approx(np.array([[1, 0], [1, 0], [0, 1]]))
    assert infomec_m(table, discrete=True).value == pytest.approx(1)


def test_modularity_by_hand(pair):
    """u; and u >= 2 and v = 1, with as many nats of u as of v: shares 1 and 2/3, by H(v_k)."""
    u, v = pair.T
    table = Table(np.stack([u, (u >= 2) & (v == 1)], axis=1) * 1.0, pair)
    shared = entropy(1 / 4, 3 / 4) - np.log(2) / 2
    score = infomec_m(table, discrete=True)
    assert score.value == pytest.approx(((1 + 2 / 3) / 2 - 1 / 2) / (1 / 2))
    assert score.parts["information"][1] == pytest.approx(shared / np.log([4, 2]))


def test_share_of_the_largest():
    ratio = np.array([[3.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    assert peak(ratio, 1) == pytest.approx(((3 / 4 + 1 / 3) / 2 - 1 / 3) / (2 / 3))
    assert peak(ratio, 0) == pytest.approx(((1 + 1 + 1 / 2) / 3 - 1 / 2) / (1 / 2))
    assert peak(ratio[:1], 0) == 0 == peak(ratio[:0], 1)


@pytest.mark.slow
def test_codes_of_a_twentieth_of_the_largest_range_are_inactive(factors):
    codes = factors * [1, 0.049, 0.051]
    score = infomec_m(Table(codes, factors))
    assert score.parts["active"].tolist() == [1, 0, 1]
    assert infomec_m(Table(codes, factors), discrete=True).parts["active"].tolist() == [1, 1, 1]


@pytest.mark.slow
def test_too_few_active_codes(factors):
    one = Table(factors * [1, 1e-3, 1e-3], factors)
    assert infomec_c(one).value == 0
    assert any("fewer than two" in sentence for sentence in infomec_c(one).warnings)
    assert not any("fewer than two" in s for s in infomec_c(Table(1.0 * factors, factors)).warnings)
    none = Table(np.full((216, 2), 0.3), factors)
    for metric in (infomec_m, infomec_c):
        assert metric(none).value == 0 == metric(none, discrete=True).value


@pytest.mark.slow
def test_neighbours_of_repeated_rows_make_information_of_nothing():
    """Codes that know nothing: rows drawn with replacement have neighbours at distance 0."""
    rng = np.random.default_rng(0)
    codes, factor = rng.normal(size=(840, 2)), np.arange(840) % 4
    rows = rng.integers(840, size=10_000)
    wrong = mutual_info_classif(codes[rows], factor[rows], n_neighbors=10, random_state=0)
    table = Table(codes, np.stack([factor, np.arange(840) // 4 % 5], axis=1))
    found = infomec_m(table).parts["information"]
    assert (wrong / np.log(4) > 0.5).all()
    assert (found < 0.1).all()


def test_copies_of_the_table_do_not_matter_to_symbols(pair):
    codes = np.stack([pair[:, 0], (pair[:, 0] >= 2) & (pair[:, 1] == 1)], axis=1) * 1.0
    once = infomec_m(Table(codes, pair), discrete=True)
    many = infomec_m(Table(np.tile(codes, (9, 1)), np.tile(pair, (9, 1))), discrete=True)
    assert many.value == pytest.approx(once.value)


def test_rows_are_drawn_once_and_groups_are_disjoint():
    table = table_of(300)
    table.mean[:, 0] = np.arange(300)
    drawn, groups = distinct(Work(table, jax.random.key(0)), 101)
    assert len(np.unique(drawn.codes[:, 0])) == 101 == drawn.size
    together = np.concatenate([group.codes[:, 0] for group in groups])
    assert np.array_equal(np.sort(together), np.sort(drawn.codes[:, 0]))
    assert np.array_equal(drawn.labels, table.factors[drawn.codes[:, 0].astype(int)])


@pytest.mark.slow
def test_of_a_table_of_no_more_rows_all_are_taken():
    """Keys then differ by the jitter of 1e-10 alone."""
    table = table_of(300)
    found = [infomec_m(table, jax.random.key(i), rows=300) for i in (0, 1)]
    assert found[0].value == pytest.approx(found[1].value, abs=1e-6) and found[0].stderr == 0
    assert infomec_m(table, jax.random.key(0), rows=299).stderr > 0


def test_explicitness_of_a_table_of_counts_by_hand():
    """A code of two values: balanced classes give p(v | z) from the shares of z in each class."""
    counts = {(0, 0): 60, (1, 0): 20, (0, 1): 5, (1, 1): 15}  # (z, v)
    rows = np.array([pair for pair, n in counts.items() for _ in range(n)])
    of_one = {0: (5 / 20) / (5 / 20 + 60 / 80), 1: (15 / 20) / (15 / 20 + 20 / 80)}
    given = [of_one[z] if v else 1 - of_one[z] for z, v in rows]
    expected = 1 + np.log(given).mean() / np.log(2)
    table = Table(np.stack([rows[:, 0], np.zeros(100)], axis=1), rows[:, 1:])
    assert infomec_e(table).value == pytest.approx(expected, abs=1e-3)
    assert infomec_e(table, discrete=True).value == pytest.approx(expected, abs=1e-3)


def test_explicitness_of_nothing_and_of_everything(pair):
    unequal = (np.arange(100) < 10).astype(int)[:, None]
    assert infomec_e(Table(np.full((100, 2), 0.3), unequal)).value == pytest.approx(0, abs=1e-6)
    assert infomec_e(Table(pair * 1.0, pair)).value > 0.9


def test_symbols_are_explicit_where_numbers_are_not():
    """Only indicators single out the middle of three values."""
    code = np.arange(99) % 3
    table = Table(np.stack([code, np.zeros(99)], axis=1), (code == 1).astype(int)[:, None])
    assert infomec_e(table).value == pytest.approx(0, abs=1e-3)
    assert infomec_e(table, discrete=True).value > 0.9


@pytest.mark.parametrize("letter", ["m", "e", "c"])
def test_auto_has_the_authors_values_of_quantised_codes(letter):
    """Those of tests/golden/peers.json for codes of 12 values."""
    (row,) = (
        row
        for row in peers.ROWS
        if row["metric"] == f"infomec_{letter}" and row["options"] == {"discrete": True}
    )
    assert row["package"].startswith("latent_quantization") and len(row["scores"]) == 8
    for problem in ("rot45_B", "dropped_B"):
        found = METRICS[f"infomec_{letter}_auto"].score(peers.work(problem, 12))
        assert found.value == pytest.approx(row["scores"][problem][0], abs=1e-3)
        assert found.parts["discrete"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("letter", ["m", "e", "c"])
def test_auto_of_numbers_and_of_symbols_is_the_score_of_that_kind(letter):
    usual, auto = (METRICS[f"infomec_{letter}{x}"] for x in ("", "_auto"))
    numbers = table_of(300)
    for table, symbols in ((numbers, False), (numbers._replace(mean=numbers.mean.round()), True)):
        one, two = usual(table, discrete=symbols), auto(table)
        assert one.value == two.value and two.parts["discrete"] == symbols


def test_quantised_codes_take_256_values_at_most_and_a_tenth_of_the_rows():
    for rows, values, known in ((300, 30, True), (300, 31, False), (5_000, 256, True)):
        code = np.arange(rows) % values
        for other, kind in ((code % 2, known), (np.arange(rows) / 7, False)):  # both must be
            table = Table(np.stack([code, other], axis=1) * 1.0, code[:, None] % 3)
            assert quantised(Work(table, jax.random.key(0))) == kind
    code = np.arange(5_000) % 257
    assert not quantised(Work(Table(np.stack([code, code], axis=1), code[:, None]), None))


def table_of(rows):
    rng = np.random.default_rng(0)
    factors = rng.integers(3, size=(rows, 2))
    codes = factors @ [[1, 0.3], [0, 1]] + 0.5 * rng.normal(size=(rows, 2))
    return Table(codes, factors)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["infomec_m", "infomec_e", "infomec_c"])
def test_standard_error_against_the_spread_over_keys(name):
    assert 0.3 < spread_over_stderr(METRICS[name], table_of(10_000), keys=20, rows=400) < 2.5


def test_values_that_are_met_once_have_no_neighbours():
    codes = np.random.default_rng(0).standard_normal((30, 2))
    factors = np.stack([np.arange(30), np.arange(30) % 2], axis=1)
    score = METRICS["infomec_m"](codes, factors)
    assert np.isfinite(score.value) and not score.parts["information"][:, 0].any()
