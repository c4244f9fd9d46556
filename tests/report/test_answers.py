"""Which setting is best, what it is shown to be better than, and what is not shown."""

import jax
import numpy as np
import pytest

from dbench.compare import compare
from dbench.report import answers
from dbench.report.material import _methods
from tests.report.tables import table, without_strength

KEY = jax.random.key(0)


def scored(means, seeds=8, metrics=("mig",), models=None, sd=0.01):
    """Scores of known means by setting, in the order of the table, spread evenly over seeds."""
    models = models or {"beta_vae": ("beta", list(range(1, len(means) + 1)))}
    frame = _methods(table(models, seeds, metrics))
    cell = frame.groupby(["model", "value"], sort=False, dropna=False).ngroup()
    away = (frame["seed"] - frame["seed"].mean()) / max(seeds - 1, 1) * 2 * sd
    return frame.assign(score=np.array(means)[cell] + away)


@pytest.mark.slow
def test_the_best_is_shown_against_those_far_below_it_alone():
    (found,) = answers.tables(scored([0.1, 0.5, 0.502]), "", KEY)
    (row,) = found["rows"]
    assert found["title"] == "Which strength is best?" and row["comparisons"] == 3
    assert row["best"] in ("beta=2", "beta=3") and row["shown"] == [("beta=1", True)]
    assert row["not_shown"] == [{"beta=2": "beta=3", "beta=3": "beta=2"}[row["best"]]]
    assert "By no score is the best one shown to be better than all others" in found["said"]
    assert float(row["would_show"]) > 0
    (found,) = answers.tables(scored([0.1, 0.5, 0.9]), "", KEY)
    assert found["rows"][0]["not_shown"] == []
    assert "Shown to be better than all others: beta=3 by mig" in found["said"]


@pytest.mark.slow
def test_settings_are_named_with_what_they_share_once():
    names = [("a beta=8", True), ("b gamma=1", False), ("a beta=4", False), ("c", False)]
    found = answers.together(names)
    assert found[0] == ("a beta=", [("8", True), ("4", False)])
    assert found[1:] == [("b gamma=", [("1", False)]), ("", [("c", False)])]
    (found,) = answers.tables(scored([0.5, 0.502, 0.498]), "", KEY)
    assert found["rows"][0]["cells"] == ([], answers.ALL)


def test_less_is_better_of_an_error():
    (found,) = answers.tables(scored([0.1, 0.5], metrics=("reconstruction",)), "", KEY)
    (row,) = found["rows"]
    assert row["best"] == "beta=1" and row["shown"] == [("beta=2", True)]


@pytest.mark.slow
def test_verdicts_are_those_of_compare():
    """Two settings of one score: one comparison, the same p."""
    frame = scored([0.1, 0.106])
    both = {str(v): some.assign(value=1.0) for v, some in frame.groupby("value")}
    theirs = compare(both, pairing="none").frame
    mine = answers.compared("mig", answers.by_setting(frame)["mig"], KEY)
    assert mine["p"].tolist() == theirs["p"].tolist() == mine["p_holm"].tolist()
    assert mine["verdict"].tolist() == theirs["verdict"].tolist()


@pytest.mark.slow
def test_chance_gives_no_verdict():
    """All settings alike: few of 40 tables claim anything; uncorrected a quarter would."""
    wrong = 0
    for i in range(40):
        scores = np.random.default_rng(i).normal(size=(5, 6))
        frame = answers.compared("mig", dict(zip("abcde", scores, strict=True)), KEY)
        wrong += bool((frame["p_holm"] <= 0.05).any())
    assert wrong <= 6


@pytest.mark.slow
def test_too_few_seeds_say_how_many_it_takes():
    (found,) = answers.tables(scored([0.1, 0.5, 0.9], seeds=3), "", KEY)
    few = (
        "Too few seeds for a verdict by any score, whatever the scores: there are 3, and it takes 5"
    )
    assert few in found["said"] and not found["gaps"]
    assert found["rows"][0]["shown"] == []
    (found,) = answers.tables(scored([0.1, 0.5, 0.9], seeds=5), "", KEY)  # and 5 give one
    assert "Too few" not in found["said"] and found["rows"][0]["shown"]
    (found,) = answers.tables(scored([0.1, 0.5], seeds=1), "", KEY)
    assert "there are 1, and it takes 4" in found["said"]


@pytest.mark.slow
def test_of_several_methods_settings_and_methods_are_asked_for():
    models = {"beta_vae": ("beta", [1, 4]), "factor_vae": ("gamma", [10, 40])}
    frame = scored([0.1, 0.5, 0.4, 0.6], models=models)
    settings, methods = answers.tables(frame, " on d", KEY)
    assert settings["title"] == "Which method and strength is best on d?"
    assert settings["rows"][0]["best"] == "factor_vae gamma=40"
    assert methods["rows"][0]["best"] == "factor_vae" and methods["rows"][0]["comparisons"] == 1
    pooled = answers.by_method(frame)["mig"]["beta_vae"]
    own = frame[frame["model"] == "beta_vae"].groupby("seed")["score"].mean()
    assert np.allclose(pooled, own)
    alone = without_strength(table({"a": ("", [1]), "b": ("", [1])}), "a")
    alone = _methods(without_strength(alone, "b"))
    (found,) = answers.tables(alone, "", KEY)
    assert found["title"] == "Which method is best?" and found["rows"][0]["best"] in ("a", "b")


def test_one_setting_has_no_answer_and_too_many_are_said(monkeypatch):
    assert answers.tables(scored([0.5]), "", KEY) == []
    nothing = scored([0.1, 0.5]).assign(metric="kl")  # neither more nor less is better
    assert answers.tables(nothing, "", KEY) == []
    monkeypatch.setattr(answers, "MOST", 2)
    (found,) = answers.tables(scored([0.1, 0.5, 0.9]), "", KEY)
    assert "3 pairs of settings, too many" in found["said"] and found["rows"] == []


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["seed", "setting"])
def test_a_score_that_some_runs_lack(missing):
    frame = scored([0.1, 0.5, 0.9], metrics=("mig", "sap"))
    own = (frame["metric"] == "sap") & (frame["seed" if missing == "seed" else "value"] == 1)
    found = answers.tables(frame[~own], "", KEY)[0]
    assert [row["metric"] for row in found["rows"]] == ["mig", "sap"]
    assert found["rows"][1]["comparisons"] == (3 if missing == "seed" else 1)


@pytest.mark.slow
def test_scores_that_not_all_methods_have_are_not_counted():
    """Of those one method has alone it would be the best by beating itself."""
    models = {"beta_vae": ("beta", [1, 4]), "factor_vae": ("gamma", [10, 40])}
    frame = scored([0.1, 0.5, 0.4, 0.6], metrics=("mig", "sap"), models=models)
    assert "The best mean of 2 scores: factor_vae gamma=40 by 2." in said_of(frame)
    frame = frame[(frame["metric"] == "mig") | (frame["model"] == "beta_vae")]
    said = said_of(frame)
    assert "The best mean of 1 score that all methods have: factor_vae gamma=40 by 1." in said
    assert "others: factor_vae gamma=40 by mig. Not counted: sap, which not all methods" in said
    found = answers.tables(frame, "", KEY)[0]
    assert "for up to 6 pairs of a score" in found["note"]  # and of sap for 1
    assert [row["metric"] for row in found["rows"]] == ["mig", "sap"]
    assert found["detectable"] == "detectable, corrected"
    alone = frame[(frame["metric"] == "mig") == (frame["model"] == "factor_vae")]
    assert said_of(alone).startswith("No score is one that all methods have, so none is counted")


def said_of(frame):
    return answers.tables(frame, "", KEY)[0]["said"]
