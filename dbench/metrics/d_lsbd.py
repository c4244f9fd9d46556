"""D_LSBD: how far codes are from turning in planes of their own as cyclic factors go round."""

import numpy as np

from dbench.base import Score, Table
from dbench.errors import InputError
from dbench.metrics.shared import caution
from dbench.metrics.shared.groups import combined, groups
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.validate import factor_names

LEAST = 3  # values of a cyclic factor: two lie on a line
ROUNDING = 1e-12  # share of the largest variance below which a direction does not vary


def need_cyclic(table: Table, metric: str) -> None:
    """Raise InputError unless the table has all of some factors that are declared cyclic."""
    if not table.cyclic:
        raise InputError(
            f"{metric} needs factors that are declared cyclic, and this table has none: name those "
            "whose last value is followed by the first (--cyclic NAMES, cyclic= in a call, "
            "Dataset.cyclic)"
        )
    for name in table.cyclic:
        if name not in factor_names(table):
            raise InputError(f"cyclic names {name!r}, and the table has no such factor")
        values = len(np.unique(table.factors[:, factor_names(table).index(name)]))
        if values < LEAST:
            raise InputError(
                f"{metric} needs cyclic factors of at least {LEAST} values, and {name!r} has "
                f"{values}: leave it out of those declared cyclic"
            )
    order, shape = laid_out(table)
    if len(order) != np.prod(shape):
        raise InputError(
            f"{metric} needs every combination of {', '.join(table.cyclic)}, each equally often, "
            "with each combination of the other factors: score all rows of a grid"
        )


@metric(need_cyclic)
def d_lsbd(work: Work, *, turns: int = 10) -> Score:
    """D_LSBD: distance of codes from turning as cyclic factors go round (Tonnaer et al. 2022).

        D = mean_k min_w mean_o mean |R(-w a_k) p - m|^2

    over the factors k that are declared cyclic, of angle a_k = 2 pi index / values. o are the
    combinations of values of all other factors ("objects"). p are the codes of an object less their
    mean over a_k with the other cyclic factors held, on their two directions of most variance, each
    scaled to variance 1/2. R(-w a) turns them back by w times the angle, m is their mean then, and
    w is a whole number from 1 to `turns`, in either sense. In [0, 1], lower is better: 0 if each
    cyclic factor moves the codes evenly round an ellipse, as its cosine and sine do; 1 if codes do
    not move with it, or by chance; 3/4 for its cosine alone. It does not ask that the ellipses of
    two factors lie in different planes. Unchanged by a shift, a rotation and one scale for all.

    Tonnaer, Perez Rey, Menkovski, Holenderski and Portegies, "Quantifying and Learning Linear
    Symmetry-Based Disentanglement", ICML 2022: the upper bound that their code computes,
    since the infimum over all representations of the group is not. Departures: theirs divides by
    n - 1, which makes it (n - 1) / n of this for n rows an object; a direction that does not vary
    counts as noise (theirs: 0/0); the sense of turning may differ between objects, as directions of
    most variance have no sign.

    Parts: d_lsbd/<factor>; plane/<factor>, the share of the variance that its plane holds; turns
    [k], w. Nothing is drawn: stderr 0.
    """
    order, shape = laid_out(work.table)
    codes = work.table.mean[order].astype(np.float64).reshape(*shape, -1)
    parts: dict = {}
    best = []
    for k, name in enumerate(work.table.cyclic):
        each = [turned(z, k, turns) for z in codes]
        kept = np.mean([gain for gain, _ in each], axis=0)  # [turns]
        # Of v values w turns and w + v, or v - w the other way round, are the same: the least.
        best.append(np.argmax(kept > kept.max() - 1e-9) + 1.0)
        parts[f"d_lsbd/{name}"] = float(np.clip(1 - kept.max(), 0, 1))
        parts[f"plane/{name}"] = float(np.mean([share for _, share in each]))
    parts["turns"] = np.array(best)
    value = float(np.mean([parts[f"d_lsbd/{name}"] for name in work.table.cyclic]))
    said = caution.dead(work) + caution.binned_factors(work)
    return Score(value, 0.0, parts, tuple(said))


def laid_out(table: Table) -> tuple[np.ndarray, tuple[int, ...]]:
    """An order of rows, and (objects, values of each cyclic factor, copies) that it then has.

    The numbers have another product than rows if some combination is more frequent than another.
    """
    columns = [factor_names(table).index(name) for name in table.cyclic]
    known = groups(table.factors)
    others = [g for j, g in enumerate(known) if j not in columns]
    at = np.unique(combined(others), return_inverse=True)[1] if others else 0
    objects = int(np.max(at)) + 1
    sizes = [len(known[j].counts) for j in columns]
    for j in columns:
        at = at * len(known[j].counts) + known[j].labels
    counts = np.bincount(at, minlength=objects * int(np.prod(sizes)))
    return np.argsort(at, kind="stable"), (objects, *sizes, int(counts.min()))


def turned(codes: np.ndarray, k: int, turns: int) -> tuple[np.ndarray, float]:
    """|m|^2 for each number of turns [turns], of the k-th cyclic factor; share of its plane.

    `codes` [v_1, ..., copies, d] are those of one object. 1 - |m|^2 is the variance of the codes
    turned back, as the squares of p have mean 1.
    """
    moved = codes - codes.mean(axis=(k, -2), keepdims=True)
    flat = np.moveaxis(moved, k, 0).reshape(codes.shape[k], -1, codes.shape[-1])  # [v, rest, d]
    # R is linear: the mean over all else at an angle turns as each of them would.
    means = flat.mean(axis=1)
    rows = flat.reshape(-1, codes.shape[-1])
    variances, directions = np.linalg.eigh(rows.T @ rows / len(rows))
    variances, directions = variances[::-1], directions[:, ::-1]
    floor = max(ROUNDING * (codes**2).mean(), np.finfo(float).tiny)
    scale = np.where(variances[:2] > floor, np.sqrt(2 * np.maximum(variances[:2], floor)), np.inf)
    p = means @ directions[:, :2] / scale  # [v, 2]
    angle = 2 * np.pi * np.arange(len(p)) / len(p)
    turning = np.exp(1j * np.arange(1, turns + 1)[:, None] * angle)  # [turns, v]
    there, back = (abs((turning * x).mean(axis=1)) for x in (p @ [1, 1j], p @ [1, -1j]))
    return np.maximum(there, back) ** 2, float(variances[:2].sum() / max(variances.sum(), floor))
