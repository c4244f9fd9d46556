"""Statistics of a study, of its tidy table (see tables/results.py): what Locatello et al. 2019 ask.

Tables in, tables out. A run is named by RUN; each of its scores is in the table once. Scores of
which less is better are turned round where a choice is made.
"""

import itertools
from collections.abc import Sequence

import jax
import numpy as np
import pandas as pd
import scipy

from dbench.errors import InputError
from dbench.stats.aggregate import aggregate_interval
from dbench.stats.seeds import draw
from dbench.tables.directions import direction
from dbench.tables.strength import written

CELL = ["model", "hyperparameter", "value"]  # a method at one strength
RUN = ["dataset", *CELL, "seed"]
SELECTORS = ("elbo", "reconstruction", "kl", "total_correlation", "udr_lasso", "udr_spearman")


def wide(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a run, indexed by RUN, one column a score, NaN where a run lacks it."""
    lacks = [column for column in (*RUN, "metric", "score") if column not in frame]
    if lacks:
        raise InputError(f"the table of scores lacks the columns {', '.join(lacks)}")
    if not len(frame):
        raise InputError("the table of scores is empty")
    for column in ("scale", "steps"):
        if column in frame and frame[column].nunique() > 1:
            found = ", ".join(map(str, sorted(frame[column].unique())))
            raise InputError(f"the table mixes several {column} ({found}): choose one of them")
    twice = frame.duplicated([*RUN, "metric"])
    if twice.any():
        first = frame[twice].iloc[0]
        raise InputError(
            f"{first['metric']} of {first['model']} "
            f"{first['hyperparameter']}={written(first['value'])} "
            f"seed {first['seed']} on {first['dataset']} is in the table twice: leave one out"
        )
    if not np.isfinite(frame["score"]).all():
        raise InputError("the table has scores that are NaN or infinite: leave those runs out")
    columns = list(dict.fromkeys(frame["metric"]))
    return frame.pivot(index=RUN, columns="metric", values="score")[columns]


def rank_correlations(
    frame: pd.DataFrame,
    key: jax.Array,
    *,
    metrics: Sequence[str] | None = None,
    level: float = 0.95,
    resamples: int = 2_000,
) -> pd.DataFrame:
    """Spearman's correlation of each two scores over the runs of a data set, with its interval.

    Columns dataset, metric_a, metric_b, correlation, low, high, runs: their figure 2. Scores enter
    as they are, so that of "lower is better" and "higher" a negative one is agreement. The interval
    (percentiles) is of other seeds of the same methods and strengths, not of other ones: much of a
    correlation may be that scores differ alike from strength to strength, and that is fixed. Seeds
    are drawn anew within each method, all strengths of a seed together, see `seeds.draw`; methods
    are taken as independent. It is too narrow with few seeds, NaN where a method and strength has a
    single one. NaN for a score that does not vary.
    """
    table = wide(frame)
    names = [name for name in metrics or table.columns if name in table]
    rows = []
    for number, (dataset, runs) in enumerate(table.groupby(level="dataset", sort=False)):
        for pair, (a, b) in enumerate(itertools.combinations(names, 2)):
            own = jax.random.fold_in(jax.random.fold_in(key, number), pair)
            found = _correlation(runs[[a, b]].dropna(), own, level, resamples)
            rows.append((dataset, a, b, *found))
    columns = ["dataset", "metric_a", "metric_b", "correlation", "low", "high", "runs"]
    return pd.DataFrame(rows, columns=columns)


def _correlation(
    runs: pd.DataFrame, key: jax.Array, level: float, resamples: int
) -> tuple[float, float, float, int]:
    """Spearman's of two columns, its interval by seed, and the number of runs."""
    scores, nan = runs.to_numpy(), float("nan")
    if len(scores) < 3:
        return nan, nan, nan, len(scores)
    whole = float(spearman(scores[None, :, 0], scores[None, :, 1])[0])
    drawn = draw(_cell_of(runs), _numbers(runs, ["model", "seed"]), key, resamples)
    if drawn is None:
        return whole, nan, nan, len(scores)
    found = spearman(scores[drawn, 0], scores[drawn, 1])
    if np.isnan(found).all():
        return whole, nan, nan, len(scores)
    low, high = np.nanquantile(found, [(1 - level) / 2, (1 + level) / 2])
    return whole, float(low), float(high), len(scores)


def _cell_of(runs: pd.DataFrame) -> np.ndarray:
    """The number of each run's method and strength; a method without one is a cell too."""
    return _numbers(runs, CELL)


def _numbers(runs: pd.DataFrame, levels: list[str]) -> np.ndarray:
    """[runs], the same for runs that are of the same in these levels of the index."""
    index = runs.index.to_frame(index=False)
    return index.groupby(levels, sort=False, dropna=False).ngroup().to_numpy()


def spearman(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Correlation of ranks along the last axis, [r, n] twice -> [r]; ties share their mean rank."""
    a, b = (scipy.stats.rankdata(x, axis=-1) for x in (a, b))
    a, b = (x - x.mean(axis=-1, keepdims=True) for x in (a, b))
    scale = np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(scale > 0, (a * b).sum(axis=-1) / scale, np.nan)


def variance_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Share of a score's variance that method, method and strength, and the seed explain.

    Columns dataset, metric, method, method_strength, seed, method_adjusted,
    method_strength_adjusted, runs. R^2 = between-group / total sum of squares, groups being
    methods, or methods at a strength; `seed` is the rest, 1 - method_strength (Locatello et al.
    2019, section 5.4). Of pure noise R^2 is (groups - 1) / (runs - 1) in the mean, much with few
    seeds; adjusted, 1 - (1 - R^2)(runs - 1) / (runs - groups), it is 0. NaN for a score that does
    not vary, adjusted also with one run a group.
    """
    rows = []
    for dataset, runs in wide(frame).groupby(level="dataset", sort=False):
        for metric in runs.columns:
            scores = runs[metric].dropna()
            if not len(scores):
                continue
            method = scores.index.get_level_values("model").to_numpy()
            one, both = (_r2(scores.to_numpy(), g) for g in (method, _cell_of(scores)))
            rows.append(
                (dataset, metric, one[0], both[0], 1 - both[0], one[1], both[1], len(scores))
            )
    columns = ["dataset", "metric", "method", "method_strength", "seed"]
    columns += ["method_adjusted", "method_strength_adjusted", "runs"]
    return pd.DataFrame(rows, columns=columns)


def _r2(scores: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """R^2 of the groups' means, and adjusted for their number."""
    total = ((scores - scores.mean()) ** 2).sum()
    if not total > 0:
        return float("nan"), float("nan")
    fitted = pd.Series(scores).groupby(groups).transform("mean").to_numpy()
    r2 = max(float(1 - ((scores - fitted) ** 2).sum() / total), 0.0)  # not -0.0
    rest = len(scores) - len(np.unique(groups))
    return r2, 1 - (1 - r2) * (len(scores) - 1) / rest if rest else float("nan")


def selection(
    frame: pd.DataFrame,
    key: jax.Array,
    *,
    metrics: Sequence[str] | None = None,
    level: float = 0.95,
    resamples: int = 2_000,
) -> pd.DataFrame:
    """How well scores that see no factor rank runs by those that do.

    Columns dataset, selector, metric, correlation, low, high, runs: Spearman's as in
    `rank_correlations`, signs turned so that positive is: what the selector prefers scores better
    (kl, which prefers nothing, as it is). Selectors: those of SELECTORS in the table; elbo, in
    nats, is minus `reconstruction` minus `kl` where a table has both. `metrics`: the scores to rank
    by [all others that have a direction].
    """
    table = wide(frame)
    if "elbo" not in table and {"reconstruction", "kl"} <= set(table.columns):
        table = table.assign(elbo=-table["reconstruction"] - table["kl"])
    chosen = [name for name in SELECTORS if name in table]
    if not chosen:
        raise InputError(
            f"the table has none of the scores {', '.join(SELECTORS)}: nothing selects"
        )
    judges = [
        n for n in metrics or table.columns if n in table and direction(n) and n not in chosen
    ]
    if not judges:
        raise InputError("the table has no score of factors to judge a selection by")
    signs = {name: direction(name) or 1 for name in (*chosen, *judges)}
    table = table[list(signs)] * list(signs.values())
    rows = []
    for number, (dataset, runs) in enumerate(table.groupby(level="dataset", sort=False)):
        for pair, (a, b) in enumerate(itertools.product(chosen, judges)):
            own = jax.random.fold_in(jax.random.fold_in(key, number), pair)
            rows.append(
                (dataset, a, b, *_correlation(runs[[a, b]].dropna(), own, level, resamples))
            )
    columns = ["dataset", "selector", "metric", "correlation", "low", "high", "runs"]
    return pd.DataFrame(rows, columns=columns)


def iqm_by_method(
    frame: pd.DataFrame, key: jax.Array, *, level: float = 0.95, resamples: int = 2_000
) -> pd.DataFrame:
    """Interquartile mean of a method's runs over all its strengths: dataset, model, metric, iqm,
    low, high, runs. The interval draws seeds anew, all strengths of a seed together: it is of other
    seeds of the same strengths.
    """
    table, rows = wide(frame), []
    for number, ((dataset, model), runs) in enumerate(
        table.groupby(level=["dataset", "model"], sort=False)
    ):
        for column, metric in enumerate(table.columns):
            scores = runs[metric].dropna()
            if len(scores):
                own = jax.random.fold_in(jax.random.fold_in(key, number), column)
                parts = [part for _, part in scores.groupby(_cell_of(scores), sort=False)]
                strata = [part.to_numpy() for part in parts]
                seeds = [part.index.get_level_values("seed") for part in parts]
                found = aggregate_interval(
                    strata, own, seeds=seeds, level=level, resamples=resamples
                )
                rows.append((dataset, model, metric, *found, len(scores)))
    return pd.DataFrame(rows, columns=["dataset", "model", "metric", "iqm", "low", "high", "runs"])
