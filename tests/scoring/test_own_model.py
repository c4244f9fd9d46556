"""A user's own model by what is said of it on the command line."""

import math

import pytest

from dbench.errors import InputError
from dbench.scoring.own_model import named


def test_a_model_with_all_that_can_be_said():
    model = named("dsprites", "mine", 3, ["beta=4", "steps=300000"])
    assert model[:5] == ("dsprites", "mine", "beta", 4.0, 3) and model.steps == 300_000
    assert model.run == "dsprites/mine/beta=4/seed=3"
    assert str(model) == "mine beta=4 seed 3 on dsprites"


def test_a_model_of_which_little_is_said():
    model = named("", "my net", 0, [])
    assert model.run == "my net/seed=0" and str(model) == "my net seed 0"
    assert model.hyperparameter == "" and math.isnan(model.value) and math.isnan(model.steps)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["beta"], "--setting is 'beta': give a name and a number, as --setting beta=4"),
        (["=4"], "--setting is '=4': give a name"),
        (["beta="], "--setting is 'beta=': give a name"),
        (["net=conv"], "--setting net is 'conv', and a setting is a number"),
        (["beta=nan"], "--setting beta must be a finite number, not nan"),
        (["beta=inf"], "finite"),
        (["steps=0"], "--setting steps must be a whole number from 1 to"),
        (["steps=2.5"], "--setting steps must be a whole number"),
        (["seed=1"], "--setting seed is a column of every table: give --seed-of-model"),
        (["scale=1"], "--setting scale is a column of every table: call it something else"),
        (["a/b=1"], "the name must be plain text without / , @"),
        (["beta=1", "beta=2"], "--setting gives beta twice"),
        (["steps=1", "steps=1"], "--setting gives steps twice"),
        (["beta=1", "gamma=2"], "--setting gives beta and gamma: a row has one strength"),
    ],
)
def test_settings_that_are_none(settings, said):
    with pytest.raises(InputError, match=said):
        named("dsprites", "mine", 0, settings)


@pytest.mark.parametrize("name", ["a/b", "../x", " a", "a\n", "x" * 300])
def test_names_that_are_none(name):
    with pytest.raises(InputError, match="--model-name is "):
        named("dsprites", name, 0, [])
    with pytest.raises(InputError, match="--dataset-name is "):
        named(name, "mine", 0, [])


def test_a_model_needs_a_name():
    with pytest.raises(InputError, match="--model-name is ''"):
        named("dsprites", "", 0, [])
