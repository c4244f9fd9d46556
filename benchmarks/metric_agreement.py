"""How near scores come to those of other packages, and their standard errors to true spreads.

    python benchmarks/metric_agreement.py             # other packages, on tests/golden
    python benchmarks/metric_agreement.py --errors    # reported errors against spreads over keys

Prints the Markdown tables of docs/reference/metrics.md; progress goes to stderr. Two minutes, and
about ten, on 2 cores.
"""

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

import jax
import numpy as np
from metric_speed import synthetic  # beside this file, as is the next
from printing import markdown, say

from dbench.base import Table
from dbench.metrics import GROUPS, METRICS, ScoreWarning, select
from dbench.metrics.shared.metric import Work

ROOT = Path(__file__).parents[1]
KEY = jax.random.key(0)
SLOW = {"downstream_lr_1000", "downstream_lr_10000", "downstream_lr_efficiency"}


def package(name: str) -> str:
    """Name of a package, and of the scikit-learn it ran with."""
    return name.replace("@sklearn", " (").replace("ubisoft", "ubisoft survey") + ")" * ("@" in name)


class Farthest:
    """The largest of several differences."""

    def __init__(self):
        self.count, self.most, self.at, self.sds, self.why = 0, 0.0, "", 0.0, ""

    def add(self, far: float, at: str, sds: float = 0.0, why: str = "") -> None:
        self.count += 1
        self.sds = max(self.sds, sds)
        if far > self.most and far > 1e-9:
            self.most, self.at, self.why = far, at, why

    def row(self, name: str, source: str, kind: str) -> list[str]:
        most = f"{self.most:.0e}".replace("e-0", "e-") if self.most else "0"
        sds = f"{self.sds:.1f}" if kind == "sampled" else ""
        return [name, package(source), kind, str(self.count), most, sds, self.at, self.why]


def golden() -> None:
    """The largest differences from the packages of tests/golden, by score, and why."""
    sys.path.insert(0, str(ROOT))
    from tests.metrics import peers  # of the tests, so not at the top

    letters = {
        why: letter for letter, why in zip("abcdefg", dict.fromkeys(reasons(peers)), strict=True)
    }
    start, rows = time.perf_counter(), []
    for kind in ("fixed", "matrix", "sampled"):
        for i, row in enumerate(peers.ROWS):
            if row["kind"] == kind:
                rows.append(compared(peers, kind, i, letters))
                say(f"{row['metric']}, {kind}: {time.perf_counter() - start:.0f} s")
    rows += sampled_scores(peers)
    heads = ["id", "package (scikit-learn)", "kind", "tables", "largest", "in sd", "at", "why"]
    print(markdown(heads, rows, left=(0, 1, 2, 6, 7)) + "\n")
    for why, letter in letters.items():
        print(f"- {letter}: {why}")
    print("\nLeft out:\n")
    for (metric, problem), why in peers.APART.items():
        for row in peers.ROWS:
            if row["metric"] == metric and problem in row["scores"] and row["kind"] != "matrix":
                score = METRICS[metric].score(peers.work(problem), **row["options"])
                theirs, source = row["scores"][problem][0], package(row["package"])
                print(f"- `{metric}` of {problem}: {score.value:.4g}; {source} {theirs:.4g}; {why}")


def reasons(peers) -> list[str]:
    return [why for _, why in peers.WIDER.values()]


def compared(peers, kind: str, i: int, letters: dict[str, str]) -> list[str]:
    """A row of peers.json as a row of the table."""
    row, farthest = peers.ROWS[i], Farthest()
    for comparison in peers.comparisons(kind):
        if comparison.row != i:
            continue
        found, expected = peers.ours(comparison), row["scores"][comparison.problem]
        near, why = peers.tolerance(comparison)
        if kind == "matrix":
            far = np.abs(part_of(peers, comparison, found) - np.array(expected, float).squeeze())
            far = float(far.max())
        else:
            far = abs(found.value - expected[0])
        sds = 0.0
        if kind == "sampled":
            _, std, seeds = expected
            sds = apart(far, std, seeds, found.stderr)
        why = letters.get(why, "") if kind != "sampled" and far > peers.EXACT else ""
        farthest.add(far, comparison.problem, sds, why)
    options = ", ".join(f"{k}={v}" for k, v in row["options"].items())
    if options == "train=None, test=None":
        options = "all rows"
    if row.get("quantised"):
        options += f", {row['quantised']} levels"
    name = f"`{row['metric']}`" + (f" {options}" if options else "")
    name += f": {row['part']}" if kind == "matrix" else ""
    return farthest.row(name, row["package"], kind)


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
    known = json.loads((ROOT / "tests/golden/scores.json").read_text())
    out = []
    for metric in ("higgins", "factor_vae", "mig_histogram", "mig"):
        farthest, source = Farthest(), ""
        for problem, scores in known.items():
            if metric not in scores:
                continue
            expected = scores[metric]
            each = peers.full_grid(problem) if metric == "mig" else peers.load(problem)
            found = METRICS[metric].score(Work(each, KEY))
            far, source = abs(found.value - expected["mean"]), expected["source"]
            sds = apart(far, expected["std"], expected["seeds"], found.stderr)
            farthest.add(far, problem, sds)
        out.append(farthest.row(f"`{metric}`", source, "sampled"))
    return out


def errors(keys: int, names: list[str]) -> None:
    """The spread of scores over keys against the standard errors they report."""
    sys.path.insert(0, str(ROOT))
    from tests.metrics import peers

    rows = spreads("dSprites, made up", synthetic(), names, {}, keys)
    fits = ["dci_disentanglement", "dci_completeness", "dci_informativeness", "sap", "explicitness"]
    few = {"train": 2_000, "test": 1_000}
    for problem in ("noise_A", "dropped_B", "imbalanced_B"):
        label, some = f"{problem}, 2,000 rows", [n for n in fits if n in names]
        rows += spreads(label, peers.load(problem), some, few, 2 * keys) if some else []
    heads = ["table", "id", "score", "spread", "reported", "reported / spread"]
    print(markdown(heads, rows, left=(0, 1)))


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
    parser.add_argument("--errors", action="store_true", help="standard errors against spreads")
    parser.add_argument("--keys", type=int, default=6, help="draws for --errors [6]")
    parser.add_argument(
        "--metrics",
        help="ids or groups with commas between, for --errors [all but three that take a minute]; "
        f"groups: {', '.join(GROUPS)}",
    )
    given = parser.parse_args()
    warnings.simplefilter("ignore", ScoreWarning)
    if given.errors:
        every = [name for name in METRICS if name not in SLOW]
        errors(given.keys, select(given.metrics.split(",")) if given.metrics else every)
    else:
        golden()


if __name__ == "__main__":
    main()
