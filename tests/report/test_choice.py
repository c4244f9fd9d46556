import pytest

from dbench.errors import InputError
from dbench.report import choice
from dbench.report.material import _methods
from tests.report.tables import table


def test_headline():
    assert choice.headline(["kl", "reconstruction", "udr_lasso", "mig", "sap"]) == "mig"
    assert choice.headline(["kl", "reconstruction"]) == "reconstruction"
    assert choice.headline(["kl", "mine"]) is None and choice.headline([]) is None
    assert choice.headline(["mig", "sap"], "sap") == "sap"
    assert choice.headline(["gaussian_tc", "category_error"]) == "category_error"
    with pytest.raises(InputError, match="did you mean 'mig'"):
        choice.headline(["mig"], "mgi")
    with pytest.raises(InputError, match="neither more nor less"):
        choice.headline(["kl"], "kl")


def test_best_median_and_worst():
    scores = _methods(table(seeds=2))  # four runs a method, each better than the one before
    found = choice.chosen(scores, "mig")
    assert list(found["place"]) == ["best", "median", "worst"] * 2
    own = found[found["method"] == "beta_vae"]["run"].str.removeprefix("laptop/d/beta_vae/")
    assert list(own) == ["beta=4/seed=1", "beta=1/seed=1", "beta=1/seed=0"]
    lower = choice.chosen(scores, "reconstruction")
    assert lower["run"].iloc[0].endswith("beta_vae/beta=1/seed=0")
    few = _methods(table({"beta_vae": ("beta", [1])}, seeds=2))
    assert list(choice.chosen(few, "mig")["place"]) == ["best", "worst"]
