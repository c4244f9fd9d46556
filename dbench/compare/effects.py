"""The numbers and the verdict of each comparison."""

import math

import jax
import numpy as np
import pandas as pd

from dbench import stats
from dbench.compare.correction import correct

COLUMNS = {
    "reference": str,
    "other": str,
    "dataset": str,
    "scale": str,
    "steps": str,
    "model_reference": str,
    "strength_reference": str,
    "model_other": str,
    "strength_other": str,
    "metric": str,
    "direction": int,  # +1 higher is better, -1 lower, 0 neither
    "n_reference": float,  # seeds
    "n_other": float,
    "mean_reference": float,
    "mean_other": float,
    "sd_reference": float,
    "sd_other": float,
    "difference": float,  # of means, other - reference; low, high: bootstrap interval
    "low": float,
    "high": float,
    "median_difference": float,
    "median_low": float,
    "median_high": float,
    "improvement": float,  # probability; of "higher" where a score has no direction
    "paired": bool,
    "p": float,  # permutation test of the means; Welch's t where one side is published
    "p_smallest": float,  # that so many seeds can give
    "p_holm": float,  # corrected for all comparisons; of pairs by seed see correction.py
    "detectable": float,  # true difference shown in about 8 of 10 cases; NaN where none can be
    "published": bool,  # one side is a paper's number
    "verdict": str,
    "note": str,
}


def deals(comparisons: int, level: float) -> float:
    """So many permutations that random ones too can be below the level after the correction."""
    return max(20_000.0, 2 * comparisons / level)


def work(rows: list[dict], level: float, key: jax.Array) -> pd.DataFrame:
    """The numbers of each comparison."""
    runs = [all(isinstance(side, np.ndarray) for side in row["sides"]) for row in rows]
    most = math.ceil(deals(len(rows), level))
    made: list[dict] = []
    differences: list[np.ndarray | None] = []
    for row, sampled in zip(rows, runs, strict=True):
        a, b = row.pop("sides")
        differences.append(b - a if row["paired"] else None)
        numbers = _samples(a, b, row, level, most, key) if sampled else _published(a, b, row, level)
        made.append(row | numbers)
    frame = pd.DataFrame(made).reindex(columns=[*COLUMNS, "spread", "seeds"])
    found = correct(frame, differences, jax.random.fold_in(key, 0), most)
    return frame.assign(p_holm=found.p, p_least=found.smallest, tests=found.tests)


def _samples(a, b, row: dict, level: float, most: int, key: jax.Array) -> dict:
    paired, options = row["paired"], {"paired": row["paired"], "level": 1 - level}
    first, second, third = jax.random.split(key, 3)
    low, high = stats.interval(b, a, first, **options)
    median_low, median_high = stats.interval(
        b, a, second, statistic=np.median, resamples=1_999, **options
    )
    p, smallest = stats.permutation_test(b, a, third, paired=paired, most=most)
    better = stats.probability_of_improvement(b, a)
    if len(a) == len(b) and np.array_equal(np.sort(a), np.sort(b)):
        row["note"] = "; ".join(filter(None, [row["note"], "the very same scores"]))
    return {
        **_summary("reference", a),
        **_summary("other", b),
        "difference": stats.difference(b, a),
        "low": low,
        "high": high,
        "median_difference": stats.difference(b, a, np.median),
        "median_low": median_low,
        "median_high": median_high,
        "improvement": 1 - better if row["direction"] < 0 else better,
        "p": p,
        "p_smallest": smallest,
        "spread": float((b - a).std(ddof=1)) if paired and len(a) > 1 else _spread(a, b),
    }


def _summary(side: str, sample: np.ndarray) -> dict:
    sd = float(sample.std(ddof=1)) if len(sample) > 1 else math.nan
    return {f"n_{side}": len(sample), f"mean_{side}": float(sample.mean()), f"sd_{side}": sd}


def _spread(a: np.ndarray, b: np.ndarray) -> float:
    return math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2) if min(len(a), len(b)) > 1 else math.nan


def _published(a, b, row: dict, level: float) -> dict:
    """With what a paper says: the difference, and Welch's test if both sides have all it needs."""
    found: dict = {}
    said = []
    for side, given in (("reference", a), ("other", b)):
        if isinstance(given, np.ndarray):
            found |= _summary(side, given)
            continue
        kinds = {"sd": 1.0, "se": math.sqrt(given["n"])}
        firm = given["statistic"] == "mean" and given["seen"] == "seen"
        sd = given["spread"] * kinds.get(given["spread_kind"], math.nan) if firm else math.nan
        found |= {f"n_{side}": given["n"], f"mean_{side}": given["score"], f"sd_{side}": sd}
        said.append(_said(given))
    mean_a, sd_a, n_a = (found[f"{x}_reference"] for x in ("mean", "sd", "n"))
    mean_b, sd_b, n_b = (found[f"{x}_other"] for x in ("mean", "sd", "n"))
    test = math.nan, math.nan, math.nan
    summaries = [mean_a, sd_a, n_a, mean_b, sd_b, n_b]
    if np.isfinite(summaries).all() and min(n_a, n_b) >= stats.LEAST:
        test = stats.welch(mean_b, sd_b, n_b, mean_a, sd_a, n_a, level=1 - level)
    row["note"] = "; ".join(filter(None, [row["note"], *said]))
    p, low, high = test
    return found | {
        "difference": mean_b - mean_a,
        "p": p,
        "low": low,
        "high": high,
        "p_smallest": 0,
    }


def _said(given: dict) -> str:
    """What a published number is, and where it is from."""
    spans = f" {given['low']:g} to {given['high']:g}" if math.isfinite(given["low"]) else ""
    kind = f"published {given['statistic']}{spans}, {given['seen']}, {given['source']}"
    return f"{kind} ({given['note']})" if given["note"] else kind


def verdicts(frame: pd.DataFrame, level: float) -> pd.DataFrame:
    """The columns of `work` as COLUMNS, with what they come to."""
    rows = frame.to_dict("records")
    return frame.assign(
        detectable=[_detectable(row, level) for row in rows],
        verdict=[verdict(row, level) for row in rows],
    )[list(COLUMNS)].astype(COLUMNS)


def verdict(row: dict, level: float) -> str:
    """In words; see `compare`."""
    if math.isnan(row["p"]):
        return "not tested" if row["published"] else "too few seeds"
    if row["p_holm"] <= level and not row["low"] <= 0 <= row["high"]:
        up = row["difference"] > 0
        if not row["direction"]:
            return "higher" if up else "lower"
        return "better" if up == (row["direction"] > 0) else "worse"
    return "too few seeds" if row["p_least"] > level else "no difference shown"


def _detectable(row: dict, level: float) -> float:
    """What stats.detectable says at the largest p that can be had and is no larger than the level.

    The level is a row's share of it. p has few values with few seeds, 0.029, 0.057, ... with four a
    side. Of rows that are tested jointly a share is smaller than what the test asks for, so that
    this is too large rather than too small. Samples of unequal size by the harmonic mean of theirs.
    """
    if row["published"] or row["p_least"] > level:
        return math.nan
    attained = level / row["tests"]
    if not row["paired"]:
        attained = math.floor(attained / row["p_smallest"] + 1e-9) * row["p_smallest"]
    n = math.floor(2 / (1 / row["n_reference"] + 1 / row["n_other"]))
    return stats.detectable(row["spread"], n, level=attained, paired=row["paired"])
