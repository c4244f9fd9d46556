"""UDR: how far a model's codes are found again by models trained from other seeds.

    scores = udr(tables, key, method="lasso")     # one Score a table

It needs several tables of the same rows, so it is no Metric of METRICS: see SET_METRICS.
"""

from collections.abc import Callable, Sequence

import jax
import numpy as np
import scipy

from dbench import environment
from dbench.base import Score, Table, numpy_rng
from dbench.errors import InputError, choose
from dbench.metrics.kl import kl_per_code
from dbench.metrics.shared.stderr import jackknife
from dbench.metrics.shared.validate import check

ROWS = 1_000  # of the published configuration
LEAST = 20  # rows: one for each block of the jackknife
METHODS = ("lasso", "spearman")
SWEEPS, CHANGE = 1_000, 1e-7  # of the Lasso's coordinate descent: at most, and when to stop


def set_key(seed: int = 0) -> jax.Array:
    """What rows are drawn with: never of a run's own seed, or runs would not share them."""
    return jax.random.fold_in(jax.random.key(seed), 3)  # 0 to 2 are training's and scoring's


def take(table: Table, rows: np.ndarray) -> Table:
    """Codes and factors of some rows."""
    logvar = None if table.logvar is None else table.logvar[rows]
    return Table(table.mean[rows], table.factors[rows], logvar)


def draw(size: int, key: jax.Array, rows: int | None = ROWS) -> np.ndarray:
    """Numbers of `rows` of `size` rows, each at most once, in random order; of all if None."""
    return numpy_rng(key).permutation(size)[:rows]


def udr(
    tables: Sequence[Table],
    key: jax.Array,
    *,
    method: str = "lasso",
    rows: int | None = ROWS,
    alpha: float = 0.1,
    kl_threshold: float = 0.01,
) -> list[Score]:
    """Unsupervised disentanglement ranking of M models that encode the same rows: M Scores.

        R_ij[a, b] = similarity of code a of model i and code b of model j
        UDR_ij     = 1/2 (mean_b max_a R^2 / sum_a R + mean_a max_b R^2 / sum_b R),  0/0 = 0
        UDR_j      = median over i != j of UDR_ij

    "lasso": the coefficient, without its sign, of code a in a Lasso (alpha) that predicts code b
    of j from all codes of i, all standardised; "spearman": the rank correlation without its sign.
    Codes whose mean KL to the prior over the rows is `kl_threshold` nats or less are set to zero
    and left out of the means; a model without any other has 0. In [0, 1], higher is better; of
    the same independent codes in another order, scale or sign 1 by Spearman, 1 - alpha by Lasso,
    and no more if codes depend on each other (a search found none above).

    Duan et al., "Unsupervised Model Selection for Variational Disentangled Representation
    Learning", ICLR 2020, with the settings of the authors' code in disentanglement_lib (1,000
    rows). As there, a score of j is the median over models that predict j (by Lasso the other
    direction differs: 0.01 on average in a small study), and the means over codes of i and of j
    weigh the same however many they are. By Spearman unrelated codes add 0.8 / sqrt(rows) each to
    a sum: ten perfect codes get 0.82 of 1,000 rows, 0.93 of 10,000. Departures: rows are drawn
    without replacement, all if there are fewer; the Lasso is solved to 1e-7; a constant code that
    has a KL is similar to nothing (there Spearman is NaN and the score 0).

    Parts: pairs [M - 1], UDR_ij of the other models i in their order; active, the number of codes
    above the threshold. stderr: jackknife over rows, with the same codes left out each time; too
    large where most rank correlations are near 0 (1.6 to 3 times). What another set of models
    would give is not in it: see the spread of `pairs`.
    """
    choose("method", method, METHODS)
    check_set(tables)
    at = draw(len(tables[0].mean), key, rows)
    if len(at) < LEAST:
        raise InputError(f"UDR needs at least {LEAST} rows, and there are {len(at)}")
    tables = [
        Table(t.mean[at], t.factors[at], None if t.logvar is None else t.logvar[at]) for t in tables
    ]
    active = [informative(table, kl_threshold) for table in tables]
    codes = stack(tables, active)
    counts = np.array([a.sum() for a in active])

    def pairs(chosen: np.ndarray) -> np.ndarray:
        similar = spearman if method == "spearman" else lasso
        return agreement(similar(codes[chosen], alpha), counts)

    with environment.one_thread():  # the order of BLAS's sums depends on the number of threads
        found = pairs(np.arange(len(at)))
        values = medians(found)
        errors = jackknife(lambda chosen: medians(pairs(chosen)), len(at))
    return [
        Score(
            float(values[j]),
            float(errors[j]),
            {"pairs": np.delete(found[:, j], j), "active": float(counts[j])},
            warnings(table, counts[j]),
        )
        for j, table in enumerate(tables)
    ]


def udr_lasso(tables: Sequence[Table], key: jax.Array, **options) -> list[Score]:
    """Codes found again by models from other seeds, told by Lasso weights (Duan et al. 2020)."""
    return udr(tables, key, method="lasso", **options)


def udr_spearman(tables: Sequence[Table], key: jax.Array, **options) -> list[Score]:
    """Codes found again by models from other seeds, told by rank correlation (Duan et al. 2020)."""
    return udr(tables, key, method="spearman", **options)


SET_METRICS: dict[str, Callable[..., list[Score]]] = {
    function.__name__: function for function in (udr_lasso, udr_spearman)
}


def check_set(tables: Sequence[Table], names: Sequence[str] | None = None) -> None:
    """Raise InputError unless these are codes of the same rows by two models or more.

    `names` say which is which; without, they are table 1, table 2, ...
    """
    if len(tables) < 2:
        raise InputError(f"UDR compares models: it needs at least two tables, not {len(tables)}")
    names = names or [f"table {i + 1}" for i in range(len(tables))]
    first = tables[0]
    for name, table in zip(names, tables, strict=True):
        check(Table(table.mean, table.factors[:, :0], table.logvar))  # factors only tell rows apart
        if len(table.mean) != len(first.mean):
            raise InputError(
                f"{name} has {len(table.mean):,} rows and {names[0]} has {len(first.mean):,}: "
                "UDR needs the same images, encoded by each model"
            )
        if not np.array_equal(table.factors, first.factors):
            raise InputError(
                f"{name} has other factors than {names[0]}: UDR needs the same images in the same "
                "order, encoded by each model"
            )


def informative(table: Table, threshold: float) -> np.ndarray:
    """[d] bool, which codes have a mean KL above the threshold; all where none is known."""
    if table.logvar is None:
        return np.ones(table.mean.shape[1], bool)
    return kl_per_code(table.mean, table.logvar) > threshold


def warnings(table: Table, active: int) -> tuple[str, ...]:
    if table.logvar is None:
        return ("without logvar all codes count as informative: unused ones lower the score",)
    return () if active else ("no code is informative (all KL are below the threshold)",)


def stack(tables: Sequence[Table], active: Sequence[np.ndarray]) -> np.ndarray:
    """[n, M, d] float64 with zeros for codes that do not count, d the most that a table has."""
    codes = np.zeros((len(tables[0].mean), len(tables), max(map(len, active))))
    for i, (table, chosen) in enumerate(zip(tables, active, strict=True)):
        codes[:, i, : len(chosen)] = np.where(chosen, table.mean, 0)
    return codes


def correlations(codes: np.ndarray) -> np.ndarray:
    """Of every code of [n, M, d] with every other, [M, d, M, d]; 0 where one is constant."""
    centred = codes - codes.mean(axis=0)
    spread = np.where(np.ptp(codes, axis=0) > 0, centred.std(axis=0), np.inf)
    z = (centred / spread).reshape(len(codes), -1)
    return (z.T @ z / len(z)).reshape(2 * codes.shape[1:])


def spearman(codes: np.ndarray, _alpha: float) -> np.ndarray:
    """|rank correlation|, [n, M, d] -> [M, d, M, d]; equal values share the mean of their ranks."""
    return np.abs(correlations(scipy.stats.rankdata(codes, axis=0)))


def lasso(codes: np.ndarray, alpha: float) -> np.ndarray:
    """|coefficients| by code a of model i of code b of j, [n, M, d] -> [M, d, M, d] (i, a, j, b).

        min_w 1/2n |z_jb - sum_a w_a z_ia|^2 + alpha sum_a |w_a|

    of standardised codes z depends on their correlations alone, so all fits are one coordinate
    descent on M Gram matrices: w_a <- soft(rho_a - sum_{a' != a} C_aa' w_a', alpha).
    """
    models, size = codes.shape[1:]
    gram = correlations(codes)
    own = gram[np.arange(models), :, np.arange(models)]  # [M, d, d]
    target = gram.reshape(models, size, -1)  # [M, d, M d]
    weights = np.zeros_like(target)
    for _ in range(SWEEPS):
        change = 0.0
        for a in range(size):
            old = weights[:, a].copy()
            rest = target[:, a] - (own[:, None, a] @ weights)[:, 0] + own[:, a, a, None] * old
            weights[:, a] = np.sign(rest) * np.maximum(np.abs(rest) - alpha, 0)  # C_aa is 1 or 0
            change = max(change, float(np.abs(weights[:, a] - old).max()))
        if change < CHANGE:
            break
    return np.abs(weights).reshape(gram.shape)


def agreement(similar: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """UDR_ij [M, M] of similarities [M, d, M, d], of which `counts` [M] codes of a model count."""

    def strength(axis: int) -> np.ndarray:
        total, most = similar.sum(axis), similar.max(axis)
        return np.divide(most**2, total, out=np.zeros_like(total), where=total > 0)

    of = np.maximum(counts, 1)
    return (strength(1).sum(axis=2) / of + strength(3).sum(axis=1) / of[:, None]) / 2


def medians(pairs: np.ndarray) -> np.ndarray:
    """[M], the median of each column without its entry on the diagonal."""
    return np.array([np.median(np.delete(column, j)) for j, column in enumerate(pairs.T)])
