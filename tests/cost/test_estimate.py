"""What is printed adds up, and says where it comes from."""

import dataclasses

import pytest

from dbench.cost import assumed, estimate, page, sources
from dbench.study.plan import plan
from dbench.training import checkpoint, programs

SECONDS = {"training": 60.0, "encoding": 6.0, "scoring": 12.0}


@pytest.fixture(scope="module")
def planned(study, tmp_path_factory):
    return plan(tmp_path_factory.mktemp("none") / study.name, study)


@pytest.mark.slow
def test_hours_of_a_study_that_ran_are_those_that_it_took(study, planned, ran):
    lines = estimate.estimate(planned, list(sources.found([ran(study, SECONDS)])))
    assert [(line.model, line.runs) for line in lines] == [("beta_vae", 4), ("factor_vae", 2)]
    assert sum(line.hours["cpu"] for line in lines) == pytest.approx((60 + 6) * 2 / 3600)
    assert sum(line.core_hours for line in lines) == pytest.approx(12 * 2 / 3600)


@pytest.mark.slow
def test_hours_that_are_assumed(planned):
    (line, _) = estimate.estimate(planned, [])
    images = 2880 * line.sums.encode
    expected = 4 * (100 * line.sums.update + images) / assumed.SPEED["gpu"] / 3600
    assert line.hours["gpu"] == pytest.approx(expected)
    assert line.core_hours == pytest.approx(4 * 2880 * assumed.STUDY_SCORES / 3600)


@pytest.mark.slow
def test_other_scores_and_scores_meanwhile_cost_more(study, planned):
    more = dataclasses.replace(study, metrics=["mig_histogram", "downstream_lr_100"])
    (line, _) = estimate.estimate(planned._replace(study=more), [])
    assert line.scoring.cores == pytest.approx(2880 * assumed.ALL_SCORES)
    during = dataclasses.replace(study, during={"mig_histogram": [10, 20, 30]})
    (line, _) = estimate.estimate(planned._replace(study=during), [])
    assert line.scoring.cores == pytest.approx(4 * 2880 * assumed.STUDY_SCORES)
    assert line.scoring.passes == 4


@pytest.mark.slow
def test_the_disk_that_a_run_takes_is_that_of_its_files(study, planned, tmp_path):
    (of, _), *_ = estimate.kinds(planned)
    (line, _) = estimate.estimate(planned, [])
    import jax
    import numpy as np

    state = jax.tree.map(
        lambda leaf: np.zeros(leaf.shape, leaf.dtype), programs.template(of.program)
    )
    checkpoint.write_training(tmp_path, state)
    checkpoint.write_parameters(tmp_path, state.params)
    there = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert there < line.disk < there + 30_000


def test_the_page_adds_up(study, planned):
    lines = estimate.estimate(planned, [])
    text = page.text(study, lines, 8, [1, 1])
    assert text.startswith("mine at scale own: 8 runs of 100 steps, 2 done, 6 to do\n")
    table = [line.split() for line in text.splitlines()]
    assert next(row for row in table if row[:1] == ["all"])[1:3] == ["6", "2"]
    assert f"a  assumed: {assumed.SPEED_SAID['gpu']}" in text
    assert "price" not in text


def test_a_site_gives_a_price_and_an_end(study, planned):
    (line, _) = estimate.estimate(planned, [])
    line = line._replace(hours={"gpu": 300.0, "cpu": 9e4}, core_hours=160.0)
    text = page.text(study, [line], 4, [4], page.Site(at_once=4, cpus=16, price=2.0, gpus=True))
    assert "300 hours to train and encode, and 10.0 to score on 16 cores beside each" in text
    assert "310 GPU hours, 77.5 hours with 4 parts at a time" in text
    assert "price: 620.00, at 2.00 a GPU hour" in text
    assert "without GPUs" not in text


def test_a_study_that_is_done_costs_nothing(study):
    said = "mine at scale own: 6 runs of 100 steps, 6 done, 0 to do: it costs nothing more"
    assert page.text(study, [], 6, []) == said
