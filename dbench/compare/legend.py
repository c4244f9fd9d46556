"""What the columns of a comparison are, in a few lines."""

import pandas as pd

from dbench import stats

FEW = 3  # seeds: of so few the bootstrap is short of its level, see stats.interval


def legend(frame: pd.DataFrame, level: float) -> list[str]:
    """A line a column or more, of what the comparison holds."""
    runs, tested = frame[~frame["published"]], frame["p"].notna()
    lines = ["A, B: means over n seeds each; median: difference of medians, B - A."]
    if frame["published"].any():
        lines += ["A paper's number is what is said of it: a mean, a mode, a best model."]
    if frame.filter(like="strength_").apply(lambda x: x.str.contains(r"^\d+ str")).any(axis=None):
        lines += ["Strengths together: the score of a seed is its mean over them."]
    if len(runs):
        few = runs[["n_reference", "n_other"]].min(axis=1) <= FEW
        narrow = f" Of {FEW} seeds or fewer it is too narrow." if few.any() else ""
        lines += [
            "Interval: bootstrap, of the difference of means, each by itself and not corrected."
            f"{narrow} P: chance that a run of B scores better than one of A (higher, where a "
            "score has no direction). p: permutation test of the means.",
            "detectable: a true difference so large would be shown in about 8 of 10 cases; smaller "
            "ones may be there all the same.",
        ]
    if (tested & frame["published"]).any():
        lines += ["Against a paper's mean, spread and n: interval and p of Welch's t test."]
    if count := int(tested.sum()):
        what = f"all {count} comparisons made here" if count > 1 else "one comparison"
        lines += [
            f"Holm: p corrected for {what}; a verdict needs {level:g} or less of it, and an "
            "interval without 0."
        ]
    if (tested & frame["paired"]).any():
        lines += [
            "paired: seed by seed. Of these rows p is corrected by one test of all of them, which "
            "swaps the two sides of a seed in every row; more rows need no more seeds."
        ]
    if (frame["verdict"] == "not tested").any():
        lines += [
            "not tested: a paper's number, recalled or without a spread of a known kind or its n."
        ]
    if (frame["verdict"] == "too few seeds").any():
        lines += [
            "too few seeds: not even scores wholly apart could get a verdict here. It takes "
            f"{needed(frame, level)}."
        ]
    return lines


def needed(frame: pd.DataFrame, level: float) -> str:
    """How many seeds a side the rows with too few of them need, of as many comparisons."""
    few = frame[frame["verdict"] == "too few seeds"]
    tested = frame[frame["p"].notna() | (frame["verdict"] == "too few seeds")]
    alone = int((~tested["paired"]).sum())
    groups = tested[tested["paired"]].groupby(["reference", "other"]).ngroups + bool(alone)
    said = []
    for paired in sorted(few["paired"].unique()):
        comparisons = groups * (1 if paired else alone)
        seeds = stats.least_seeds(comparisons, level=level, paired=bool(paired))
        said.append(f"{seeds} seeds a side{' in pairs' if paired else ''}")
    return " and ".join(said)
