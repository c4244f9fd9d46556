import numpy as np
import pandas as pd
import pytest

from dbench.errors import InputError
from dbench.tables.tidy import SETTINGS, check, tidy, unused

WIDE = pd.DataFrame(
    {"method": ["a", "a", "b"], "strength": [1, 1, 2], "seed": [0, 1, 0], "mig": [0.1, 0.2, 0.3],
     "sap": [0.5, 0.6, np.nan]}
)  # fmt: skip
LONG = pd.DataFrame(
    {"model": ["a", "a", "b"], "value": [1.0, 1.0, 2.0], "seed": [0, 1, 0], "metric": "mig",
     "score": [0.1, 0.2, 0.3], "stderr": 0.0}
)  # fmt: skip


def test_wide_and_long_are_the_same_table():
    one, other = tidy(WIDE, metrics=["mig"]), tidy(LONG)
    pd.testing.assert_frame_equal(one[[*SETTINGS, "score"]], other[[*SETTINGS, "score"]])
    assert list(one["metric"]) == ["mig"] * 3 and one["dataset"].eq("").all()


def test_a_score_that_no_run_of_a_setting_has_is_not_there():
    found = tidy(WIDE)
    assert found.groupby("metric").size().to_dict() == {"mig": 3, "sap": 2}
    check(found, "t")


def test_columns_that_nothing_reads(tmp_path):
    assert unused(LONG.assign(hp=["beta", "beta", "gamma"], who="me")) == ["hp"]
    assert unused(WIDE) == unused(LONG) == []
    WIDE.to_csv(tmp_path / "t.csv")  # with row numbers, as pandas does by itself
    pd.testing.assert_frame_equal(tidy(pd.read_csv(tmp_path / "t.csv")), tidy(WIDE))


@pytest.mark.parametrize(
    "frame, metrics, said",
    [
        (WIDE[:0], None, "t has no rows"),
        (WIDE.assign(mgi=1.0), None, "the column 'mgi' is neither a setting .* nor a score"),
        (WIDE[["seed"]], None, "there is no column that is"),
        (WIDE, ["mgi"], "unknown column of t 'mgi' .*did you mean 'mig'"),
        (LONG, ["mgi"], "unknown score of t 'mgi' .*did you mean 'mig'"),
        (WIDE.assign(mig="high"), None, "the column 'mig' holds .*, no numbers"),
        (LONG.assign(score="high"), None, "the column 'score' holds no numbers"),
        (LONG.assign(seed="first"), None, "the column 'seed' holds no numbers"),
        (LONG.assign(value=np.inf), None, "the column 'value' holds an infinite number"),
        (LONG.assign(seed=[0.0, 0.5, 1.0]), None, "the column 'seed' holds 0.5, no whole number"),
        (LONG.assign(steps=10.5), None, "the column 'steps' holds 10.5, no whole number"),
        (
            LONG.assign(metric=["mig", None, None]),
            None,
            "'metric' is empty in 2 of 3 .* row 2: fill",
        ),
        (LONG.assign(metric=None), None, "the column 'metric' is empty in 3 of 3 rows"),
        (LONG.assign(dataset=["d", "d", ""]), None, "the column 'dataset' is empty in 1 of 3 rows"),
        (LONG.assign(model=["a", None, "b"]), None, "the column 'model' is empty in 1 of 3 rows"),
        (LONG.assign(seed=[0, None, 1]), None, "'seed' is empty in 1 of 3 rows, the first row 2"),
        (LONG.assign(steps=[9, 9, None]), None, "'steps' is empty in 1 of 3 rows, the first row 3"),
        (
            WIDE.assign(seed=np.where(WIDE.index == 0, np.nan, 1)),
            None,
            "the column 'seed' is empty",
        ),
    ],
)
def test_tables_that_cannot_be_read(frame, metrics, said):
    with pytest.raises(InputError, match=said):
        tidy(frame, "t", metrics)


@pytest.mark.parametrize(
    "frame, said",
    [
        (LONG.assign(score=[0.1, np.nan, 0.3]), "mig of a value=1, seed 1 is NaN.*take those runs"),
        (LONG.assign(score=[0.1, np.inf, np.inf]), "seed 1 and 1 more is NaN"),
        (pd.concat([LONG, LONG[1:]]), "mig of a value=1, seed 1 and 1 more is there twice"),
        (LONG.assign(scale=["x", "x", "y"]), r"mixes runs of several scales \(x, y\).*@scale=x"),
        (LONG.assign(steps=[9, 9, 8]), r"several steps \(9, 8\).*@steps=9"),
    ],
)
def test_tables_that_cannot_be_compared(frame, said):
    with pytest.raises(InputError, match=said):
        check(tidy(frame, "t"), "t")
