"""The mutual information gap, exact."""

import warnings

import jax
import numpy as np

from dbench.base import Score, Table
from dbench.metrics import mixture
from dbench.metrics.groups import Group, groups
from dbench.metrics.information import entropy, gap_parts, gaps
from dbench.metrics.validate import need_logvar


def mig(table: Table, key: jax.Array | None = None) -> Score:
    """Mutual information gap of the posteriors, integrated without sampling (Chen et al. 2018).

        MIG = mean_k (I(z_a; v_k) - I(z_b; v_k)) / H(v_k)

    with z_a, z_b the two codes that know most about factor v_k; z_j is drawn from the posterior
    N(mean, exp(logvar)) of a random row. In [0, 1], higher is better; constant codes score 0.
    Unchanged by the order of codes and rows, and by a shift, flip or scaling of a code that takes
    its posterior along. Deterministic: `key` is unused and stderr 0.

    Chen et al., "Isolating Sources of Disentanglement in Variational Autoencoders", NeurIPS 2018,
    section 4.1. Departures: the mixtures are integrated (see `mixture`; I to 1e-5 nats) where the
    authors draw samples from them; H(v_k) is that of the frequencies in the table, of which the
    authors' log |V_k| is the case of a full grid.

    Parts: gap/<factor>; entropy/z<j>, the differential entropy H(z_j) in nats; floored, the
    share of posteriors too narrow for the grid. Raises InputError if the table has no logvar.
    """
    del key
    by_factor = groups(table.factors)
    information, entropies, floored = integrate(table, by_factor)
    gap = gaps(information, np.array([entropy(g.counts) for g in by_factor]))
    parts = gap_parts(table, gap)
    parts |= {f"entropy/z{j}": float(h) for j, h in enumerate(entropies)}
    return Score(float(gap.mean()), 0.0, parts | {"floored": floored})


def mutual_information(table: Table, **accuracy: float) -> np.ndarray:
    """I(z_j; v_k) = H(z_j) - H(z_j | v_k) of posteriors and factors in nats, [d, k].

    `accuracy`: `cells` and `width` of `mixture.entropies`.
    """
    return integrate(table, groups(table.factors), **accuracy)[0]


def integrate(
    table: Table, by_factor: list[Group], **accuracy: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """I(z_j; v_k) [d, k], H(z_j) [d], and the share of posteriors with a raised scale."""
    need_logvar(table)
    n, d = table.mean.shape
    information, whole, floored = np.zeros((d, len(by_factor))), np.zeros(d), np.zeros(d)
    for j in range(d):
        h = mixture.entropies(table.mean[:, j], table.logvar[:, j], by_factor, **accuracy)
        given = [g.counts @ v / n for g, v in zip(by_factor, h.given, strict=True)]
        information[j] = np.maximum(h.whole - np.array(given), 0)  # -1e-12 is rounding
        whole[j], floored[j] = h.whole, h.floored
    if floored.any():
        j = int(floored.argmax())
        warnings.warn(
            f"mig: {floored[j]:.2%} of the posteriors of code {j} are narrower than 1/16,000 of "
            "the range of the code and were widened to that: I(z; v) may be too small",
            stacklevel=3,
        )
    return information, whole, float(floored.mean())
