"""Scores that depend on rows, scale, bins or a threshold: `metric_demos.py --settings`."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import jax
import numpy as np
from printing import markdown, number, say  # beside this file, as is the next
from problems import SIGMA, grid, mixed, standard, table
from sklearn.svm import LinearSVC

from dbench.metrics import METRICS
from dbench.metrics.shared.metric import Work

ROOT = Path(__file__).parents[1]
KEY = jax.random.key(0)


def scored(name: str, codes: np.ndarray, factors: np.ndarray, sigma=SIGMA, **options) -> str:
    found = METRICS[name].score(Work(table(codes, factors, sigma), KEY), **options)
    return number(found.value)


def settings() -> None:
    """One row a score and setting, one column a value of it."""
    out = []
    for name, what, values, of in cases():
        say(f"{name}, {what}")
        out.append([f"`{name}`", what, *(f"{v:,g}: {of(v)}" for v in values)])
    print(markdown(["id", "codes, setting", "", "", "", ""], out, left=range(6)))
    one, other = (number(sap_by_hand(dual)) for dual in (False, True))
    print(f"\nSAP of gaussian_B by the primal solver {one}, by the dual {other}")


def cases() -> Iterator[tuple[str, str, Sequence[float], Callable[[float], str]]]:
    """Score, what is scored and varied, values, and the score at a value."""
    rng = np.random.default_rng(0)
    factors = grid()
    codes = standard(factors)
    noise = rng.standard_normal(codes.shape)
    turned, noisy = mixed(codes), codes + 0.5 * noise
    faint = np.column_stack([codes[:, :-1], 0.02 * noise[:, :1]])
    small, scales = (0.001, 0.01, 0.1, 1), (0.01, 0.1, 1, 10)
    rows, sigmas = (300, 1_000, 3_000, 10_000), (0.05, 0.2, 0.5, 1)

    def fits(name, codes):
        return lambda r: scored(name, codes, factors, train=r, test=max(r // 2, 100))

    def scaled(name, codes):
        return lambda s: scored(name, s * codes, factors)

    def drawn(name):
        return lambda r: scored(name, noise, factors, rows=r)

    def binned(name):
        return lambda b: scored(name, noisy, factors, bins=b)

    def blurred(name):
        return lambda s: scored(name, codes, factors, s)

    yield "higgins", "perfect, times", small, scaled("higgins", codes)
    yield "higgins", "mixed, times", small, scaled("higgins", turned)
    yield "sap", "perfect, times", scales, scaled("sap", codes)
    yield "downstream_lr_100", "perfect, times", scales, scaled("downstream_lr_100", codes)
    yield "sap", "perfect, training rows", rows, fits("sap", codes)
    for name in ("dci_disentanglement", "dci_informativeness"):
        yield name, "noise, training rows", rows, fits(name, noise)
    sampled = ["mig_histogram", "modularity", "irs", "infomec_m", "infomec_c"]
    for name in (*sampled, "gaussian_tc", "mean_mi"):
        yield name, "noise, rows", rows, drawn(name)
    for name in ("mig_histogram_all", "mig_sup", "jemmig"):
        bins = (5, 10, 20, 40)
        yield name, "noisy, bins", bins, binned(name)
    for name in ("mig", "mig_histogram_all"):
        yield name, "perfect, posterior", sigmas, blurred(name)
    thresholds = (0, 0.01, 0.05, 0.5)
    what = "dropped and faint, threshold"
    yield (
        "factor_vae",
        what,
        thresholds,
        lambda t: scored("factor_vae", faint, factors, threshold=t),
    )


def sap_by_hand(dual: bool) -> float:
    """SAP of all rows of a golden table by either of the solvers of LinearSVC."""
    with np.load(ROOT / "tests/golden/gaussian_B.npz") as z:
        codes, factors = z["mean"].astype(float), z["factors"].astype(int)
    gap = []
    for v in factors.T:
        right = []
        for j in range(codes.shape[1]):
            model = LinearSVC(C=0.01, class_weight="balanced", dual=dual, random_state=0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                right.append(model.fit(codes[:, [j]], v).score(codes[:, [j]], v))
        second, first = np.sort(right)[-2:]
        gap.append(first - second)
    return float(np.mean(gap))
