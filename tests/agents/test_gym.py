"""The environment by gymnasium's interface, or the sentence that says that it is missing."""

import importlib.util

import numpy as np
import pytest

from dbench.agents.environments.gym import environment
from dbench.agents.environments.seek_avoid import seek_avoid
from dbench.errors import InputError

from .drawn import drawn

DATA = drawn()
HERE = importlib.util.find_spec("gymnasium") is not None


@pytest.mark.skipif(HERE, reason="gymnasium is installed")
def test_without_gymnasium_a_sentence_names_the_extra():
    with pytest.raises(InputError, match=r"needs gymnasium, .*pip install 'dbench\[agents\]'"):
        environment(DATA)


@pytest.mark.skipif(not HERE, reason="gymnasium is not installed")
def test_episodes_are_those_of_the_task():
    env, task = environment(DATA, "target"), seek_avoid(DATA)
    image, info = env.reset(seed=3)
    assert env.observation_space.contains(image) and image.shape == DATA.shape
    total, over, rows = 0.0, False, [info["row"]]
    while not over:
        assert image[0, 0, 0] == round(255 * float(DATA.arrays[rows[-1]]))
        image, reward, over, cut, info = env.step(task.ideal[rows[-1]])
        assert not cut
        total += reward
        rows.append(info["row"])
    assert total == task.best and set(rows[:-1]) <= set(task.rows["target"].tolist())
    env.reset(seed=3)
    assert env.step(0)[4]["row"] == environment_again(3)


def environment_again(seed):
    other = environment(DATA, "target")
    other.reset(seed=seed)
    return other.step(0)[4]["row"]


@pytest.mark.skipif(not HERE, reason="gymnasium is not installed")
def test_codes_in_place_of_images_and_an_episode_that_is_cut():
    env = environment(DATA, codes=DATA.factors, steps=2)
    seen, info = env.reset(seed=0)
    assert (seen == DATA.factors[info["row"]]).all() and seen.dtype == np.float32
    forward = env.step(2)
    assert forward[2:4] == (False, False)
    assert env.step(2)[2:4] == (False, True)


@pytest.mark.skipif(not HERE, reason="gymnasium is not installed")
def test_an_unknown_domain_is_one_sentence():
    with pytest.raises(InputError, match="no domain called 'elsewhere'|domain"):
        environment(DATA, "elsewhere")
