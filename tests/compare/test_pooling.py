"""Strengths taken together: what is counted is seeds, not runs."""

import itertools

import numpy as np
import pandas as pd
import pytest

from dbench.compare.comparison import compare
from dbench.compare.pooling import by_seed, shared
from dbench.errors import InputError
from dbench.tables.reading import Scores
from dbench.tables.tidy import tidy


def method(model, seeds=8, values=(1.0, 2.0, 4.0, 8.0, 16.0), draw=0, common=0.0, shift=0.0):
    """Scores of spread .1, of which the share `common` is the seed's own at all strengths."""
    rng = np.random.default_rng(draw)
    own = rng.normal(size=seeds)
    rows = [
        {"dataset": "d", "model": model, "hyperparameter": model, "value": v, "seed": s,
         "metric": "mig", "score": 0.5 + shift + 0.1 * (np.sqrt(common) * own[s]
                                                + np.sqrt(1 - common) * rng.normal())}
        for v, s in itertools.product(values, range(seeds))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def side(frame):
    return tidy(frame), Scores("x", frame, {})


@pytest.mark.slow
def test_a_seed_is_its_mean_over_strengths():
    frame = method("a")
    rows, said = by_seed(*side(frame))
    assert said == "" and rows["seed"].tolist() == list(range(8))
    assert rows["score"].tolist() == pytest.approx(frame.groupby("seed")["score"].mean().tolist())
    (row,) = compare({"a": frame, "b": method("b", 6, draw=1)}).frame.to_dict("records")
    assert (row["n_reference"], row["n_other"]) == (8, 6) and not row["paired"]
    assert row["mean_reference"] == pytest.approx(frame["score"].mean())
    assert row["sd_reference"] == pytest.approx(rows["score"].std())


def test_seeds_that_lack_a_strength_are_left_out_and_said():
    frame = method("a")
    rows, said = by_seed(*side(frame[~((frame["seed"] == 3) & (frame["value"] == 16))]))
    assert rows["seed"].tolist() == [0, 1, 2, 4, 5, 6, 7]
    assert said == "of x without seed 3, not at all strengths"
    halves = frame[(frame["seed"] < 4) == (frame["value"] < 4)]
    with pytest.raises(InputError, match="no seed of x has mig at all 5 strengths .* NAME@value"):
        by_seed(*side(halves))


def test_runs_count_by_themselves_where_seeds_are_other_ones_or_not_known():
    frame = method("a")
    other = frame.assign(seed=np.arange(len(frame)))
    assert len(by_seed(*side(other))[0]) == 40 and by_seed(*side(other))[1] == ""
    rows, said = by_seed(*side(frame.drop(columns="seed")))
    assert len(rows) == 40 and said.startswith("x does not say seeds: its runs count as if")


@pytest.mark.slow
def test_a_method_at_other_strengths_is_no_pair():
    a, b = method("a", values=[1.0, 2.0]), method("a", values=[4.0, 8.0], draw=1)
    assert not compare({"a": a, "b": b}).frame["paired"].any()
    assert compare({"a": a, "b": b}, pairing="seeds").frame["paired"].all()


@pytest.mark.slow
def test_false_verdicts_where_seeds_matter_at_all_strengths():
    wrong = 0
    for draw in range(60):
        a, b = (method(name, draw=2 * draw + i, common=0.4) for i, name in enumerate("ab"))
        wrong += compare({"a": a, "b": b}).frame["verdict"][0] != "no difference shown"
    assert wrong <= 7  # 3 expected; with runs counted one by one 12


@pytest.mark.slow
def test_the_same_runs_in_both_tables_are_told():
    a = method("a", values=[1.0])
    found = compare({"a": a, "b": pd.concat([a[:4], method("a", values=[1.0], draw=1)[4:6]])})
    assert found.frame["note"][0].startswith("4 of 8 and 6 seeds have the very same score in both")
    assert not found.frame["paired"][0]
    full = pd.DataFrame({"seed": [0.0, 1, 2], "score": 1.0})
    assert shared(full, full[:2]) == ""  # all at the limit of a score: no sign of the same run
    assert compare({"a": a, "b": a.assign(model="b")}).frame["note"][0] == "the very same scores"
