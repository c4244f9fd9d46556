"""What each score makes of problems with a known answer: the numbers of docs/reference/metrics.md.

    python benchmarks/metric_demos.py              # every score of every problem
    python benchmarks/metric_demos.py --settings   # scores that depend on rows, scale or bins

Prints Markdown tables; progress goes to stderr. Two to six minutes each on 2 cores.

The problems are grids of factors, each combination once, 15,120 rows. A code is a factor of equally
spaced values scaled to a standard deviation of 1, with a posterior of 0.05.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import jax
import numpy as np
from sklearn.svm import LinearSVC

from dbench.base import Table
from dbench.metrics import GROUPS, METRICS, ScoreWarning, evaluate, select
from dbench.metrics.shared.metric import Work

ROOT = Path(__file__).parents[1]
KEY = jax.random.key(0)
SIZES = (5, 6, 7, 8, 9)  # values of each factor
SIGMA = 0.05  # of the posteriors of codes that are in use
EVERY = 1_000  # one row in so many is an outlier
OUTLIER = 20.0  # its value in every code


def grid(sizes: Sequence[int] = SIZES) -> np.ndarray:
    """Every combination of values once, [n, k] int."""
    return np.indices(sizes).reshape(len(sizes), -1).T


def standard(columns: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1, [n, d]."""
    return (columns - columns.mean(axis=0)) / columns.std(axis=0)


def table(codes: np.ndarray, factors: np.ndarray, sigma: float | np.ndarray = SIGMA) -> Table:
    return Table(codes, factors, np.broadcast_to(2 * np.log(sigma), codes.shape))


def rotated(codes: np.ndarray) -> np.ndarray:
    """The first two codes turned by 45 degrees in their plane."""
    out = codes.copy()
    out[:, 0], out[:, 1] = codes[:, 0] + codes[:, 1], codes[:, 0] - codes[:, 1]
    out[:, :2] /= np.sqrt(2)
    return out


def mixed(codes: np.ndarray) -> np.ndarray:
    """All codes turned by one random rotation."""
    rng = np.random.default_rng(1)
    return codes @ np.linalg.qr(rng.standard_normal(2 * codes.shape[1:]))[0]


def circle(codes: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """The last code replaced by two, cosine and sine of its factor as an angle."""
    angle = 2 * np.pi * factor / (factor.max() + 1)
    pair = np.sqrt(2) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.column_stack([codes[:, :-1], pair])


def with_outliers(codes: np.ndarray) -> np.ndarray:
    out = codes.copy()
    out[::EVERY] = OUTLIER
    return out


def correlated(factors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many rows of a grid, drawn where the last two factors are near each other, [n, k]."""
    x, y = (factors[:, j] / factors[:, j].max() for j in (-2, -1))
    share = np.exp(-(((x - y) / 0.3) ** 2))
    return factors[rng.choice(len(factors), len(factors), p=share / share.sum())]


def problems() -> dict[str, Table]:
    """Tables by a word or two that head a column."""
    rng = np.random.default_rng(0)
    factors = grid()
    codes = standard(factors)
    n, d = codes.shape
    noise = rng.standard_normal((n, d))
    more = np.append(np.full(d, SIGMA), 1.0)  # and a code that is not in use
    many, close = grid((40, 6, 7, 9)), correlated(factors, rng)
    return {
        "perfect": table(codes, factors),
        "noise": table(noise, factors),
        "rotated": table(rotated(codes), factors),
        "mixed": table(mixed(codes), factors),
        "dropped": table(codes[:, :-1], factors),
        "copies": table(np.tile(codes, 2), factors),
        "circle": table(circle(codes, factors[:, -1]), factors),
        "noisy": table(codes + 0.5 * noise, factors),
        "dead": table(np.column_stack([codes, np.zeros(n)]), factors, more),
        "faint": table(np.column_stack([codes, 0.02 * noise[:, 0]]), factors, more),
        "+ noise": table(np.column_stack([codes, noise]), factors),
        "x 0.01": table(0.01 * codes, factors, 0.01 * SIGMA),
        "outliers": table(with_outliers(codes), factors),
        "40 values": table(standard(many), many, 0.2 * SIGMA),
        "correlated": table(standard(close), close),
    }


WHAT = {
    "perfect": "one code a factor",
    "noise": "five codes of independent Gaussian noise",
    "rotated": "perfect, two of the five codes turned by 45 degrees in their plane",
    "mixed": "perfect, all codes turned by a random rotation",
    "dropped": "perfect, but one factor has no code (four codes)",
    "copies": "perfect, every code twice (ten codes)",
    "circle": "perfect, but one factor has two codes, cosine and sine (six codes)",
    "noisy": "perfect, plus noise of half a standard deviation",
    "dead": "perfect, and a code that is constant",
    "faint": "perfect, and a code of noise with a standard deviation of 0.02",
    "+ noise": "perfect, and five codes of noise like the others in scale",
    "x 0.01": "perfect, all codes 100 times smaller",
    "outliers": "perfect, but one row in a thousand has the value 20 in every code",
    "40 values": "perfect, four factors of 40, 6, 7 and 9 values, posteriors of 0.01",
    "correlated": "perfect, rows drawn so that the last two factors correlate",
}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def number(value: float) -> str:
    """Two decimals, or two digits of what is small."""
    if abs(value) < 5e-5 or (value > 1 and value == int(value)):
        return f"{value:.0f}".lstrip("-")
    if abs(value) < 0.095:
        return f"{value:.2g}" if abs(value) >= 1e-3 else f"{value:.0e}".replace("e-0", "e-")
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"


def markdown(
    heads: Sequence[str], rows: Iterable[Sequence[str]], left: Sequence[int] = (0,)
) -> str:
    """A table with its columns padded; those in `left` are text, the others numbers."""
    rows = [list(heads), *map(list, rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(w) if i in left else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"| {' | '.join(cells)} |")
    rules = ["-" * (w + 2) if i in left else "-" * (w + 1) + ":" for i, w in enumerate(widths)]
    return "\n".join([lines[0], f"|{'|'.join(rules)}|", *lines[1:]])


def shown() -> list[str]:
    """The ids of the table: one of two twins, and downstream with 100 and 10,000 labels."""
    left_out = {n for n in METRICS if f"{n}_all" in METRICS and n != "factor_vae"}
    left_out |= {
        n for n in METRICS if n.startswith("downstream") and not n.endswith(("100", "0000"))
    }
    return [n for n in METRICS if n not in left_out]


def demos(names: list[str], only: list[str]) -> None:
    """Scores of all problems, in two tables that share their first column."""
    found = {}
    for problem, each in problems().items():
        if only and problem not in only:
            continue
        start = time.perf_counter()
        scores = evaluate(each, KEY, names)
        found[problem] = {name: float(score) for name, score in scores.items()}
        say(f"{problem}: {time.perf_counter() - start:.0f} s")
    for problem in found:
        print(f"- **{problem}**: {WHAT[problem]}")
    kinds = list(found)
    second = ["perfect", *kinds[8:]] if len(kinds) > 8 else []
    for columns in filter(None, (kinds[:8], second)):
        rows = [[f"`{n}`", *(number(found[p][n]) for p in columns)] for n in names]
        print("\n" + markdown(["id", *columns], rows))


# Scores that depend on a setting.


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

    yield "higgins", "perfect, times", small, scaled("higgins", codes)
    yield "higgins", "mixed, times", small, scaled("higgins", turned)
    yield "sap", "perfect, times", scales, scaled("sap", codes)
    yield "downstream_lr_100", "perfect, times", scales, scaled("downstream_lr_100", codes)
    yield "sap", "perfect, training rows", rows, fits("sap", codes)
    for name in ("dci_disentanglement", "dci_informativeness"):
        yield name, "noise, training rows", rows, fits(name, noise)
    drawn = ["mig_histogram", "modularity", "irs", "infomec_m", "infomec_c"]
    for name in (*drawn, "gaussian_tc", "mean_mi"):
        yield name, "noise, rows", rows, lambda r, n=name: scored(n, noise, factors, rows=r)
    for name in ("mig_histogram_all", "mig_sup", "jemmig"):
        bins = (5, 10, 20, 40)
        yield name, "noisy, bins", bins, lambda b, n=name: scored(n, noisy, factors, bins=b)
    for name in ("mig", "mig_histogram_all"):
        yield name, "perfect, posterior", sigmas, lambda s, n=name: scored(n, codes, factors, s)
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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--settings", action="store_true", help="scores by rows, scale, bins")
    parser.add_argument(
        "--metrics",
        help="ids or groups with commas between [those with no twin that takes all rows, and some "
        "of downstream]; "
        f"groups: {', '.join(GROUPS)}",
    )
    parser.add_argument("--problems", default="", help="some problems, with commas between")
    given = parser.parse_args()
    warnings.simplefilter("ignore", ScoreWarning)
    if given.settings:
        settings()
    else:
        only = [p.strip() for p in given.problems.split(",") if p.strip()]
        if unknown := set(only) - set(WHAT):
            parser.error(f"unknown problem {unknown.pop()!r} (known: {', '.join(WHAT)})")
        demos(select(given.metrics.split(",")) if given.metrics else shown(), only)


if __name__ == "__main__":
    main()
