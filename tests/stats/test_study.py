"""Tables made up so that the answer is known."""

import itertools

import jax
import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from dbench import stats
from dbench.errors import InputError

KEY = jax.random.key(0)


def table(score, metrics=("mig",), models=("a", "b"), values=(1.0, 2.0, 4.0), seeds=4, data=("d",)):
    """score(dataset, model, value, seed, metric) over the grid."""
    rows = [
        {"dataset": d, "model": m, "hyperparameter": "beta", "value": v, "seed": s, "metric": name,
         "score": float(score(d, m, v, s, name))}
        for d, m, v, s, name in itertools.product(data, models, values, range(seeds), metrics)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def noise(seed=0):
    rng = np.random.default_rng(seed)
    return lambda *_: rng.normal()


def test_variance_shares_by_hand():
    frame = table(lambda d, m, v, s, _: {"a": 0.0, "b": 6.0}[m] + v + [-2, 2][s % 2])
    row = stats.variance_shares(frame).iloc[0]
    spread = np.var([1, 2, 4])  # of strengths; methods 3^2, seeds 2^2
    total = 9 + spread + 4
    assert row["method"] == pytest.approx(9 / total)
    assert row["method_strength"] == pytest.approx((9 + spread) / total)
    assert row["seed"] == pytest.approx(4 / total)
    assert row["method_adjusted"] == pytest.approx(1 - (1 - 9 / total) * 23 / 22)
    assert row["runs"] == 24


def test_noise_explains_nothing_once_adjusted():
    row = stats.variance_shares(table(noise(), seeds=3, values=range(1, 41))).iloc[0]
    assert 0.2 < row["method_strength"] < 0.5 and abs(row["method_strength_adjusted"]) < 0.15
    row = stats.variance_shares(table(lambda *_: 1.0)).iloc[0]
    assert np.isnan(row["method"])


@pytest.mark.slow
def test_rank_correlations_are_scipys():
    frame = table(noise(), metrics=("mig", "sap", "kl"), seeds=8)
    found = stats.rank_correlations(frame, KEY)
    assert len(found) == 3 and list(found["metric_b"]) == ["sap", "kl", "kl"]
    wide = frame.pivot(index=["model", "value", "seed"], columns="metric", values="score")
    for row in found.itertuples():
        expected = scipy_stats.spearmanr(wide[row.metric_a], wide[row.metric_b]).statistic
        assert row.correlation == pytest.approx(expected) and row.runs == 48
        assert row.low < row.correlation < row.high
        # Fisher's interval of Spearman's correlation of 48 runs.
        assert row.high - row.low == pytest.approx(2 * 1.96 * np.sqrt(1.06 / 45), rel=0.3)


def test_rank_correlations_of_ties_and_of_what_does_not_vary():
    frame = table(
        lambda d, m, v, s, n: {"mig": v, "sap": s % 2, "kl": 1.0}[n], ("mig", "sap", "kl")
    )
    found = stats.rank_correlations(frame, KEY, metrics=["mig", "sap", "kl"])
    assert (
        found["correlation"].iloc[0] == pytest.approx(0) and found["correlation"].isna()[1:].all()
    )


@pytest.mark.slow
def test_transfer_of_what_two_scores_agree_on():
    """sap rises with the strength, mig with its rank on e but falls on d; little noise."""
    jitter = np.random.default_rng(0)

    def score(d, m, v, s, metric):
        sign = -1 if (metric, d) == ("mig", "d") else 1
        return sign * v + 0.01 * jitter.normal()

    frame = table(score, ("sap", "mig", "reconstruction", "kl"), data=("d", "e"))
    found = stats.transfer(frame, KEY, splits=10).set_index(
        ["metric_from", "dataset_from", "metric_to", "dataset_to"]
    )["probability"]
    best = (1 + 1 + 0.5) / 3  # the best of three strengths against each; its own is even
    assert found["sap", "d", "sap", "e"] == pytest.approx(best, abs=0.03)
    assert found["sap", "d", "mig", "e"] == pytest.approx(best, abs=0.03)
    assert found["sap", "d", "mig", "d"] == pytest.approx(1 - best, abs=0.03)
    assert found["sap", "e", "reconstruction", "e"] == pytest.approx(1 - best, abs=0.03)
    assert not {"kl"} & set(found.index.get_level_values("metric_to"))


@pytest.mark.slow
def test_luck_of_a_seed_does_not_transfer():
    for by in ("strength", "method"):
        found = [
            stats.transfer(
                table(noise(i), ("mig", "factor_vae"), models=("factor_vae", "b"), seeds=6),
                KEY,
                by=by,
                splits=10,
            )
            for i in range(20)
        ]
        assert all(len(each) == 4 for each in found)  # a method may be named as a score is
        assert set(found[0]["choices"]) == {10 if by == "method" else 20}
        # Judged on the seeds it was chosen by: 0.58.
        assert np.mean([each["probability"].mean() for each in found]) == pytest.approx(
            0.5, abs=0.03
        )


def test_transfer_by_method_chooses_among_all():
    frame = table(lambda d, m, v, s, _: 10 * (m == "b") + v)
    one = stats.transfer(frame, KEY, by="method", splits=4)["probability"].item()
    assert one == pytest.approx((5 + 0.5) / 6)
    assert stats.transfer(frame, KEY, splits=4)["probability"].item() == pytest.approx(2.5 / 3)


@pytest.mark.slow
def test_selection_turns_signs_so_that_positive_is_good():
    def score(d, m, v, s, metric):
        return {"mig": v + s / 10, "reconstruction": -v, "kl": v / 2, "udr_lasso": -v}[metric]

    frame = table(score, ("mig", "reconstruction", "kl", "udr_lasso"))
    found = stats.selection(frame, KEY).set_index("selector")["correlation"]
    assert found["reconstruction"] > 0.9 and found["udr_lasso"] < -0.9
    assert found["elbo"] > 0.9  # v - v / 2
    assert found["kl"] > 0.9  # as it is
    with pytest.raises(InputError, match="none of the scores elbo"):
        stats.selection(table(noise()), KEY)


def test_iqm_by_method():
    frame = table(lambda d, m, v, s, _: v + 10 * (m == "b") + s / 100)
    found = stats.iqm_by_method(frame, KEY).set_index("model")
    scores = np.sort(frame.loc[frame["model"] == "a", "score"])
    assert found.loc["a", "iqm"] == pytest.approx(scores[3:9].mean())
    assert found.loc["b", "low"] <= found.loc["b", "iqm"] <= found.loc["b", "high"]
    assert found["runs"].tolist() == [12, 12]


def without_strength(frame, models=("a", "b")):
    """The same runs, of methods that have no strength: of each the first value is kept."""
    frame = frame[~frame["model"].isin(models) | (frame["value"] == frame["value"].min())]
    own = frame["model"].isin(models)
    return frame.assign(
        hyperparameter=frame["hyperparameter"].mask(own, ""), value=frame["value"].mask(own)
    )


@pytest.mark.slow
@pytest.mark.parametrize("models", ["ab", "a"])
def test_methods_without_a_strength_count_as_those_with_one(models):
    """Baselines and GANs have NaN in the column `value`."""
    frame = table(noise(), ("mig", "sap"), values=(1.0, 2.0) if models == "a" else (1.0,))
    one = frame[~((frame["model"] == "a") & (frame["value"] == 2))]
    other = without_strength(frame, list(models))
    assert len(one) == len(other) and other["value"].isna().any()
    for function in (stats.rank_correlations, stats.iqm_by_method):
        pd.testing.assert_frame_equal(function(other, KEY), function(one, KEY))
    pd.testing.assert_frame_equal(stats.variance_shares(other), stats.variance_shares(one))
    assert np.isfinite(stats.variance_shares(other)["method_strength"]).all()
    pd.testing.assert_frame_equal(
        *(stats.transfer(each, KEY, by="method", splits=4) for each in (other, one))
    )


def test_bad_tables():
    good = table(noise())
    for bad, said in (
        (good.drop(columns="seed"), "lacks the columns seed"),
        (good[:0], "empty"),
        (pd.concat([good, good[:1]]), r"mig of a beta=1 seed 0 on d is in the table twice"),
        (good.assign(score=np.nan), "NaN or infinite"),
        (good.assign(scale=["x", "y"] * 12), "mixes several scale"),
    ):
        for function in (stats.rank_correlations, stats.transfer, stats.selection):
            with pytest.raises(InputError, match=said):
                function(bad, KEY)
        with pytest.raises(InputError, match=said):
            stats.variance_shares(bad)
    with pytest.raises(InputError, match="only one"):
        stats.transfer(table(noise(), seeds=1), KEY)
    with pytest.raises(InputError, match="two strengths"):
        stats.transfer(table(noise(), values=(1.0,)), KEY)
    with pytest.raises(InputError, match="by 'seed'"):
        stats.transfer(good, KEY, by="seed")
    with pytest.raises(InputError, match="has a direction"):
        stats.transfer(table(noise(), ("kl",)), KEY)
