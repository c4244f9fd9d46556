"""Analogies and groups that move, of a model whose codes are the image itself."""

import jax
import numpy as np
import pytest

from dbench.base import Dataset, Model, Table
from dbench.data import views
from dbench.models import MODELS
from dbench.pictures import analogies, runs, sheet
from dbench.report import grouped
from dbench.training import programs

SIZES = (20, 9)  # identity, pose
FACTORS = np.indices(SIZES).reshape(2, -1).T
HELD = {"without": [{"id": [12, 13, 14, 15, 16]}]}


@jax.jit
def gather(images, rows):
    return images[rows]


def dataset(factors=FACTORS):
    """Images of two pixels: identity and pose, as shares of 1."""
    images = (factors / np.array(SIZES)).astype(np.float32).reshape(-1, 1, 2, 1)
    values = tuple(np.arange(float(size)) for size in SIZES)
    return Dataset("mine", (1, 2, 1), images, gather, factors, ("id", "pose"), values)


@pytest.fixture
def run(monkeypatch):
    def made(groups=(("id", (1,)),), data=None):
        """Codes are pose, identity, and 0."""

        def encode(_, x):
            flat = x.reshape(len(x), -1)
            return jax.numpy.stack([flat[:, 1], flat[:, 0], 0 * flat[:, 0]], axis=1), None

        def decode(_, codes):
            return jax.numpy.stack([codes[:, 1], codes[:, 0]], axis=1).reshape(-1, 1, 2, 1)

        model = lambda shape, **_: Model(None, None, encode, decode, groups=groups)  # noqa: E731
        monkeypatch.setitem(MODELS, "known", model)
        data = views.view(dataset(), HELD) if data is None else data
        rows, size = (data.drawing.rows, data.drawing.size) if data.drawing else (None, data.size)
        program = programs.Program("known", (), data.shape, data.gather, rows, size, 8)
        latents = runs.Latents(np.ones(3), np.zeros((3, 2)), ("id", "pose"), np.ones(2))
        table = Table(np.zeros((2, 3), np.float32), FACTORS[:2])
        params = {"none": np.zeros(1, np.float32)}
        return runs.Run(data, np.arange(2), table, program, {}, params, latents)

    return made


@pytest.fixture
def drawn(monkeypatch):
    """What a sheet is given: lines of images, as factors, and labels."""
    found = []

    def figure(lines, labels, title, cell):
        factors = [np.rint(x.reshape(len(x), 2) * SIZES * 1000) / 1000 for x in lines]
        found.append((factors, [name for name, _ in labels], title))

    monkeypatch.setattr(sheet, "figure", figure)
    return found


@pytest.mark.slow
def test_an_analogy_has_the_first_group_of_the_left_and_the_pose_of_the_image_above(run, drawn):
    """The codes are the image, so what is decoded is the true image, of new identities."""
    some = analogies.donors(run())
    ids = FACTORS[some.rows, 0]
    assert ((ids >= 12) & (ids <= 16)).all() and len(set(ids[:4])) == 4
    analogies.analogies(some)
    ((above, *lines), labels, title) = drawn[0]
    assert len(lines) == 8 and labels[1:3] == ["id of the first", ""] and "id of the" in title
    for i in range(4):
        made, true = lines[2 * i], lines[2 * i + 1]
        assert made[0].tolist() == FACTORS[some.rows[i]].tolist()
        assert (made[1:, 0] == made[0, 0]).all() and (made[1:, 1] == above[1:, 1]).all()
        assert (made[1:] == true[1:]).all()
    assert (above[1:] == FACTORS[some.rows[4:]]).all()


def test_a_group_moves_and_the_others_stay(run, drawn):
    some = analogies.donors(run())
    analogies.moving(some)
    lines, labels, _ = drawn[0]
    assert labels == ["id", "id", "rest", "rest"]
    for line, moves in zip(lines, (0, 0, 1, 1), strict=True):
        assert (line[1] == line[0]).all() and (line[1:-1, 1 - moves] == line[0, 1 - moves]).all()
        steps = np.linspace(line[0, moves], line[-1, moves], 8)
        assert line[1:-1, moves] == pytest.approx(steps, abs=0.002)


def test_without_true_images_there_are_none_and_without_groups_no_sheets(run, drawn, tmp_path):
    odd = dataset(FACTORS[::-1].copy())
    analogies.analogies(analogies.donors(run(data=odd)))
    assert len(drawn[0][0]) == 5 and "" not in drawn[0][1]
    none = run(groups=())
    assert not analogies.shown(none) and grouped.figures(none, "x", 8) == []
    assert not analogies.shown(run(groups=(("all", (0, 1, 2)),)))  # nothing else to move


@pytest.mark.slow
def test_files_and_figures_of_the_report(run, tmp_path):
    names = [path.name for path in analogies.write(run(), tmp_path)]
    assert names == ["analogies.png", "groups.png"] and (tmp_path / names[0]).stat().st_size > 1000
    one, two = grouped.figures(run(), "best", 8)
    assert (one.name, two.name) == ("analogies_best", "groups_best")
    assert list(one.data.columns) == ["row", "id", "pose"] and len(one.data) == 12
