"""Neuron knockout: what is lost of a factor without its code."""

from functools import partial

import numpy as np

from dbench.base import Score
from dbench.metrics.mcc import picked
from dbench.metrics.shared import caution
from dbench.metrics.shared.fits import parallel, splits, standardised
from dbench.metrics.shared.metric import Work, metric
from dbench.metrics.shared.validate import factor_names, need_factors
from dbench.metrics.snc import cautions, match

HIDDEN = 256  # units of the one hidden layer, and
RATE = 0.01  # Adam's learning rate: the authors'


@metric(need_factors)
def nk(
    work: Work, *, train: int | None = 10_000, test: int | None = 5_000, epochs: int = 20
) -> Score:
    """NK: accuracy lost when the code matched to a factor is taken out (Mahon et al. 2023).

        NK = mean_k (A_k(all codes) - A_k(all codes but s(k)))

    with A_k the accuracy, on `test` rows, of a network with one hidden layer of 256 units that
    learns factor k from standardised codes of `train` rows, and s(k) the code matched to the factor
    as in `snc`. In [-1, 1], higher is better: 0 where the other codes tell as much (copies, codes
    that are mixed), at most 1 less the frequency of the commonest value, so that perfect codes of
    six values score 5/6. A factor that no code tells has 0 too, so read it beside `snc` or
    `dci_informativeness`. Unchanged by a shift or scaling of a code; the order of codes changes the
    network's start.

    Mahon, Sha and Lukasiewicz, "Correcting Flaws in Common Disentanglement Metrics", 2023 (arXiv
    2304.02335). Departures: the network is scikit-learn's MLPClassifier with Adam at the authors'
    rate of 0.01, at most `epochs` passes in batches of 200 and no decay of the rate, where theirs
    decays, so that on few rows ours has learned more (NK of two rotated codes .48 here, .72 there;
    see the page of metrics); codes are standardised; a factor for which no code is left, or a
    constant one, loses nothing.

    Parts: drop/<factor>; accuracy [k] with all codes; without [k]; code [k], which is matched (-1:
    none). stderr: over test rows, the networks as they are; 0 where `train` is None (all rows, in
    training and test).
    """
    seen, unseen = splits(work, train, test)[0]
    matched = work.once(match, train, test)
    code = matched.code
    inside, outside = standardised(seen, unseen)
    seeds = work.rng("networks").integers(2**31, size=(len(code), 2))
    tasks, k = [], len(code)
    for f in range(k):
        fit = partial(right, y=seen.labels[:, f], test=unseen.labels[:, f], epochs=epochs)
        kept = np.arange(inside.shape[1]) != code[f]
        tasks.append(partial(fit, inside, outside, seed=int(seeds[f, 0])))
        tasks.append(partial(fit, inside[:, kept], outside[:, kept], seed=int(seeds[f, 1])))
    found = np.array(parallel(work, "networks", tasks), float).reshape(k, 2, -1)
    # Two networks start apart: of a code that tells nothing they would not lose exactly nothing.
    telling = picked(matched.information, code) > 0
    lost = np.where(telling[:, None], found[:, 0] - found[:, 1], 0.0)  # [k, test]
    drop = lost.mean(axis=1)
    per_row = lost.mean(axis=0)
    names = factor_names(work.table)
    parts: dict = {f"drop/{name}": float(x) for name, x in zip(names, drop, strict=True)}
    parts |= {"accuracy": found[:, 0].mean(axis=1), "without": found[:, 1].mean(axis=1)}
    parts["code"] = code.astype(np.float64)
    stderr = 0.0 if train is None else float(per_row.std(ddof=1) / np.sqrt(len(per_row)))
    said = [*caution.overlap(work, train, test), *cautions(work, code, train)]
    return Score(float(drop.mean()), stderr, parts, tuple(said))


def right(x, other, *, y: np.ndarray, test: np.ndarray, epochs: int, seed: int) -> np.ndarray:
    """Whether a network fitted to x [m, d] and y [m] int tells each row of `other`: [test] bool."""
    from sklearn.neural_network import MLPClassifier

    if (y == y[0]).all():
        return test == y[0]
    model = MLPClassifier(
        (HIDDEN,),
        learning_rate_init=RATE,
        max_iter=epochs,
        batch_size=min(200, len(x)),
        random_state=seed,
    )
    return model.fit(x, y).predict(other) == test
