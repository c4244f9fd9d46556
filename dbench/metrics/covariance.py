"""Dependence of codes as if they were jointly Gaussian: three scores of their covariance."""

import numpy as np

from dbench.base import Score
from dbench.metrics.shared import caution
from dbench.metrics.shared.metric import Work, metric, variant
from dbench.metrics.shared.samples import sample
from dbench.metrics.shared.stderr import jackknife

SINGULAR = 1e-10  # least eigenvalue of a correlation matrix that rounding of float32 codes leaves


@metric()
def gaussian_tc(work: Work, *, rows: int | None = 10_000) -> Score:
    """Total correlation of a Gaussian fitted to the codes (Locatello et al. 2019); lower is better.

        TC = 1/2 (sum_j log S_jj - log det S) = -1/2 log det R

    with S the covariance (ddof 1) and R the correlation matrix of the posterior means of `rows`
    rows drawn with replacement (None: each row once). In [0, inf), in nats; unchanged by the order
    of codes and by a shift or scaling of one. About d (d - 1) / (4 rows) for independent codes.
    Needs no factors. It sees linear dependence only: the true TC of the posteriors is
    `total_correlation`.

    Locatello et al., ICML 2019, section 5.2. Departures: constant codes, which depend on nothing,
    are left out (others: NaN); eigenvalues of R below 1e-10 count as 1e-10, each of them 11.5 nats,
    where codes are linearly dependent and the true value is infinite (others: whatever rounding
    gives).

    Parts: correlation [d, d]; floored, the number of raised eigenvalues. stderr: jackknife over
    rows; 0 where rows is None.
    """
    drawn = work.once(sample, "train", rows)
    value, stderr = estimate(drawn.codes, total_correlation_of, rows)
    floored = int((eigenvalues(covariance(drawn.codes)) < SINGULAR).sum())
    said = cautions(work, rows)
    if floored:
        said.append(
            f"{floored} eigenvalue(s) of the codes' correlation are 0 up to rounding: some codes "
            "are linear functions of others, and the value only says that it is large"
        )
    parts = {"correlation": correlation(covariance(drawn.codes)), "floored": float(floored)}
    return Score(value, stderr, parts, tuple(said))


@metric()
def wasserstein(work: Work, *, rows: int | None = 10_000) -> Score:
    """Wasserstein correlation: distance of a Gaussian from its margins (Locatello et al. 2019).

        W = 2 tr S - 2 tr (D^1/2 S D^1/2)^1/2,    D = diag S

    the squared 2-Wasserstein distance between N(0, S) and N(0, D), with S the covariance (ddof 1)
    of the posterior means of `rows` rows drawn with replacement (None: each row once). In [0, 2 tr
    S], lower is less dependent; in squared units of the codes, so it grows with their scale:
    `wasserstein_normalised` is W / tr S. Unchanged by the order of codes and by shifts. Needs no
    factors.

    Locatello et al., "Challenging Common Assumptions in the Unsupervised Learning of Disentangled
    Representations", ICML 2019, section 5.2 and appendix.

    Parts: covariance [d, d]; trace. stderr: jackknife over rows; 0 where rows is None.
    """
    drawn = work.once(sample, "train", rows)
    value, stderr = estimate(drawn.codes, wasserstein_of, rows)
    cov = covariance(drawn.codes)
    parts = {"covariance": cov, "trace": float(np.trace(cov))}
    said = caution.small_scale(work, caution.NEAR_DEAD) + cautions(work, rows)
    return Score(value, stderr, parts, tuple(said))


@metric()
def wasserstein_normalised(work: Work, *, rows: int | None = 10_000) -> Score:
    """Wasserstein correlation over the total variance of the codes (Locatello et al. 2019).

    W / tr S, with W as in `wasserstein`: in [0, 2], lower is less dependent. Unchanged by the order
    of codes, by shifts, and by one scale for all; not by scaling one code, since large codes count
    more. All codes constant: 0.

    Parts: covariance [d, d]. stderr: jackknife over rows; 0 where rows is None.
    """
    drawn = work.once(sample, "train", rows)
    value, stderr = estimate(drawn.codes, normalised_wasserstein_of, rows)
    return Score(
        value, stderr, {"covariance": covariance(drawn.codes)}, tuple(cautions(work, rows))
    )


gaussian_tc_all = variant(
    gaussian_tc, "gaussian_tc_all", "Gaussian total correlation of every row once.", rows=None
)
wasserstein_all = variant(
    wasserstein, "wasserstein_all", "Wasserstein correlation of every row once.", rows=None
)
wasserstein_normalised_all = variant(
    wasserstein_normalised,
    "wasserstein_normalised_all",
    "Normalised Wasserstein correlation of every row once.",
    rows=None,
)


def estimate(codes: np.ndarray, of, rows: int | None) -> tuple[float, float]:
    """`of(covariance)` of [m, d] codes, and its standard error if rows were drawn."""
    centred = codes - codes.mean(axis=0)  # rounding of large means stays out of the jackknife
    stderr = 0.0
    if rows is not None:
        stderr = float(jackknife(lambda r: of(covariance(centred[r])), len(codes)))
    return float(of(covariance(centred))), stderr


def cautions(work: Work, rows: int | None) -> list[str]:
    return caution.few_rows(work, rows) + caution.dead(work) + caution.dependent(work)


def covariance(codes: np.ndarray) -> np.ndarray:
    """Covariance (ddof 1), [m, d] -> [d, d]; exactly 0 for constant codes."""
    cov = np.cov(codes, rowvar=False, ddof=1)
    still = np.ptp(codes, axis=0) == 0
    cov[still] = cov[:, still] = 0
    return cov


def correlation(cov: np.ndarray) -> np.ndarray:
    """Correlation matrix, [d, d] -> [d, d]; constant codes have 1 with themselves, else 0."""
    scale = np.sqrt(np.diag(cov))
    scale = np.where(scale > 0, scale, 1)
    found = cov / scale / scale[:, None]
    np.fill_diagonal(found, 1)
    return found


def eigenvalues(cov: np.ndarray) -> np.ndarray:
    """Of the correlation matrix, [d]."""
    return np.linalg.eigvalsh(correlation(cov))


def total_correlation_of(cov: np.ndarray) -> float:
    logs = np.log(np.maximum(eigenvalues(cov), SINGULAR))
    return max(0.0, -0.5 * float(logs.sum()))


def wasserstein_of(cov: np.ndarray) -> float:
    half = np.sqrt(np.diag(cov))
    roots = np.sqrt(np.maximum(np.linalg.eigvalsh(cov * half * half[:, None]), 0))
    return max(0.0, 2 * float(np.trace(cov)) - 2 * float(roots.sum()))


def normalised_wasserstein_of(cov: np.ndarray) -> float:
    trace = float(np.trace(cov))
    return wasserstein_of(cov) / trace if trace > 0 else 0.0
