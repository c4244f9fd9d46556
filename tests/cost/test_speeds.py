"""A measured program trains as fast as it did; others of its net by their arithmetic."""

import dataclasses

import pytest

from dbench import data
from dbench.cost import assumed, sources, speeds
from dbench.study import runs

SECONDS = {"training": 60.0, "encoding": 6.0, "scoring": 12.0}


@pytest.fixture(scope="module")
def tiny():
    return data.load("dsprites_tiny")


def of(study, model):
    return next(run for run in runs(study) if run.model == model)


def alone(study, model):
    return dataclasses.replace(study, name="other", sweep={model: study.sweep[model]})


def found(place):
    return list(sources.found([place]))


@pytest.mark.slow
def test_a_program_that_ran_alone_trains_as_it_did(study, ran, tiny):
    run = of(study, "beta_vae")
    known = speeds.known(run, tiny)
    speed = speeds.speed(run, "cpu", found(ran(alone(study, "beta_vae"), SECONDS)))
    assert speed.origin == speeds.MEASURED
    # 4 runs of 100 updates in 60 s on two devices
    assert known.sums.update / speed.train == pytest.approx(60 * 2 / 400)
    assert known.sums.encode * tiny.size / speed.encode == pytest.approx(6 * 2 / 4)


@pytest.mark.slow
def test_programs_that_ran_together_share_the_time_by_their_arithmetic(study, ran, tiny):
    took, there = 0.0, found(ran(study, SECONDS))
    for model, updates in (("beta_vae", 400), ("factor_vae", 200)):
        run = of(study, model)
        speed = speeds.speed(run, "cpu", there)
        assert speed.origin == speeds.RECKONED
        took += updates * speeds.known(run, tiny).sums.update / speed.train
    assert took == pytest.approx(60 * 2)


def test_another_model_of_the_net_is_reckoned(study, ran, tiny):
    sources = found(ran(alone(study, "beta_vae"), SECONDS))
    speed = speeds.speed(of(study, "factor_vae"), "cpu", sources)
    assert speed.origin == speeds.RECKONED
    assert speed.train == speeds.speed(of(study, "beta_vae"), "cpu", sources).train


@pytest.mark.slow
def test_the_study_itself_is_asked_first(study, ran, tmp_path):
    place = ran(study, SECONDS)
    ran(alone(study, "beta_vae"), SECONDS | {"training": 1.0})
    assert "of mine at" in speeds.speed(of(study, "beta_vae"), "cpu", found(place)).said


def test_without_a_source_of_the_net_or_the_device_it_is_assumed(study, ran):
    sources = found(ran(study, SECONDS))
    other = dataclasses.replace(study, options={"net": "conv", "latents": 4})
    for run, platform in ((of(other, "beta_vae"), "cpu"), (of(study, "beta_vae"), "gpu")):
        speed = speeds.speed(run, platform, sources)
        assert (speed.origin, speed.train) == (speeds.ASSUMED, assumed.SPEED[platform])
