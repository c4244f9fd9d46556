import numpy as np
import pandas as pd
import pytest

from dbench.errors import InputError
from dbench.tables import results, spreadsheet


def frame(scores=((1.0, 0, 0.1), (1.0, 1, 0.3), (4.0, 0, 0.123456789012345678))):
    fixed = {
        "study": "s",
        "scale": "laptop",
        "dataset": "d",
        "model": "m",
        "hyperparameter": "beta",
    }
    rows = [
        {**fixed, "value": v, "seed": s, "steps": 9, "metric": "mig", "score": x, "stderr": 0.0,
         "run": f"{v}/{s}"}
        for v, s, x in scores
    ]  # fmt: skip
    return pd.DataFrame(rows).astype(results.DTYPES)


def test_every_digit_survives(tmp_path):
    results.write(tmp_path, frame())
    back = results.load(tmp_path)
    pd.testing.assert_frame_equal(back, frame(), check_exact=True)
    assert back.dtypes["seed"] == np.int64 and back.dtypes["score"] == np.float64


@pytest.mark.slow
def test_scale(tmp_path):
    results.write(tmp_path, pd.concat([frame(), frame().assign(scale="paper")]))
    assert set(results.load(tmp_path)["scale"]) == {"laptop", "paper"}
    assert len(results.load(tmp_path, scale="paper")) == 3
    assert len(results.load(tmp_path, scale="smoke")) == 0  # not run, or all its runs failed
    with pytest.raises(InputError, match="unknown scale .* 'papers' .*did you mean 'paper'"):
        results.load(tmp_path, scale="papers")
    assert (results.summary(results.load(tmp_path))["seeds"].to_list()) == [2, 1, 2, 1]


def test_summary_by_hand():
    table = results.summary(frame())
    row = table.loc[("laptop", "d", "m", "beta", 1.0, "mig")]
    assert row["mean"] == pytest.approx(0.2)
    assert row["sem"] == pytest.approx(0.1)  # std(0.1, 0.3) = 0.2 / sqrt(2), over sqrt(2)
    assert row["seeds"] == 2 and np.isnan(
        table.loc[("laptop", "d", "m", "beta", 4.0, "mig"), "sem"]
    )


def test_text_shows_mean_and_error():
    lines = results.text(frame()).splitlines()
    assert lines[0].split() == ["seeds", "mig"]
    assert lines[1].split() == ["laptop", "d", "m", "beta=1", "2", "0.200", "±", "0.100"]
    assert lines[2].split() == ["laptop", "d", "m", "beta=4", "1", "0.123"]


def test_strengths_that_are_near_are_two_rows():
    near = ((1_000_000.0, 0, 0.1), (1_000_001.0, 0, 0.3), (1.0, 0, 0.5), (1.0000000001, 0, 0.7))
    lines = results.text(frame(near)).splitlines()[1:]
    assert [line.split()[3:] for line in lines] == [
        ["beta=1", "1", "0.500"],
        ["beta=1.0000000001", "1", "0.700"],
        ["beta=1e+06", "1", "0.100"],
        ["beta=1000001.0", "1", "0.300"],
    ]


def test_bad_tables(tmp_path):
    with pytest.raises(InputError, match="there is no .*scores.csv; run the study first"):
        results.load(tmp_path)
    (tmp_path / "scores.csv").write_text("metric,score\nmig,0.5\n")
    with pytest.raises(InputError, match="lacks the columns study, scale"):
        results.load(tmp_path)
    results.write(tmp_path, frame())
    path = tmp_path / "scores.csv"
    path.write_text(path.read_text().replace(",0,9,", ",zero,9,"))
    with pytest.raises(InputError, match="cannot read .*scores.csv"):
        results.load(tmp_path)


@pytest.mark.slow
def test_logs(tmp_path):
    results.write(tmp_path, frame())
    assert len(results.logs(tmp_path)) == 0
    for run, text in (("1.0/0", "step,kl\n5,1.5\n9,2\n"), ("4.0/0", "step,kl,capacity\n9,3,25\n")):
        (tmp_path / run).mkdir(parents=True)
        (tmp_path / run / "log.csv").write_text(text)
    found = results.logs(tmp_path)
    assert list(found)[-3:] == ["step", "kl", "capacity"] and found["step"].dtype == np.int64
    assert found[["run", "step", "kl"]].to_numpy().tolist() == [
        ["1.0/0", 5, 1.5], ["1.0/0", 9, 2.0], ["4.0/0", 9, 3.0],
    ]  # fmt: skip
    assert found["seed"].eq(0).all() and found["capacity"].isna().to_list() == [True, True, False]
    (tmp_path / "1.0/0" / "log.csv").write_text("step,kl\n5,nonsense\n")
    with pytest.raises(InputError, match="cannot read .*log.csv"):
        results.logs(tmp_path)
    for text, number in (("step,kl\n5,1.5\n9", 1), ("step,kl\n5,1.5,2\n9,1\n", 3)):  # not filled up
        (tmp_path / "1.0/0" / "log.csv").write_text(text)
        with pytest.raises(InputError, match=f"has {number} values under 2 names; it was cut off"):
            results.logs(tmp_path)


@pytest.mark.filterwarnings("error")
def test_logs_of_many_latents_take_more_columns(tmp_path):
    """pandas warns of frames that lie in hundreds of pieces."""
    names = [f"kl_latent_{i}" for i in range(200)]
    values = ",".join(["0.5"] * 200)
    (tmp_path / "log.csv").write_text(f"step,{','.join(names)}\n10,{values}\n")
    read = results.log(tmp_path / "log.csv").assign(seed=0)
    assert read.seed.tolist() == [0] and read.kl_latent_199.tolist() == [0.5]


def test_a_score_that_is_nan_reads_back(tmp_path):
    results.write(tmp_path, frame([(1.0, 0, float("nan"))]))
    assert np.isnan(results.load(tmp_path)["score"].iloc[0])


SCORES = {"metric": str, "score": np.float64, "stderr": np.float64}
HEAD = "metric,score,stderr\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "mig,0.1,0.01\nsap,-1e-300,\nkl,inf,nan\n",
        HEAD + "mig,0.30000000000000004,5e-324\n\nsap,1.7976931348623157e308,.5",
        HEAD + "'=mig,1,2\n''+x,3.,04\n",
        HEAD + '"mig,1",0.1,0.2\n',
        HEAD + "mig,1,2\r\nsap,3,4\r\n",
        HEAD,
        "stderr,more,score,metric\n0.5,x,0.25,mig\n",
        "\ufeff" + HEAD + "mig,1,2\n",
        HEAD + "mig,1_0,0.1\n",
        HEAD + "mig,1,2\nsap,1\n",
    ],
)
def test_columns_are_those_of_pandas(tmp_path, text):
    path = tmp_path / "scores.csv"
    path.write_bytes(text.encode())
    frame, found = results.read(path, SCORES), results.columns(path, SCORES)
    assert list(found) == list(SCORES) and found["metric"] == frame["metric"].tolist()
    for name in ("score", "stderr"):
        assert np.array_equal(np.array(found[name], float), frame[name], equal_nan=True)


def test_columns_have_every_digit(tmp_path):
    bits = np.random.default_rng(0).integers(0, 2**64, 2000, np.uint64)
    values = [v for v in bits.view(np.float64) if np.isfinite(v)]
    frame = pd.DataFrame({"metric": "mig", "score": values, "stderr": values[::-1]})
    path = tmp_path / "scores.csv"
    path.write_text(spreadsheet.csv(frame))
    assert results.columns(path, SCORES)["score"] == values
    assert results.columns(path, SCORES)["stderr"] == values[::-1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "mig,high,0.1\n", "cannot read .*scores.csv"),
        ("", "cannot read .*scores.csv"),
        ("metric,score\nmig,1\n", "scores.csv lacks the columns stderr"),
    ],
)
def test_columns_of_a_bad_file_are_refused_as_by_pandas(tmp_path, text, said):
    path = tmp_path / "scores.csv"
    path.write_text(text)
    for read in (results.read, results.columns):
        with pytest.raises(InputError, match=said):
            read(path, SCORES)


def test_files_of_scores_are_read_without_pandas(tmp_path, monkeypatch):
    path = tmp_path / "scores.csv"
    path.write_text(HEAD + "mig,0.1,\n")
    monkeypatch.setattr(results, "read", None)
    assert results.columns(path, SCORES)["metric"] == ["mig"]
