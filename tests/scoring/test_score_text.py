"""What `dbench evaluate` prints: each score once, in its group, with its way, as sure as it is."""

import re

import pytest

from dbench.base import Score
from dbench.metrics import METRICS
from dbench.scoring.score_text import KINDS, text


def score(value, stderr=0.0):
    return Score(value, stderr, {})


def line(shown, name):
    (found,) = [each for each in shown.splitlines() if each.split()[:1] == [name]]
    return found.split()[1:]


@pytest.mark.parametrize(
    ("value", "stderr", "printed"),
    [
        (0.0257123, 0.0019219, ["0.0257", "±", "0.0019"]),
        (123.456, 1.2, ["123.5", "±", "1.2"]),
        (123.456, 250, ["123", "±", "250"]),
        (0.123456, 0.0, ["0.1235"]),
        (10.0, 0.0, ["10"]),
        (0.0000123, 0.0, ["1.23e-05"]),
        (0.5, float("nan"), ["0.5000"]),
        (float("nan"), 0.0, ["nan"]),
        (1.0, 1e-9, ["1.000000", "±", "0.000000"]),
    ],
)
def test_digits_are_those_that_the_error_leaves(value, stderr, printed):
    assert line(text({"mig": score(value, stderr)}), "mig") == [*printed, "higher"]


def test_every_score_stands_in_its_group_with_its_way():
    shown = text({name: score(0.5, 0.01) for name in [*METRICS, "reconstruction"]})
    assert all(line(shown, name)[0] == "0.500" for name in [*METRICS, "reconstruction"])
    assert line(shown, "mig")[-1] == "higher" and line(shown, "unfairness")[-1] == "lower"
    assert line(shown, "kl")[-1] == "-" and line(shown, "reconstruction")[-1] == "lower"
    blocks = re.split(f"^({'|'.join(KINDS)})$", shown, flags=re.MULTILINE)
    found = dict(zip(blocks[1::2], blocks[2::2], strict=True))
    assert list(found) == list(KINDS)
    for kind, names in zip(KINDS, (["mig"], ["downstream_lr_10"], ["kl"], ["reconstruction"]),
                           strict=True):  # fmt: skip
        assert all(line(found[kind], name) for name in names)


def test_a_group_of_no_score_has_no_title():
    shown = text({"mig": score(0.5)})
    assert KINDS[0] in shown and not any(kind in shown for kind in KINDS[1:])


def test_two_columns_where_the_list_is_long_and_the_terminal_wide():
    found = {name: score(0.5, 0.01) for name in METRICS}
    plain = text(found)
    assert text(found, (200, 100)) == text(found, (80, 20)) == plain
    wide = text(found, (140, 40))
    assert len(wide.splitlines()) < 40 < len(plain.splitlines())
    assert max(map(len, wide.splitlines())) <= 140
    assert all(len(re.findall(rf"\b{name} ", wide)) == 1 for name in METRICS)
