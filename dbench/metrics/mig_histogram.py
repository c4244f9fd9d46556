"""The mutual information gap of binned codes."""

import jax
import numpy as np

from dbench.base import Score, Table, numpy_rng
from dbench.errors import InputError
from dbench.metrics.information import discretise, gap_parts, gaps, log_ratios, surprise
from dbench.metrics.validate import factor_names


def mig_histogram(table: Table, key: jax.Array, *, rows: int | None = 10_000, bins=20) -> Score:
    """Mutual information gap of 20-bin codes (Locatello et al. 2019).

        MIG = mean_k (I(b_a; v_k) - I(b_b; v_k)) / H(v_k)

    with b_a, b_b the two binned codes that know most about factor v_k; I and H are plug-in
    estimates from `rows` rows drawn with replacement (None: each row once, nothing is drawn).
    In [0, 1], higher is better. Unchanged by the order of codes and by a shift or scaling of one.

    Locatello et al., "Challenging Common Assumptions in the Unsupervised Learning of Disentangled
    Representations", ICML 2019, appendix C: 20 equal-width bins between the extremes of the
    sample. It is not Chen et al.'s score, which is `mig`. Limits: a factor with more than
    20 values cannot reach 1, and one outlying code squeezes the others into one bin.

    Parts: gap/<factor>. stderr: see `standard_error`; 0 where rows is None. Raises InputError
    if a factor has the same value in all rows drawn.
    """
    codes, factors = table.mean, table.factors
    if rows is not None:
        chosen = numpy_rng(key).integers(len(codes), size=rows)
        codes, factors = codes[chosen], factors[chosen]
    binned = discretise(codes, bins)
    labels = [np.unique(column, return_inverse=True)[1] for column in factors.T]
    information = np.array([[log_ratios(b, v).mean() for v in labels] for b in binned.T])  # [d, k]
    entropies = np.array([surprise(v).mean() for v in labels])  # [k]
    if not entropies.all():
        name = factor_names(table)[int(entropies.argmin())]
        raise InputError(f"factor {name!r} has the same value in all {rows} rows drawn: draw more")
    gap = gaps(information, entropies)
    stderr = 0.0 if rows is None else standard_error(binned, labels, information, gap)
    return Score(float(gap.mean()), stderr, gap_parts(table, gap))


def standard_error(binned, labels, information, gap) -> float:
    """Standard error of the mean gap over draws of the n rows, by the delta method.

    The plug-in gap G = (I_a - I_b) / H moves with row i by its influence (r_a - r_b - G s) / H / n,
    where r is the row's log p(z, v) / p(z) p(v) and s its -log p(v), whose means are I and H. The
    choice of a and b is taken as given. Covers the spread over draws, not the bias of plug-in
    information (about (bins - 1)(v - 1) / 2n nats, mostly common to both codes). Against the
    spread over 30 keys: up to a quarter too small where bins move with the extremes of the
    sample, up to 2.7 times too large where information is near 0 and its noise of second order.

    `binned` [n, d] int, `labels` k of [n] int, `information` [d, k], `gap` [k].
    """
    influence = np.zeros(len(binned))
    for j, v in enumerate(labels):
        b, a = np.argsort(information[:, j])[-2:]
        s = surprise(v)
        r = log_ratios(binned[:, a], v) - log_ratios(binned[:, b], v)
        influence += (r - gap[j] * s) / s.mean() / len(labels)
    return float(influence.std(ddof=1) / np.sqrt(len(influence)))
