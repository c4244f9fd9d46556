"""Explicitness of DCI-ES: how little capacity a probe needs to tell the factors."""

from functools import partial

import numpy as np
import scipy

from dbench.base import Score
from dbench.metrics.shared import caution
from dbench.metrics.shared.fits import parallel, standardised
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.samples import Sample, sample
from dbench.metrics.shared.validate import factor_names, need_factors

FEWEST = 16  # Fourier features of the weakest probe that has any
FREQUENCY = 0.08  # standard deviation of frequencies, turns per unit of a code: the authors'
RIDGE = 1e-6  # penalty, per row: features of near frequencies are nearly dependent
DRAWS = 5  # of rows and features: a draw of features alone moves E as much as one of rows
UNTOLD = 0.9  # least loss above which nothing worth the name is told


@metric(need_factors)
def dci_es_explicitness(
    work: Work, *, train: int | None = 10_000, test: int | None = 5_000, features: int = 1024
) -> Score:
    """Explicitness E of DCI-ES: do simple probes tell the factors (Eastwood et al. 2023).

        E = mean_k 1 - 2 A_k / (log c_max - log c_min)
        A_k = area under l_k(c) - min l_k, over log c

    with l_k(c) the loss on `test` rows of a probe of capacity c that learns factor k from all codes
    on `train` rows, or of a weaker one if that does better, as a share of the loss of a constant
    guess; A is by trapezoids. The mean of 5 draws of rows and probes. In [-1, 1], higher is better:
    1 if the weakest probe does as well as any, 0 if the loss falls to 0 in a line over log c, below
    0 if it falls late. Codes that are linear in the factors have 1, mixed or not. So do codes that
    tell nothing, as no capacity helps: read it beside `dci_informativeness`; it warns where no
    probe takes a tenth of a loss away.

    The probes are least squares (penalty 1e-6 a row) on standardised codes and on none, 16, 32, ...
    `features` random Fourier features of them, cos and sin of 2 pi b'z with b ~ N(0, 0.08^2), c is
    the number of weights, and the loss is 1 - R^2. Values of a factor declared continuous are used
    as they are, those of another by their index, so a nominal factor (shape) depends on the order
    of its labels. Nearly unchanged by the order of codes and by a shift, flip or scaling of one.

    Eastwood, Nicolicioiu, von Kuegelgen, Kekic, Traeuble, Dittadi and Schoelkopf, "DCI-ES: An
    Extended Disentanglement Framework with Connections to Identifiability", ICLR 2023.
    E depends on the family of probes; theirs are networks (the weakest linear), random Fourier
    features of codes as they are, or random forests. Departures: these probes, solved exactly; all
    factors are numbers, where theirs are classes if they have no order. As in the authors' code the
    area is divided by that of a loss that falls to 0.

    Parts: explicitness/<factor>; loss [c, k], mean over draws; capacity [c]. stderr: spread of the
    draws over sqrt(5); of features alone where `train` is None (all rows, in training and test).
    """
    sizes = [0, *(int(m) for m in FEWEST * 2 ** np.arange(32) if m < features), features]
    tasks = []
    for draw, rng in enumerate(work.rng("probes").spawn(DRAWS)):
        seen, unseen = draw_rows(work, train, test, draw)
        tasks.append(partial(losses, seen, unseen, sizes, rng))
    found = np.array(parallel(work, "probes", tasks))  # [draws, c, k]
    capacity = np.array(sizes) + work.table.mean.shape[1] + 1.0
    each = np.array([explicitness_of(capacity, loss) for loss in found])  # [draws, k]
    stderr = float(each.mean(axis=1).std(ddof=1) / np.sqrt(DRAWS))
    names, loss = factor_names(work.table), found.mean(axis=0)
    parts: dict = {
        f"explicitness/{n}": float(e) for n, e in zip(names, each.mean(axis=0), strict=True)
    }
    parts |= {"loss": loss, "capacity": capacity}
    said = caution.overlap(work, train, test) + caution.dead(work) + caution.uneven(work)
    untold = np.array(names)[loss.min(axis=0) > UNTOLD]
    if len(untold):
        said = [f"no probe tells {', '.join(untold)}: there it says nothing, and is near 1", *said]
    return Score(float(each.mean()), stderr, parts, tuple(said))


def draw_rows(work: Work, train: int | None, test: int | None, draw: int) -> tuple[Sample, Sample]:
    """Training and test rows of a draw; those of the first are shared with other scores."""
    again = f" {draw}" if draw else ""
    seen = work.once(sample, "train" if train is None else f"train{again}", train)
    return seen, seen if train is None else work.once(sample, f"test{again}", test)


def losses(train: Sample, test: Sample, sizes: list[int], rng: np.random.Generator) -> np.ndarray:
    """1 - R^2 on test rows of a probe of each number of features, [len(sizes), k]."""
    inside, outside = standardised(train, test)
    b = rng.normal(0, FREQUENCY, (inside.shape[1], (sizes[-1] + 1) // 2))
    seen, unseen = probe_inputs(inside, b), probe_inputs(outside, b)
    target = train.values - train.values.mean(axis=0)
    goal = test.values - train.values.mean(axis=0)
    middle = seen.mean(axis=0)
    seen, unseen = seen - middle, unseen - middle
    gram, right = seen.T @ seen, seen.T @ target
    gram[np.diag_indices_from(gram)] += RIDGE * len(seen)
    constant = ((goal - goal.mean(axis=0)) ** 2).mean(axis=0)  # [k]
    found = np.ones((len(sizes), goal.shape[1]))
    for i, size in enumerate(sizes):
        m = inside.shape[1] + size
        weights = scipy.linalg.solve(gram[:m, :m], right[:m], assume_a="pos")
        error = ((unseen[:, :m] @ weights - goal) ** 2).mean(axis=0)
        found[i] = np.divide(error, constant, out=np.ones_like(error), where=constant > 0)
    return found


def probe_inputs(codes: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Codes [m, d], then pairs of cos and sin: [m, d + 2 h] with `frequencies` [d, h]."""
    turns = 2 * np.pi * codes @ frequencies
    pairs = np.stack([np.cos(turns), np.sin(turns)], axis=2).reshape(len(codes), -1)
    return np.concatenate([codes, pairs], axis=1)


def explicitness_of(capacity: np.ndarray, loss: np.ndarray) -> np.ndarray:
    """1 - 2 area / range of each column of `loss` [c, k], by log `capacity` [c] -> [k]."""
    x = np.log(capacity)
    least = np.minimum.accumulate(loss, axis=0)
    above = least - least[-1]
    area = ((above[1:] + above[:-1]) / 2 * np.diff(x)[:, None]).sum(axis=0)
    return 1 - 2 * area / (x[-1] - x[0])
