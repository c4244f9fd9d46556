"""Scores of agents on frozen codes: what they say, and when they say that they say nothing."""

import jax
import numpy as np
import pytest

from dbench.agents.environments.seek_avoid import seek_avoid
from dbench.agents.policies import Played
from dbench.agents.train import PARTS, Trained, scaled
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


def test_floor_and_curve_are_those_of_the_domain():
    floors, found = np.array([[0.5] * 8, [-0.25] * 8]), trained([4, 5], [1, 3])
    found = found._replace(curve=np.arange(2.0)[:, None, None] + np.zeros((2, PARTS, 2)))
    source, target = (transfer.judged(TASK, domain, found, floors) for domain in TASK.domains)
    assert (source.parts["floor"], target.parts["floor"]) == (0.5, -0.25)
    assert target.parts["curve"].shape == (PARTS, 2) and (target.parts["curve"] == 0.5).all()


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
def test_which_agents_diverged_is_said(mesh, monkeypatch):
    program, params = programs.program(DATA, "ground_truth", {}), {"none": np.zeros(())}
    lost = trained([1, 1], [1, 1], diverged=[0, 1])
    monkeypatch.setattr(transfer, "train", lambda *_, **__: lost)
    run = TrainedModel(DATA, program, {}, params, mesh, jax.random.key(0))
    with pytest.raises(InputError, match="^a2c: all agents diverged: their values are NaN"):
        MODEL_METRICS["a2c_target"](run, episodes=8)


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


@pytest.mark.slow
def test_an_encoder_that_learns_begins_as_the_models(mesh):
    """The first values are those of the same layers on the scaled codes; then the encoder moves."""
    import jax.numpy as jnp

    from dbench.agents import networks

    program, params = programs.program(DATA, "pca", {"latents": 2}), None
    images = DATA.images(np.arange(DATA.size))
    params = program.build().fit(DATA, jax.random.key(0))
    run = TrainedModel(DATA, program, {}, params, mesh, jax.random.key(0))
    codes, rows = transfer.seen(run), TASK.rows["source"]
    vision = networks.Vision(params, {}, *transfer.scale(codes, rows))
    net, plain = networks.seeing(transfer._encoder(program), 4), networks.layered(4)
    own = net.init(jax.random.key(1), images, 3, vision)
    same = plain.init(jax.random.key(1), codes, 3)
    found = net.run(own, jnp.asarray(images))
    wanted = plain.run(same, jnp.asarray(scaled(codes, rows)))
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    same_codes = scaled(codes, rows), net.look(own, jnp.asarray(images))
    np.testing.assert_allclose(same_codes[1], same_codes[0], atol=1e-4)
    moved = jax.grad(lambda p: net.run(p, jnp.asarray(images)).sum())(own)["vision"]
    assert any(np.abs(leaf).max() > 0 for leaf in jax.tree.leaves(moved.params))
    assert not np.any(moved.mean) and not np.any(moved.size)


@pytest.mark.slow
def test_agents_train_an_encoder_on(mesh):
    """By the score, of a net that was never trained: codes of rows that look alike move apart."""
    program = programs.program(DATA, "untrained_vae", {"net": "small", "latents": 3})
    params = program.build().init(jax.random.key(0)).params
    run = TrainedModel(DATA, program, {}, params, mesh, jax.random.key(0))
    score = MODEL_METRICS["dqn_tuned_source"](run, updates=20, episodes=8)
    other = MODEL_METRICS["dqn_tuned_target"](run, updates=20, episodes=8)
    assert other.parts["source"] == score.value and score.parts["seeds"].shape == (1,)
    assert score.parts["curve"].shape == (PARTS, 2) and np.isfinite(score.stderr)
    found = transfer.taught(run, "dqn_tuned", episodes=8, updates=20)
    frozen = scaled(transfer.seen(run), TASK.rows["source"])
    assert found.codes.shape == (1, DATA.size, 3)
    assert np.abs(found.codes[0] - frozen).max() > 1e-3


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("ground_truth", "ground_truth is given the factors and no images"),
        ("raw_pixels", None),
        ("untrained_vae", None),
    ],
)
def test_a_model_without_an_encoder_is_not_trained_on(model, said):
    options = {"net": "small"} if model == "untrained_vae" else {}
    program = programs.program(DATA, model, options)
    if said is None:
        return NEEDS["a2c_tuned_target"](program, DATA)
    with pytest.raises(InputError, match=said):
        NEEDS["a2c_tuned_target"](program, DATA)
