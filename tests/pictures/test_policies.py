"""Pictures of policies, of a model whose codes and policies are known."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from dbench.base import Model, Table
from dbench.data import grid_square
from dbench.models import MODELS
from dbench.pictures import policies, traverse
from dbench.pictures.runs import Latents, Run
from dbench.report import acting, runs
from dbench.training import programs

SQUARE = grid_square.load()


def made_up(shape, **_):
    """Codes x and -y in steps, policies that choose x+1 and y-1 with probability .7, of four."""
    steps = SQUARE.factors.std(axis=0)

    def encode(params, factors):
        return factors * jnp.array(steps * [1, -1], jnp.float32)[None], None

    def act(params, factors):
        policy = 0.1 + 0.6 * jnp.eye(4)[jnp.array([0, 3])]
        return jnp.broadcast_to(policy, (len(factors), 2, 4))

    def decode(params, codes):
        return jnp.zeros((len(codes), *shape)) + codes.mean(axis=1)[:, None, None, None] ** 2 / 99

    more = {"act": act, "actions": "x,y", "ends": (-1.5, 1.2)}
    return Model(None, None, encode, decode, sees_factors=True, **more)


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setitem(MODELS, "made_up", made_up)
    program = programs.program(SQUARE, "made_up", {})
    rows = np.arange(121)
    x, y = (SQUARE.factors - SQUARE.factors.mean(axis=0)).T
    table = Table(np.stack([x, -y], axis=1).astype(np.float32), SQUARE.factors, None, ("x", "y"))
    latents = Latents(np.array([1.0, 2.0]), np.eye(2), ("x", "y"), np.ones(2), "variance {:.2f}")
    return Run(SQUARE, rows, table, program, {}, {"none": np.zeros(1)}, latents)


@pytest.mark.slow
def test_a_map_has_codes_and_the_mean_move_of_their_policies(run):
    found = policies.read(run)
    data = policies.table(run, found)
    assert list(data.columns) == ["latent", "x", "y", "code", "across", "down"]
    assert len(data) == 2 * 121 and list(data["latent"].unique()) == ["z1", "z0"]  # as sorted
    own = data[data["latent"] == "z0"]
    assert own["code"].to_numpy() == pytest.approx(own["x"].to_numpy() - 5)
    assert own["across"].to_numpy() == pytest.approx(0.7 - 0.1)
    assert own["down"].to_numpy() == pytest.approx(0, abs=1e-6)
    other = data[data["latent"] == "z1"]
    assert other["across"].to_numpy() == pytest.approx(0, abs=1e-6)
    assert other["down"].to_numpy() == pytest.approx(0.1 - 0.7)


@pytest.mark.slow
def test_a_map_says_its_first_action_or_that_its_code_hardly_varies(run):
    """Where a code hardly varies, what its policy chooses means nothing."""
    found = policies.read(run)
    data = policies.table(run, found)
    assert found.active.tolist() == [True, True]
    for active, said in (([True, True], "z0: x+1 70%"), ([False, True], "z0: hardly varies")):
        figure = policies.picture(run, found._replace(active=np.array(active)), data)
        titles = [axes.get_title() for axes in figure.axes]
        assert titles[:2] == ["z1: y-1 70%", said]


@pytest.mark.slow
def test_changes_are_those_of_actions_that_move_something(run):
    """A step each; at the border nothing moves, and that does not count."""
    growth = policies.read(run).growth
    assert growth == pytest.approx(np.array([[1, -1, 0, 0], [0, 0, -1, 1]]), abs=1e-5)


@pytest.mark.slow
def test_a_set_without_places_has_no_map(run, tmp_path):
    other = run.latents._replace(factors=("size", "hue"))
    assert not len(policies.table(run._replace(latents=other), policies.read(run)))
    names = [path.name for path in policies.write(run._replace(latents=other), tmp_path)]
    assert names == ["choices.png", "growth.png"]


@pytest.mark.slow
def test_traverse_writes_them_and_stays_where_codes_can_be(run, tmp_path):
    assert traverse.reached(run) == (-1.5, 1.2) and traverse.reached(run, 1.0) == (-1.0, 1.0)
    sheet = traverse.traversal(run, 0, span=9.0)
    assert any("from -1.5 to 1.2" in text.get_text() for text in sheet.texts)
    reported = runs._sheets(run, "best")[1]
    assert "one latent goes from -1.5 to 1.2 and" in reported.caption
    names = [path.name for path in itertools.islice(traverse.write(run, tmp_path, 1), 5)]
    assert names[2:] == ["policies.png", "choices.png", "growth.png"]
    for name in names:
        with Image.open(tmp_path / name) as image:
            assert min(image.size) > 100


@pytest.mark.slow
def test_the_report_has_them_with_their_numbers(run):
    figures = acting.figures(run, "of_it")
    assert [figure.name for figure in figures] == [
        *("policies_of_it", "choices_of_it", "growth_of_it")
    ]
    assert figures[1].data.columns.tolist() == ["latent", "x+1", "x-1", "y+1", "y-1"]
    assert figures[1].data["latent"].tolist() == ["z1", "z0"]
    assert figures[1].data["y-1"].tolist() == pytest.approx([0.7, 0.1])
    assert all(figure.png and len(figure.data) for figure in figures)
