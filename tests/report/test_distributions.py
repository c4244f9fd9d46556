"""Violins: of methods with runs enough, and drawn of each."""

import numpy as np
import pytest

from dbench.report import distributions
from dbench.report.figure import render
from dbench.report.material import _methods
from tests.report.tables import table


@pytest.mark.slow
def test_a_violin_of_each_method_of_all_its_runs():
    frame = _methods(table(seeds=3))
    figure = distributions.violins(frame, "mig")
    assert len(figure.data) == 12 and set(figure.data["method"]) == {"beta_vae", "factor_vae"}
    spec = figure.spec()
    svg = render(spec)["svg"].decode()
    assert "beta_vae" in svg and "factor_vae" in svg and svg.count("mark-area") >= 2
    spec["params"][0]["value"] = ["beta_vae"]  # the page's filter
    assert ">factor_vae<" not in render(spec)["svg"].decode()


def test_methods_left_out_are_named():
    frame = _methods(table({"a": ("b", [1, 2]), "c": ("d", [1, 2]), "e": ("f", [1])}))
    figure = distributions.violins(frame, "mig")
    assert set(figure.data["method"]) == {"a", "c"} and figure.caption.endswith(": e.")


def test_few_runs_make_no_outline():
    assert distributions.violins(_methods(table(seeds=2)), "mig") is None  # 4 runs a method
    one = {"beta_vae": ("beta", [1, 2, 3])}
    assert distributions.violins(_methods(table(one)), "mig") is None
    frame = _methods(table(seeds=3))
    flat = np.where(frame["model"] == "beta_vae", 0.5, frame["score"])
    assert distributions.violins(frame.assign(score=flat), "mig") is None
