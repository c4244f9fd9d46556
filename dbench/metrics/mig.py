"""The mutual information gap, exact."""

from typing import NamedTuple

import numpy as np

from dbench.base import Score, Table
from dbench.metrics.shared import caution, mixture
from dbench.metrics.shared.groups import Group, groups
from dbench.metrics.shared.information import entropy, gap_parts, gaps, joint
from dbench.metrics.shared.information import mutual_information as counted
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.samples import by_factor
from dbench.metrics.shared.validate import logvar_of, need_factors, need_logvar


class Integrals(NamedTuple):
    """What integrating the posteriors of all codes gives, in nats."""

    information: np.ndarray  # [d, k], I(z_j; v_k)
    entropies: np.ndarray  # [d], H(z_j)
    floored: np.ndarray  # [d], share of posteriors too narrow for the grid

    def caution(self) -> list[str]:
        """A sentence if posteriors had to be widened."""
        if not self.floored.any():
            return []
        j = int(self.floored.argmax())
        return [
            f"{self.floored[j]:.2%} of the posteriors of code {j} are narrower than 1/16,000 of "
            "the range of the code and were widened to that: its information may be too small"
        ]


@metric(need_logvar, need_factors)
def mig(work: Work) -> Score:
    """Mutual information gap of the posteriors, integrated without sampling (Chen et al. 2018).

        MIG = mean_k (I(z_a; v_k) - I(z_b; v_k)) / H(v_k)

    with z_a, z_b the two codes that know most about factor v_k; z_j is drawn from the posterior
    N(mean, exp(logvar)) of a random row. In [0, 1], higher is better; constant codes score 0.
    Unchanged by the order of codes and rows, and by a shift, flip or scaling of a code that takes
    its posterior along. Nothing is drawn: stderr 0.

    Chen et al., "Isolating Sources of Disentanglement in Variational Autoencoders", NeurIPS 2018,
    section 4.1. Departures: the mixtures are integrated (`dbench.metrics.shared.mixture`; I to 1e-5
    nats) where the authors draw samples from them; H(v_k) is that of the frequencies in the table,
    of which the authors' log |V_k| is the case of a full grid.

    Parts: gap/<factor>, a share of H(v_k); information [d, k], I(z_j; v_k) in nats; entropy [d],
    the differential entropy H(z_j) in nats; floored, the share of posteriors too narrow for the
    grid. A group of codes that is a category (`dbench.metrics.shared.code_groups`) has the
    information and entropy of its categories, exactly, of all rows.
    """
    known, found = work.once(by_factor), work.once(integrals)
    gap = gaps(found.information, np.array([entropy(g.counts) for g in known]))
    parts = gap_parts(work.table, gap)
    parts |= {"information": found.information, "entropy": found.entropies}
    parts["floored"] = float(found.floored.mean())
    said = found.caution() + caution.uneven(work) + caution.binned_factors(work)
    return Score(float(gap.mean()), 0.0, parts, tuple(said))


def integrals(work: Work) -> Integrals:
    """The integrals of a table. For `work.once`."""
    return integrate(work.table, work.once(by_factor))


def mutual_information(table: Table, **accuracy: float) -> np.ndarray:
    """I(z_j; v_k) = H(z_j) - H(z_j | v_k) of posteriors and factors in nats, [d, k].

    `accuracy`: `cells` and `width` of `mixture.entropies`.
    """
    need_logvar(table, "mig")
    return integrate(table, groups(table.factors), **accuracy).information


def integrate(table: Table, by_factor: list[Group], **accuracy: float) -> Integrals:
    """Integrates the mixture of posteriors of each code, whole and by value of each factor."""
    (n, d), logvar = table.mean.shape, logvar_of(table)
    information, whole, floored = np.zeros((d, len(by_factor))), np.zeros(d), np.zeros(d)
    for j in range(d):
        if j in table.symbols:  # a category: no posterior to integrate
            labels = table.mean[:, j].astype(np.int64)
            whole[j] = entropy(np.bincount(labels))
            information[j] = [counted(joint(labels, g.labels)) for g in by_factor]
            continue
        h = mixture.entropies(table.mean[:, j], logvar[:, j], by_factor, **accuracy)
        given = [g.counts @ v / n for g, v in zip(by_factor, h.given, strict=True)]
        information[j] = np.maximum(h.whole - np.array(given), 0)  # -1e-12 is rounding
        whole[j], floored[j] = h.whole, h.floored
    return Integrals(information, whole, floored)
