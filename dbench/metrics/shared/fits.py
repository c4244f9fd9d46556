"""Classifiers fitted to a training sample and tried on a test sample, many at once."""

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from dbench import memory
from dbench.metrics.shared import boosting
from dbench.metrics.shared.metric import Work
from dbench.metrics.shared.samples import Sample, sample
from dbench.metrics.shared.stderr import GROUPS

# What tasks use of what takes long to import. It is there before they begin: the limit of threads
# holds for libraries that are loaded, and an import changes the filters of warnings, which all
# threads share.
USED = (
    "dbench.metrics.shared.trees",
    *(f"scipy.{part}" for part in ("fft", "ndimage", "optimize", "special")),
    *(f"sklearn.{part}" for part in ("feature_selection", "metrics", "model_selection")),
    *("sklearn.neural_network", "sklearn.svm"),
)


def parallel(work: Work, label: str, tasks: Sequence[Callable[[], object]]) -> list:
    """The results of independent tasks, on all cores; longest first is fastest.

    BLAS gets one thread a task: the order of its sums, and so a fit, depends on their number. That
    a fit stops at its limit of iterations, converged or not, is part of these scores and no
    warning.
    """
    for name in USED:
        import_module(name)
    import joblib
    from sklearn.exceptions import ConvergenceWarning

    shown = None if work.progress else True
    with (
        warnings.catch_warnings(),
        threadpool_limits(1),
        ThreadPoolExecutor(joblib.cpu_count()) as pool,
        tqdm(total=len(tasks), desc=label, leave=False, position=1, disable=shown) as bar,
    ):
        warnings.simplefilter("ignore", ConvergenceWarning)
        # scikit-learn's settings of the calling thread are the defaults, so nothing is lost.
        warnings.filterwarnings("ignore", message="`sklearn.utils.parallel.delayed`")
        futures = [pool.submit(task) for task in tasks]
        for future in futures:
            future.add_done_callback(lambda _: bar.update())
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(cancel_futures=True)  # Ctrl-C: no more fits are begun
            raise


def splits(work: Work, train: int | None, test: int | None) -> list[tuple[Sample, Sample]]:
    """Pairs of training and test rows: the whole sample, then disjoint groups of it.

    Scores of the groups give the error of the first, see `stderr.random_groups`. With `train` None
    all rows are fitted and tested, nothing is drawn and there are no groups.
    """
    if train is None:
        everything = work.once(sample, "train", None)
        return [(everything, everything)]
    pair = work.once(sample, "train", train), work.once(sample, "test", test)
    return [pair] + [tuple(s.take(slice(g, None, GROUPS)) for s in pair) for g in range(GROUPS)]


def standardised(train: Sample, test: Sample) -> tuple[np.ndarray, np.ndarray]:
    """Codes with the mean and standard deviation of the training rows taken out; dead codes 0."""
    mean, spread = train.codes.mean(axis=0), train.codes.std(axis=0)
    still = np.ptp(train.codes, axis=0) == 0
    scale = np.where(still, np.inf, spread)
    return (train.codes - mean) / scale, (test.codes - mean) / scale


def boosted(work: Work, purpose: str, rows: int | None) -> list[boosting.Boosted]:
    """Boosted trees for each factor from all codes of a sample, k of them. For `work.once`."""
    drawn = work.once(sample, purpose, rows)
    return boost(work, [drawn], f"{purpose} {rows}")[0]


def boost(work: Work, drawn: list[Sample], purpose: str) -> list[list[boosting.Boosted]]:
    """Boosted trees for each factor of each sample: outer list samples, inner factors."""
    rngs = work.rng(f"trees {purpose}").spawn(len(drawn) * drawn[0].labels.shape[1])
    jobs = [(s, k) for s in drawn for k in range(s.labels.shape[1])]
    _fits(max(drawn, key=lambda s: s.codes.size).codes.shape, len(jobs))
    cost = [s.size * (s.labels[:, k].max() + 1) for s, k in jobs]
    order = np.argsort(-np.array(cost), kind="stable")
    tasks = [
        lambda s=jobs[i][0], k=jobs[i][1], rng=rngs[i]: boosting.fit(s.codes, s.labels[:, k], rng)
        for i in order
    ]
    found: list = [None] * len(jobs)
    for i, model in zip(order, parallel(work, "boosted trees", tasks), strict=True):
        found[i] = model
    k = drawn[0].labels.shape[1]
    return [found[i : i + k] for i in range(0, len(found), k)]


def _fits(shape: tuple[int, int], count: int) -> None:
    """An InputError if trees on codes of this shape, as many at once as cores, take too much."""
    import joblib

    rows, codes = shape
    at_once = min(count, joblib.cpu_count())
    size = at_once * rows * codes * boosting.BYTES
    memory.check(size, f"to boost trees on {codes:,} codes of {rows:,} rows, {at_once} at once,")
