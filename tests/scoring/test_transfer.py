"""Scores of agents on frozen codes: what they say, and when they say that they say nothing."""

import jax
import numpy as np
import pytest

from dbench.agents.environments.seek_avoid import seek_avoid
from dbench.agents.policies import Played
from dbench.agents.train import PARTS, Trained
from dbench.data import DATASETS
from dbench.errors import InputError
from dbench.scoring import transfer
from dbench.scoring.registry import MODEL_METRICS, NEEDS
from dbench.scoring.trained_model import TrainedModel
from dbench.training import programs
from tests.agents.drawn import drawn

DATA = drawn()
TASK = seek_avoid(DATA)
FLOOR = np.zeros((2, 8))
NAMES = [f"{a}_{d}" for a in ("a2c", "dqn", "episodic_control") for d in TASK.domains]


def trained(source, target, diverged=()):
    """Agents whose every episode has these returns, one agent a number."""
    returns = np.repeat(np.stack([source, target], axis=1)[..., None], 8, axis=2).astype(float)
    policy = np.full((len(source), DATA.size, 3), 1 / 3)
    policy[list(diverged)] = np.nan
    curve = np.zeros((len(source), PARTS, 2))
    return Trained(policy, curve, Played(returns, returns, 0 * returns, 0 * returns + 40))


def test_a_score_is_the_mean_over_agents_and_its_error_is_theirs():
    score = transfer.judged(TASK, "target", trained([4, 5], [1, 3]), FLOOR)
    assert score.value == 2 and score.stderr == pytest.approx(1)  # std 1.41 of two
    assert score.parts["source"] == 4.5 and score.parts["ceiling"] == 5 and not score.warnings
    assert score.parts["seeds"].tolist() == [1, 3]
    assert transfer.judged(TASK, "source", trained([4, 5], [1, 3]), FLOOR).value == 4.5


def test_agents_that_did_not_learn_say_nothing_about_transfer():
    found = trained([1, 2], [1, 1])
    (said,) = transfer.judged(TASK, "target", found, FLOOR).warnings
    assert said == "agents have 1.50 of 5 where they learned: they say nothing about transfer"
    assert not transfer.judged(TASK, "source", found, FLOOR).warnings


def test_an_agent_that_diverged_is_left_out_and_the_others_go_on():
    found = trained([4, 5, np.nan], [2, 4, np.nan], diverged=[2])
    score = transfer.judged(TASK, "target", found, FLOOR)
    assert score.value == 3 and score.warnings == ("1 of 3 agents diverged and are left out",)
    with pytest.raises(InputError, match="all agents diverged: .* NaN or infinite"):
        transfer.judged(TASK, "target", trained([1], [1], diverged=[0]), FLOOR)


@pytest.mark.slow
def test_the_agents_of_both_domains_are_the_same_ones(mesh, monkeypatch):
    """They are trained once; other codes, keys and agents have their own."""
    program, params, calls = programs.program(DATA, "ground_truth", {}), {"none": np.zeros(())}, []

    def train(task, agent, codes, key, **how):
        calls.append((agent, codes.shape, how))
        return trained([len(calls)], [0])

    monkeypatch.setattr(transfer, "train", train)

    def model(seed=0):
        return TrainedModel(DATA, program, {}, params, mesh, jax.random.key(seed))

    def score(name, run, **how):
        return MODEL_METRICS[name](run, episodes=8, **how)

    one = model()
    assert score("dqn_source", one).value == score("dqn_target", one).parts["source"] == 1
    assert score("a2c_target", one).parts["source"] == 2 and score("a2c_source", one).value == 2
    assert (
        score("dqn_source", model(1)).value == 3 and score("dqn_source", one, updates=7).value == 4
    )
    assert [agent for agent, _, _ in calls] == ["dqn", "a2c", "dqn", "dqn"]
    assert calls[0] == ("dqn", (48, 5), {"seeds": 4, "episodes": 8, "updates": 0})


@pytest.mark.parametrize("name", NAMES)
def test_a_data_set_without_the_task_is_one_sentence(name):
    tiny = DATASETS["dsprites_tiny"](None)
    program = programs.program(tiny, "ground_truth", {})
    with pytest.raises(InputError, match="seek_avoid needs a factor room .* dsprites_tiny has not"):
        NEEDS[name](program, tiny)
    assert NEEDS[name](programs.program(DATA, "ground_truth", {}), DATA) is None
