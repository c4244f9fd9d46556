"""p corrected for all that is compared at once.

Rows that are not paired: Holm. Rows that are paired by the same seeds: a joint test, which has one
permutation a swap of seeds for all of them (`stats.joint_sign_test`), so that seeds enough for one
comparison are enough for any number. Holm would multiply the least p that eight seeds can give,
.008, by the number of rows, and could never show anything of more than six.

Where there are several such groups, each has its share of the level: its p is multiplied by their
number.
"""

from typing import NamedTuple

import jax
import numpy as np
import pandas as pd

from dbench import stats


class Corrected(NamedTuple):
    """Arrays of a number a row."""

    p: np.ndarray  # corrected
    smallest: np.ndarray  # corrected p that so many seeds can give
    tests: np.ndarray  # by which the level is divided, about: see `effects.detectable`


def correct(
    frame: pd.DataFrame, differences: list[np.ndarray | None], key: jax.Array, most: int
) -> Corrected:
    """`frame` has reference, other, seeds, p, p_smallest; `differences` by seed of paired rows."""
    groups = _groups(frame, differences)
    tested = frame["p"].notna().to_numpy()
    alone = np.array([own is None for own in differences])
    count = len(groups) + bool((alone & tested).any())
    p = np.full(len(frame), np.nan)
    smallest, tests = np.array(frame["p_smallest"], float), np.ones(len(frame))
    if alone.any():
        number = int((alone & tested).sum())
        p[alone] = stats.holm(frame["p"][alone])
        smallest[alone], tests[alone] = smallest[alone] * number, max(number, 1)
    for rows in groups:
        p[rows], least = stats.joint_sign_test([differences[i] for i in rows], key, most=most)
        smallest[rows], tests[rows] = least, len(rows)
    share = max(count, 1)
    return Corrected(np.minimum(p * share, 1.0), smallest * share, tests * share)


def _groups(frame: pd.DataFrame, differences: list[np.ndarray | None]) -> list[list[int]]:
    """Numbers of the rows that are tested jointly: of two tables, paired by the same seeds."""
    found: dict[tuple, list[int]] = {}
    for i, row in enumerate(frame[["reference", "other", "seeds", "p"]].itertuples(index=False)):
        if differences[i] is not None and row.p == row.p:
            found.setdefault((row.reference, row.other, row.seeds), []).append(i)
    return list(found.values())
