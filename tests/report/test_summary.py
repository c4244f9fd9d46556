"""What stands below the title says of each table what it says itself."""

import numpy as np
import pandas as pd
import pytest

from dbench.report import headline, material, summary
from tests.report.tables import folder, table


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A study, and a table of a user's own model, which has no scale and no steps."""
    path = tmp_path_factory.mktemp("summary")
    study = folder(path / "a", table())
    own = table({"net": ("", [1])}, seeds=2, metrics=("mig",), study="own")
    own = own.assign(scale="", hyperparameter="", value=np.nan, steps=np.nan)
    own.to_csv(path / "own.csv", index=False)
    return study, path / "own.csv"


@pytest.mark.slow
def test_what_all_tables_share_is_said_once(both, tmp_path):
    assert summary.said(material.read([both[0]])) == (
        "Scale laptop: 12 runs on d, 2 methods, 3 seeds, 100 steps."
    )
    more = folder(tmp_path / "b", table(seeds=2, study="more"))
    assert summary.said(material.read([both[0], more])) == (
        "Scale laptop: 20 runs on d, 4 methods, 100 steps. mine: 3 seeds; more: 2 seeds."
    )


@pytest.mark.slow
def test_a_table_without_scale_and_steps_is_given_none(both):
    found = material.read(list(both))
    assert summary.said(found) == (
        "14 runs on d, 3 methods. mine: scale laptop, 3 seeds, 100 steps; own: 2 seeds."
    )
    facts = headline.origin(found)
    assert facts["mine"]["scale"] == "laptop" and "scale" not in facts["own"]
    assert summary.said(material.read([both[1]])) == "2 runs on d, 1 method, 2 seeds."


@pytest.mark.slow
def test_settings_of_unlike_numbers_of_seeds(tmp_path):
    frame = table()
    left = (frame["model"] == "beta_vae") & (frame["seed"] > 0)
    said = summary.said(material.read([folder(tmp_path / "a", frame[~left])]))
    assert said == "Scale laptop: 8 runs on d, 2 methods, 1 to 3 seeds, 100 steps."
    long = pd.concat([frame, table({"longer": ("", [1])}).assign(steps=5000)])
    said = summary.said(material.read([folder(tmp_path / "b", long)]))
    assert said.endswith("3 seeds, 100 to 5,000 steps.")
