"""Equivariance and utilisation: numbers by hand, what is rendered, the commands."""

import shutil

import numpy as np
import pandas as pd
import pytest

from dbench import study
from dbench.base import Table
from dbench.errors import InputError
from dbench.pictures import equivariance, runs, utilisation
from dbench.pictures.equivariance import Pair
from dbench.study import runner
from dbench.training import programs
from tests.pictures.test_traverse import OF_PIXELS

pytestmark = pytest.mark.slow  # a model is trained first

TEXT = """
Study.datasets = ['xy_blobs']
Study.sweep = {'capacity_generator': {}, 'random_codes': {}}
Study.metrics = ['mig_histogram']
Study.seeds = 1
Study.steps = 20
Study.chunk = 5
Study.options = {'net': 'small', 'latents': 3}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("results")
    (path / "mine.gin").write_text(TEXT)
    runner.run_study(study.load(str(path / "mine.gin"), "smoke"), path)
    return path / "mine/smoke/xy_blobs"


@pytest.fixture(scope="module")
def generator(folder):
    return folder / "capacity_generator/seed=0"


@pytest.fixture(scope="module")
def run(generator, mesh):
    return runs.read(generator, mesh)


def test_how_a_code_follows_its_factor_by_hand():
    factor = np.repeat(np.arange(4), 50)
    noise = np.random.default_rng(0).normal(size=200)
    values = np.array([0.0, 1.0, 2.0, 5.0])
    bent = (factor - 1.5) ** 2  # comes round: no line, and yet the factor alone
    mean = np.c_[-3 * values[factor] + 1, bent, noise, np.zeros(200)]
    table = Table(mean, factor[:, None], names=("angle",))
    line, curve, nothing, dead = (
        equivariance.follows(table, Pair(j, "angle"), values) for j in range(4)
    )
    assert line["pearson"] == pytest.approx(-1) and line["spearman"] == pytest.approx(-1)
    assert line["explained"] == pytest.approx(1)
    assert abs(curve["spearman"]) < 1e-6 and curve["explained"] == pytest.approx(1)
    between = sum((noise[factor == v].mean() - noise.mean()) ** 2 for v in range(4)) / 4
    assert nothing["explained"] == pytest.approx(between / noise.var())
    assert nothing["pearson"] == pytest.approx(np.corrcoef(noise, values[factor])[0, 1])
    assert set(dead.values()) == {0.0}
    there, means, band = equivariance.curve(table, Pair(2, "angle"))
    assert there.tolist() == [0, 1, 2, 3] and means[1] == pytest.approx(noise[50:100].mean())
    assert band[:, 3] == pytest.approx(np.quantile(noise[150:], [0.1, 0.9]))


def test_an_image_rendered_again_is_the_image_with_the_other_value(run):
    """Exactly so where codes are the factors: its code is that of the true image, decoded."""
    (pair,) = equivariance.pairs(run, ["x"])
    assert pair == Pair(1, "x")
    true, moved, still = equivariance.rendered(run, pair, [4, 9])
    assert len(true) == len(moved) == len(still) == 20  # ten of 16 values, twice
    for i, at in enumerate((4, 9)):
        row = run.dataset.factors[run.rows[at]]
        for k, value in enumerate((0, 15)):  # the first and the last
            (other,) = np.flatnonzero((run.dataset.factors == [row[0], value, row[2]]).all(axis=1))
            place = 10 * i + 9 * k
            gathered = run.dataset.gather(run.dataset.arrays, np.array([other]))[0]
            assert np.array_equal(true[place], gathered)
            code = run.table.mean[run.rows == other]
            decoded = runs.decode(run, code)[0]
            np.testing.assert_allclose(moved[place], decoded, rtol=0, atol=OF_PIXELS)
        own = runs.decode(run, run.table.mean[[at]])[0]
        unmoved = still[10 * i : 10 * i + 10]
        np.testing.assert_allclose(unmoved, [own] * 10, rtol=0, atol=OF_PIXELS)
    found = equivariance.errors(run, pair)
    assert found["rendered"] > 0 and found["unmoved"] > 0


def test_codes_of_a_dc_ign_are_by_its_options_and_others_by_information(run):
    program = programs.program(run.dataset, "dc_ign", {"net": "small", "extrinsic": "y,size"})
    ours = run._replace(program=program)
    assert equivariance.pairs(ours) == [Pair(0, "y"), Pair(1, "size")]
    information = np.array([[0.0, 0.3, 0.1], [0.2, 0.1, 0.4], [0.5, 0.0, 0.0]])
    other = run._replace(latents=run.latents._replace(information=information))
    assert equivariance.pairs(other) == [Pair(2, "size"), Pair(0, "x"), Pair(1, "y")]


def test_the_command_says_and_draws(generator, dbench, tmp_path):
    picture = tmp_path / "mine.png"
    code, out, _ = dbench(
        "equivariance", "--checkpoint", generator, "--factors", "x, size", "--output", picture
    )
    lines = out.strip().split("\n")
    assert code == 0 and picture.stat().st_size > 10_000
    assert lines[0].split() == [
        "factor", "code", "pearson", "spearman", "explained", "rendered", "unmoved"
    ]  # fmt: skip
    assert lines[1].split()[:5] == ["x", "z1", "1.000", "1.000", "1.000"]
    assert lines[2].split()[:2] == ["size", "z0"] and lines[3] == f"wrote {picture}"
    explained = [line.partition(":")[0] for line in lines[4:] if not line.startswith(" ")]
    assert explained == lines[0].split()[2:]


def test_what_cannot_be_shown_is_one_sentence(folder, generator, refused, tmp_path):
    asked = ("equivariance", "--output", tmp_path / "a.png", "--checkpoint")
    assert "there is no checkpoint folder" in refused(*asked, folder / "nowhere")
    assert "known: size, x, y" in refused(*asked, generator, "--factors", "azimuth")
    other = folder / "random_codes/seed=0"
    assert "random_codes does not decode" in refused(*asked, other)
    assert "is of random_codes, and not of capacity_generator" in refused(
        "utilisation", generator, other, "--output", tmp_path / "a.png"
    )
    assert "name the folder of a run" in refused("utilisation")
    assert not (tmp_path / "a.png").exists()


def logged(run, nats):
    steps = np.arange(len(nats))
    columns = {"run": run, "step": steps, "capacity": 2.0 * steps, "factor": "x", "nats": nats}
    return pd.DataFrame(columns)


def test_a_factor_is_coded_from_where_it_stays_above_half_a_nat():
    frame = pd.concat([logged("a", [0.6, 0.1, 0.5, 0.9]), logged("b", [0, 0.7, 0.8, 0.9])])
    assert utilisation.coded_from(frame)["x"].to_dict() == {"a": 4.0, "b": 2.0}
    found = utilisation.summary(frame.reset_index(drop=True)).loc["x"]
    assert found["coded from"] == 3.0 and found["spread"] == pytest.approx(np.sqrt(2))
    assert found["at 3.1"] == pytest.approx(0.65)  # C 4 is nearest
    assert "at 7.3" not in found  # the runs went to 6
    never = logged("a", [0.1, 0.2, 0.3, 0.4])
    assert np.isnan(utilisation.coded_from(never)["x"]["a"])
    both = pd.concat([never, logged("b", [0, 0.7, 0.8, 0.9])], ignore_index=True)
    found = utilisation.summary(both).loc["x"]
    assert found["coded from"] == 2.0 and found["runs"] == 1


def test_utilisation_of_a_run(generator, dbench, tmp_path):
    frame = utilisation.read([generator])
    log = pd.read_csv(generator / "log.csv")
    assert (frame.loc[frame["factor"] == "y", "nats"].to_numpy() == log["kl_latent_2"]).all()
    picture = tmp_path / "mine.png"
    code, out, _ = dbench("utilisation", generator, "--output", picture)
    assert code == 0 and "coded from" in out and picture.stat().st_size > 10_000


def test_a_log_that_was_edited_is_one_sentence(generator, refused, tmp_path):
    copy = shutil.copytree(generator, tmp_path / "seed=0")
    pd.read_csv(copy / "log.csv").drop(columns="kl_latent_2").to_csv(copy / "log.csv")
    assert "log.csv lacks the columns kl_latent_2" in refused("utilisation", copy)


def test_a_data_set_without_factors_has_nothing_to_follow(run):
    none = run.dataset._replace(names=(), values=(), factors=np.zeros((768, 0), int))
    with pytest.raises(InputError, match="equivariance needs factors, and xy_blobs has none"):
        equivariance.require(none, run.program, None)
