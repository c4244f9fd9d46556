"""Does the best setting by one score, on one data set, do well by another, on another?"""

import jax
import numpy as np
import pandas as pd

from dbench.base import numpy_rng
from dbench.errors import InputError
from dbench.stats.study import CELL, wide
from dbench.tables.directions import direction


def transfer(
    frame: pd.DataFrame, key: jax.Array, *, by: str = "strength", splits: int = 100
) -> pd.DataFrame:
    """How well the best setting by one score on one data set does by another, on another.

    Columns metric_from, dataset_from, metric_to, dataset_to, probability, choices. On half of the
    seeds the setting with the best mean of `metric_from` on `dataset_from` is chosen; on the other
    half a run of it is set against a run of a setting drawn from the whole grid, itself included.
    `probability`: that it scores better by `metric_to` on `dataset_to`, ties half, mean over
    `splits` random halves (exact over runs); 0.5 is chance. `by` "strength": settings are the
    strengths of a method, chosen for each method, mean over methods; "method": all methods at all
    strengths, as Locatello et al. 2019, section 5.5. Seeds are held out for every pair of scores,
    so that luck of a seed is no transfer. Scores with no direction are left out.
    """
    if by not in ("strength", "method"):
        raise InputError(f'transfer is by "strength" or by "method", not by {by!r}')
    table = wide(frame)
    names = [name for name in table.columns if direction(name)]
    if not names:
        raise InputError("no score of the table has a direction: nothing can be chosen by it")
    table = table[names] * [direction(name) for name in names]
    seeds = np.sort(table.index.unique("seed"))
    if len(seeds) < 2:
        raise InputError(
            "transfer chooses on some seeds and judges on others, and there is only one"
        )
    methods = [table] if by == "method" else [part for _, part in table.groupby(level="model")]
    grids = [
        _grids(part, seeds)
        for part in methods
        if part.groupby(level=CELL, dropna=False).ngroups > 1
    ]
    if not grids:
        raise InputError("transfer needs two strengths of a method or more to choose from")
    rng = numpy_rng(key)
    found: dict[tuple[str, str, str, str], list[float]] = {}
    for _ in range(splits):
        half = np.isin(seeds, rng.permutation(seeds)[: len(seeds) // 2])
        for grid in grids:
            _judge(grid, half, found)
    rows = [(*pair, float(np.mean(won)), len(won)) for pair, won in found.items()]
    columns = ["metric_from", "dataset_from", "metric_to", "dataset_to", "probability", "choices"]
    return pd.DataFrame(rows, columns=columns)


def _grids(table: pd.DataFrame, seeds: np.ndarray) -> dict[tuple[str, str], np.ndarray]:
    """(metric, data set) -> scores [settings, seeds], NaN where there is none."""
    settings = table.index.droplevel(["dataset", "seed"]).unique()
    return {
        (metric, dataset): runs[metric]
        .droplevel("dataset")
        .unstack("seed")
        .reindex(index=settings, columns=seeds)
        .to_numpy()
        for dataset, runs in table.groupby(level="dataset", sort=False)
        for metric in table.columns
    }


def _judge(grids: dict, half: np.ndarray, found: dict) -> None:
    """Chooses on `half` of the seeds by each grid, and adds how that does on each by the others."""
    wins = {place: _wins(scores[:, ~half]) for place, scores in grids.items()}
    for source, scores in grids.items():
        seen = np.isfinite(scores[:, half])
        if seen.any(axis=1).sum() < 2:
            continue
        total = np.where(seen, scores[:, half], 0.0).sum(axis=1)
        means = np.where(seen.any(axis=1), total / np.maximum(seen.sum(axis=1), 1), -np.inf)
        for place, won in wins.items():
            if np.isfinite(won[means.argmax()]):
                found.setdefault((*source, *place), []).append(won[means.argmax()])


def _wins(scores: np.ndarray) -> np.ndarray:
    """[settings, seeds] -> P(a run of each beats one of a setting drawn from all), ties half."""
    runs = [row[np.isfinite(row)] for row in scores]
    filled = [row for row in runs if len(row)]
    return np.array(
        [
            (np.mean([np.sign(own[:, None] - other).mean() for other in filled]) + 1) / 2
            if len(own)
            else np.nan
            for own in runs
        ]
    )
