"""What earlier studies took is read from what they wrote, and only where it can be."""

import json

from dbench.cost import sources
from dbench.study import runs

SECONDS = {"all": 90.0, "training": 60.0, "encoding": 6.0, "scoring": 12.0}


def test_a_study_that_is_whole(study, ran):
    (one,) = sources.found([ran(study, SECONDS)])
    assert (one.platform, one.devices) == ("cpu", 2)
    assert (one.training, one.encoding, one.scoring) == (60.0, 6.0, 12.0)
    assert [(made.run.model, made.updates, made.scored) for made in one.made] == [
        ("beta_vae", 200, 2),
        ("beta_vae", 200, 2),
        ("factor_vae", 200, 2),
    ]
    assert one.said == "6 runs of mine at scale own, on 2 x cpu (Some Processor)"


def test_a_run_that_is_not_finished_counts_as_far_as_its_log_goes(study, ran):
    every = [run.name for run in runs(study)]
    place = ran(study, SECONDS, finished=every[:1])
    log = place / study.name / every[1] / "log.csv"
    log.parent.mkdir(parents=True)
    log.write_text("step,elbo\n10,-1\n20,-1\n")
    (one,) = sources.found([place])
    assert [(made.updates, made.scored) for made in one.made] == [(100, 1), (20, 0)]


def test_a_folder_that_is_named_twice_counts_once(study, ran):
    place = ran(study, SECONDS)
    assert len(list(sources.found([place, place / ".." / "results"]))) == 1


def test_what_says_no_times_is_no_source(study, ran):
    assert not list(sources.found([ran(study, {"all": 3.0})]))


def test_what_cannot_be_read_is_no_source(study, ran):
    place = ran(study, SECONDS)
    told = place / study.name / "study.json"
    entry = json.loads(told.read_text())["own"]
    for wrong in (
        {"device": "1 x gpu (One); 1 x gpu (Another)"},
        {"settings": {"name": "mine"}},
        {"settings": entry["settings"] | {"sweep": {"no_such_model": {}}}},
        {"settings": entry["settings"] | {"a_field_of_later": 1}},
    ):
        told.write_text(json.dumps({"own": entry | wrong}))
        assert not list(sources.found([place])), wrong
    told.write_text("{")
    assert not list(sources.found([place]))
