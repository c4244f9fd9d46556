"""What each score makes of problems with a known answer: the numbers of docs/metrics.md.

    python benchmarks/metric_demos.py              # every score of every problem
    python benchmarks/metric_demos.py --settings   # scores that depend on rows, scale or bins
    python benchmarks/metric_demos.py --golden     # distance to other packages on fixed tables
    python benchmarks/metric_demos.py --errors     # reported standard errors against true spreads

Prints Markdown tables; progress goes to stderr. Two to six minutes each on 2 cores.

The problems are grids of factors, each combination once, 15,120 rows. A code is a factor of equally
spaced values scaled to a standard deviation of 1, with a posterior of 0.05.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import jax
import numpy as np
from sklearn.svm import LinearSVC

from dbench.base import Table
from dbench.metrics import GROUPS, METRICS, ScoreWarning, evaluate, select
from dbench.metrics.metric import Work

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


def mixed(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """All codes turned by a random rotation."""
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
        "mixed": table(mixed(codes, rng), factors),
        "dropped": table(codes[:, :-1], factors),
        "copies": table(np.tile(codes, 2), factors),
        "circle": table(circle(codes, factors[:, -1]), factors),
        "noisy": table(codes + 0.5 * noise, factors),
        "dead": table(np.column_stack([codes, np.zeros(n)]), factors, more),
        "faint": table(np.column_stack([codes, 0.02 * noise[:, 0]]), factors, more),
        "+ noise": table(np.column_stack([codes, noise]), factors),
        "x 0.01": table(0.01 * codes, factors, 0.01 * SIGMA),
        "outliers": table(with_outliers(codes), factors),
        "40 values": table(standard(many), many),
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
    "40 values": "perfect, four factors of 40, 6, 7 and 9 values",
    "correlated": "perfect, rows drawn so that two factors correlate by 0.8",
}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def number(value: float) -> str:
    """Two decimals, or two digits of what is small."""
    if value != value or np.isinf(value):
        return str(value)
    if abs(value) < 5e-5:
        return "0"
    if abs(value) < 0.095:
        return f"{value:.2g}" if abs(value) >= 1e-3 else f"{value:.0e}".replace("e-0", "e-")
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A table with its columns padded; `left` columns of text, then numbers."""
    rows = [list(heads), *map(list, rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
    pad = [
        " | ".join(
            cell.ljust(w) if i < left or i == len(heads) else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    rule = "|".join(
        ("-" * (w + 2)) if i < left else "-" * (w + 1) + ":" for i, w in enumerate(widths)
    )
    lines = [f"| {pad[0]} |", f"|{rule}|", *(f"| {row} |" for row in pad[1:])]
    return "\n".join(lines)


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
    rng = np.random.default_rng(0)
    factors = grid()
    codes, noise = standard(factors), rng.standard_normal((len(factors), 5))
    line: list[tuple[str, str, Sequence, Callable]] = []

    def add(name, what, values, of):
        line.append((name, what, values, of))

    scales, rows = (0.01, 0.1, 1, 10), (300, 1_000, 3_000, 10_000)
    for name in ("higgins", "sap", "downstream_lr_100"):
        add(name, "perfect codes times", scales, lambda s, n=name: scored(n, s * codes, factors))
    fits = lambda r: {"train": r, "test": max(r // 2, 100)}  # noqa: E731
    add(
        "sap",
        "perfect codes, training rows",
        rows,
        lambda r: scored("sap", codes, factors, **fits(r)),
    )
    for name in ("gaussian_tc", "mean_mi", "irs", "modularity", "mig_histogram"):
        add(name, "noise, rows", rows, lambda r, n=name: scored(n, noise, factors, rows=r))
    for name in ("infomec_m", "infomec_c"):
        add(name, "noise, rows", rows, lambda r, n=name: scored(n, noise, factors, rows=r))
    for name in ("dci_disentanglement", "dci_informativeness"):
        add(
            name,
            "noise, training rows",
            rows,
            lambda r, n=name: scored(n, noise, factors, **fits(r)),
        )
    for name in ("mig_histogram_all", "mig_sup", "jemmig"):
        add(
            name,
            "noisy codes, bins",
            (5, 10, 20, 40),
            lambda b, n=name: scored(n, codes + 0.5 * noise, factors, bins=b),
        )
    add(
        "mig",
        "perfect codes, posterior scale",
        (0.05, 0.2, 0.5, 1),
        lambda s: scored("mig", codes, factors, s),
    )
    add(
        "mig_histogram_all",
        "perfect codes, posterior scale",
        (0.05, 0.2, 0.5, 1),
        lambda s: scored("mig_histogram_all", codes, factors, s),
    )
    faint = np.column_stack([codes[:, :-1], 0.02 * noise[:, :1]])
    add(
        "factor_vae",
        "dropped and a faint code, threshold",
        (0, 0.01, 0.05, 0.5),
        lambda t: scored("factor_vae", faint, factors, threshold=t),
    )
    out = []
    for name, what, values, of in line:
        say(f"{name}, {what}")
        out.append([f"`{name}`", what, *(f"{v:,g}: {of(v)}" for v in values)])
    print(markdown(["id", "of", "", "", "", ""], out, left=2))
    for dual in (False, True):
        print(f"\nSAP of gaussian_B, all rows, dual={dual}: {number(sap_by_hand(dual))}")


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


# Distance to other packages.


def package(name: str) -> str:
    return name.replace("@sklearn", ", scikit-learn ").replace("ubisoft", "ubisoft survey")


def golden() -> None:
    """The largest differences from the packages of tests/golden, by score, and why."""
    sys.path.insert(0, str(ROOT))
    from tests.metrics import peers  # of the tests, so not at the top

    start, rows = time.perf_counter(), []
    for kind in ("fixed", "matrix", "sampled"):
        for i, row in enumerate(peers.ROWS):
            if row["kind"] == kind:
                rows.append(compared(peers, kind, i))
                say(f"{row['metric']}, {kind}: {time.perf_counter() - start:.0f} s")
    rows += sampled_scores(peers)
    heads = ["id", "package", "kind", "tables", "largest difference", "at", "in sd", "why"]
    print(markdown(heads, rows, left=3))
    print("\nLeft out:\n")
    for (metric, problem), why in peers.APART.items():
        for row in peers.ROWS:
            if row["metric"] == metric and problem in row["scores"] and row["kind"] != "matrix":
                score = METRICS[metric].score(peers.work(problem), **row["options"])
                theirs = row["scores"][problem][0]
                print(
                    f"- `{metric}` of {problem}: {score.value:.4g} here, {theirs:.4g} by "
                    f"{package(row['package'])}; {why}."
                )


def compared(peers, kind: str, i: int) -> list[str]:
    """A row of peers.json as a row of the table."""
    row = peers.ROWS[i]
    most, at, sds, why, count = 0.0, "", 0.0, "", 0
    for comparison in peers.comparisons(kind):
        if comparison.row != i:
            continue
        found, expected = peers.ours(comparison), row["scores"][comparison.problem]
        count += 1
        if kind == "matrix":
            far = np.abs(part_of(peers, comparison, found) - np.array(expected, float).squeeze())
            far = float(far.max())
        else:
            far = abs(found.value - expected[0])
        if kind == "sampled":
            sds = max(sds, apart(far, *expected[1:], found.stderr))
        if far > most:
            most, at = far, comparison.problem
            why = peers.tolerance(comparison)[1] if kind == "fixed" and far > 1e-6 else ""
    options = ", ".join(f"{k}={v}" for k, v in row["options"].items())
    if row.get("quantised"):
        options += f", {row['quantised']} levels"
    name = f"`{row['metric']}`" + (f" ({options})" if options else "")
    name += f": {row['part']}" if kind == "matrix" else ""
    return [
        name,
        package(row["package"]),
        kind,
        str(count),
        f"{most:.1e}" if most >= 1e-9 else "0",
        at,
        f"{sds:.1f}" if kind == "sampled" else "",
        why.replace("|", "/"),
    ]


def part_of(peers, comparison, found) -> np.ndarray:
    """The matrix behind a score of ours, in the package's layout."""
    row = peers.ROWS[comparison.row]
    part = found.parts[row["part"]]
    if comparison.metric == "irs_all":  # the package drops constant codes
        part = part[np.ptp(peers.load(comparison.problem).mean, axis=0) > 0]
    return part.T if row["package"].startswith("latent_quantization") else part


def apart(far: float, std: float, seeds: int, stderr: float) -> float:
    """A difference in standard deviations of the difference of two sampled scores."""
    spread = std if seeds > 1 else stderr
    sd = float(np.sqrt(spread**2 * (1 + 1 / seeds) + stderr**2))
    return far / sd if far > 1e-5 else 0.0  # beneath: rounding


def sampled_scores(peers) -> list[list[str]]:
    """The scores of tests/golden/scores.json."""
    import json

    known = json.loads((ROOT / "tests/golden/scores.json").read_text())
    out = []
    for metric in ("higgins", "factor_vae", "mig_histogram", "mig"):
        most, at, sds, count, source = 0.0, "", 0.0, 0, ""
        for problem, scores in known.items():
            if metric not in scores:
                continue
            expected = scores[metric]
            each = peers.full_grid(problem) if metric == "mig" else peers.load(problem)
            found = METRICS[metric].score(Work(each, KEY))
            far, count, source = abs(found.value - expected["mean"]), count + 1, expected["source"]
            sds = max(sds, apart(far, expected["std"], expected["seeds"], found.stderr))
            if far > most:
                most, at = far, problem
        far = f"{most:.1e}"
        out.append(
            [f"`{metric}`", package(source), "sampled", str(count), far, at, f"{sds:.1f}", ""]
        )
    return out


# Reported errors.


def errors(keys: int) -> None:
    """The spread of scores over keys against the standard errors they report."""
    sys.path.insert(0, str(ROOT))
    from metric_speed import synthetic  # beside this file

    from tests.metrics import peers

    skip = {"downstream_lr_1000", "downstream_lr_10000", "downstream_lr_efficiency"}
    names = [n for n in METRICS if n not in skip]
    rows = spreads("dSprites, made up", synthetic(), names, {}, keys)
    fits = ["dci_disentanglement", "dci_completeness", "dci_informativeness", "sap", "explicitness"]
    few = {"train": 2_000, "test": 1_000}
    for problem in ("noise_A", "dropped_B", "imbalanced_B"):
        label = f"{problem}, 2,000 rows"
        rows += spreads(label, peers.load(problem), fits, few, 2 * keys)
    heads = ["table", "id", "score", "spread", "reported", "reported / spread"]
    print(markdown(heads, rows, left=2))


def spreads(label: str, each: Table, names: list[str], options: dict, keys: int) -> list[list[str]]:
    """A row a score, those left out that draw nothing or do not vary."""
    found: dict[str, list] = {name: [] for name in names}
    for seed in range(keys):
        start, work = time.perf_counter(), Work(each, jax.random.key(seed))
        for name in names if seed == 0 else [n for n in names if found[n][0].stderr > 0]:
            found[name].append(METRICS[name].score(work, **options))
        say(f"{label}, key {seed}: {time.perf_counter() - start:.0f} s")
    rows = []
    for name, scores in found.items():
        values = np.array([score.value for score in scores])
        reported = np.sqrt(np.mean([score.stderr**2 for score in scores]))
        if len(scores) < 2 or not values.std():
            continue
        spread = values.std(ddof=1)
        cells = [f"{values.mean():.4f}", f"{spread:.4f}", f"{reported:.4f}"]
        rows.append([label, f"`{name}`", *cells, f"{reported / spread:.1f}"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--settings", action="store_true", help="scores by rows, scale, bins")
    which.add_argument("--golden", action="store_true", help="distance to other packages")
    which.add_argument("--errors", action="store_true", help="standard errors against spreads")
    parser.add_argument(
        "--metrics",
        default="all",
        help=f"ids or groups, with commas between, of the scores of problems [all]: "
        f"{', '.join(GROUPS)}",
    )
    parser.add_argument("--problems", default="", help="some problems, with commas between")
    parser.add_argument("--keys", type=int, default=10, help="draws for --errors [10]")
    given = parser.parse_args()
    warnings.simplefilter("ignore", ScoreWarning)
    if given.settings:
        settings()
    elif given.golden:
        golden()
    elif given.errors:
        errors(given.keys)
    else:
        only = [p.strip() for p in given.problems.split(",") if p.strip()]
        demos(select(given.metrics.split(",")), only)


if __name__ == "__main__":
    main()
