"""The charts by their data and by what a renderer makes of them."""

import json
import re

import jax
import numpy as np
import pandas as pd
import pytest

from dbench.errors import InputError
from dbench.report import axes, charts, curves, scores, trade_off
from dbench.report.figure import colours, render
from dbench.report.material import NONE, _methods
from tests.report.tables import table, without_strength

ONE = {"infogan": ("", [1]), "factor_vae": ("gamma", [10, 40])}


@pytest.fixture
def some():
    return _methods(table())


@pytest.mark.slow
def test_every_point_is_drawn_with_its_run(some):
    figure = charts.strips(some, "mig")
    assert len(figure.data) == 12 and figure.data["run"].is_unique
    first = figure.data[figure.data["strength"] == "beta=1"]
    assert np.allclose(first["mean"], 0.02) and np.allclose(first["low"], 0.02 - 0.02 / 3**0.5)
    svg = render(figure.spec())["svg"].decode()
    assert svg.count("score: ") == 12 and svg.count("run: laptop/d/beta_vae/beta=1/seed=0") == 1


@pytest.mark.slow
def test_one_seed_has_no_bars(some):
    """An axis of bars that are all NaN has no extent: Vega complains in the browser's console."""
    for frame, bars in ((some, 1), (some[some["seed"] == 0], 0)):
        marks = [layer["mark"]["type"] for layer in charts.strips(frame, "mig").spec()["layer"]]
        assert marks.count("rule") == bars and {"point", "tick"} <= set(marks)


@pytest.mark.slow
def test_the_axis_of_one_score_is_about_it(some):
    figure = charts.strips(some[:1].assign(score=0.105), "mig")
    domain = figure.spec()["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert domain == pytest.approx([0.0945, 0.1155])
    ticks = re.findall(r">(0\.\d+)</text>", render(figure.spec())["svg"].decode())
    assert len(ticks) >= 2 and len(set(ticks)) == len(ticks)


@pytest.mark.slow
def test_a_method_left_out_by_the_filter_is_not_drawn(some):
    figure = charts.strips(some, "mig")
    spec = figure.spec()
    assert "gamma=10" in render(spec)["svg"].decode()
    spec["params"][0]["value"] = ["beta_vae"]
    svg = render(spec)["svg"].decode()
    assert "beta=1" in svg and "gamma=10" not in svg


@pytest.mark.slow
def test_trade_off_joins_each_run_with_its_own_error(some):
    errors = scores.reconstruction(some, pd.DataFrame())
    data = trade_off.trade_off(some, "mig", errors).data
    assert np.allclose(data["reconstruction"], data["score"] + 0.01)  # as the table counts
    logs = pd.DataFrame(
        {"study": "mine", "run": ["a", "a", "b"], "reconstruction": [9.0, 5.0, 7.0]}
    )
    found = scores.reconstruction(some[some["metric"] == "mig"], logs)
    assert found["reconstruction"].to_list() == [5.0, 7.0]


@pytest.mark.slow
def test_correlations_and_shares(some):
    data = charts.heat(some, jax.random.key(0)).data
    assert data["correlation"].to_list() == [1.0, 1.0] and len(data) == 2
    shares = charts.shares(some).data
    assert np.allclose(shares.groupby("metric")["share"].sum(), 1)
    flat = some.assign(score=0.5)
    for make in (lambda: charts.heat(flat, jax.random.key(0)), lambda: charts.shares(flat)):
        with pytest.raises(InputError):
            make()


def test_one_seed_shows_no_shares(some):
    """All would seem to be the strength's."""
    with pytest.raises(InputError, match="one run a strength"):
        charts.shares(some[some["seed"] == 0])


@pytest.mark.slow
def test_methods_without_a_reconstruction_error_are_named(some):
    own = (some["model"] == "factor_vae") & (some["metric"] == "reconstruction")
    lacks = []
    scores.figures(some[~(own & (some["seed"] > 0))], pd.DataFrame(), lacks)
    assert lacks == [
        "4 of 6 runs of factor_vae have no reconstruction error: they are in no trade-off."
    ]


@pytest.mark.slow
def test_many_settings_fit_the_page():
    """36 of Locatello et al.'s: narrower columns, and no chart wider than the page."""
    many = _methods(table({"beta_vae": ("beta", list(range(1, 37)))}, seeds=2))
    svg = render(charts.strips(many, "mig").spec())["svg"].decode()
    width = float(re.search(r'width="(\d+)', svg).group(1))
    assert width <= 1260


@pytest.fixture
def mixed():
    """With a method that has no strength."""
    return _methods(without_strength(table(ONE), "infogan"))


@pytest.mark.slow
def test_a_method_without_strength_has_no_number_in_a_trade_off(mixed):
    errors = scores.reconstruction(mixed, pd.DataFrame())
    svg = render(trade_off.trade_off(mixed, "mig", errors).spec())["svg"].decode()
    written = re.findall(r">([^<>]+)</text>", svg)
    assert {"10", "40", "infogan"} <= set(written) and not {"null", "NaN", "nan"} & set(written)


@pytest.mark.slow
def test_methods_without_strength_are_correlated_and_explain_variance(mixed):
    for some, methods in ((mixed, 2), (mixed[mixed["method"] == "infogan"], 1)):
        found = charts.heat(some, jax.random.key(0)).data
        assert found["runs"].to_list() == [6 * methods - 3] * 2 and found["low"].notna().all()
        shares = charts.shares(some).data
        assert shares["share"].notna().all() and len(shares) == 2 * 3


@pytest.mark.slow
def test_no_trade_off_of_a_score_whose_runs_have_no_reconstruction(mixed):
    gan = mixed["method"] == "infogan"
    some = mixed[~gan | (mixed["metric"] == "mig")]
    own = some[some["method"] == "infogan"].assign(metric="category_error")
    made = scores.figures(pd.concat([some, own]), pd.DataFrame(), [])
    names = ["scores_mig", "trade_off_mig", "scores_reconstruction", "scores_category_error"]
    assert [figure.name for figure in made] == names


@pytest.mark.slow
def test_no_mark_is_cut_at_the_edge(some):
    """Those of the least and the greatest score lie within the frame, with room for their size."""
    svg = render(charts.strips(some[some["metric"] == "mig"], "mig").spec())["svg"].decode()
    at = re.findall(r'aria-label="[^"]*run: [^"]*"[^>]*translate\([\d.]+,([\d.]+)\)', svg)
    heights = [float(y) for y in at]
    assert len(heights) == 12 and min(heights) >= 5 and max(heights) <= 280 - 5


def test_labels_avoid_marks_and_each_other():
    """Three means on one spot: three sides; one that stands alone: above."""
    x, y = np.array([50.0, 50, 50, 200, 200]), np.array([50.0, 50, 50, 100, 90])
    found = axes.sides(x, y, ["1", "1", "1", "4", "8"])
    assert len(set(found[:3])) == 3
    assert found[3] != "above" and found[4] == "above"  # 10 pixels above it another mark lies


@pytest.mark.slow
def test_errors_that_differ_tenfold_do_not_squeeze_the_others(some):
    """Those of an untrained net beside trained ones; and methods with no point have no legend."""
    runs = some[some["method"] == "beta_vae"]
    for most, kind in ((0.5, "linear"), (200.0, "log")):
        errors = runs[runs["metric"] == "mig"][["study", "run"]].assign(reconstruction=0.4)
        errors.iloc[0, 2] = most
        figure = trade_off.trade_off(some, "mig", errors)
        x = figure.spec()["layer"][0]["encoding"]["x"]
        assert x["scale"].get("type", "linear") == kind
        assert ("logarithmic" in x["title"]) == (kind == "log")
        svg = render(figure.spec())["svg"].decode()
        assert ">beta_vae</text>" in svg and ">factor_vae</text>" not in svg


def test_codes_without_kl_have_no_curve_of_it():
    """The logs of a report have the columns of all its models."""
    log = pd.DataFrame({"study": "s", "run": "r", "step": [1, 2], "kl_latent_0": np.nan})
    assert curves.kl_by_latent(log, {}, "a") is None
    assert curves.kl_by_latent(log.assign(kl_latent_1=1.0), {}, "a").data["latent"].eq(1).all()


@pytest.mark.slow
def test_latents_are_drawn_with_the_capacity_and_names_that_can_be_read():
    steps = np.arange(1, 21)
    log = pd.DataFrame({"study": "s", "run": "r", "step": steps, "capacity": steps * 1.25})
    log = log.assign(kl_latent_0=2.0, kl_latent_1=2.01)
    figure = curves.kl_by_latent(log, {0: "scale"}, "a")
    svg = render(figure.spec())["svg"].decode()
    (dashed,) = re.findall(r'd="([^"]*)"[^>]*stroke-dasharray', svg)
    assert dashed.count("L") == len(steps) - 1  # one line, not points with gaps between them
    named = figure.data[figure.data["label"].fillna("") != ""]
    assert sorted(named["label"]) == ["z0 scale", "z1"]
    assert named["label_y"].max() - named["label_y"].min() > 0.05 * 25  # of what the axis spans


@pytest.mark.slow
def test_a_dashed_line_stands_where_the_set_of_a_curriculum_changes():
    log = pd.DataFrame({"study": "s", "run": "r", "step": np.arange(1, 10), "kl_latent_0": 2.0})
    log = log.assign(set=np.arange(9) // 3 * 1.0)
    figure = curves.kl_by_latent(log, {}, "a")
    assert list(figure.data["turn"].dropna()) == [3, 6]
    svg = render(figure.spec())["svg"].decode()
    assert len(re.findall(r"<line[^>]*stroke-dasharray", svg)) == 2
    assert "Dashed" in figure.caption and ">step</text>" in svg


@pytest.mark.slow
def test_infinite_numbers_are_left_out_of_a_page(some):
    """JSON has none, and a browser would draw no chart at all."""
    spec = charts.strips(some.assign(stderr=np.inf), "mig").spec()
    assert json.loads(json.dumps(spec, allow_nan=False))["data"]["values"][0]["stderr"] is None


def test_no_two_methods_look_alike():
    colour, shape = (
        each.to_dict()["scale"]["range"] for each in colours([str(i) for i in range(40)])
    )
    assert len(set(zip(colour, shape, strict=True))) == 40


@pytest.mark.slow
def test_curves_are_thinned_but_keep_their_end():
    steps = np.arange(1, 1001)
    log = pd.DataFrame(
        {"study": "s", "run": "r", "step": steps, "method": "m", "level": 0, "strength": "b=1",
         "kl": steps / 1000, "elbo": np.nan}
    )  # fmt: skip
    (figure,) = curves.curves(log)
    assert figure.name == "curve_kl" and len(figure.data) <= curves.LINES
    last = figure.data.iloc[-1]
    assert (last["step"], last["mean"], last["label"]) == (1000, 1.0, "b=1")
    assert curves.curves(log[:0]) == []


def test_labels_stand_apart():
    placed = curves.apart(pd.Series([1.0, 1.01, 5.0, 1.02]), 0.5)
    assert np.diff(np.sort(placed)).min() >= 0.5 - 1e-9
    assert list(placed.argsort()) == [0, 1, 3, 2]


@pytest.mark.slow
def test_a_curve_spans_what_comes_after_the_first_tenth():
    """And not from 0 on: numbers of 2.2 to 2.3 would be a line at the top."""
    steps = np.arange(1, 21)
    runs = pd.DataFrame({"step": steps, "elbo": 2.3 - 1 / steps**2, "run": "a", "study": "s"})
    runs = runs.assign(method="vae", level=0, strength=NONE)
    (figure,) = curves.curves(pd.concat([runs, runs.assign(run="b")]))
    svg = render(figure.spec())["svg"].decode()
    ticks = [float(x) for x in re.findall(r">(\d\.\d+)</text>", svg)]
    assert (
        ticks and min(ticks) > 2 and "no strength" not in re.sub(r"aria-label=\"[^\"]*\"", "", svg)
    )


@pytest.mark.slow
def test_scores_in_training_are_drawn_from_a_long_log_too():
    steps = np.arange(1, 301)
    log = pd.DataFrame({"step": steps, "elbo": -1.0 / steps, "run": "a", "study": "s"})
    log["total_correlation"] = np.where(np.isin(steps, [7, 50, 300]), 2.0, np.nan)
    found = curves.curves(log.assign(method="vae", level=0, strength=NONE))
    points = {figure.name: len(figure.data) for figure in found}
    assert points == {"curve_elbo": 60, "curve_total_correlation": 3}
