"""Learning curves of agents, and scores of codes against where agents end up."""

import jax
import numpy as np
import pytest
import scipy

from dbench.errors import InputError
from dbench.report import agents, predicting, transferred
from dbench.report.figure import render
from dbench.report.material import _methods
from tests.report.tables import folder, table

KEY = jax.random.key(0)
METRICS = ("dqn_source", "dqn_target", "mig", "dci_disentanglement")
MODELS = {"beta_vae": ("beta", [1, 4, 16]), "factor_vae": ("gamma", [10, 40])}


def scored(source=4.5, mig=(1, 2, 3, 4, 5), target=(2, 1, 4, 3, 5)):
    """Five models of three seeds: MIG and the target's return by model, by seed a little apart."""
    frame = table(MODELS, metrics=METRICS)
    model = frame.groupby(["model", "value"], sort=False).ngroup().to_numpy()
    apart = 0.01 * (frame["seed"] - 1)  # no change of the mean
    by = {"dqn_source": np.full(5, source), "mig": np.array(mig) / 10}
    by |= {"dqn_target": np.array(target, float), "dci_disentanglement": np.array(mig)[::-1] / 10}
    score = [by[metric][m] for metric, m in zip(frame["metric"], model, strict=True)]
    return _methods(frame.assign(score=score + apart))


def with_curves(path, frame):
    """A study's folder whose runs have curves: the source from 0 to 4.5, the target from 0 down."""
    folder(path, frame[[c for c in frame if c not in ("method", "strength", "level")]], logs=False)
    for at, run in enumerate(frame["run"].unique()):
        curve = np.stack([np.linspace(0, 4.5, 10), np.linspace(0, -1, 10)], axis=1)
        parts = {f"dqn_{d}/curve": curve + 0.1 * (at % 3) for d in ("source", "target")}
        parts |= {"dqn_source/floor": 0.25, "dqn_target/floor": -0.25}
        parts |= {f"dqn_{domain}/ceiling": 5.0 for domain in ("source", "target")}
        (path / run).mkdir(parents=True, exist_ok=True)
        np.savez(path / run / "scores.npz", **parts)
    return {"mine": path}


@pytest.mark.slow
def test_curves_are_means_over_seeds_with_their_standard_error(tmp_path):
    frame, lacks = scored(), []
    (figure,) = agents.learning(frame, with_curves(tmp_path / "mine", frame), lacks)
    assert figure.name == "learning_dqn" and not lacks and len(figure.data) == 5 * 2 * 10
    last = figure.data[(figure.data["panel"] == "beta_vae beta=4") & (figure.data["share"] == 1)]
    last = last.set_index("domain")
    assert last["mean"].tolist() == pytest.approx([4.6, -0.9])  # 0, 0.1, 0.2 above
    assert (last["high"] - last["mean"]).tolist() == pytest.approx([0.1 / 3**0.5] * 2)
    assert last["floor"].tolist() == [0.25, -0.25] and (last["ceiling"] == 5).all()
    assert (figure.data["seeds"] == 3).all()


@pytest.mark.slow
def test_a_panel_says_how_many_learned_where_not_all_did(tmp_path):
    frame, lacks = scored(), []
    folders = with_curves(tmp_path / "mine", frame)
    unable = frame["metric"].eq("dqn_source") & frame["strength"].eq("beta=4")
    one = unable & frame["seed"].eq(1)
    (figure,) = agents.learning(frame.assign(score=frame["score"].mask(one, 2.0)), folders, lacks)
    heads = ["beta_vae beta=1", "beta_vae beta=4, 2 of 3 learned", "beta_vae beta=16"]
    assert figure.data["panel"].unique().tolist()[:3] == heads and len(figure.data) == 100


@pytest.mark.slow
def test_runs_without_curves_are_said(tmp_path):
    frame, lacks = scored(), []
    folders = with_curves(tmp_path / "mine", frame)
    (tmp_path / "mine" / frame["run"].iloc[0] / "scores.npz").unlink()
    (figure,) = agents.learning(frame, folders, lacks)
    assert figure.data["seeds"].min() == 2
    assert lacks == [
        "1 of 15 runs have no learning curve of dqn here, which is in their scores.npz "
        f"({frame['run'].iloc[0]})."
    ]
    assert agents.learning(frame[frame["metric"] == "mig"], folders, lacks) == []


@pytest.mark.slow
def test_a_correlation_is_over_models_and_not_over_seeds():
    (figure,) = predicting.prediction(scored(), KEY)
    rho = scipy.stats.spearmanr([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]).statistic  # 0.8
    heads = figure.data["panel"].unique().tolist()
    assert len(figure.data) == 10 and figure.data["learned"].all()
    assert heads[0].startswith(f"mig: {rho:.2f} (") and heads[0].endswith("p 0.13, 5 models")
    assert heads[1].startswith(f"dci_disentanglement: {-rho:.2f} (")
    assert "0 of 15 runs are left out" in figure.caption
    assert figure.data["y"][0] == pytest.approx(2) and figure.data["seeds"][0] == 3
    svg = render(figure.spec())["svg"].decode()
    assert all(head in svg for head in heads)


@pytest.mark.slow
def test_agents_that_did_not_learn_the_source_are_in_no_correlation():
    frame = scored()
    first = (frame["strength"] == "beta=1") & (frame["metric"] == "dqn_source")
    bad = frame.assign(score=frame["score"].mask(first, 2.49))
    (figure,) = predicting.prediction(bad, KEY)
    assert figure.data["panel"][0].endswith(", 4 models")
    assert "3 of 15 runs are left out by this rule; models without any other" in figure.caption
    pale = figure.data[~figure.data["learned"]]
    assert set(pale["model"]) == {"beta_vae beta=1"} and len(pale) == 2
    one = frame.assign(score=frame["score"].mask(first & (frame["seed"] == 0), 2.49))
    (figure,) = predicting.prediction(one, KEY)  # one seed of three: the others stand for the model
    assert figure.data["learned"].all() and figure.data["seeds"].tolist()[:2] == [2, 3]
    assert figure.data["y"][0] == pytest.approx(2.005)
    assert ", 5 models" in figure.data["panel"][0]


def test_the_table_of_agents_says_who_did_not_learn_the_source():
    """Of beta=1 no run did, of beta=4 one did not; intervals by Student's t, of 3 and of 2 runs."""
    frame = scored()
    unable = frame["metric"].eq("dqn_source") & (
        frame["strength"].eq("beta=1") | (frame["strength"].eq("beta=4") & frame["seed"].eq(2))
    )
    bad = frame.assign(score=frame["score"].mask(unable, 2.0))
    (table,) = transferred.returns(bad)
    domains = [name + end for name in ("source", "target") for end in ("", ", low", ", high")]
    assert table.name == "agents"
    assert table.data.columns.tolist() == ["agent", "model", "learned the source", *domains]
    of = table.data.set_index("model")
    assert of["learned the source"].tolist() == ["0 of 3", "2 of 3", "3 of 3", "3 of 3", "3 of 3"]
    assert of.loc["beta_vae beta=1"].tolist()[-3:] == ["not to be judged", "", ""]
    wide = scipy.stats.t.ppf(0.975, 1) * 0.005  # .99 and 1: sd .00707, over the root of 2
    wanted = [f"{x:.2f}" for x in (0.995 - wide, 0.995 + wide)]
    assert of.loc["beta_vae beta=4"].tolist()[-2:] == wanted
    whole = ["3 of 3", "4.50", "4.48", "4.52", "4.00", "3.98", "4.02"]  # 4.303 * .01 / 3^.5
    assert of.loc["beta_vae beta=16"].tolist()[1:] == whole
    assert transferred.returns(frame[frame["metric"] == "mig"]) == []


def test_a_return_of_one_run_has_no_interval():
    one, none = (list(transferred.said("x", np.array(r)).values()) for r in ([-4.126], []))
    assert one == ["-4.13", "", ""] and none == ["", "", ""]


def test_a_table_of_agents_alone_is_one_sentence():
    frame = scored()
    with pytest.raises(InputError, match="no score of codes to hold against agents"):
        predicting.prediction(frame[frame["metric"].str.startswith("dqn")], KEY)
    assert predicting.prediction(frame[frame["metric"] == "mig"], KEY) == []
