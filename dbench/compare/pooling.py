"""Strengths of a method taken together: one score a seed.

Runs of one seed share their initial net and batches, so that their scores at several strengths go
together (correlations of -0.1 to 0.5 in the reference sweeps). Counted one by one they look surer
than they are: `benchmarks/false_verdicts.py`.
"""

import pandas as pd

from dbench.errors import InputError
from dbench.tables.reading import Scores
from dbench.tables.strength import written
from dbench.tables.tidy import CELL


def by_seed(rows: pd.DataFrame, table: Scores) -> tuple[pd.DataFrame, str]:
    """Rows of one score of a side -> a row a seed, and what to say of it ("" if nothing).

    The score of a seed is its mean over the strengths; seeds that lack one are left out, as their
    means would be of other strengths. Rows stay as they are where no seed is there twice, and where
    seeds are not known. Published numbers stay as they are too.
    """
    strengths, name = rows.groupby(CELL, dropna=False).ngroups, table.name
    if strengths == 1 or table.paper:
        return rows, ""
    if rows["seed"].isna().any():
        return rows, f"{name} does not say seeds: its runs count as if each were of its own"
    if not rows["seed"].duplicated().any():
        return rows, ""
    seeds = rows.groupby("seed", as_index=False).agg(
        score=("score", "mean"), runs=("score", "size")
    )
    whole = seeds["runs"] == strengths
    if not whole.any():
        raise InputError(
            f"no seed of {name} has {rows['metric'].iloc[0]} at all {strengths} strengths that "
            "would be taken together: choose some as NAME@value=..."
        )
    left = ", ".join(written(seed) for seed in seeds.loc[~whole, "seed"])
    return seeds[whole], f"of {name} without seed {left}, not at all strengths" if left else ""


def shared(a: pd.DataFrame, b: pd.DataFrame) -> str:
    """Says how many seeds have the very same score on two sides that should be independent."""
    both = a.dropna(subset="seed").merge(b.dropna(subset="seed"), on="seed")
    same = both.loc[both["score_x"] == both["score_y"], "score_x"]
    # A score at its limit is no sign of the same run; of all alike effects.py speaks.
    if same.nunique() < 2 or len(same) == len(a) == len(b):
        return ""
    return (
        f"{len(same)} of {len(a)} and {len(b)} seeds have the very same score in both: if those "
        "are the same runs, the two sides are not independent"
    )
