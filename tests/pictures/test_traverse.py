"""Traversals: codes, order, labels, files."""

import numpy as np
import pytest
from PIL import Image

from dbench import study
from dbench.cli import traverse as cli_traverse
from dbench.pictures import runs, traverse
from dbench.study import runner
from tests.rounding import chain
from tests.study.test_runner import RUNS, TEXT

# Of codes and of probabilities of pixels, each a share of the largest: the sums of the small net,
# 4 times, since both sides round and products of both signs cancel, to a half.
OF_CODES, OF_PIXELS = 4 * chain(64, 64 * 32, 128), 4 * chain(3, 128, 32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("results")
    (path / "mine.gin").write_text(TEXT.replace("'mig_histogram'", "'mig', 'kl'"))
    runner.run_study(study.load(str(path / "mine.gin"), "smoke"), path)
    return path / "mine" / RUNS[0]


@pytest.fixture(scope="module")
def run(folder, mesh):
    return runs.read(folder, mesh)


def test_one_latent_moves_at_a_time():
    codes = traverse.moved(np.array([5.0, 6.0]), np.array([-1.0, 0.0, 1.0]))
    assert codes.tolist() == [[[-1, 6], [0, 6], [1, 6]], [[5, -1], [5, 0], [5, 1]]]


def test_probabilities_go_to_a_category_for_certain():
    """Worked by hand: two categories of .25 and .75, and a number; -2 is as it is, 2 is certain."""
    code = np.array([0.25, 0.75, 5.0])
    codes = traverse.moved(code, np.array([-2.0, 0.0, 2.0]), (2,))
    assert codes[0].tolist() == [[0.25, 0.75, 5], [0.625, 0.375, 5], [1, 0, 5]]
    assert codes[1].tolist() == [[0.25, 0.75, 5], [0.125, 0.875, 5], [0, 1, 5]]
    assert codes[2].tolist() == [[0.25, 0.75, -2], [0.25, 0.75, 0], [0.25, 0.75, 2]]


@pytest.mark.slow
def test_latents_are_known_as_the_scores_know_them(folder, run):
    assert len(run.rows) == len(set(run.rows)) == 2880  # all of a small data set
    assert (
        run.table.names == run.latents.factors == ("shape", "scale", "orientation", "posX", "posY")
    )
    found = np.load(folder / "scores.npz")
    assert (run.latents.information == found["mig/information"]).all()
    assert (run.latents.kl == found["kl/kl"]).all()
    (folder / "scores.npz").rename(folder / "kept.npz")  # then from the codes, all of them here
    again = runs.known(folder, run.table)
    (folder / "kept.npz").rename(folder / "scores.npz")
    # A code that is off by a share of its noise moves the information by no more nats.
    mean, logvar = run.table.mean, run.table.logvar
    off = OF_CODES * (np.abs(mean).max() / np.exp(logvar / 2).min() + np.abs(logvar).max())
    np.testing.assert_allclose(again.information, run.latents.information, rtol=0, atol=off)
    terms = 0.5 * (mean**2 + np.exp(logvar) + np.abs(logvar) + 1).mean(axis=0)
    assert (np.abs(again.kl - run.latents.kl) <= OF_CODES * terms).all()


@pytest.mark.slow
def test_a_sheet_of_the_first_latents_says_what_it_leaves_out(run):
    def written(**options):
        return " ".join(text.get_text() for text in traverse.traversal(run, 0, **options).texts)

    first, *rest = (run.latents.label(j)[0] for j in run.latents.order)
    assert all(label in written() for label in (first, *rest)) and "not shown" not in written()
    assert first in written(most=1) and f"{len(rest)} more are not shown" in written(most=1)
    assert not any(label in written(most=1) for label in rest)


@pytest.mark.slow
def test_rows_are_the_latents_that_are_written_beside_them(run, tmp_path, monkeypatch):
    """The last latent has most KL: its row is the first."""
    d = len(run.latents.kl)
    turned = run._replace(latents=run.latents._replace(kl=np.arange(d) + 1.0))
    shown, draw = [], traverse.sheet.figure
    monkeypatch.setattr(traverse.sheet, "figure", lambda *a: shown.append(a[:2]) or draw(*a))
    traverse.traversal(turned, 0, most=2)
    traverse.animate(turned, tmp_path / "it.gif", most=2)
    values = np.linspace(-traverse.SPAN, traverse.SPAN, traverse.sheet.COLUMNS)
    moved = traverse.moved(run.table.mean[0], values)
    for _, labels in shown:
        assert [name.split(":")[0] for name, _ in labels] == [f"z{d - 1}", f"z{d - 2}"]
    for row, line in enumerate(shown[0][0]):
        own = runs.decode(run, moved[d - 1 - row])
        np.testing.assert_allclose(np.asarray(line).reshape(own.shape), own, rtol=0, atol=OF_PIXELS)
        start = np.asarray(shown[1][0][row][0])  # of the animation: its first image at -SPAN
        np.testing.assert_allclose(start.reshape(own[0].shape), own[0], rtol=0, atol=OF_PIXELS)


@pytest.mark.slow
def test_an_animation_of_many_latents_is_bounded(run, tmp_path, monkeypatch):
    """All 200 latents of a DC-IGN made a file of 30 MB; the title says how many are left out."""
    assert traverse.rows((64, 64, 1), 6, 64, 15) == 15
    assert traverse.rows((64, 64, 1), 6, 64, 200) == traverse.rows((64, 64, 3), 6, 64, None) == 24
    assert traverse.rows((512, 512, 3), 6, 64, None) == 1
    d = len(run.latents.kl)
    many = run._replace(
        latents=runs.Latents(np.resize(run.latents.kl, 200), np.zeros((200, 0)), (), np.zeros(0)),
        table=run.table._replace(mean=np.resize(run.table.mean, (len(run.rows), 200))),
    )
    monkeypatch.setattr(traverse, "decode", lambda run, codes: runs.decode(run, codes[:, :d]))
    shown, draw = [], traverse.sheet.figure
    monkeypatch.setattr(traverse.sheet, "figure", lambda *a: shown.append(a) or draw(*a))
    traverse.animate(many, tmp_path / "it.gif", most=None)
    assert len(shown[0][1]) == 24 and "176 more are not shown" in shown[0][2]
    assert (tmp_path / "it.gif").stat().st_size < 8e6


@pytest.mark.slow
def test_each_picture_is_told_when_it_is_written(run, tmp_path):
    made = traverse.write(run, tmp_path, 2)
    for name in ("reconstructions.png", "traversal_0.png", "traversal_1.png"):
        assert next(made) == tmp_path / name and (tmp_path / name).exists()
        assert not (tmp_path / "traversal.gif").exists()
    assert next(made) == tmp_path / "traversal.gif" and (tmp_path / "traversal.gif").exists()


def test_order_and_labels():
    kl, information = np.array([0.5, 2.0, 0.0]), np.array([[0.1, 0.6], [0.9, 0.0], [0.02, 0.04]])
    latents = runs.Latents(kl, information, ("size", "place"), np.array([1.0, 2.0]))
    assert latents.order.tolist() == [1, 0, 2]
    assert [latents.carried(j) for j in range(3)] == [("place",), ("size",), ()]
    assert latents.label(1) == ("z1: size 90%", "KL 2.00 nats")
    assert latents.label(2)[0] == "z2: no factor"
    assert runs.Latents(kl, np.zeros((3, 0)), (), np.zeros(0)).carried(0) == ()


def test_a_latent_is_named_by_shares_of_entropy():
    """In nats a factor of many values wins: .27 of log 32 is less than .20 of log 6."""
    information = np.array([[0.27, 0.20], [0.10, 0.20], [0.27, 0.0]])
    entropy = np.log([32.0, 6.0])
    latents = runs.Latents(np.ones(3), information, ("posX", "scale"), entropy)
    assert latents.carried(0) == ("scale", "posX")  # 11% and 8%: both
    assert latents.carried(1) == ("scale",)  # 11% and 3%
    assert [latents.said(j) for j in (0, 2)] == ["scale 11%, posX 8%", "posX 8%"]
    assert np.allclose(latents.share[:, 0], information[:, 0] / np.log(32))


@pytest.mark.slow
def test_decoded_images_are_the_models(run):
    images = runs.images(run, np.arange(4))
    assert images.shape == (4, 64, 64, 1) and set(np.unique(images)) == {0.0, 1.0}
    mean, _ = run.program.build(run.numbers).encode(run.params, images)
    off = OF_CODES * np.abs(mean).max()
    np.testing.assert_allclose(mean, run.table.mean[:4], rtol=0, atol=off)
    decoded = runs.decode(run, run.table.mean[:4])
    assert decoded.shape == images.shape and 0 <= decoded.min() <= decoded.max() <= 1


@pytest.mark.slow
def test_the_command_writes_sheets_and_an_animation(dbench, folder, tmp_path):  # noqa: F811
    code, out, err = dbench(
        "traverse", "--checkpoint", folder, "--output", tmp_path, "--images", 2, "--range", 1
    )
    assert code == 0, err
    names = ["reconstructions.png", "traversal_0.png", "traversal_1.png", "traversal.gif"]
    assert [line.rpartition("/")[2] for line in out.splitlines()] == names
    with Image.open(tmp_path / "traversal.gif") as gif:
        assert gif.n_frames == 2 * traverse.FRAMES - 2
        frames = [np.asarray(gif.convert("L"), int) for _ in [gif.seek(0)]]
        gif.seek(traverse.FRAMES - 1)
        assert (np.asarray(gif.convert("L"), int) != frames[0]).any()
    assert Image.open(tmp_path / "traversal_0.png").height > 3 * 96
    assert dbench("traverse", "--checkpoint", folder, "--output", tmp_path, "--latents", 1)[0] == 0
    for name in ("traversal_0.png", "traversal.gif"):
        assert Image.open(tmp_path / name).height < 2 * 96


def test_how_many_latents():
    option = next(each for each in cli_traverse.traverse.params if each.name == "latents")
    assert cli_traverse._count(None, option, option.default) == traverse.MOST
    assert (
        cli_traverse._count(None, option, "all") is None
        and cli_traverse._count(None, option, "7") == 7
    )


@pytest.mark.slow
def test_bad_input(refused, folder, tmp_path):  # noqa: F811
    assert "no checkpoint folder" in refused("traverse", "--checkpoint", tmp_path / "none")
    assert "is no checkpoint" in refused("traverse", "--checkpoint", tmp_path)
    for wrong in (0, "nan", "inf", "-inf"):
        assert "range" in refused("traverse", "--checkpoint", folder, "--range", wrong)
    for wrong in (0, -1, "most", "1.5", "1" * 30, "1" * 5_000, "100001"):
        said = refused("traverse", "--checkpoint", folder, "--latents", wrong)
        assert "--latents takes a number from 1, or all" in said
    assert "Missing option" in refused("traverse")
    assert not (tmp_path / "traversals").exists()
