"""Scores of the rows that training saw and of those that it did not: against the rows by hand."""

import jax
import numpy as np
import pytest

from dbench import data
from dbench.base import Table
from dbench.data import views
from dbench.errors import InputError
from dbench.metrics import METRICS
from dbench.scoring import apart
from dbench.tables.directions import base, direction

FACTORS = np.stack(np.meshgrid(range(4), range(5), range(30), indexing="ij"), -1).reshape(-1, 3)
KEPT = (FACTORS[:, 0] != 3) | (FACTORS[:, 1] > 1)  # the rows left out have one value of the first
NAMES = ("shape", "place", "turn")


def table(mean):
    return Table(np.asarray(mean, float), FACTORS, None, NAMES, cyclic=("shape", "turn"))


def noisy(seed=0):
    return FACTORS + np.random.default_rng(seed).normal(size=FACTORS.shape)


@pytest.mark.slow
def test_a_score_of_a_part_is_that_of_its_rows_alone():
    mean = noisy()
    found = apart.scores(table(mean), KEPT, ["mig_histogram_unseen", "mig_histogram_seen"], 3)
    for part, rows, columns in (("seen", KEPT, [0, 1, 2]), ("unseen", ~KEPT, [1, 2])):
        alone = METRICS["mig_histogram"](mean[rows], FACTORS[rows][:, columns], seed=3)
        assert found[f"mig_histogram_{part}"].value == alone.value
    assert list(found) == ["mig_histogram_unseen", "mig_histogram_seen"]
    assert found["mig_histogram_unseen"].value != found["mig_histogram_seen"].value


def test_a_part_keeps_the_factors_that_vary_in_it():
    alone = apart.rows_alone(table(noisy()), np.flatnonzero(~KEPT))
    assert alone.names == ("place", "turn") and alone.cyclic == ("turn",)
    assert alone.factors.shape == (60, 2) and alone.mean.shape == (60, 3)


@pytest.mark.slow
def test_a_classifier_learns_from_seen_rows_and_is_tested_on_unseen_ones():
    """Codes that tell each factor among the rows seen, and another value of it among the others."""
    wrong = np.where(KEPT[:, None], FACTORS, (FACTORS + [1, 1, 0]) % [4, 5, 30])
    names = ["downstream_lr_1000_seen", "downstream_lr_1000_unseen"]
    one_hot = np.concatenate([np.eye(n)[c] for n, c in zip((4, 5, 30), wrong.T, strict=True)], 1)
    seen, unseen = apart.scores(table(one_hot), KEPT, names, 0).values()
    assert seen.value > 0.95
    assert unseen.parts["accuracy/shape"] == unseen.parts["accuracy/place"] == 0
    assert unseen.parts["accuracy/turn"] > 0.95


def test_names_of_parts():
    assert [base(m) for m in ("mig_seen", "mig_unseen", "mig", "my:mig_seen")] == [
        *("mig", "mig", "mig", "my:mig_seen")
    ]
    assert direction("reconstruction_unseen") == -1 and direction("mig_seen") == 1
    assert apart.wanted(["mig", "mig_seen", "kl_unseen"]) == ["mig_seen", "kl_unseen"]


def test_what_the_parts_do_not_allow_is_said_before_the_work():
    tiny = data.load("dsprites_tiny")
    everything = np.ones(tiny.size, bool)
    apart.require(tiny, everything, ["mig", "reconstruction"])
    with pytest.raises(InputError, match="mig_seen needs rows that training does not see"):
        apart.require(tiny, everything, ["mig_seen"])
    one = views.trained_on(tiny, {"without": [{"shape": 0, "posX": 0, "scale": 0, "posY": 0}]})
    with pytest.raises(InputError, match="the unseen rows of dsprites_tiny: .* two factors"):
        apart.require(tiny, one, ["mig_sup_unseen"])
    apart.require(tiny, one, ["mig_sup_seen", "downstream_lr_10_unseen"])
    with pytest.raises(InputError, match="needs the codes of all rows"):
        apart.scores(table(noisy()), KEPT[1:], ["mig_histogram_seen"], 0)


@pytest.mark.slow
def test_rows_of_a_view():
    tiny = data.load("dsprites_tiny")
    spec = {"without": [{"shape": 2}], "part": [0.5, 1], "joint": {"posX,posY": "A"}}
    kept = views.trained_on(tiny, spec)
    trained = views.view(tiny, spec)
    assert kept.sum() == trained.drawing.size < tiny.size / 2
    rows = np.asarray(trained.drawing.rows(trained.drawing.arrays, jax.random.key(0), 500))
    assert kept[rows].all()
