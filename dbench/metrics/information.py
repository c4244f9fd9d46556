"""Discrete information quantities, in nats, and the gap that both forms of MIG are built on."""

import numpy as np

from dbench.base import Table
from dbench.metrics.validate import factor_names


def discretise(codes: np.ndarray, bins: int) -> np.ndarray:
    """Equal-width bins of each code between its least and greatest value, [n, d] -> [n, d] int.

    A bin includes its lower edge. Edges are float64 whatever the codes are: codes on a lattice
    fall on the edges, and in float32 the score then depends on the version of NumPy.
    """
    labels = np.zeros(codes.shape, dtype=np.int64)
    for j, code in enumerate(codes.T.astype(np.float64)):
        edges = np.linspace(code.min(), code.max(), bins + 1)
        labels[:, j] = np.searchsorted(edges[1:-1], code, side="right")
    return labels


def log_ratios(code: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """log p(z, v) / (p(z) p(v)) of each row, [n] and [n] int -> [n]. Its mean is I(z; v)."""
    values = factor.max() + 1
    joint = np.bincount(code * values + factor, minlength=(code.max() + 1) * values)
    joint = joint.reshape(-1, values)
    outside = np.outer(joint.sum(axis=1), joint.sum(axis=0))  # counts if they were independent, * n
    return np.log(len(code) * joint[code, factor] / outside[code, factor])


def surprise(labels: np.ndarray) -> np.ndarray:
    """-log p(v) of each row, [n] int -> [n]. Its mean is the entropy H(v)."""
    return -np.log(np.bincount(labels)[labels] / len(labels))


def entropy(counts: np.ndarray) -> float:
    """Entropy of the distribution proportional to `counts`, [v] int, all positive."""
    p = counts / counts.sum()
    return float(-(p * np.log(p)).sum())


def gaps(information: np.ndarray, entropies: np.ndarray) -> np.ndarray:
    """(I_1st - I_2nd) / H(v) of each factor, [d, k] and [k] -> [k], in [0, 1]."""
    second, first = np.sort(information, axis=0)[-2:]  # [k] each
    return (first - second) / entropies


def gap_parts(table: Table, gap: np.ndarray) -> dict[str, float]:
    """The gap of each factor by its name, [k] -> {"gap/shape": ..., ...}."""
    return {f"gap/{name}": float(g) for name, g in zip(factor_names(table), gap, strict=True)}
