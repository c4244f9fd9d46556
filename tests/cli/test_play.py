"""`dbench play`: a film of an agent, and what is refused."""

import re
from types import SimpleNamespace

import jax
import numpy as np
import pytest
from PIL import Image

from dbench.agents.environments.seek_avoid import BEST, seek_avoid
from dbench.agents.policies import Played
from dbench.agents.train import PARTS, Trained, scaled
from dbench.data import DATASETS
from dbench.models import defaults
from dbench.pictures import film, playing
from dbench.scoring import evaluate, transfer
from dbench.training import checkpoint, devices, programs


@pytest.fixture
def run(tmp_path):
    """Writes a run's folder, of a data set."""

    def write(dataset="seek_rooms_tiny", model="ground_truth", **options):
        config = {"dataset": dataset, "model": model, "seed": 3, "steps": 1, "batch_size": 64}
        options = defaults(model) | options
        checkpoint.write_config(tmp_path, config | {"options": options})
        params = {"none": np.zeros((), np.float32)}
        if model == "pca":
            drawn = DATASETS[dataset](None)
            fit = programs.program(drawn, model, options).build().fit
            params = jax.device_get(fit(drawn, jax.random.key(0)))
        checkpoint.write_parameters(tmp_path, params)
        return tmp_path

    return write


def perfect(task, agent, codes, key, *, seeds, episodes, updates):
    """Agents that need not be trained."""
    best = np.eye(3, dtype=np.float32)[task.ideal]
    returns = np.full((seeds, 2, episodes), BEST)
    played = Played(returns, returns, 0 * returns, returns)
    return Trained(np.stack([best] * seeds), np.zeros((seeds, PARTS, 2)), played)


@pytest.mark.slow
def test_a_film_has_a_frame_a_step(run, dbench, monkeypatch):
    monkeypatch.setattr(transfer, "train", perfect)
    folder = run()
    code, out, err = dbench("play", "--checkpoint", folder, "--domain", "target")
    assert code == 0, err
    source, target, film, wrote = out.splitlines()
    assert source.startswith("source: 5.00, 5.00, 5.00, 5.00 (random policy ")
    assert target.startswith("target: ") and target.endswith("best 5)")
    steps = int(film.split()[2])
    assert film == f"film: target, {steps} steps, return 5"
    assert wrote == f"wrote {folder / 'play_target.gif'}"
    with Image.open(folder / "play_target.gif") as shown:
        assert 10 < shown.n_frames <= steps  # frames that are alike may be stored as one
        assert shown.size == (548, 304)
    task = seek_avoid(DATASETS["seek_rooms_tiny"](None))
    assert steps <= task.steps


@pytest.mark.slow
def test_a_film_of_an_agent_with_its_own_encoder_shows_that_ones_codes(run, dbench, monkeypatch):
    """That training moves an encoder is tested beside the scores; here its codes have doubled."""
    shown = []

    def moved(task, agent, encode, vision, images, key, **how):
        codes = np.asarray(encode(vision.params, vision.given, images))
        codes = (codes - np.asarray(vision.mean)) / np.asarray(vision.size)
        return perfect(task, agent, None, key, **how)._replace(codes=2 * np.asarray(codes)[None])

    def kept(path, dataset, task, codes, episode):
        shown.append(codes)
        return film.write(path, dataset, task, codes, episode)

    monkeypatch.setattr(transfer, "train_vision", moved)
    monkeypatch.setattr(playing, "film", SimpleNamespace(write=kept))
    folder = run(model="pca", latents=3)
    code, out, err = dbench("play", "--checkpoint", folder, "--agent", "dqn_tuned")
    assert code == 0, err
    source, target, said, _ = out.splitlines()  # of one agent
    assert all(re.match(r"\w+: 5\.00 \(random policy ", line) for line in (source, target))
    with Image.open(folder / "play_source.gif") as moving:
        assert 10 < moving.n_frames <= int(said.split()[2])
    config, dataset = evaluate.opened(folder)
    model = evaluate.trained(folder, config, dataset, devices.mesh(), 3)
    frozen = scaled(transfer.seen(model), seek_avoid(dataset).rows["source"])
    np.testing.assert_allclose(shown[0], 2 * frozen, atol=1e-4)


def test_an_agent_that_diverged_has_no_film(run, dbench, monkeypatch):
    def diverged(*given, **how):
        found = perfect(*given, **how)
        found.policy[0] = np.nan
        return found

    monkeypatch.setattr(transfer, "train", diverged)
    folder = run()
    code, _, err = dbench("play", "--checkpoint", folder)
    said = err.splitlines()[-1]  # after the line that says how fast images were encoded
    assert code == 2 and "the first agent diverged on the codes of" in said
    assert not list(folder.glob("*.gif"))


def test_parameters_of_another_size_are_one_sentence(run, refused):
    folder = run()
    checkpoint.write_parameters(folder, {"none": np.zeros(3, np.float32)})
    said = refused("play", "--checkpoint", folder)
    assert str(folder) in said and "\n" not in said.strip()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--agent", "dqm"), "unknown agent 'dqm'"),
        (("--agent", "episodic_control_tuned"), "unknown agent 'episodic_control_tuned'"),
        (("--agent", "a2c_tuned"), "ground_truth is given the factors and no images: an agent has"),
        (("--domain", "nowhere"), "domain 'nowhere'"),
        (("--output", "film.png"), "must end in .gif"),
    ],
)
def test_what_cannot_be_played_is_one_sentence(run, refused, options, said):
    assert re.search(said, refused("play", "--checkpoint", run(), *options))


def test_a_run_of_another_data_set_is_one_sentence(run, refused):
    said = refused("play", "--checkpoint", run("dsprites_tiny"))
    assert "seek_avoid needs a factor room of 2 values and more" in said
