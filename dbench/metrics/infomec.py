"""InfoM, InfoE, InfoC: modularity, explicitness and compactness in bits of information."""

from typing import NamedTuple

import numpy as np

from dbench.base import Score
from dbench.metrics.shared import caution, regression
from dbench.metrics.shared.fits import parallel, standardised
from dbench.metrics.shared.information import entropy, joint, mutual_information
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.samples import Sample, by_factor
from dbench.metrics.shared.stderr import GROUPS, random_groups
from dbench.metrics.shared.validate import factor_names, need_factors, need_two_factors

REPEATED = 0.05  # share of rows above which information of nearest neighbours is in doubt
RANGE = 20  # a code is active if its range is more than 1/20 of the largest


class Known(NamedTuple):
    """What codes know about factors, normalised: of all rows drawn, then of groups of them."""

    met: float  # share of the rows that repeat the codes of another
    ratio: np.ndarray  # [1 + groups, d, k], I(z_j; v_k) / H(v_k)
    active: np.ndarray  # [d] bool
    drawn: bool  # False where each row of the table was taken


@metric(need_two_factors)
def infomec_m(
    work: Work, *, rows: int | None = 10_000, neighbours: int = 10, discrete: bool = False
) -> Score:
    """InfoM: does each active code know of one factor only (Hsu et al. 2023).

        InfoM = (mean_j max_k N[j, k] / sum_k N[j, k] - 1/K) / (1 - 1/K),  N = I(z_j; v_k) / H(v_k)

    over the active codes: those whose range is more than 1/20 of the largest. I is the
    nearest-neighbour estimate of Ross (2014) with `neighbours` neighbours (scikit-learn's
    mutual_info_classif) from `rows` different rows, or all if the table has no more; `discrete`
    takes each value of a code as a symbol instead, for quantised codes, and then a code is active
    if it varies. In [0, 1], higher is better. Unchanged by the order of codes and by a shift or one
    scale for all; for noise the ratio is one of estimation errors, and means nothing.

    Hsu, Dorrell, Whittington, Wu and Finn, "Disentanglement via Latent Quantization", NeurIPS 2023,
    section 4. Departures: a code of no information counts 0 (others: NaN); with no active code the
    score is 0. Rows are never drawn twice, since repeated rows make neighbours at distance 0 and
    information out of nothing (0.6 where 0 is right).

    Parts: information [d, k], N; active [d]. stderr: fits to disjoint fifths of the rows, 0 where
    the table has no more rows than are taken; it leaves out how the estimator breaks ties (0.002 on
    lattices of codes).
    """
    known = work.once(information, rows, neighbours, discrete)
    scores = [peak(ratio[known.active], 1) for ratio in known.ratio]
    return result(work, known, scores, [], discrete)


@metric(need_factors)
def infomec_c(
    work: Work, *, rows: int | None = 10_000, neighbours: int = 10, discrete: bool = False
) -> Score:
    """InfoC: is each factor known to one active code only (Hsu et al. 2023).

        InfoC = (mean_k max_j N[j, k] / sum_j N[j, k] - 1/D) / (1 - 1/D)

    over the D active codes; N, options, source, parts and stderr as in `infomec_m`. In [0, 1],
    higher is better. Departures: a factor that no code knows of counts 0 (others: NaN, as for one
    factor not encoded); with fewer than two active codes the score is 0.
    """
    known = work.once(information, rows, neighbours, discrete)
    scores = [peak(ratio[known.active], 0) for ratio in known.ratio]
    few = ["fewer than two codes are active: compactness is not defined, 0 stands for it"]
    return result(work, known, scores, few * int(known.active.sum() < 2), discrete)


@metric(need_factors)
def infomec_e(work: Work, *, rows: int | None = 10_000, discrete: bool = False) -> Score:
    """InfoE: how much of the factors a linear classifier can tell from all codes (Hsu et al. 2023).

        InfoE = mean_k (L0_k - L_k) / L0_k

    with L_k the mean log loss, on the rows it was fitted to, of a multinomial logistic regression
    (no penalty, balanced classes, at most 100 iterations) of factor k on the standardised codes,
    and L0_k = log V_k that of the same without codes. `rows` different rows, or all if the table
    has no more; `discrete` gives it indicators of each value of each code. In (-inf, 1], mostly [0,
    1], higher is better. Unchanged by the order of codes and by a shift, flip or scaling of one.
    Says nothing of disentanglement, as it uses all codes at once.

    Hsu et al., NeurIPS 2023, section 4. Departure: constant codes count as 0.

    Parts: information/<factor>. stderr: fits to disjoint fifths of the rows, 0 where the table has
    no more rows than are taken.
    """
    drawn, groups = work.once(distinct, rows)
    k = drawn.labels.shape[1]
    tasks = [
        lambda s=s, f=f: predictive(s, f, discrete) for s in [drawn, *groups] for f in range(k)
    ]
    found = np.array(parallel(work, "logistic regressions", tasks)).reshape(-1, k)
    names = factor_names(work.table)
    parts = {f"information/{name}": float(v) for name, v in zip(names, found[0], strict=True)}
    stderr = float(random_groups(found[1:].mean(axis=1))) if groups else 0.0
    said = caution.dead(work) + caution.uneven(work) + caution.binned_factors(work)
    return Score(float(found[0].mean()), stderr, parts, tuple(said))


def result(work: Work, known: Known, scores: list[float], said: list[str], discrete: bool) -> Score:
    parts = {"information": known.ratio[0], "active": known.active.astype(float)}
    stderr = float(random_groups(scores[1:])) if known.drawn else 0.0
    if known.met > REPEATED and not discrete:
        said = [
            *said,
            f"{known.met:.0%} of the rows repeat the codes of another: nearest neighbours at "
            "distance 0 look like information",
        ]
    said = said + caution.dead(work) + caution.uneven(work) + caution.binned_factors(work)
    return Score(scores[0], stderr, parts, tuple(said))


def distinct(work: Work, rows: int | None) -> tuple[Sample, list[Sample]]:
    """Different rows of the table, and disjoint groups of them if not all. For `work.once`."""
    table, n = work.table, len(work.table.mean)
    rows, chosen = n if rows is None else rows, np.arange(n)
    if rows < n:
        chosen = work.rng("distinct").choice(n, rows, replace=False)
    labels = np.stack([g.labels[chosen] for g in work.once(by_factor)], axis=1)
    drawn = Sample(table.mean[chosen].astype(np.float64), labels, labels.astype(np.float64))
    groups = [drawn.take(slice(g, None, GROUPS)) for g in range(GROUPS)] if rows < n else []
    return drawn, groups


def information(work: Work, rows: int | None, neighbours: int, discrete: bool) -> Known:
    """Normalised information of codes and factors. For `work.once`."""
    drawn, groups = work.once(distinct, rows)
    d, k = drawn.codes.shape[1], drawn.labels.shape[1]
    seed = int(work.rng("jitter").integers(2**31))
    tasks = [
        lambda s=s, j=j, f=f: normalised(s, j, f, neighbours, discrete, seed)
        for s in [drawn, *groups]
        for j in range(d)
        for f in range(k)
    ]
    found = np.array(parallel(work, "mutual information", tasks)).reshape(-1, d, k)
    extent = np.ptp(drawn.codes, axis=0)
    active = extent > (0 if discrete else extent.max() / RANGE)
    repeated = 1 - len(np.unique(drawn.codes, axis=0)) / drawn.size
    return Known(repeated, found, active, bool(groups))


def normalised(sample: Sample, j: int, k: int, neighbours: int, discrete: bool, seed: int) -> float:
    """I(z_j; v_k) / H(v_k); 0 for a constant code or factor."""
    from sklearn.feature_selection import mutual_info_classif

    code, factor = sample.codes[:, j], sample.labels[:, k]
    whole = entropy(np.bincount(factor))
    if code.min() == code.max() or not whole or np.bincount(factor).max() < 2:
        return 0.0  # (with no value met twice there are no neighbours of the same value)
    if discrete:
        symbols = np.unique(code, return_inverse=True)[1]
        return mutual_information(joint(symbols, factor)) / whole
    code = (code - code.mean()) / code.std()
    found = mutual_info_classif(
        code[:, None], factor, discrete_features=False, n_neighbors=neighbours, random_state=seed
    )
    return float(found[0]) / whole


def peak(ratio: np.ndarray, axis: int) -> float:
    """Mean share of the largest entry along `axis`, from 0 (all equal) to 1 (all others 0)."""
    count = ratio.shape[axis]
    if not ratio.size or count < 2:
        return 0.0
    total, even = ratio.sum(axis=axis), 1 / count
    share = np.divide(ratio.max(axis=axis), total, out=np.full(total.shape, even), where=total > 0)
    return float((share.mean() - even) / (1 - even))


def predictive(sample: Sample, k: int, discrete: bool) -> float:
    """Share of the log loss of factor k that the codes take away."""
    from sklearn.metrics import log_loss

    y = sample.labels[:, k]
    count = len(np.unique(y))
    if count < 2:
        return 0.0
    if discrete:
        symbols = [np.unique(code, return_inverse=True)[1] for code in sample.codes.T]
        x = np.concatenate([np.eye(s.max() + 1)[s] for s in symbols], axis=1)
    else:
        x, _ = standardised(sample, sample)
    model = regression.fit(x, y, np.inf, balanced=True)
    return 1 - float(log_loss(y, model.probabilities(x), labels=model.values)) / np.log(count)
