"""The KL of a VAE in three parts, of the aggregate posterior over the whole table."""

from typing import NamedTuple

import numpy as np

from dbench.base import Score
from dbench.errors import InputError
from dbench.metrics.shared import caution, mixture
from dbench.metrics.shared.fits import parallel
from dbench.metrics.shared.groups import group
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.validate import logvar_of, need_gaussian

CHUNK = 100  # points a task


class Terms(NamedTuple):
    """Entropies in nats."""

    joint: float  # H(z), estimated
    stderr: float  # its error
    margins: np.ndarray  # [d], H(z_j)
    given: float  # H(z | x)
    floored: float  # largest share of a code's posteriors that the grid of H(z_j) had to widen


@metric(need_gaussian)
def index_code_mi(work: Work, *, points: int = 1_000) -> Score:
    """Index-code mutual information: what a code says of which image it is of (Chen et al. 2018).

        I(z; x) = H(z) - H(z | x) = KL(q(z, x) || q(z) q(x))

    in nats, with z drawn from the posterior N(mean, exp(logvar)) of a random row x. In [0, log n];
    neither more nor less is better. H(z | x) is exact; H(z) = -E log q(z) is a mean over `points`
    draws of z of the exact log density of the mixture of all n posteriors
    (`dbench.metrics.shared.aggregate`), with log q(z | x), z_j^2 and log q(z_j), whose means are
    known, as control variates. Unchanged by the order, shift and scaling of codes that take their
    posteriors along. Needs no factors.

    Chen et al., "Isolating Sources of Disentanglement in Variational Autoencoders", NeurIPS 2018,
    section 3.1 and appendix C. In training it is estimated within a minibatch, and biased.

    Parts: joint_entropy, conditional_entropy. stderr: over the draws of z.
    """
    found = work.once(terms, points)
    parts = {"joint_entropy": found.joint, "conditional_entropy": found.given}
    value = np.clip(found.joint - found.given, 0.0, np.log(len(work.table.mean)))
    return Score(float(value), found.stderr, parts)


@metric(need_gaussian)
def total_correlation(work: Work, *, points: int = 1_000) -> Score:
    """Total correlation of the aggregate posterior; lower is less dependent (Watanabe 1960).

        TC = sum_j H(z_j) - H(z) = KL(q(z) || prod_j q(z_j))

    in nats, z as in `index_code_mi`. 0 or more in truth. Each H(z_j) is integrated
    (`dbench.metrics.shared.mixture`), H(z) estimated from `points` draws as there, unbiased, so the
    estimate of a small TC may come out negative; it is given as it is. It is of the n rows, not of
    a population: where posteriors are so narrow that each row stands alone, H(z) is log n + H(z |
    x) at most and TC is large even for independent noise (5.4 nats for 15,120 rows of 5 codes).
    Unchanged by the order, shift and scaling of codes that take their posteriors along. Needs no
    factors.

    Kim and Mnih, "Disentangling by Factorising", ICML 2018, show that their discriminator's
    estimate is too small; this is the true value. As a term of the ELBO: Chen et al., NeurIPS 2018,
    eq. 2.

    Parts: joint_entropy; entropy [d], H(z_j). stderr: over the draws of z.
    """
    found = work.once(terms, points)
    parts = {"joint_entropy": found.joint, "entropy": found.margins}
    value = float(found.margins.sum()) - found.joint
    said = (*narrow(found.floored), *caution.dependent(work))
    return Score(value, found.stderr, parts, said)


@metric(need_gaussian)
def dimension_wise_kl(work: Work) -> Score:
    """Dimension-wise KL: of each code's aggregate posterior from the prior (Chen et al. 2018).

        sum_j KL(q(z_j) || N(0, 1)) = sum_j 1/2 (log 2 pi + E z_j^2) - H(z_j)

    in nats, integrated (`dbench.metrics.shared.mixture`): nothing is drawn, stderr 0. In [0, inf),
    0 if each code is standard normal over the data; neither more nor less is better. Needs no
    factors.

    Chen et al., NeurIPS 2018, eq. 2. Parts: kl [d], of each code.
    """
    second = (work.table.mean.astype(np.float64) ** 2).mean(axis=0)
    second += np.exp(logvar_of(work.table).astype(np.float64)).mean(axis=0)
    entropies, floored = work.once(margins)
    each = np.maximum(0.5 * (np.log(2 * np.pi) + second) - entropies, 0)
    return Score(float(each.sum()), 0.0, {"kl": each}, narrow(floored))


def margins(work: Work) -> tuple[np.ndarray, float]:
    """H(z_j) of each code, [d], and `floored` as in Terms. For `work.once`."""
    table = work.table
    everything = [group(np.zeros(len(table.mean), int))]
    pairs = zip(table.mean.T, logvar_of(table).T, strict=True)
    found = [mixture.entropies(m, v, everything) for m, v in pairs]
    return np.array([h.whole for h in found]), max(h.floored for h in found)


def narrow(floored: float) -> tuple[str, ...]:
    """A sentence if posteriors had to be widened for the entropies of single codes."""
    if not floored:
        return ()
    return (
        f"up to {floored:.2%} of a code's posteriors are narrower than 1/16,000 of its range and "
        "were widened to that: H(z_j) is too large, and so is what it is part of",
    )


def terms(work: Work, points: int) -> Terms:
    """Entropies of the aggregate posterior. For `work.once`."""
    from dbench.metrics.shared.aggregate import log_density, mixture_of

    mean, logvar = work.table.mean, logvar_of(work.table)
    rng = work.rng("aggregate posterior")
    rows = rng.integers(len(mean), size=points)
    noise = rng.standard_normal((points, mean.shape[1]))
    z = mean[rows] + np.exp(0.5 * logvar[rows].astype(np.float64)) * noise
    laid = mixture_of(mean, logvar)
    tasks = [
        lambda part=part: log_density(part, laid) for part in np.array_split(z, -(-points // CHUNK))
    ]
    log_q = np.concatenate(parallel(work, "aggregate posterior", tasks))
    given = float((0.5 * (np.log(2 * np.pi) + logvar.astype(np.float64).mean(axis=0) + 1)).sum())
    own = 0.5 * (np.log(2 * np.pi) + logvar[rows] + noise**2).sum(axis=1) - given
    second = (mean.astype(np.float64) ** 2 + np.exp(logvar.astype(np.float64))).mean(axis=0)
    each = [
        mixture.surprise(mean[:, j], logvar[:, j], rows, noise[:, j]) for j in range(mean.shape[1])
    ]
    alone = np.stack([s - h for h, s in each], axis=1)
    controls = np.column_stack([own, z**2 - second, alone])  # each of mean 0
    joint, stderr = controlled_mean(-log_q, controls)
    return Terms(joint, stderr, np.array([h for h, _ in each]), given, work.once(margins)[1])


def controlled_mean(values: np.ndarray, controls: np.ndarray) -> tuple[float, float]:
    """Mean of values [s] and its error, given controls [s, c] whose true means are 0.

    The intercept of a least-squares fit of the values to the controls.
    """
    scale = controls.std(axis=0)  # columns of squares of large codes would swamp the intercept
    controls = controls[:, scale > 0] / scale[scale > 0]
    if len(values) < 2 * controls.shape[1] + 10:
        raise InputError(
            f"{len(values)} points are too few for {controls.shape[1]} control variates: draw more"
        )
    x = np.column_stack([np.ones(len(values)), controls])
    fit, *_ = np.linalg.lstsq(x, values, rcond=None)
    rest = values - x @ fit
    error = np.sqrt((rest**2).sum() / max(len(values) - x.shape[1], 1) / len(values))
    return float(fit[0]), float(error)
