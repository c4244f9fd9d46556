"""FoS, the factorisation of the support: do all combinations of codes occur?"""

import itertools

import numpy as np

from dbench.base import Score
from dbench.metrics.shared import caution
from dbench.metrics.shared.metric import Work, metric, variant


@metric()
def fos(work: Work, *, batch: int = 128, batches: int = 20, normalised: bool = False) -> Score:
    """FoS: how far combinations of codes are from any that occurs (Roth et al. 2023).

        FoS = sum_(i < j) max_(a, c) min_b (m_ai - m_bi)^2 + (m_cj - m_bj)^2

    a, b and c run over a batch of rows, m are their posterior means: of each pair of codes the
    squared Hausdorff distance of the support from the product of its sides. The mean over `batches`
    batches of `batch` different rows, or of all if the table has no more. In [0, inf), lower is
    better; in squared units of the codes, so it grows with their scale and the number of pairs.
    With `normalised` each code is divided by its standard deviation over the table, and FoS is the
    mean over pairs of codes that vary. Unchanged by the order of codes and by a shift or flip of
    one. Needs no factors. Not 0 for independent codes, unless a batch has every combination.

    Roth, Ibrahim, Akata, Vincent and Bouchacourt, "Disentanglement of Correlated Factors via
    Hausdorff Factorized Support", ICLR 2023, and the authors' program, which has batches of 128 and
    goes through all rows. Departures: `batches` of them, drawn; `normalised` is ours.

    Parts: distance [d, d], of each pair. stderr: over batches, 0 where a batch has all rows.
    """
    codes = work.table.mean.astype(np.float64)
    varies = np.ptp(codes, axis=0) > 0
    codes = codes - codes.mean(axis=0)
    if normalised:
        codes = codes / np.where(varies, codes.std(axis=0), 1)
    whole = len(codes) <= batch
    rng = work.rng("fos")
    found = np.stack(
        [
            farthest(codes if whole else codes[rng.choice(len(codes), batch, replace=False)])
            for _ in range(1 if whole else batches)
        ]
    )  # [batches, d, d], each pair twice
    pairs = max(1, varies.sum() * (varies.sum() - 1) / 2) if normalised else 1
    scores = found.sum(axis=(1, 2)) / 2 / pairs
    stderr = float(scores.std(ddof=1) / np.sqrt(len(scores))) if len(scores) > 1 else 0.0
    said = caution.dead(work)
    if not normalised:
        said = caution.small_scale(work, caution.NEAR_DEAD) + said
    return Score(float(scores.mean()), stderr, {"distance": found.mean(axis=0)}, tuple(said))


fos_normalised = variant(
    fos, "fos_normalised", "FoS a pair of codes, in units of their standard deviations.",
    normalised=True,
)  # fmt: skip


def farthest(codes: np.ndarray) -> np.ndarray:
    """Squared Hausdorff distances [d, d] of pairs of codes [n, d] from products of their sides."""
    n, d = codes.shape
    apart = (codes.T[:, :, None] - codes.T[:, None]) ** 2  # [d, n, n]: of each code, (a, b)
    found = np.zeros((d, d))
    for i, j in itertools.combinations(range(d), 2):
        nearest = np.full((n, n), np.inf)
        for b in range(n):
            np.minimum(nearest, apart[i, :, b, None] + apart[j, :, b], out=nearest)
        found[i, j] = found[j, i] = nearest.max()
    return found
