"""What a report says of choosing runs, and of seeds."""

import jax
import numpy as np
import pandas as pd
import pytest

from dbench.errors import InputError
from dbench.report import choosing
from dbench.report.figure import render
from dbench.report.material import _methods
from tests.report.tables import table

KEY = jax.random.key(0)


@pytest.fixture
def some():
    return _methods(table())


@pytest.mark.slow
def test_what_sees_no_factor_and_what_does(some):
    figure = choosing.selection(some, KEY)  # mig rises with the error in this table
    assert figure.data[["selector", "metric", "correlation"]].values.tolist() == [
        ["reconstruction", "mig", -1.0]
    ]
    assert "−1.00" in render(figure.spec())["svg"].decode()
    with pytest.raises(InputError, match="no score of factors"):
        choosing.selection(some[some["metric"] == "reconstruction"], KEY)


@pytest.mark.slow
def test_the_best_strength_is_best_with_other_seeds(some):
    """Of two strengths that do not overlap: it beats the other, and ties with itself."""
    chances = choosing.transfer(some, KEY).data.set_index(["metric_from", "metric_to"])
    assert chances.loc[("mig", "mig"), "probability"] == pytest.approx(0.75)
    assert chances.loc[("mig", "reconstruction"), "probability"] == pytest.approx(0.25)
    with pytest.raises(InputError, match="only one"):
        choosing.transfer(some[some["seed"] == 0], KEY)


@pytest.mark.slow
def test_captions_speak_of_what_is_shown(some):
    """What kl and elbo prefer where they are, and which scores nothing can be chosen by."""
    assert "kl" not in choosing.selection(some, KEY).caption
    assert "Left out" not in choosing.transfer(some, KEY).caption
    more = some[some["metric"] == "mig"].assign(metric="kl", score=lambda t: -t["score"])
    more = pd.concat([some, more])
    assert "(kl prefers nothing, and is as it is; elbo" in choosing.selection(more, KEY).caption
    assert choosing.transfer(more, KEY).caption.endswith("neither more nor less is better: kl.")


@pytest.mark.slow
def test_data_sets_are_set_against_each_other():
    both = _methods(table(data=("d", "e")))
    found = choosing.between(both, "mig", KEY).data
    assert len(found) == 4 and np.allclose(found["probability"], 0.75)


def test_seeds_that_a_gap_needs(some):
    """Scores rise by .02 a seed: sd .02; the best two of four means are three sd apart."""
    row = choosing.seeds(some).data.set_index("score").loc["mig"]
    assert (row["sd over seeds"], row["seeds"], row["best to next"]) == ("0.02", 3, "0.06")
    assert 0.04 < float(row["detectable, uncorrected"]) < 0.08 and row["seeds for it"] == "4"
    with pytest.raises(InputError, match="one run a strength"):
        choosing.seeds(some[some["seed"] == 0])


def test_gaps_that_no_number_of_seeds_shows(some):
    rows = choosing.seeds(some.assign(score=some["seed"] + 1e-9 * some["level"])).data
    assert set(rows["seeds for it"]) <= {"", "more than 10,000"}
