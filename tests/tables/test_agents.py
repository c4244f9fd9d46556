"""Which agents learned the source, and what is left of a table without those that did not."""

import numpy as np
import pandas as pd
import pytest

from dbench.compare import compare
from dbench.errors import InputError
from dbench.tables import reading
from dbench.tables.agents import judged

SAID = (
    "in 1 of 8 runs agents (dqn) have less than 50% of the best return in the source: their "
    "dqn_target says nothing about transfer and is left out"
)


def wide(shift=0.0, **columns):
    """Eight runs of one model; the best return is 5."""
    noise = np.array([0.03, -0.05, 0.01, 0.04, -0.02, 0.05, -0.04, 0.02])
    scores = {"dqn_source": 4.5 + noise, "dqn_target": 1 + shift + noise, "mig": 0.2 + noise}
    return pd.DataFrame({"model": "beta_vae", "seed": np.arange(8), **scores, **columns})


def long(frame):
    return frame.melt(["model", "seed"], var_name="metric", value_name="score")


def unlearned(returns=-9.0):
    """The agent of the first run did not learn, and fell into the water of the target."""
    frame = wide()
    frame.loc[0, ["dqn_source", "dqn_target"]] = 2.4999, returns
    return frame


def test_only_the_target_of_agents_that_did_not_learn_is_left_out():
    found, said = judged(long(unlearned()))
    assert said == [SAID] and len(found) == 23
    assert found.groupby("metric")["score"].count().to_dict() == {
        "dqn_source": 8, "dqn_target": 7, "mig": 8,
    }  # fmt: skip
    assert found["score"].min() > 0  # -9 is gone
    assert found["score"].eq(2.4999).sum() == 1  # its return in the source stays
    half = unlearned()
    half.loc[0, "dqn_source"] = 2.5  # half of the best: learned
    assert len(judged(long(half))[0]) == 24 and judged(long(half))[1] == []


def test_a_table_that_does_not_say_who_learned_is_left_whole_and_told():
    frame = long(unlearned())
    found, said = judged(frame[frame["metric"] != "dqn_source"])
    assert len(found) == 16
    assert said == [
        "of 8 of 8 runs it is not known whether agents (dqn) learned the source: they have no "
        "dqn_source here"
    ]
    alike = frame.assign(seed=np.nan)  # nothing says which source is of which target
    found, said = judged(alike)
    assert len(found) == 24 and said[0].startswith("of 8 of 8 runs it is not known")
    assert judged(frame[frame["metric"] == "mig"])[1] == []


@pytest.mark.slow
@pytest.mark.parametrize("metrics", [None, ["dqn_target"]])
@pytest.mark.parametrize("form", [pd.DataFrame, long])
def test_compare_counts_agents_that_learned_alone(metrics, form, tmp_path):
    """With -9 among them eight runs a side show nothing; without it 1 and 3 are far apart."""
    (tmp_path / "a.csv").write_text(form(unlearned()).to_csv(index=False))
    (tmp_path / "b.csv").write_text(form(wide(2.0)).to_csv(index=False))
    read = [reading.read(str(tmp_path / f"{name}.csv"), metrics) for name in "ab"]
    given = compare({"a": form(unlearned()), "b": form(wide(2.0))}, metrics=metrics)
    for found, name in ((given, "a"), (compare(read), str(tmp_path / "a.csv"))):
        row = found.frame.set_index("metric").loc["dqn_target"]
        assert (row["n_reference"], row["n_other"], row["verdict"]) == (7, 8, "better")
        assert row["difference"] == pytest.approx(2.0, abs=0.02)
        assert found.notes[0] == f"{name}: {SAID}"
        assert set(found.frame["metric"]) == set(metrics or ["dqn_source", "dqn_target", "mig"])


def test_a_table_of_which_nothing_is_left_is_one_sentence(tmp_path):
    none = wide(dqn_source=0.0)
    (tmp_path / "a.csv").write_text(none.to_csv(index=False))
    left = r"^no score is left of .*a(\.csv)?: in 8 of 8 runs agents \(dqn\) have less than 50%"
    with pytest.raises(InputError, match=left):
        reading.read(str(tmp_path / "a.csv"), ["dqn_target"])
    with pytest.raises(InputError, match=left):
        compare({"a": none, "b": wide()}, metrics=["dqn_target"])
