"""What the columns of a comparison are, in a few lines."""

import pandas as pd

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
    if (frame["verdict"] == "not tested").any():
        lines += [
            "not tested: a paper's number, recalled or without a spread of a known kind or its n."
        ]
    if (frame["verdict"] == "too few seeds").any():
        lines += ["too few seeds: not even scores wholly apart could get a verdict here."]
    return lines
